"""Invoices that come again: every few weeks or months, each once, also after days without the timetable."""

from __future__ import annotations

import calendar
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from psa import clock
from psa.billing.invoices.drafts import DraftLine, fill
from psa.billing.invoices.models import Invoice, InvoiceLine, RecurringInvoice, RecurringLine
from psa.billing.invoices.operations import RefusedInvoice, draft, issue, note, reckon
from psa.extensions import db

log = logging.getLogger(__name__)

# The last day that a date can be is no use to anybody.
LAST_DAY = date(2999, 12, 31)


# What mails an invoice that was issued by itself, in the transaction that issues it.
Send = Callable[[Invoice], None]


class NotReady(Exception):
    """Raised by a Send that has something to do first that takes seconds, in which nobody else could write.

    ``prepare`` does it, outside of any transaction, and returns the Send that goes on.
    """

    def __init__(self, prepare: Callable[[], Send]) -> None:
        super().__init__()
        self.prepare = prepare


def make_due(send: Send | None = None, today: date | None = None) -> int:
    """Make every invoice that is due, each in a transaction of its own; returns how many. Commits.

    What was missed is caught up, one invoice for each time. Of two rounds at once each period is only one's. What
    cannot be issued stays a draft that says why; one that breaks is left for the next round.
    """
    today = today or clock.today()
    made = 0
    due = db.select(RecurringInvoice.id).where(RecurringInvoice.active, RecurringInvoice.next_on <= today)
    for recurring_id in db.session.scalars(due.order_by(RecurringInvoice.next_on, RecurringInvoice.id)).all():
        try:
            while make_next(recurring_id, today, send) is not None:
                db.session.commit()
                made += 1
        except Exception:
            log.exception("Recurring invoice %s was not made", recurring_id)
        db.session.rollback()
    return made


def make_next(recurring_id: int, today: date, send: Send | None) -> Invoice | None:
    """The next one that is due, made anew of the same moment when its mail was not ready. Rolls back."""
    at = clock.now()
    try:
        return make_one(recurring_id, today, send, at)
    except NotReady as wait:
        db.session.rollback()
        return make_one(recurring_id, today, wait.prepare(), at)


def make_one(recurring_id: int, today: date, send: Send | None = None, at: datetime | None = None) -> Invoice | None:
    """The next invoice of it if that is due, else None. The day is claimed first, so nobody else makes it, too."""
    recurring = db.session.get(RecurringInvoice, recurring_id, populate_existing=True)
    if recurring is None or not recurring.active or recurring.next_on is None or recurring.next_on > today:
        return None
    period, following = recurring.next_on, day_after(recurring, recurring.next_on)
    table = RecurringInvoice.__table__
    claimed = db.session.connection().execute(
        table.update()
        .where(table.c.id == recurring_id, table.c.next_on == period, table.c.active)
        .values(next_on=following)
    )
    if claimed.rowcount != 1:
        db.session.rollback()
        return make_one(recurring_id, today, send, at)
    db.session.expire(recurring)
    invoice = draft_of(recurring, period)
    if recurring.sends and not recurring.client.active:
        note(invoice, f"Not issued by itself: {recurring.client.name} is a former client.", None)
    elif recurring.sends:
        try_to_issue(invoice, send, at)
    return invoice


def draft_of(recurring: RecurringInvoice, period: date) -> Invoice:
    """A draft with its lines, for the time that begins on ``period``."""
    invoice = draft(recurring.client, None, project_id=recurring.project_id)
    invoice.recurring_id, invoice.period = recurring.id, period
    invoice.reference = recurring.reference
    invoice.words = in_period(recurring.words, recurring, period)
    for line in recurring.lines:
        words = in_period(line.words, recurring, period)[:1000]
        invoice.lines.append(InvoiceLine(**line.content() | {"words": words}))
    reckon(invoice)
    db.session.flush()
    return invoice


def try_to_issue(invoice: Invoice, send: Send | None, at: datetime | None) -> None:
    """Issue and mail it, or say in its history why it waits for a person."""
    invoice_id = invoice.id
    try:
        with db.session.begin_nested():
            issue(invoice, None, at=at)
            if send is not None:
                send(invoice)
    except RefusedInvoice as reason:
        log.warning("Recurring invoice %s stays a draft: %s", invoice_id, reason)
        note(invoice, f"Not issued by itself: {reason}", None)
        db.session.flush()


