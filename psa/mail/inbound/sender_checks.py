"""Our own check of who really wrote, after the mail is filed: a job makes it, so no mailbox waits for a name server.

What may be done because of a sender is settled before filing (trust). This is for the reader: a verdict on every
message, also where the server in front of the mailbox says nothing. What was held because nothing proved who wrote it,
as a user's answer while no name server answers, is dealt with anew once that is proven. SPF is about the machine that
handed the mail over, which only that server has seen, so the DKIM signature is all there is to check.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement
from sqlalchemy.exc import OperationalError

from psa import clock
from psa.extensions import db, durable_later, run
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.explain import ANY_STATUS
from psa.mail.inbound.process import is_away, process_proven
from psa.mail.inbound.receive import kept_message
from psa.mail.inbound.routing import Desk
from psa.mail.inbound.trust import Trust, weigh
from psa.mail.models import InboundEmail, MailAccount

log = structlog.get_logger()

MAILS = InboundEmail.__table__
AT_ONCE = 20
# In seconds. No check is begun after it, so that a round ends while its claims last.
LONGEST_ROUND = 20.0
LEASE = timedelta(minutes=5)
# After which no name server has answered; beyond the last one it is given up.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
GIVEN_UP = "Our own check: it could not be made, no name server has answered for hours."
DEFEATED = "Our own check could not be made: the mail defeats it."
# Lines of a trace that might not be there if the sender were proven.
FOR_WANT_OF_PROOF = {("Agent", "Held"), ("Reply-To", "Shown only"), ("Ticket", "Not that one")}
WAS_HELD = "That could be checked only after it was held, and so it was dealt with once more by itself."


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that nobody else checks until ``until``; the values that it must still have when we are done."""

    id: int
    account_id: int
    status: str
    processed_at: datetime | None
    trust: str
    trust_words: str
    trust_tries: int
    until: datetime


def check_senders() -> int:
    """Make the checks that are due, mail of today before that of a backlog; returns how many. Commits one by one.

    Several hosts may do so at once: a check belongs to whoever has claimed it, and when that one dies, after a while to
    the next.
    """
    done, ends = 0, time.monotonic() + LONGEST_ROUND
    desks: dict[int, Desk] = {}
    with durable_later():
        for claimed in claim():
            if time.monotonic() >= ends:
                give_back(claimed)
                continue
            if not begin(claimed):
                continue
            trust = checked(claimed, desks)
            if not let_go(claimed, trust):
                settle(claimed, trust)
            done += 1
    return done


def claim() -> Sequence[Claim]:
    """Take what is due. Commits."""
    now, until = clock.now(), clock.now() + LEASE
    is_due = MAILS.c.trust_due_at.is_not(None) & (MAILS.c.trust_due_at <= now)
    due = db.select(MAILS.c.id).where(is_due).order_by(MAILS.c.backlog, MAILS.c.trust_due_at, MAILS.c.id).limit(AT_ONCE)
    ids = list(db.session.scalars(due))
    if not ids:
        db.session.rollback()
        return []
    mine = MAILS.update().where(MAILS.c.id.in_(ids), is_due).values(trust_due_at=until)
    columns = ("id", "account_id", "status", "processed_at", "trust", "trust_words", "trust_tries")
    rows = run(mine.returning(*(MAILS.c[name] for name in columns))).all()
    taken = [Claim(**row._mapping, until=until) for row in rows]
    db.session.commit()
    return sorted(taken, key=lambda one: ids.index(one.id))


def begin(claimed: Claim) -> bool:
    """Count the try before it is made, for a mail may end the process that checks it; False when it is no longer ours.

    Commits.
    """
    counted = run(MAILS.update().where(as_claimed(claimed)).values(trust_tries=claimed.trust_tries + 1)).rowcount
    db.session.commit()
    return counted == 1


