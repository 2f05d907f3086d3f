"""The steps at which clients are reminded, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psa.billing.mailing.models import ReminderStep, UnremindedClient
from psa.clock import today
from psa.extensions import db, insert_unless_there
from psa.words import counted

EARLIEST, LATEST = -60, 365
MOST_STEPS = 12
# What most firms do; taken over with one press.
USUAL = (-3, 0, 7, 21)


class RefusedStep(ValueError):
    """A step that cannot be; the message says why."""


def steps() -> Sequence[ReminderStep]:
    """The whole schedule, from the first day on."""
    return db.session.scalars(db.select(ReminderStep).order_by(ReminderStep.days)).all()


def add_step(days: int) -> None:
    """From today on remind so many days after the due date, below zero before it. Raises RefusedStep."""
    if not EARLIEST <= days <= LATEST:
        raise RefusedStep(f"At most {-EARLIEST} days before the due date, and {LATEST} after it.")
    if len(steps()) >= MOST_STEPS:
        raise RefusedStep(f"At most {MOST_STEPS} reminders for one invoice.")
    if not insert_unless_there(ReminderStep, days=days, since=today()):
        raise RefusedStep(f"There is a reminder {words_of(days)} already.")


def remove_step(step_id: int) -> None:
    db.session.execute(db.delete(ReminderStep).where(ReminderStep.id == step_id))


def take_usual() -> None:
    for days in USUAL:
        insert_unless_there(ReminderStep, days=days, since=today())


def kind_of(days: int) -> str:
    """The kind of notice, and the template, of a step."""
    if days < 0:
        return "invoice_reminder_before"
    return "invoice_reminder_overdue" if days else "invoice_reminder_due"


def words_of(days: int) -> str:
    """3 days before the due date, on the due date, 1 day after the due date."""
    if not days:
        return "on the due date"
    return f"{counted(abs(days), 'day')} {'before' if days < 0 else 'after'} the due date"


def is_reminded(client_id: int) -> bool:
    """Whether the client is reminded at all."""
    return db.session.get(UnremindedClient, client_id, populate_existing=True) is None


def remind(client_id: int, wanted: bool, by: int | None) -> None:
    """Remind a client of what is due, as all are, or never."""
    if not wanted:
        insert_unless_there(UnremindedClient, client_id=client_id, user_id=by)
    else:
        db.session.execute(db.delete(UnremindedClient).where(UnremindedClient.client_id == client_id))


def day_of(due_on: date, days: int) -> date:
    return date.fromordinal(due_on.toordinal() + days)
