"""How a message ends: its disposition and the trace of what decided it, written once and by one processor only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam
from sqlalchemy.exc import StatementError

from psa import clock
from psa.extensions import change_rows, db
from psa.locks import on_postgresql
from psa.mail.inbound.receive import Kept, kept_message
from psa.mail.log import search
from psa.mail.message import Address, ParsedEmail, parse
from psa.mail.models import InboundEmail
from psa.mail.steps import decided_by
from psa.prepared import Prepared

if TYPE_CHECKING:
    from psa.mail.inbound.trust import Trust

log = structlog.get_logger()

MAILS = InboundEmail.__table__
UNREADABLE = "Neither its sender nor its subject can be read"
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
LONGEST_HEAD = 200_000  # bytes; mail servers take far less


class AlreadyProcessed(Exception):
    """Somebody else has dealt with this message in the meantime."""


@dataclass(slots=True)
class Trace:
    """The steps that decided a message's fate, in words: ``{"step", "verdict", "detail"}`` each; of a rule ``"rule"``
    too, its id.
    """

    steps: list[dict[str, Any]] = field(default_factory=list)

    def note(self, step: str, verdict: str, detail: str = "") -> None:
        self.steps.append({"step": step, "verdict": verdict, "detail": detail})

    def note_rule(self, rule_id: int, name: str, verdict: str, detail: str) -> None:
        self.steps.append({"step": f"Rule {name}", "verdict": verdict, "detail": detail, "rule": rule_id})


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a message ended: a status (filed, held, ignored, reported, failed), why, and what was read in it."""

    status: str
    reason: str
    ticket_id: int | None = None
    same_as_id: int | None = None
    kind: str = ""


def store(
    kept: Kept, email: ParsedEmail, disposition: Disposition, trust: Trust, trace: Trace, *, settled: bool
) -> None:
    """Write what was decided. The condition on the status makes two processors of one message impossible."""
    if kept.status == "failed":
        # Of what failed only the head was read, and all of it may tell more.
        search.forget_inbound(kept.id)
    written = write_if_untouched(
        kept.id,
        kept.status,
        status=disposition.status,
        reason=disposition.reason,
        trace=trace.steps,
        decided_by=decided_by(trace.steps),
        ticket_id=disposition.ticket_id,
        same_as_id=disposition.same_as_id,
        kind=disposition.kind,
        trust=trust.verdict,
        trust_words=trust.words,
        trust_due_at=clock.now() if trust.is_open else None,
        trust_tries=0,
        content_hash=email.content_hash,
        processed_at=clock.now(),
        settled=settled,
        words=search.words_of(*pieces_of(email)),
        **read_in(email),
    )
    if not written:
        raise AlreadyProcessed


def pieces_of(email: ParsedEmail) -> tuple[str, ...]:
    """What a message is found by."""
    sender = email.sender or Address("", "")
    return sender.name, sender.email, email.subject or "", email.message_id or "", addressed(email)


def read_in(email: ParsedEmail) -> dict[str, Any]:
    """What a message's row tells of who wrote what to whom."""
    sender = email.sender or Address("", "")
    return {
        "recipients": addressed(email),
        "message_id": email.message_id[:998] if email.message_id else None,
        "sender_name": sender.name[:200],
        "sender_email": sender.email[:320],
        "subject": (email.subject or "")[:998],
    }


def addressed(email: ParsedEmail) -> str:
    """Everybody it went to, also the mailbox that a server on the way delivered it to."""
    people = [person.email for person in (*email.to, *email.cc)]
    return " ".join(dict.fromkeys([*people, *email.delivered_to]))[:2000]


def write_if_untouched(inbound_id: int, found: str, *, words: str | None = None, **values: Any) -> bool:
    """Change a row whose status is still the one that was ``found``; returns whether it was. ``words`` make the
    message findable; where it was not, the caller rolls them back.
    """
    here = {"inbound_id": inbound_id, "found": found}
    if words is not None and on_postgresql():
        return change_rows(if_untouched(tuple(values), with_words=True), **here, words=words, **values) == 1
    if words is not None:
        search.remember_words("in", inbound_id, words)
    return change_rows(if_untouched(tuple(values)), **here, **values) == 1


@cache
def if_untouched(columns: tuple[str, ...], *, with_words: bool = False) -> Prepared:
    """``with_words``: in the same statement too, since to wait for PostgreSQL costs more than what it does."""
    unchanged = (MAILS.c.id == bindparam("inbound_id")) & (MAILS.c.status == bindparam("found"))
    change = MAILS.update().where(unchanged)
    return Prepared(change.add_cte(search.remembering_inbound()) if with_words else change, *columns)


def mark_failed(inbound_id: int, kept: Kept | None, error: Exception) -> Disposition | None:
    """Write down that this message defeated us, and why. Its bytes are kept and Process again is offered."""
    return give_up(inbound_id, kept.status if kept is not None else "new", failure(error))


def failure(error: Exception) -> str:
    """The reason of a message that defeated us; of a database in its own words, without our statement."""
    said = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    return f"It could not be filed: {type(error).__name__}: {str(said)[:500]}"


def steps_of_failure(reason: str) -> list[dict[str, Any]]:
    return [{"step": "Disposition", "verdict": "Failed", "detail": reason}]


def give_up(inbound_id: int, status: str, reason: str) -> Disposition | None:
    """Mark a message that has ``status`` as failed and commit; None when somebody else was quicker."""
    trace = steps_of_failure(reason)
    marked = write_if_untouched(
        inbound_id, status, status="failed", reason=reason, processed_at=clock.now(), trace=trace, decided_by="failure"
    )
    db.session.commit()
    if not marked:
        return None
    # Only now: what defeated us once may do so again.
    read_head(inbound_id, reason)
    return Disposition("failed", reason)


def read_head(inbound_id: int, reason: str) -> None:
    """Let a failed message be known and found by its sender and subject, or say that it has none. Commits."""
    try:
        kept = kept_message(inbound_id, statuses=("failed",))
        if kept is None:
            return
        email = parse(head_of(kept.raw))
        read = read_in(email)
        if not (read["sender_name"] or read["sender_email"] or read["subject"]):
            read["reason"] = f"{reason}. {UNREADABLE}"
        write_if_untouched(inbound_id, "failed", words=search.words_of(*pieces_of(email)), **read)
    except Exception:
        db.session.rollback()
        log.exception("head of a failed message", inbound=inbound_id)
        write_if_untouched(inbound_id, "failed", reason=f"{reason}. {UNREADABLE}")
    db.session.commit()


def head_of(raw: bytes) -> bytes:
    """The header of a message alone, in the length that one can have. Blank lines before it do not end it."""
    return END_OF_HEAD.split(raw[:LONGEST_HEAD].lstrip(b"\r\n"), maxsplit=1)[0] + b"\r\n\r\n"
