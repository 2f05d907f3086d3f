"""Mail that a filter calls spam: what is held for it, deciding about many at once, and marking what is filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Text, cast

from psa.extensions import db
from psa.mail.blocking.models import FILTER, IS_JUNK
from psa.mail.blocking.operations import NotBlockable, block, read, warning
from psa.mail.inbound import process
from psa.mail.inbound.disposition import Disposition
from psa.mail.inbound.routing import Desk
from psa.mail.models import InboundEmail

PAGE = 50


def junk(before: int | None) -> list[InboundEmail]:
    """A page of it and one more, the latest first; ``before`` is the id that the last page ended with."""
    query = db.select(InboundEmail).where(IS_JUNK)
    if before is not None:
        query = query.where(InboundEmail.id < before)
    return list(db.session.scalars(query.order_by(InboundEmail.id.desc()).limit(PAGE + 1)))


def count() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(InboundEmail).where(IS_JUNK)) or 0


def called_spam(message: InboundEmail) -> str:
    """By which words a filter calls a message spam, as its trace has them; empty for all others."""
    return spam_words(message.trace)


def called_spam_among(inbound_ids: Sequence[int]) -> dict[int, str]:
    """The same for many, by id; those that no filter calls spam are left out."""
    if not inbound_ids:
        return {}
    asked = cast(InboundEmail.trace, Text).contains(FILTER)
    query = db.select(InboundEmail.id, InboundEmail.trace).where(InboundEmail.id.in_(inbound_ids), asked)
    return {row.id: words for row in db.session.execute(query) if (words := spam_words(row.trace))}


def spam_words(trace: Sequence[Mapping[str, Any]]) -> str:
    return next((step["detail"] for step in trace if step["step"] == FILTER and step["verdict"] == "Spam"), "")


def not_spam(inbound_id: int) -> Disposition | None:
    """Deal with a message as if no filter had looked at it: by the rules, on its ticket. Commits."""
    return process.once_more(inbound_id, replace(Desk.of_message(inbound_id), spam="file"))


@dataclass(frozen=True, slots=True)
class Blocked:
    """How many addresses are blocked since, and the sentences about those that were left out."""

    new: int
    left_out: tuple[str, ...]


def block_senders(inbound_ids: Sequence[int], user_id: int) -> Blocked:
    """Block who wrote these messages, and let that decide about them. Commits.

    Junk bears forged senders: an address that one should think twice about is left out, and blocked from its own page.
    """
    query = db.select(InboundEmail.id, InboundEmail.sender_email).where(InboundEmail.id.in_(inbound_ids))
    rows = [row for row in db.session.execute(query.order_by(InboundEmail.id)) if row.sender_email]
    reasons = {address: why_left_out(address) for address in dict.fromkeys(row.sender_email.lower() for row in rows)}
    new = sum(block(address, user_id) for address, reason in reasons.items() if not reason)
    db.session.commit()
    for row in rows:
        if not reasons[row.sender_email.lower()]:
            process.process_again(row.id)
    return Blocked(new, tuple(reason for reason in reasons.values() if reason))


def why_left_out(address: str) -> str:
    """Why the address is not blocked with many others, in a sentence; else empty."""
    try:
        return warning(read(address))
    except NotBlockable as reason:
        return str(reason)
