"""A person has seen to it: what only a person could bring further is ended for good, with who said so, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam

from psa import clock
from psa.extensions import db, run
from psa.mail.models import InboundEmail, OutboundEmail

IN, OUT = InboundEmail.__table__, OutboundEmail.__table__
STEP, DISMISSED, TAKEN_UP = "Person", "Ignored for good", "Taken up again"
NOTHING_TO_DO = "nothing is to be done about it"
LONGEST_REASON = 500
# What waits for a person in each direction, until one has decided.
WAITS_IN = IN.c.status.in_(("held", "failed"))
# Written out, so that SQLite sees that the index of just these answers it.
NOT_SENT: BindParameter[Any] = bindparam("not_sent", ("failed", "unconfirmed"), expanding=True, literal_execute=True)
WAITS_OUT = OUT.c.status.in_(NOT_SENT) & OUT.c.seen_to_at.is_(None) & (OUT.c.purpose != "test")


def dismiss_inbound(ids: Sequence[int], who: str, why: str) -> list[int]:
    """Ignore held and failed messages for good; returns those that waited. The caller commits.

    Their bytes stay, and so do Process again and Convert anyway. On the server they are treated like all that is dealt
    with, unless we never got them.
    """
    said = in_words(who, why)
    ended = []
    for row in waiting_rows(ids, WAITS_IN):
        step = {"step": STEP, "verdict": DISMISSED, "detail": said, "was": row.status, "reason": row.reason}
        values = {"status": "ignored", "reason": said, "processed_at": clock.now(), "fetch_asked_at": None}
        if change(row, trace=[*row.trace, step], **values):
            ended.append(row.id)
    return ended


def take_up_inbound(ids: Sequence[int], who: str) -> list[int]:
    """Let messages wait for a person again that were dismissed; returns those that were. The caller commits."""
    taken = []
    for row in waiting_rows(ids, IN.c.status == "ignored"):
        last = dismissal_in(row.trace)
        if last is None:
            continue
        step = {"step": STEP, "verdict": TAKEN_UP, "detail": f"by {who}"}
        values = {"status": last["was"], "reason": last["reason"], "settled": False}
        if change(row, trace=[*row.trace, step], **values):
            taken.append(row.id)
    return taken


def dismiss_outbound(ids: Sequence[int], who: str, why: str) -> list[int]:
    """Leave failed and unconfirmed messages as they are, seen to; returns those that waited. The caller commits."""
    said = {"seen_to_at": clock.now(), "seen_to_words": in_words(who, why)}
    return list(run(OUT.update().where(OUT.c.id.in_(ids), WAITS_OUT).values(said).returning(OUT.c.id)).scalars())


def take_up_outbound(ids: Sequence[int]) -> list[int]:
    """Let messages wait for a person again that were seen to; returns those that were. The caller commits."""
    seen_to = OUT.c.id.in_(ids) & OUT.c.seen_to_at.is_not(None)
    unseen = {"seen_to_at": None, "seen_to_words": ""}
    return list(run(OUT.update().where(seen_to).values(unseen).returning(OUT.c.id)).scalars())


def was_dismissed(inbound: InboundEmail) -> bool:
    """Whether a person ended it, and nothing has been done about it since."""
    return inbound.status == "ignored" and dismissal_in(inbound.trace) is not None


def dismissal_in(trace: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    last = trace[-1] if trace else {}
    return last if (last.get("step"), last.get("verdict")) == (STEP, DISMISSED) else None


def in_words(who: str, why: str) -> str:
    return f"{who}: {why.strip()[:LONGEST_REASON] or NOTHING_TO_DO}"


def waiting_rows(ids: Sequence[int], condition: ColumnElement[bool]) -> Sequence[Any]:
    query = db.select(IN.c.id, IN.c.status, IN.c.reason, IN.c.trace).where(IN.c.id.in_(ids), condition)
    return run(query.order_by(IN.c.id)).all()


def change(row: Any, **values: Any) -> bool:
    """Change a message that is still as we found it: somebody may have processed it again meanwhile."""
    unchanged = (IN.c.id == row.id) & (IN.c.status == row.status)
    return run(IN.update().where(unchanged).values(values)).rowcount == 1
