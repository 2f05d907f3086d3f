"""Messages in and out as one list, the latest first, paged by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, or_, select

from psa import clock
from psa.extensions import UTCDateTime, db
from psa.mail.diagnosis.causes import CAUSES
from psa.mail.log import search
from psa.mail.log.dismissal import WAITS_IN, WAITS_OUT
from psa.mail.log.walk import Place, Side, latest
from psa.mail.models import NOT_ALL, PROCESSABLE, InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound.partly import Partly, partly
from psa.mail.steps import BY_KEY, STEPS
from psa.narrowed import Narrowed

PAGE = 50
IN, OUT = InboundEmail.__table__, OutboundEmail.__table__
ACCOUNTS = MailAccount.__table__
# What a message can have become, each with the directions in which it can.
BECAME = {
    "new": ("in", "New"),
    "filed": ("in", "Filed"),
    "held": ("in", "Held"),
    "ignored": ("in", "Ignored"),
    "reported": ("in", "Reported"),
    "queued": ("out", "Queued"),
    "sending": ("out", "Sending"),
    "sent": ("out", "Sent"),
    "partly": ("out", "Partly sent"),
    "unconfirmed": ("out", "Unconfirmed"),
    "bounced": ("out", "Bounced"),
    "cancelled": ("out", "Cancelled"),
    "failed": ("both", "Failed"),
}
PERIODS = {"today": "Today", "week": "The last 7 days", "month": "The last 30 days"}
DAYS = {"week": 7, "month": 30}
# Written out as in the index of just these, so that either database sees that it answers.
PARTLY = (OUT.c.status == literal("sent", literal_execute=True)) & or_(
    *(cast(OUT.c.results, Text).like(literal(f'%"state": "{state}"%', literal_execute=True)) for state in NOT_ALL)
)
BECAME_OUT = case((PARTLY, "partly"), else_=OUT.c.status)
# Above every id: a message of the same moment stands before the key whatever its number.
ABOVE_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Wanted(Narrowed):
    """What a reader wants to see. ``became`` is a status, "person" for what waits for one, or empty for anything."""

    IN_QUERY = {"account_id": "account", "period": "when", "decided": "by", "words": "q"}

    direction: str = ""
    became: str = ""
    account_id: int | None = None
    period: str = ""
    # The step that made the difference: a key of psa.mail.steps.
    decided: str = ""
    words: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Wanted:
        """Read the query of a request; what makes no sense there is left out."""
        direction, became, account, period = (args.get(name, "") for name in ("direction", "became", "account", "when"))
        return cls(
            direction=direction if direction in ("in", "out") else "",
            became=became if became in BECAME or became == "person" else "",
            account_id=int(account) if re.fullmatch(r"[0-9]{1,9}", account) else None,
            period=period if period in PERIODS else "",
            decided=args.get("by", "") if args.get("by", "") in BY_KEY else "",
            words=args.get("q", "").strip()[:200],
        )

    @property
    def is_anything(self) -> bool:
        return not self.args

    def statuses(self, direction: str) -> tuple[str, ...] | None:
        """The statuses that are wanted in a direction; None for all, nothing for none."""
        if self.direction not in ("", direction):
            return ()
        if self.became == "partly":
            return ("sent",) if direction == "out" else ()
        if self.became and self.became != "person":
            return (self.became,) if BECAME[self.became][0] in (direction, "both") else ()
        return None

    def since(self) -> datetime | None:
        if not self.period:
            return None
        return clock.midnight(clock.today() - timedelta(days=DAYS.get(self.period, 0)))


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a message in the list: by time, those in before those out, then by number."""

    at: datetime
    direction: str
    id: int

    def place(self, direction: str, *, itself: bool = False) -> Place:
        """Where it stands between the messages of a direction: before itself, or behind."""
        if direction == self.direction:
            return Place(self.at, self.id + itself)
        return Place(self.at, ABOVE_ALL if direction == "out" else 0)

    def __str__(self) -> str:
        return f"{self.at.timestamp():.6f}-{self.direction}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The key again, or None for what is none."""
        match = re.fullmatch(r"([0-9]{1,11}\.[0-9]{6})-(in|out)-([0-9]{1,18})", text)
        return cls(datetime.fromtimestamp(float(match[1]), UTC), match[2], int(match[3])) if match else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in the log. ``who`` wrote it, ``to`` whom or which account it went."""

    key: Key
    who: str
    to: str
    subject: str
    status: str
    reason: str
    ticket_id: int | None
    next_attempt_at: datetime | None = None
    # Whether the sender is who they seem to be, and by what; nothing for what we sent ourselves.
    trust: str = ""
    trust_words: str = ""
    # Some of its recipients have got it, the others never will.
    partly: Partly | None = None

    @property
    def direction(self) -> str:
        return self.key.direction

    @property
    def id(self) -> int:
        return self.key.id


def page_of(wanted: Wanted, before: Key | None = None) -> tuple[list[Entry], bool]:
    """The messages that follow ``before`` (the latest for None), and whether more come after them."""
    entries = [entry_in(row) for row in rows_of(inbound(), "in", wanted, before)]
    entries += [entry_out(row) for row in rows_of(outbound(), "out", wanted, before)]
    entries.sort(key=lambda entry: (entry.key.at, entry.key.direction == "in", entry.key.id), reverse=True)
    db.session.rollback()
    return entries[:PAGE], len(entries) > PAGE


def inbound() -> Select[Any]:
    return select(
        IN.c.id,
        IN.c.kept_at,
        IN.c.sender_name,
        IN.c.sender_email,
        IN.c.subject,
        IN.c.status,
        IN.c.reason,
        IN.c.ticket_id,
        IN.c.trust,
        IN.c.trust_words,
        IN.c.trust_due_at,
        ACCOUNTS.c.address,
    ).join(ACCOUNTS, ACCOUNTS.c.id == IN.c.account_id)


def outbound() -> Select[Any]:
    return select(
        OUT.c.id,
        OUT.c.queued_at,
        OUT.c.recipients,
        OUT.c.results,
        OUT.c.subject,
        OUT.c.status,
        OUT.c.reason,
        OUT.c.cause,
        OUT.c.ticket_id,
        OUT.c.next_attempt_at,
        OUT.c.seen_to_words,
        ACCOUNTS.c.address,
        ACCOUNTS.c.display_name,
    ).outerjoin(ACCOUNTS, ACCOUNTS.c.id == OUT.c.account_id)


def rows_of(query: Select[Any], direction: str, wanted: Wanted, before: Key | None) -> list[Any]:
    """One more than a page of one direction's messages, latest first."""
    listed = conditions(direction, wanted)
    if listed is None:
        return []
    place = before.place(direction) if before is not None else None
    return latest(query, side_of(direction, wanted), listed, wanted.words, PAGE + 1, before=place)


