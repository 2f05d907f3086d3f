"""Settings on trial: a working account keeps its settings until new ones have passed a test.

A mailbox is tested by the poller's own code, a sending account by a message through the queue and the transport of all.

An account has at most one draft; a newer one takes its place. What was live before is kept as a former version.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import structlog

from psa import locks, signing
from psa.extensions import db, run
from psa.mail import accounts, setup
from psa.mail import settings as server
from psa.mail.diagnosis import probe
from psa.mail.models import MailAccount, SettingsVersion
from psa.mail.oauth.models import OAuthGrant
from psa.mail.settings import ServerSettings
from psa.mail.setup import Reading, Writing

log = structlog.get_logger()

FORMER_KEPT = 5
# How long a look that is under way may take to come to its end, before other settings take over. In seconds.
PATIENCE = 60.0

VERSIONS = SettingsVersion.__table__


def must_be_tried(account: MailAccount, settings: ServerSettings, reading: Reading | None = None) -> bool:
    """Whether an account that has worked would be reached or opened in another way.

    ``settings`` are complete, password included; ``reading`` is for a mailbox. One that is switched off cannot be
    disturbed and is changed at once.
    """
    is_off = reading is not None and not (account.parsing and reading.parsing)
    if is_off or account.last_success_at is None:
        return False
    try:
        live = server.of_account(account)
    except signing.SealBroken:
        return False
    moves_elsewhere = reading is not None and reading.after_filing == "move" and reading.move_to != account.move_to
    return moves_elsewhere or connection_of(live) != connection_of(settings)


def connection_of(settings: ServerSettings) -> ServerSettings:
    """The settings without what the server never hears of, to be compared. To one that sends, the address matters."""
    settings = replace(settings, display_name="")
    return settings if settings.protocol == "smtp" else replace(settings, address="")


def propose(account: MailAccount, settings: ServerSettings, beside: dict[str, str]) -> SettingsVersion:
    """Keep ``settings`` as the draft of an account and begin to test them. Commits.

    ``settings`` are complete, password included. ``beside`` is for a mailbox what becomes of the server's copies, as
    filing_of() has it, and for a sending account the one to whom the test email goes, as ``to``. Once the test has
    passed the draft goes live by itself. Raises ValueError for a ``to`` that cannot stand in a message.
    """
    discard(account.id)
    draft = SettingsVersion(
        account_id=account.id, state="draft", sealed_settings=server.sealed(settings), reading=beside
    )
    db.session.add(draft)
    db.session.commit()
    return try_again(draft)


def try_again(draft: SettingsVersion) -> SettingsVersion:
    """Test a draft, the first time or once more. Commits. Raises signing.SealBroken."""
    draft_id, settings = draft.id, server.unsealed(draft.sealed_settings)
    probe.start_test(
        settings,
        draft.account_id,
        to=draft.reading.get("to", ""),
        move_to=draft.reading.get("move_to", ""),
        draft=draft,
        then=lambda test_id: adopt(draft_id, test_id),
    )
    return draft


def restore(former: SettingsVersion, to: str = "") -> SettingsVersion:
    """Try a former version anew; when it passes it is live again. Commits. Raises signing.SealBroken.

    ``to`` is who gets the test email of a sending account.
    """
    beside = {"to": to} if former.account.direction == "outbound" else dict(former.reading)
    return propose(former.account, server.unsealed(former.sealed_settings), beside)


def adopt(draft_id: int, test_id: int | None = None) -> bool:
    """Make a draft the live settings and keep those as a former version. Commits. Raises signing.SealBroken.

    ``test_id`` is the test that it has passed, None when somebody uses it anyway. False when the draft has been
    discarded, replaced or adopted in the meantime; its number alone does not tell, for SQLite gives it out again.
    """
    draft = db.session.get(SettingsVersion, draft_id, populate_existing=True)
    if draft is None or draft.state != "draft" or test_id not in (None, draft.test_id):
        return False
    this = (VERSIONS.c.id == draft_id) & (VERSIONS.c.state == "draft") & (VERSIONS.c.test_id == draft.test_id)
    account, settings, filing = draft.account, server.unsealed(draft.sealed_settings), dict(draft.reading)
    if account.direction == "outbound":
        db.session.expunge(draft)
        return adopt_sender(account, settings, this)
    has_new_folders = bool(set(settings.folders) - set(server.folders_of(account)))
    begins = has_new_folders and not setup.is_another_mailbox(account, settings)
    db.session.expunge(draft)
    db.session.commit()
    with undisturbed(account.id):
        if run(VERSIONS.delete().where(this)).rowcount != 1:
            db.session.rollback()
            return False
        db.session.refresh(account)
        keep_former(account)
        setup.save_inbound(
            with_new_secret_only(account, settings), replace(setup.reading_of(account), **filing), account=account
        )
        db.session.commit()
    log.info("settings went live", account=account.address)
    if begins:
        setup.remember_start(account.id)
    return True


def adopt_sender(account: MailAccount, settings: ServerSettings, this: Any) -> bool:
    """As adopt(), for a sending account; ``this`` is the condition that the draft is still the one that was tested.

    Nobody is waited for: a message that is just leaving does so as it was begun. False also when the address has been
    given to another account meanwhile.
    """
    holder = accounts.find("outbound", settings.address)
    if holder not in (None, account) or run(VERSIONS.delete().where(this)).rowcount != 1:
        db.session.rollback()
        return False
    keep_former(account)
    setup.save_outbound(with_new_secret_only(account, settings), account=account)
    db.session.commit()
    log.info("settings went live", account=account.address)
    return True


def discard(account_id: int) -> None:
    """Forget the draft of an account, if there is one. The caller commits."""
    draft = pending(account_id)
    if draft is not None:
        db.session.delete(draft)
        db.session.flush()


def pending(account_id: int) -> SettingsVersion | None:
    """The draft of an account."""
    return db.session.scalars(versions(account_id, "draft").limit(1)).first()


def accounts_with_drafts() -> set[int]:
    """The accounts that have one."""
    return set(db.session.scalars(db.select(SettingsVersion.account_id).where(SettingsVersion.state == "draft")))


def former(account_id: int) -> list[SettingsVersion]:
    """What was live before, the latest first."""
    return list(db.session.scalars(versions(account_id, "former")))


def versions(account_id: int, state: str) -> Any:
    found = db.select(SettingsVersion).where(SettingsVersion.account_id == account_id, SettingsVersion.state == state)
    return found.order_by(SettingsVersion.id.desc()).execution_options(populate_existing=True)


def keep_former(account: MailAccount) -> None:
    """Keep the live settings as a former version, and the newest ``FORMER_KEPT`` of these. The caller commits."""
    try:
        live = server.of_account(account)
    except signing.SealBroken:
        return  # Nobody can go back to a password that no key opens.
    filing = filing_of(setup.reading_of(account)) if account.direction == "inbound" else {}
    db.session.add(
        SettingsVersion(account_id=account.id, state="former", sealed_settings=server.sealed(live), reading=filing)
    )
    db.session.flush()
    kept = [version.id for version in former(account.id)[:FORMER_KEPT]]
    run(
        VERSIONS.delete().where(
            VERSIONS.c.account_id == account.id, VERSIONS.c.state == "former", VERSIONS.c.id.not_in(kept)
        )
    )


def filing_of(reading: Reading) -> dict[str, str]:
    """What of a mailbox's reading belongs to its connection: what is done with the server's copies."""
    return {"after_filing": reading.after_filing, "move_to": reading.move_to}


def with_new_secret_only(account: MailAccount, settings: ServerSettings) -> ServerSettings:
    """``settings`` under the account’s present name, without a password that is stored and a grant that is gone."""
    address = settings.address if account.direction == "outbound" else account.address
    settings = replace(settings, address=address, display_name=account.display_name)
    if settings.grant_id is not None and db.session.get(OAuthGrant, settings.grant_id) is None:
        settings = replace(settings, grant_id=None)
    try:
        same = server.of_account(account).password == settings.password
    except signing.SealBroken:
        same = False
    return replace(settings, password="") if same else settings


@contextmanager
def undisturbed(account_id: int) -> Iterator[None]:
    """Hold the mailbox's lock, so that no look is under way. One that does not come to its end is not waited for."""
    until = time.monotonic() + PATIENCE
    while True:
        with locks.holding(f"mailbox-{account_id}") as ours:
            if ours or time.monotonic() > until:
                yield
                return
        time.sleep(0.1)


def mark(account: MailAccount) -> str:
    """A word that changes with every saved change of an account's settings, and with its draft."""
    columns = [field.name for kind in (Reading, Writing) for field in fields(kind)]
    columns += ["address", "display_name", "is_default", "sealed_password"]
    draft = pending(account.id)
    values = [*(getattr(account, name) for name in columns), *setup.way_in(account), draft.id if draft else None]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
