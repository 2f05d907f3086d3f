"""Entering accounts and changing them, from the pages and from the command line."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import null

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import plausible
from psa.mail import settings as server
from psa.mail.accounts import default_outbound, find
from psa.mail.inbound.mailbox import NETWORK_ERRORS, open_mailbox
from psa.mail.inbound.start import JUST_NOW, is_fresh, mark_start
from psa.mail.journal import Journal
from psa.mail.models import InboundEmail, MailAccount, MailFolder
from psa.mail.settings import ServerSettings, SettingsError
from psa.tickets.models import Queue

# A person waits for the page: the server must answer sooner than when the PSA is alone with it. In seconds.
PATIENCE = 8.0
# What another mailbox got shortly before the old one was last read is taken too: the look took its time, and the server
# has a clock of its own. What we know of it is recognised by its content.
OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a mailbox is read: the columns of MailAccount that say so. ``since`` is heeded only at the first save."""

    parsing: bool = True
    create_tickets: bool = True
    acknowledge: bool = False
    default_queue_id: int | None = None
    interval: int = 60
    after_filing: str = "leave"
    move_to: str = ""
    unknown_senders: str = "contact"
    spam: str = "file"
    size_limit: int = 50 * 1024 * 1024
    authserv: str = ""
    agents_may_answer: bool = False
    reply_to_counts: str = ""
    silence_hours: int | None = None
    since: datetime | None = None


def reading_of(account: MailAccount) -> Reading:
    """How a saved mailbox is read."""
    return Reading(**{field.name: getattr(account, field.name) for field in fields(Reading)})


@dataclass(frozen=True, slots=True)
class Writing:
    """How a sending account writes: the columns of MailAccount that say so."""

    reply_to: str = ""
    signature: str = ""
    sent_folder: str = ""


def save_outbound(
    settings: ServerSettings,
    writing: Writing | None = None,
    *,
    account: MailAccount | None = None,
    is_default: bool = False,
) -> MailAccount:
    """Enter a sending account or change one. The first is the default; a new default takes the place of the old one.

    Without ``writing`` it writes as before. The settings have passed psa.mail.plausible. Flushes.
    """
    account = account or MailAccount(direction="outbound", is_default=default_outbound() is None)
    if is_default and not account.is_default:
        make_default(account)
    for field in fields(Writing) if writing is not None else ():
        setattr(account, field.name, getattr(writing, field.name))
    if account.address and account.address != settings.address:
        # A queue names its account by the address.
        db.session.execute(db.update(Queue).where(Queue.address == account.address).values(address=settings.address))
    return enter(account, settings)


def make_default(account: MailAccount) -> None:
    """Let everything that has no account of its own leave from this one."""
    db.session.execute(db.update(MailAccount).where(MailAccount.direction == "outbound").values(is_default=False))
    account.is_default = True


def save_inbound(settings: ServerSettings, reading: Reading, *, account: MailAccount | None = None) -> MailAccount:
    """Enter a mailbox or change one; see remember_start() for the first save. Flushes."""
    if account is None:
        # null(), because None would let the column's default speak, which is now.
        since = reading.since if reading.since is not None else null()
        account = MailAccount(direction="inbound", since=since, created_at=clock.now())
    elif is_another_mailbox(account, settings):
        start_anew(account)
    for field in fields(Reading):
        if field.name != "since":
            setattr(account, field.name, getattr(reading, field.name))
    return enter(account, settings)


def read_folders(account: MailAccount, names: tuple[str, ...]) -> None:
    """Read these folders from now on, in this order of importance, and no others.

    A folder that comes to an account later is read from this moment on; the first ones as the account is.
    """
    known = {folder.name: folder for folder in account.folders}
    since = account.since if not known else clock.now()
    account.folders = [known.get(name) or MailFolder(name=name, since=since) for name in names]


def is_another_mailbox(account: MailAccount, settings: ServerSettings) -> bool:
    """Whether how far it was read tells nothing about the mailbox that ``settings`` name.

    It may well be the same one under another name of its server.
    """
    before = (account.protocol, account.host, account.username)
    return before != (settings.protocol, settings.host, settings.username)


def start_anew(account: MailAccount) -> None:
    """Forget how far the old mailbox was read: of the new one, mail is taken that arrived since the old one was read.

    Where that never succeeded, the start that was chosen at first holds. What came from the old one stays, without the
    numbers that it had there, which may mean other messages here.
    """
    if account.last_success_at is not None:
        moment = account.last_success_at - OVERLAP
        account.since = max(moment, account.since) if account.since is not None else moment
        account.last_success_at = None
    account.folders = []
    # Now, since a flush inserts before it deletes, and the new mailbox may have a folder of the same name.
    db.session.flush()
    db.session.execute(
        db.update(InboundEmail)
        .where(InboundEmail.account_id == account.id)
        .values(uidvalidity=None, uid=None, uidl=None, settled=True)
    )