def checked(claimed: Claim, desks: dict[int, Desk]) -> Trust:
    """What is known now of who wrote; as before where that cannot be found out.

    No transaction is open while a name server is asked.
    """
    if claimed.trust_tries > len(PAUSES):
        # Only tries of which nobody told the end bring it this far.
        return defeated(claimed)
    try:
        kept = kept_message(claimed.id, statuses=ANY_STATUS)
        if kept is None:
            return Trust(claimed.trust, claimed.trust_words)
        if claimed.account_id not in desks:
            account = db.session.get_one(MailAccount, claimed.account_id)
            desks[claimed.account_id] = replace(Desk.as_it_is(account), checks_everybody=True)
        desk = desks[claimed.account_id]
        return weigh(kept, read_answer(kept.raw, desk.own_domains), desk)
    except Exception as error:
        db.session.rollback()
        if isinstance(error, OperationalError) and is_away(error):
            raise
        log.exception("a sender could not be checked", inbound=claimed.id)
        return defeated(claimed)


def defeated(claimed: Claim) -> Trust:
    """What was known before: a doubt stays one."""
    return Trust(claimed.trust, f"{claimed.trust_words} {DEFEATED}")


def let_go(claimed: Claim, trust: Trust) -> bool:
    """Deal anew with what was held for want of this proof; returns whether there was such a thing. Commits.

    The verdict is written with the new disposition: whoever dies before has left the check due, and afterwards there is
    none, so it happens once.
    """
    if claimed.status != "held" or not trust.is_proven:
        return False
    trace = trace_of(claimed)
    db.session.commit()
    if trace is None or not any((line["step"], line["verdict"]) in FOR_WANT_OF_PROOF for line in trace):
        return False
    return process_proven(claimed.id, replace(trust, words=f"{trust.words} {WAS_HELD}")) is not None


def settle(claimed: Claim, trust: Trust) -> None:
    """Write down what was found, or when it is tried again, unless the message was dealt with anew. Commits."""
    values: dict[str, Any] = {"trust": trust.verdict, "trust_words": trust.words, "trust_due_at": None}
    if trust.is_open and claimed.trust_tries < len(PAUSES):
        values["trust_due_at"] = clock.now() + PAUSES[claimed.trust_tries]
    elif trust.is_open:
        values["trust_words"] = f"{trust.words.partition(' Our own check:')[0]} {GIVEN_UP}"
    trace = trace_of(claimed)
    if trace is not None:
        if values["trust_due_at"] is None:
            values["trace"] = with_later_line(trace, trust.verdict, values["trust_words"])
        run(MAILS.update().where(as_claimed(claimed)).values(values))
    db.session.commit()


def trace_of(claimed: Claim) -> list[dict[str, Any]] | None:
    """Its trace, unless somebody else has claimed it or dealt with it since."""
    trace: list[dict[str, Any]] | None = db.session.scalar(db.select(MAILS.c.trace).where(as_claimed(claimed)))
    return trace


def as_claimed(claimed: Claim) -> ColumnElement[bool]:
    unchanged = (MAILS.c.trust_due_at == claimed.until) & (MAILS.c.status == claimed.status)
    return (MAILS.c.id == claimed.id) & unchanged & (MAILS.c.processed_at == claimed.processed_at)


def give_back(claimed: Claim) -> None:
    """Leave it to the next round. Commits."""
    still_mine = (MAILS.c.id == claimed.id) & (MAILS.c.trust_due_at == claimed.until)
    run(MAILS.update().where(still_mine).values(trust_due_at=clock.now()))
    db.session.commit()


def with_later_line(trace: list[dict[str, Any]], verdict: str, words: str) -> list[dict[str, Any]]:
    """The trace with what was found later, beside what was known when it was decided."""
    line = {"step": "Sender", "verdict": verdict.capitalize(), "detail": f"checked after this: {words}"}
    place = next((at for at, step in enumerate(trace) if step["step"] == "Sender"), len(trace) - 1) + 1
    return [*trace[:place], line, *trace[place:]]
