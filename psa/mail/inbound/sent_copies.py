"""A copy of what people wrote in the IMAP folder of sent mail: a step of its own, which never sends anything again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from psa import clock, locks, signing
from psa.extensions import db, update_row
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.mailbox import NETWORK_ERRORS, is_dead
from psa.mail.journal import words_of
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.raw import raw_bytes

log = structlog.get_logger()

AT_ONCE = 50
AGAIN_AFTER, GIVE_UP_AFTER = timedelta(minutes=5), timedelta(days=1)
SWITCHED_OFF = "Email parsing of this mailbox is switched off, so nobody signs in to it"
REFUSED = "The server refuses to sign us in to this mailbox"
NO_MAILBOX = "No IMAP mailbox of this address is read, so its folder of sent mail cannot be reached"


def make_copies() -> int:
    """Make the copies that are wanted and due, account by account; returns how many were made. Commits."""
    now = clock.now()
    waiting = db.session.execute(
        db.select(OutboundEmail.id, OutboundEmail.account_id)
        .where(OutboundEmail.copy_state == "wanted", OutboundEmail.next_attempt_at <= now)
        .order_by(OutboundEmail.id)
        .limit(AT_ONCE)
    ).all()
    db.session.commit()
    by_account: dict[int, list[int]] = {}
    for row in waiting:
        by_account.setdefault(row.account_id, []).append(row.id)
    return sum(copies_of(account_id, ids) for account_id, ids in by_account.items())


def copies_of(account_id: int, outbound_ids: list[int]) -> int:
    with locks.holding(f"copies-{account_id}") as ours:
        if not ours:
            return 0
        sender = db.session.get_one(MailAccount, account_id, populate_existing=True)
        folder, inbound = sender.sent_folder, accounts.find("inbound", sender.address)
        if inbound is None or inbound.protocol != "imap" or not folder:
            return give_up(outbound_ids, NO_MAILBOX)
        if not inbound.parsing:
            return put_off(outbound_ids, SWITCHED_OFF)
        if inbound.refused_since is not None:
            # Each try with a wrong password brings the provider nearer to locking the account.
            return put_off(outbound_ids, REFUSED)
        try:
            settings = replace(server.of_account(inbound), folders=(folder,))
            db.session.commit()
            mailbox = ImapMailbox(settings)
        except (*NETWORK_ERRORS, signing.SealBroken) as error:
            db.session.rollback()
            return put_off(outbound_ids, words_about(inbound, error))
        try:
            return copy_all(outbound_ids, mailbox, inbound)
        finally:
            mailbox.close()


def copy_all(outbound_ids: list[int], mailbox: ImapMailbox, inbound: MailAccount) -> int:
    """Copy one by one; what the server refuses waits for itself alone.

    So does the message on which the connection ends: the next round goes on without it.
    """
    made = 0
    for outbound_id in outbound_ids:
        try:
            copy(outbound_id, mailbox, mailbox.folder)
            made += 1
        except NETWORK_ERRORS as error:
            db.session.rollback()
            put_off([outbound_id], words_about(inbound, error))
            if is_dead(error):
                break
    return made


def words_about(inbound: MailAccount, error: Exception) -> str:
    return accounts.without_secret(words_of(error), accounts.opened(inbound.sealed_password))


def copy(outbound_id: int, mailbox: ImapMailbox, folder: str) -> None:
    """One copy, marked as read. Asked for by its Message-ID first: we may have died between making and noting it."""
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    raw, message_id, sent_at = raw_bytes(email.raw_id), email.message_id, email.sent_at
    db.session.commit()
    if not mailbox.client.search(["HEADER", "Message-ID", message_id]):
        mailbox.client.append(folder, raw, flags=(b"\\Seen",), msg_time=sent_at)
    update_row(OutboundEmail, outbound_id, copy_state="made", copy_words="")
    db.session.commit()


def put_off(outbound_ids: list[int], words: str) -> int:
    """Try again later; after a day it is given up. The message itself was sent, whatever becomes of its copy."""
    now = clock.now()
    for outbound_id in outbound_ids:
        email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
        gives_up = email.sent_at is not None and now - email.sent_at > GIVE_UP_AFTER
        state = {"copy_state": "failed"} if gives_up else {"next_attempt_at": now + AGAIN_AFTER}
        update_row(OutboundEmail, outbound_id, copy_words=words, **state)
    db.session.commit()
    log.warning("copies wait", words=words)
    return 0


def give_up(outbound_ids: list[int], words: str) -> int:
    for outbound_id in outbound_ids:
        update_row(OutboundEmail, outbound_id, copy_state="failed", copy_words=words)
    db.session.commit()
    return 0
