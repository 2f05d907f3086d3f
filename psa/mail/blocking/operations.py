"""Blocking an address or a domain, taking that back, and asking whether a sender is blocked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam

from psa import clock
from psa.auth.models import User
from psa.clients.operations import FREE_MAIL, find_person
from psa.extensions import change_rows, db, insert_unless_there, rows_of
from psa.mail import accounts
from psa.mail.blocking.models import BlockedSender
from psa.mail.models import MailAccount
from psa.prepared import Prepared

BLOCKED, USERS = BlockedSender.__table__, User.__table__
LONGEST_REASON = 500
DOMAIN = re.compile(r"(?:[^\s@.]+\.)+[^\s@.]+")
ADDRESS = re.compile(r"[^\s@*]+@(?:[^\s@.]+\.)*[^\s@.]+")
# An address, its domain, and so many domains above that are asked for; whoever has more dots stands below the last.
LEVELS = 5


class NotBlockable(ValueError):
    """What was typed is neither an address nor a domain; the message says so."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """What blocks a sender: the entry's id, the address or domain, and in words who blocked it and when."""

    id: int
    value: str
    words: str


def find_block(address: str) -> Blocked | None:
    """What blocks ``address``: its own entry, else that of its domain or one above it."""
    address = address.lower()
    asked = dict.fromkeys([f"level_{number}" for number in range(LEVELS)], "")
    asked |= {f"level_{number}": domain for number, domain in enumerate(domains_of(address))}
    rows = rows_of(ENTRY, address=address, **asked)
    if not rows:
        return None
    # The most specific one: an address is longer than its domain, and that than the one above.
    block_id, value, why, day, name = max(rows, key=lambda row: len(row[1]))
    words = f"{value} was blocked by {name or 'somebody who has left'} on {day_of(day)}"
    return Blocked(block_id, value, f"{words}: {why}" if why else words)


def blocked_among(addresses: Iterable[str]) -> set[str]:
    """Those of ``addresses`` that are blocked, in lower case: one query for all of them."""
    blocking = {address: {address, *domains_of(address)} for address in (one.lower() for one in addresses)}
    asked = set().union(*blocking.values())
    if not asked:
        return set()
    entries = set(db.session.scalars(db.select(BlockedSender.value).where(BlockedSender.value.in_(asked))))
    return {address for address, values in blocking.items() if values & entries}


def domains_of(address: str) -> list[str]:
    """The domain of an address and those above it, as many as are asked for, the longest first."""
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - LEVELS, 0), len(labels) - 1)]


def day_of(moment: object) -> str:
    """The day of a moment as the driver has it: a datetime, or its text."""
    return clock.in_words(date.fromisoformat(str(moment)[:10]))


ENTRY = Prepared(
    db.select(BLOCKED.c.id, BLOCKED.c.value, BLOCKED.c.why, BLOCKED.c.blocked_at, USERS.c.name)
    .select_from(BLOCKED.outerjoin(USERS, USERS.c.id == BLOCKED.c.user_id))
    .where(BLOCKED.c.value.in_([bindparam(name) for name in ("address", *(f"level_{n}" for n in range(LEVELS)))]))
)


def note_hit(block_id: int) -> None:
    """Count a message that was ignored for it. In the caller's transaction."""
    change_rows(ONE_MORE, block=block_id, at=clock.now())


ONE_MORE = Prepared(
    BLOCKED.update()
    .where(BLOCKED.c.id == bindparam("block"))
    .values(hits=BLOCKED.c.hits + 1, last_hit_at=bindparam("at", type_=BLOCKED.c.last_hit_at.type))
)


def is_anybody_blocked() -> bool:
    return db.session.scalar(db.select(BlockedSender.id).limit(1)) is not None


def all_blocked() -> list[BlockedSender]:
    """The whole list, what was blocked last first."""
    return list(
        db.session.scalars(db.select(BlockedSender).order_by(BlockedSender.blocked_at.desc(), BlockedSender.id.desc()))
    )


def block(value: str, user_id: int, why: str = "") -> bool:
    """Block an address or a domain; False when it is blocked already. Raises NotBlockable. The caller commits."""
    value = read(value)
    kind = "address" if "@" in value else "domain"
    return insert_unless_there(BlockedSender, value=value, kind=kind, why=why.strip()[:LONGEST_REASON], user_id=user_id)


def read(typed: str) -> str:
    """An address or a domain as it is kept. Raises NotBlockable."""
    value = typed.strip().strip("<>").lower()
    if ADDRESS.fullmatch(value) and len(value) <= 320:
        return value
    value = value.removeprefix("*").removeprefix("@").removeprefix(".").rstrip(".")
    if DOMAIN.fullmatch(value) and len(value) <= 253:
        return value
    raise NotBlockable("Type an address such as offers@shop.example, or a domain such as shop.example.")


def unblock(entry: BlockedSender) -> None:
    """Let its mail in again. The caller commits."""
    db.session.delete(entry)


def warning(value: str) -> str:
    """Why one should think twice before blocking ``value`` (as ``read`` gives it), in a sentence; else empty."""
    domain = value.rpartition("@")[2]
    if any(value in (account.address.lower(), account.domain.lower()) for account in all_accounts()):
        return f"Mail of the firm itself comes from {value}."
    at = (User.email == value) if "@" in value else User.email.endswith(f"@{value}", autoescape=True)
    user = db.session.scalar(db.select(User.name).where(at, User.active).order_by(User.id).limit(1))
    if user is not None:
        return f"{user} is one of us and writes from {value}." if "@" in value else f"{user} writes from {value}."
    if "@" not in value and domain in FREE_MAIL:
        return f"Many people have their mail at {value}: none of them could write to you."
    person = find_person(value if "@" in value else f"somebody@{value}")
    if person.client_id is not None:
        return f"{value} belongs to your client {person.client_name}: nothing that they write would become a ticket."
    return ""


def all_accounts() -> list[MailAccount]:
    return [*accounts.in_direction("inbound"), *accounts.in_direction("outbound")]
