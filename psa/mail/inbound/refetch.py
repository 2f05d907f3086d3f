"""Fetching once more: a message over the size limit, whole this time, or one that the server did not hand over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row

from psa import clock
from psa.extensions import db, insert_unless_there, run, update_row
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.ledger import GONE, MAILS, key_column, rows_of
from psa.mail.inbound.mailbox import REFUSALS, Fetched, Mailbox, is_dead
from psa.mail.inbound.positions import looks_same
from psa.mail.inbound.process import said_in
from psa.mail.inbound.receive import Kept
from psa.mail.journal import words_of
from psa.mail.models import PIPED, FiledMail, InboundEmail, MailAccount, MailFolder, RawMessage
from psa.mail.raw import keep_packed
from psa.mail.settings import folders_of
from psa.tickets import operations
from psa.tickets.models import Comment

# To read a message takes several times its size in memory. In octets.
MOST = 250 * 1024 * 1024
FETCHED = "Fetched again"
IS_GONE = "It is not on the server any more"
NOT_READ = "It lies in a folder that is not read any more"
IS_ANOTHER = "Under its number the server has another message now"
TOO_LARGE = "With {size:.0f} MB it is more than the PSA can take in at all"
# A message on which the connection ends is not tried for ever.
MOST_TRIES = 3


def can_fetch_again(inbound: InboundEmail) -> bool:
    """Whether there is something to fetch, and a place to fetch it from."""
    if inbound.complete and inbound.raw_id is not None:
        return False
    if inbound.status == "ignored":
        return False
    in_maildrop = inbound.uidl is not None and not inbound.uidl.startswith((PIPED, GONE))
    return inbound.uid is not None or in_maildrop


def fetch_again(inbound_id: int) -> bool:
    """Ask for the whole of a message, whatever its size; the next look fetches it, within a second or two.

    False when there is nothing to fetch. Flushes.
    """
    inbound = db.session.get_one(InboundEmail, inbound_id, populate_existing=True)
    if not can_fetch_again(inbound):
        return False
    inbound.fetch_asked_at, inbound.settled, inbound.tries = clock.now(), False, 0
    inbound.account.next_poll_at = clock.now()
    db.session.flush()
    return True


def fetch_asked_for(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> list[int]:
    """Fetch what was asked for in the folder that is open. Commits; returns the messages that wait to be dealt with."""
    asked = asked_for(rows_of(account, folder), before=clock.now(), key=key_column(folder))
    return [row.id for row in asked if fetch_one(account, row, mailbox)]


def explain_the_rest(account: MailAccount, before: datetime, refused: Collection[str]) -> None:
    """Say of what was asked for ``before`` the look, and was found in no folder, why it cannot be fetched. Commits.

    What lies in a folder that the server ``refused`` to open or to read this time goes on waiting.
    """
    ours = (MAILS.c.account_id == account.id) & MAILS.c.folder.not_in(refused)
    read = ("", *folders_of(account))
    for row in asked_for(ours, before=before, key=MAILS.c.uid):
        explain(account, row.id, IS_GONE if row.folder in read else NOT_READ)


def asked_for(where: ColumnElement[bool], *, before: datetime, key: ColumnElement[Any]) -> Sequence[Row[Any]]:
    rows = db.session.execute(
        db.select(MAILS.c.id, MAILS.c.folder, key.label("key"), MAILS.c.size, MAILS.c.arrived_at, MAILS.c.status)
        .where(where, MAILS.c.settled.is_(False), MAILS.c.fetch_asked_at <= before)
        .order_by(MAILS.c.id)
    ).all()
    db.session.commit()
    return rows


def fetch_one(account: MailAccount, row: Row[Any], mailbox: Mailbox) -> bool:
    """Fetch one message; True when it is to be dealt with like a new one."""
    # First the try is counted: what ends the process itself is not begun again by every process that follows.
    tries = run(MAILS.update().where(MAILS.c.id == row.id).values(tries=MAILS.c.tries + 1).returning(MAILS.c.tries))
    last_try = tries.scalar_one() >= MOST_TRIES
    if last_try:
        update_row(InboundEmail, row.id, fetch_asked_at=None)
    db.session.commit()
    message = mailbox.present([row.key]).get(row.key)
    if message is None:
        return explain(account, row.id, IS_GONE)
    if not looks_same(row.size, row.arrived_at, message):
        return explain(account, row.id, IS_ANOTHER)
    try:
        fetched = mailbox.fetch([message], MOST)
    except REFUSALS as error:
        if is_dead(error):
            raise
        return explain(account, row.id, f"The server said: {words_of(error)}")
    if not fetched:
        return explain(account, row.id, IS_GONE)
    if fetched[0].packed is None:
        return explain(account, row.id, fetched[0].words or "The server did not hand it over")
    if not fetched[0].complete:
        return explain(account, row.id, TOO_LARGE.format(size=message.size / 1_000_000))
    return complete(account, row, fetched[0])


def explain(account: MailAccount, inbound_id: int, words: str) -> bool:
    """Say at the message, and on its ticket, why there is no more of it. Commits."""
    inbound = db.session.get_one(InboundEmail, inbound_id, populate_existing=True)
    inbound.fetch_asked_at = None
    inbound.settled = account.after_filing == "leave"
    inbound.trace = [*inbound.trace, {"step": FETCHED, "verdict": "No", "detail": words}]
    if inbound.status == "failed":
        inbound.reason = f"It could not be fetched: {words}"
    elif inbound.ticket_id is not None:
        operations.note_mail(inbound.ticket_id, f"The whole message could not be fetched. {words}.")
    db.session.commit()
    return False


def tell_gone(account: MailAccount, inbound_id: int) -> bool:
    """Say at a message, and on its ticket, that the rest of it is gone; False when that was said. Commits."""
    said = {"step": FETCHED, "verdict": "No", "detail": IS_GONE}
    if said in db.session.get_one(InboundEmail, inbound_id, populate_existing=True).trace:
        return False
    explain(account, inbound_id, IS_GONE)
    return True


def complete(account: MailAccount, row: Row[Any], fetched: Fetched) -> bool:
    """Put the whole message in the place of its headers. What was filed is completed; anything else is dealt with anew.

    Commits.
    """
    assert fetched.packed is not None
    inbound = db.session.get_one(InboundEmail, row.id, populate_existing=True)
    headers_only = inbound.raw_id
    raw_id = keep_packed(fetched.packed)
    inbound.raw_id, inbound.complete, inbound.fetch_asked_at, inbound.tries = raw_id, True, None, 0
    inbound.settled = account.after_filing == "leave"
    db.session.flush()
    if inbound.status in ("filed", "reported"):
        inbound.trace = [*inbound.trace, {"step": FETCHED, "verdict": "Yes", "detail": "it is complete now"}]
        complete_comment(inbound, fetched)
    else:
        inbound.status, inbound.reason = "new", ""
    if headers_only is not None:
        db.session.flush()
        db.session.execute(db.delete(RawMessage).where(RawMessage.id == headers_only))
    db.session.commit()
    return inbound.status == "new"


def complete_comment(inbound: InboundEmail, fetched: Fetched) -> None:
    """Let the comment that the message made say all of it."""
    assert fetched.packed is not None and inbound.raw_id is not None
    raw = fetched.raw if fetched.raw is not None else fetched.packed.unpacked()
    email = read_answer(raw, frozenset({inbound.account.domain.lower()}))
    kept = Kept(inbound.id, inbound.raw_id, raw, inbound.size, inbound.backlog, complete=True)
    inbound.content_hash = email.content_hash
    if email.message_id:
        # Another copy, in another mailbox, is known by this from now on.
        insert_unless_there(FiledMail, content_hash=email.content_hash, inbound_id=inbound.id)
    comment_id = db.session.scalars(db.select(Comment.id).where(Comment.inbound_id == inbound.id)).first()
    if comment_id is not None:
        operations.complete(comment_id, said_in(kept, email))