def side_of(direction: str, wanted: Wanted) -> Side:
    by_time: Any = IN.c.kept_at if direction == "in" else OUT.c.queued_at
    at = by_time
    if wanted.became == "person" or (direction == "out" and wanted.became not in ("", "sent", "partly")):
        # Few come to such an end: they are found by it, and not along the index of the whole log.
        at = func.coalesce(by_time, by_time)
    if direction == "in":
        return Side("in", IN.c.id, at, IN.c.processed_at)
    return Side("out", OUT.c.id, at, by_time)


def conditions(direction: str, wanted: Wanted) -> list[ColumnElement[bool]] | None:
    """What messages of one direction must be that are wanted, but for the words; None when it can be none."""
    table = IN if direction == "in" else OUT
    statuses = wanted.statuses(direction)
    if statuses == () or (wanted.decided and direction == "out"):
        return None
    listed: list[ColumnElement[bool]] = []
    if statuses is not None:
        listed.append(table.c.status.in_(statuses))
    if wanted.became == "partly":
        listed.append(PARTLY)
    if wanted.became == "sent":
        listed.append(~PARTLY)
    if wanted.became == "person":
        listed.append(WAITS_IN if direction == "in" else WAITS_OUT)
    if wanted.decided:
        listed.append(was_decided(wanted.decided))
    if wanted.account_id is not None:
        if not is_account_of(direction, wanted.account_id):
            return None
        listed.append(table.c.account_id == wanted.account_id)
    since = wanted.since()
    if since is not None:
        listed.append(side_of(direction, wanted).at >= literal(since, UTCDateTime))
    return listed


def is_account_of(direction: str, account_id: int) -> bool:
    """An account has one direction; in the other one the whole log would be searched for its mail."""
    its_own = db.session.scalar(select(ACCOUNTS.c.direction).where(ACCOUNTS.c.id == account_id))
    return its_own == f"{direction}bound"


