"""What today is like so far: tickets, mail by the hour, mailboxes, and who has what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select, text

from psa import clock
from psa.auth.models import User
from psa.dashboard import charts
from psa.dashboard.days import Usual, last_days, usual
from psa.extensions import db
from psa.mail.accounts import in_direction
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.queries import by_hour
from psa.mail.watch.checks import last_check
from psa.mail.watch.health import State, state_of
from psa.mail.watch.sums import Sum, sum_of
from psa.tickets.happenings import Happened, happened, waits_longest
from psa.tickets.models import OPEN, Ticket

# So many of the latest messages say how long it takes from arriving to being a ticket.
LATEST = 200
FIRST_HOURS = 6
HOUR = timedelta(hours=1)
NOBODY = "Nobody"


@dataclass(frozen=True, slots=True)
class Today:
    """The numbers at the top. ``waiting`` is the ticket whose client has waited longest for us, and since when."""

    happened: Happened
    usual: Usual
    weekday: str
    waiting: tuple[Ticket, datetime] | None
    arrival_to_ticket: float | None

    @property
    def faster(self) -> float | None:
        """By how many seconds the first answers come sooner than usual; negative when later."""
        if self.happened.first_answer is None or self.usual.first_answer is None:
            return None
        return self.usual.first_answer - self.happened.first_answer


@dataclass(frozen=True, slots=True)
class MailToday:
    """Mail in and out by the hour, what was written counted as in the Mail log, whatever became of it."""

    arrived: int
    written: int
    bars: charts.Bars
    words: str


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """Open tickets at the end of each of the last days, the last of them now."""

    first: int
    now: int
    days: int
    line: charts.Line


@dataclass(frozen=True, slots=True)
class Share:
    """What one user (or nobody) has: ``percent`` of what the busiest has."""

    name: str
    assignee: str
    number: int
    percent: int


@dataclass(frozen=True, slots=True)
class MailboxToday:
    """A mailbox of ours: how it is, and the sum of what came by it."""

    account_id: int
    address: str
    state: State
    last_success_at: datetime | None
    sum: Sum


def today() -> Today:
    day = clock.today()
    since = clock.midnight(day)
    return Today(happened(since), usual(day), f"{day:%A}", waits_longest(), arrival_to_ticket(since))


def arrival_to_ticket(since: datetime) -> float | None:
    """The median time from a mail's arrival at its server to its ticket, in seconds; None without mail today."""
    rows = db.session.execute(
        select(InboundEmail.arrived_at, InboundEmail.processed_at)
        .where(
            InboundEmail.status == "filed",
            InboundEmail.kept_at >= since,
            InboundEmail.arrived_at >= since,
            InboundEmail.processed_at.is_not(None),
            ~InboundEmail.backlog,
        )
        .order_by(InboundEmail.kept_at.desc(), InboundEmail.id.desc())
        .limit(LATEST)
    )
    # Servers keep whole seconds and clocks differ: less than nothing is nothing.
    times = [max(0.0, (processed - arrived).total_seconds()) for arrived, processed in rows if arrived and processed]
    return median(times) if times else None


def mail_today() -> MailToday:
    since = clock.midnight(clock.today())
    arrived = by_hour(InboundEmail.kept_at, since, ~InboundEmail.backlog)
    written = by_hour(OutboundEmail.queued_at, since)
    present = int((clock.now() - since).total_seconds()) // 3600
    hours = range(min([*arrived, *written, max(0, present - FIRST_HOURS + 1)]), present + 1)
    incoming, outgoing = [arrived.get(hour, 0) for hour in hours], [written.get(hour, 0) for hour in hours]
    # A day may have 23 hours or 25: its clock says which one this is.
    begins = [f"{(since + hour * HOUR).astimezone().hour}:00" for hour in (*hours, present + 1)]
    drawn = charts.bars(incoming, outgoing, begins[:-1])
    return MailToday(sum(incoming), sum(outgoing), drawn, in_words(incoming, outgoing, begins))


def in_words(incoming: Sequence[int], outgoing: Sequence[int], begins: Sequence[str]) -> str:
    """What the chart shows, for who cannot see it; ``begins`` is one longer, and says when each hour does."""
    most = max(range(len(incoming)), key=lambda at: incoming[at])
    if not any(incoming):
        return f"Mail by hour: none came in today, {sum(outgoing)} written"
    return f"Mail by hour: most came in between {begins[most]} and {begins[most + 1]}, {incoming[most]}"


def open_tickets(open_now: int) -> OpenTickets | None:
    """None before there are two days to compare."""
    kept = [one for one in last_days(clock.today()) if one.day < clock.today()]
    values = [*(one.open_at_end for one in kept), open_now]
    if len(values) < 2:
        return None
    names = [*(f"{one.day.day} {one.day:%b}" for one in kept), "today"]
    return OpenTickets(values[0], open_now, len(values), charts.line(values, names))


def shares() -> list[Share]:
    """Open tickets by assignee, the busiest first, nobody's last."""
    of_each = select(Ticket.assignee_id, func.count().label("number")).where(text(OPEN)).group_by(Ticket.assignee_id)
    open_ones = of_each.subquery()
    rows = db.session.execute(
        select(open_ones, User.name).outerjoin(User, User.id == open_ones.c.assignee_id).select_from(open_ones)
    ).all()
    most = max((row.number for row in rows), default=1)
    ordered = sorted(rows, key=lambda row: (row.assignee_id is None, -row.number, row.name or ""))
    return [
        Share(row.name or NOBODY, str(row.assignee_id or "nobody"), row.number, -(-100 * row.number // most))
        for row in ordered
    ]


def in_figures(counted: Sum) -> str:
    """The sum of a mailbox on one line: 1,204 = 1,171 + 22 + 6 + 2 + 3."""
    counts = counted.counts
    terms = (counts["filed"], counts["ignored"] + counts["reported"], counts["held"], counts["failed"], counts["new"])
    words = f"{counted.whole:,} = " + " + ".join(f"{term:,}" for term in terms)
    if counted.before_start:
        words += f" + {counted.before_start:,} before the start"
    if counted.unknown:
        words += f" + {counted.unknown:,} not accounted for"
    return words


def mailboxes() -> list[MailboxToday]:
    return [
        MailboxToday(
            account.id,
            account.address,
            state_of(account),
            account.last_success_at,
            sum_of(account, last_check(account)),
        )
        for account in in_direction("inbound")
    ]