def enter(account: MailAccount, settings: ServerSettings) -> MailAccount:
    """Write ``settings`` into the row. An empty password keeps the stored one while one signs in with it."""
    before = way_in(account)
    account.address = settings.address
    account.display_name = settings.display_name
    account.protocol, account.security = settings.protocol, settings.security
    account.host, account.port = settings.host, settings.port
    account.username, account.auth, account.grant_id = settings.username, settings.auth, settings.grant_id
    account.ca_pem = settings.ca_pem
    if settings.password:
        account.sealed_password = signing.seal(settings.password)
        account.password_set_at = clock.now()
    elif not settings.username or settings.auth == "oauth2":
        account.sealed_password, account.password_set_at = "", None
    if account.direction == "inbound":
        read_folders(account, settings.folders if settings.protocol == "imap" else ())
    if settings.password or way_in(account) != before:
        # What was wrong with the old way in says nothing about the new one.
        account.failures, account.fault_stage, account.fault_cause, account.fault_words = 0, "", "", ""
        account.next_poll_at = account.paused_until = account.refused_since = None
    account.revision = (account.revision or 0) + 1
    db.session.add(account)
    db.session.flush()
    return account


def way_in(account: MailAccount) -> tuple[object, ...]:
    """What it takes to reach the server and to sign in to it, but for the secrets."""
    host = (account.protocol, account.host, account.port, account.security, account.ca_pem)
    return *host, account.auth, account.username, account.grant_id, [folder.name for folder in account.folders]


def remember_start(account_id: int) -> bool:
    """Ask the server which mail is there already, so that everything that arrives from now on is taken. Commits.

    To be called after a new account is saved, or a new folder of one. False: the server did not answer, so
    the time of arrival that it gives each message will tell what is new.
    """
    account = db.session.get_one(MailAccount, account_id)
    begins = starts_now(account)
    settings = replace(server.of_account(account), timeout=PATIENCE)
    db.session.commit()
    if not begins:
        return True
    with locks.holding(f"mailbox-{account_id}") as ours:
        if not ours:
            return True  # the poller was quicker, and it starts at the same moment
        try:
            mailbox = open_mailbox(settings, Journal())
        except NETWORK_ERRORS:
            return False
        try:
            mark_start(account, mailbox)
        except NETWORK_ERRORS:
            db.session.rollback()
            return False
        finally:
            mailbox.close()
    return True


def starts_now(account: MailAccount) -> bool:
    """Whether there is a folder, or a maildrop, that was entered just now and from which mail is taken from now on."""
    if account.protocol == "imap":
        return any(is_fresh(folder) for folder in account.folders)
    return account.since is not None and account.last_success_at is None and clock.now() - account.since < JUST_NOW


def add_from_urls(
    *,
    address: str,
    inbound_url: str | None = None,
    outbound_url: str | None = None,
    since: datetime | None = None,
    create_tickets: bool = True,
    queue_id: int | None = None,
) -> list[MailAccount]:
    """Enter the accounts of an address from URLs (see settings.from_url), or change those that it has. Commits.

    ``since`` counts for a new mailbox only. Raises SettingsError.
    """
    address = plausible.address(address)
    saved, begins = [], False
    if outbound_url:
        settings = from_url(outbound_url, address, ("smtp",))
        saved.append(save_outbound(settings, account=find("outbound", address)))
    if inbound_url:
        settings = from_url(inbound_url, address, ("imap", "pop3"))
        known = find("inbound", address)
        reading = reading_of(known) if known is not None else Reading(since=since)
        reading = replace(reading, create_tickets=create_tickets, default_queue_id=queue_id)
        begins = known is None
        saved.append(save_inbound(settings, reading, account=known))
    db.session.commit()
    if begins:
        remember_start(saved[-1].id)
    return saved


def from_url(url: str, address: str, protocols: tuple[str, ...]) -> ServerSettings:
    settings = server.from_url(url, address=address)
    if settings.protocol not in protocols:
        wanted = " or ".join(protocol.upper() for protocol in protocols)
        raise SettingsError(f"{settings.protocol}:// is not {wanted}.")
    plausible.port(settings.protocol, settings.port, settings.security)
    return replace(settings, host=plausible.host(settings.host), password=server.typed_password(settings.password))