def in_period(words: str, recurring: RecurringInvoice, period: date) -> str:
    """``{month}`` becomes November 2026, ``{period}`` 1 Nov 2026 to 30 Nov 2026."""
    last = occurrence(recurring, index_of(recurring, period) + 1) - timedelta(days=1)
    span = f"{clock.in_words(period)} to {clock.in_words(last)}"
    return words.replace("{month}", f"{period:%B %Y}").replace("{period}", span)


def day_after(recurring: RecurringInvoice, day: date) -> date | None:
    """The first of its days after ``day``, or None when it has ended by then."""
    following = occurrence(recurring, index_of(recurring, day) + 1)
    if following > LAST_DAY or (recurring.ends_on is not None and following > recurring.ends_on):
        return None
    return following


def first_day(recurring: RecurringInvoice, since: date) -> date | None:
    """The first of its days that is not before ``since``."""
    if since <= recurring.starts_on:
        first: date | None = recurring.starts_on
    else:
        first = day_after(recurring, since - timedelta(days=1))
    return first if first is not None and (recurring.ends_on is None or first <= recurring.ends_on) else None


def occurrence(recurring: RecurringInvoice, number: int) -> date:
    """Its day ``number``, 0 being the first: reckoned from the beginning, so that no short month shifts the others."""
    if recurring.rhythm == "week":
        return recurring.starts_on + timedelta(weeks=recurring.every * number)
    return months_later(recurring.starts_on, recurring.every * number)


def index_of(recurring: RecurringInvoice, day: date) -> int:
    """The number of the last of its days that is not after ``day``; -1 before the first."""
    if recurring.rhythm == "week":
        return (day - recurring.starts_on).days // (7 * recurring.every)
    start = recurring.starts_on
    number = ((day.year - start.year) * 12 + day.month - start.month) // recurring.every
    return number if occurrence(recurring, number) <= day else number - 1


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def change(recurring: RecurringInvoice, lines: tuple[DraftLine, ...], values: dict[str, object], revision: int) -> None:
    """Say it anew: ``values`` are its columns. Raises RefusedInvoice when somebody else has changed it meanwhile.

    What it has made already stays, and is not made again: it goes on with the first of its days after that. Days that
    a pause or another rhythm leaves behind us are left out, but not one that is due and only waits for the timetable.
    """
    recurring_id, since = recurring.id, None
    if recurring_id is not None:
        table = RecurringInvoice.__table__
        claimed = db.session.connection().execute(
            table.update().where(table.c.id == recurring_id, table.c.revision == revision).values(revision=revision + 1)
        )
        if claimed.rowcount != 1:
            raise RefusedInvoice("Somebody has changed it since you opened it. Look at it again first.")
        db.session.expire_all()
        due = recurring.next_on if recurring.active else None
        since = max(day_after_the_last(recurring), min(due or clock.today(), clock.today()))
    for name, value in values.items():
        setattr(recurring, name, value)
    there = {line.id: line for line in recurring.lines}
    kept = []
    for position, typed in enumerate(lines):
        line = there.get(typed.id or 0) or RecurringLine()
        fill(line, typed, position)
        kept.append(line)
    recurring.lines = kept
    db.session.add(recurring)
    db.session.flush()
    recurring.next_on = first_day(recurring, since or recurring.starts_on)
    db.session.flush()


def day_after_the_last(recurring: RecurringInvoice) -> date:
    """The day after the last one that an invoice was made for; before there is any, its first day."""
    of_it = db.select(db.func.max(Invoice.period)).where(Invoice.recurring_id == recurring.id)
    last: date | None = db.session.scalar(of_it)
    return recurring.starts_on if last is None else last + timedelta(days=1)


def remove(recurring: RecurringInvoice) -> None:
    """No more of them; the invoices that it has made stay."""
    db.session.delete(recurring)
    db.session.flush()
    db.session.expire_all()
