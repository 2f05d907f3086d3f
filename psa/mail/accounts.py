"""The accounts there are, the one to send from, and what is known about how they are."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from psa import clock, signing
from psa.extensions import db
from psa.mail.models import MailAccount

if TYPE_CHECKING:
    from psa.mail.diagnosis.causes import Diagnosis

# How long a sending account's server is left alone after a failure: soon again, since most servers come back soon, but
# gently where a password is refused, since providers lock accounts that try too often.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED = timedelta(minutes=2), timedelta(hours=1)
HIDDEN = "(hidden)"
BASE64 = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")


def find(direction: str, address: str) -> MailAccount | None:
    """The account of an address in one direction, however it is capitalised."""
    same_address = db.func.lower(MailAccount.address) == address.lower()
    return db.session.scalars(db.select(MailAccount).where(MailAccount.direction == direction, same_address)).first()


def in_direction(direction: str) -> list[MailAccount]:
    """All accounts of a direction, the default one first, then in the order in which they were entered."""
    return list(
        db.session.scalars(
            db.select(MailAccount)
            .where(MailAccount.direction == direction)
            .order_by(MailAccount.is_default.desc(), MailAccount.id)
        )
    )


def own_addresses() -> frozenset[str]:
    """The addresses of all accounts, in lower case."""
    return frozenset(db.session.scalars(db.select(db.func.lower(MailAccount.address)).distinct()))


def default_outbound() -> MailAccount | None:
    """The account that mail leaves from which has none of its own."""
    default = db.select(MailAccount).where(MailAccount.direction == "outbound", MailAccount.is_default)
    return db.session.scalars(default).first()


def outbound_for(address: str | None, *, queue_address: str = "") -> MailAccount | None:
    """The account that answers mail which came to ``address``: the queue's own, else the one of that address, else the
    default one.
    """
    named = (find("outbound", one) for one in (queue_address, address) if one)
    return next((account for account in named if account is not None), None) or default_outbound()


def note_failure(account_id: int, stage: str, diagnosis: Diagnosis, words: str) -> None:
    """Write down why the server could not be used; the settings page says it in words. The caller commits."""
    sealed = db.session.scalar(db.select(MailAccount.sealed_password).where(MailAccount.id == account_id))
    db.session.execute(
        db.update(MailAccount)
        .where(MailAccount.id == account_id)
        .values(
            failures=MailAccount.failures + 1,
            last_failure_at=clock.now(),
            fault_stage=stage,
            fault_cause=diagnosis.cause.code,
            fault_words=without_secret(words, opened(sealed or "")),
        )
    )


def note_success(account_id: int) -> None:
    """Write down that the server could be used. The caller commits."""
    db.session.execute(
        db.update(MailAccount)
        .where(MailAccount.id == account_id)
        .values(
            failures=0, last_success_at=clock.now(), fault_stage="", fault_cause="", fault_words="", paused_until=None
        )
    )


def pause(account_id: int, stage: str) -> None:
    """Let nothing leave through the account for a while, twice as long with each failure in a row. The caller commits.

    The end of the pause is a success, its time, or a change of the settings.
    """
    failures = db.session.execute(db.select(MailAccount.failures).where(MailAccount.id == account_id)).scalar_one()
    refused = stage == "auth"
    first, longest = (FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED) if refused else (FIRST_PAUSE, LONGEST_PAUSE)
    until = clock.now() + min(first * 2 ** min(max(failures - 1, 0), 10), longest)
    db.session.execute(db.update(MailAccount).where(MailAccount.id == account_id).values(paused_until=until))


def is_paused(account_id: int) -> bool:
    """Whether nothing leaves through the account just now."""
    until = db.session.scalar(db.select(MailAccount.paused_until).where(MailAccount.id == account_id))
    return until is not None and until > clock.now()


def opened(sealed: str) -> str:
    """The sealed password, or nothing when no key of ours opens it."""
    try:
        return signing.unseal(sealed) if sealed else ""
    except signing.SealBroken:
        return ""


def without_secret(words: str, secret: str) -> str:
    """``words`` with the password taken out, also where it stands inside base64 (RFC 4616, AUTH LOGIN)."""
    if not secret:
        return words

    def hide(match: re.Match[str]) -> str:
        text = match.group()
        return HIDDEN if secret.encode() in decoded(text) else text

    return BASE64.sub(hide, words.replace(secret, HIDDEN))


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""
