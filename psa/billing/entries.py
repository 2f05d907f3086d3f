"""Writing down work. A door commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psa import clock
from psa.billing.models import TimeEntry
from psa.billing.rates import price_for
from psa.extensions import db
from psa.projects.models import Project, Task
from psa.tickets.models import Ticket

WORDS_MAX = 500


class RefusedEntry(ValueError):
    """Work that cannot be written down so; the message says why."""


@dataclass(frozen=True, slots=True)
class Work:
    """What was done on a day: whole minutes, in words, and whether the client pays for it."""

    day: date
    minutes: int
    words: str = ""
    billable: bool = True


def book_on(user_id: int, place: Ticket | Task, work: Work) -> TimeEntry:
    """Work on a ticket or a task counts for its project and its client as they are now."""
    if isinstance(place, Ticket):
        return book_on_ticket(user_id, place, work)
    project = place.project
    return book(user_id, work, task_id=place.id, project_id=project.id, client_id=project.client_id)


def book_on_ticket(user_id: int, ticket: Ticket, work: Work) -> TimeEntry:
    return book(user_id, work, ticket_id=ticket.id, project_id=ticket.project_id, client_id=ticket.client_id)


def book_on_project(user_id: int, project: Project, work: Work) -> TimeEntry:
    return book(user_id, work, project_id=project.id, client_id=project.client_id)


def book(
    user_id: int,
    work: Work,
    *,
    project_id: int | None,
    client_id: int | None,
    ticket_id: int | None = None,
    task_id: int | None = None,
) -> TimeEntry:
    """Raises RefusedEntry for a day that has not come yet."""
    refuse_future(work.day)
    price = price_for(user_id, client_id, project_id)
    entry = TimeEntry(
        user_id=user_id,
        ticket_id=ticket_id,
        task_id=task_id,
        project_id=project_id,
        client_id=client_id,
        day=work.day,
        minutes=work.minutes,
        words=work.words[:WORDS_MAX],
        billable=work.billable,
        rate=price.amount if price is not None else None,
        currency=price.currency if price is not None else "",
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def change(entry: TimeEntry, work: Work, revision: int) -> None:
    """Say it anew.

    Raises RefusedEntry when somebody else has changed it since ``revision``: theirs stays; and on an invoice.
    """
    refuse_future(work.day)
    refuse_billed(entry)
    table = TimeEntry.__table__
    changed = db.session.connection().execute(
        table.update()
        .where(table.c.id == entry.id, table.c.revision == revision, table.c.invoice_line_id.is_(None))
        .values(
            day=work.day,
            minutes=work.minutes,
            words=work.words[:WORDS_MAX],
            billable=work.billable,
            revision=revision + 1,
        )
    )
    if changed.rowcount != 1:
        raise RefusedEntry("Somebody has changed or removed this entry since you opened it. Look at it again first.")
    db.session.expire(entry)


def remove(entry: TimeEntry) -> None:
    """Raises RefusedEntry on an invoice, also when it came there or was changed since ``entry`` was read."""
    refuse_billed(entry)
    table, entry_id, revision = TimeEntry.__table__, entry.id, entry.revision
    as_read = (table.c.id == entry_id, table.c.revision == revision, table.c.invoice_line_id.is_(None))
    removed = db.session.connection().execute(table.delete().where(*as_read))
    if removed.rowcount != 1:
        raise RefusedEntry("Somebody has invoiced, changed or removed this entry meanwhile. Look at it again first.")
    db.session.expunge(entry)


def refuse_billed(entry: TimeEntry) -> None:
    """What an invoice says is so stays so; a void one gives the time back."""
    if entry.invoice_line_id is not None:
        raise RefusedEntry("This time stands on an invoice, so it stays as it is.")


def refuse_future(day: date) -> None:
    if day > clock.today():
        raise RefusedEntry("That day has not come yet.")