def was_decided(key: str) -> ColumnElement[bool]:
    """Whether a message that came in was decided by a step; automatic mail counts whatever else decided about it."""
    return IN.c.kind == "automatic" if key == "automatic" else IN.c.decided_by == key


def decisions(since: datetime) -> dict[str, int]:
    """How many messages each step has decided about since then, in one statement: for each a look into one index."""
    keys = [step.key for step in STEPS if step.decides]
    counted = [
        select(func.count()).select_from(IN).where(was_decided(key), IN.c.kept_at > since).scalar_subquery()
        for key in keys
    ]
    return dict(zip(keys, db.session.execute(select(*counted)).one(), strict=True))


def newer_than(wanted: Wanted, top: Key) -> int:
    """How many messages of the list came after the one that a reader sees at its top; at most a page is counted."""
    counted = 0
    for direction, key in (("in", IN.c.id), ("out", OUT.c.id)):
        listed = conditions(direction, wanted)
        if listed is not None:
            place = top.place(direction, itself=True)
            counted += len(latest(select(key), side_of(direction, wanted), listed, wanted.words, PAGE, after=place))
    return counted


def entry_in(row: Any) -> Entry:
    return Entry(
        Key(row.kept_at, "in", row.id),
        row.sender_name or row.sender_email or "Nobody",
        row.address,
        row.subject,
        row.status,
        row.reason,
        row.ticket_id,
        trust=row.trust if row.trust != "unknown" or row.trust_due_at is None else "open",
        trust_words=row.trust_words,
    )


def entry_out(row: Any) -> Entry:
    some = partly(row)
    return Entry(
        Key(row.queued_at, "out", row.id),
        row.display_name or row.address or "Unsaved settings",
        ", ".join(row.recipients),
        row.subject,
        row.status,
        row.seen_to_words or cause_of(row) or row.reason,
        row.ticket_id,
        row.next_attempt_at,
        partly=some if some is not None and some.settled else None,
    )


def cause_of(row: Any) -> str:
    """Why a mail has not left, as the title of its cause; the server's words stand on its page. Empty when unknown."""
    known = row.status != "sent" and row.cause in CAUSES and row.cause != "unknown"
    return CAUSES[row.cause].title if known else ""


@dataclass(frozen=True, slots=True)
class Sums:
    """How many messages of today became what: statuses and counts, each direction adding up to its own total.

    What only some of its recipients have got for good is "partly" there, and not "sent".
    """

    arrived: dict[str, int]
    written: dict[str, int]

    @property
    def need_a_person(self) -> int:
        return waiting_for_a_person()


def sums_of_today() -> Sums:
    today = clock.midnight(clock.today())
    return Sums(counts(IN, IN.c.kept_at >= today, IN.c.status), counts(OUT, OUT.c.queued_at >= today, BECAME_OUT))


def counts(table: Any, condition: Any, became: Any) -> dict[str, int]:
    query = select(became, func.count()).select_from(table).where(condition).group_by(became)
    return {row[0]: row[1] for row in db.session.execute(query)}


def waiting_for_a_person() -> int:
    """How many messages only a person can bring further, whenever they came."""
    return sum(db.session.scalar(select(func.count()).where(waits)) or 0 for waits in (WAITS_IN, WAITS_OUT))


def ids_to_process(wanted: Wanted, limit: int, began: datetime) -> list[int]:
    """The messages of this list that came in and can be dealt with, now or once more, and were not since ``began``.

    What was dealt with longest ago comes first.
    """
    listed = conditions("in", replace(wanted, direction="in"))
    if listed is None or wanted.direction == "out":
        return []
    ready = select(IN.c.id).where(*listed, IN.c.status.in_(PROCESSABLE), IN.c.raw_id.is_not(None))
    # What is to have been dealt with in the future was so before the clock was put back.
    since_then = IN.c.processed_at.between(literal(began, UTCDateTime), literal(clock.now(), UTCDateTime))
    ready = ready.where(or_(IN.c.processed_at.is_(None), ~since_then))
    if wanted.words:
        ready = ready.where(search.says("in", IN.c.id, wanted.words))
    return list(
        db.session.scalars(ready.order_by(func.coalesce(IN.c.processed_at, IN.c.kept_at), IN.c.id).limit(limit))
    )
