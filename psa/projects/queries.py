"""What the pages about projects and tasks show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import joinedload, selectinload

from psa.billing.models import TimeEntry
from psa.clients.models import Client, Contact
from psa.extensions import UTCDateTime, db
from psa.mail.models import InboundEmail, OutboundEmail
from psa.narrowed import Narrowed
from psa.projects.models import STATUSES, ChecklistItem, Project, ProjectMember, Task, Update
from psa.tickets.models import Ticket
from psa.tickets.queries import EPOCH, is_key
from psa.words import pattern

PAGE = 50
TASKS_PAGE = 200
# So many people are offered to choose from.
MOST_CONTACTS = 200
SORTS = {"name": "By name", "due": "By due date"}


@dataclass(frozen=True, slots=True)
class Wanted(Narrowed):
    """Which projects a reader wants to see. ``status`` is "" for those that are not done, "all", or one of STATUSES."""

    IN_QUERY = {"client_id": "client", "words": "q"}

    status: str = ""
    client_id: int | None = None
    mine: str = ""
    sort: str = ""
    words: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Wanted:
        """Read the query of a request; what makes no sense there is left out."""
        status, client, sort = (args.get(name, "") for name in ("status", "client", "sort"))
        return cls(
            status=status if status in STATUSES or status == "all" else "",
            client_id=int(client) if is_key(client) else None,
            mine="1" if args.get("mine") == "1" else "",
            sort="due" if sort == "due" else "",
            words=args.get("q", "").strip()[:200],
        )

    @property
    def is_plain(self) -> bool:
        return self == Wanted(sort=self.sort)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project is: minutes of work, and its tasks."""

    minutes: int = 0
    tasks: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    project: Project
    progress: Progress


def projects_page(wanted: Wanted, user_id: int, after: str = "") -> tuple[list[Row], str]:
    """The page of projects that begins after the key ``after``; and the key of the next page, "" on the last."""
    found = by_due(wanted, user_id, after) if wanted.sort == "due" else by_name(wanted, user_id, after)
    page = found[:PAGE]
    progress = progress_of([project.id for project in page])
    rows = [Row(project, progress.get(project.id, Progress())) for project in page]
    return rows, key_of(page[-1], wanted) if len(found) > PAGE else ""


def by_name(wanted: Wanted, user_id: int, after: str) -> list[Project]:
    query = narrowed(wanted, user_id).order_by(Project.name, Project.id).limit(PAGE + 1)
    number, _, name = after.partition(".")
    if is_key(number):
        query = query.where(tuple_(Project.name, Project.id) > tuple_(name, int(number)))
    return list(db.session.scalars(query))


def by_due(wanted: Wanted, user_id: int, after: str) -> list[Project]:
    """Those with a due date first, then the others: each is a walk along an index."""
    number, _, day = after.partition(".")
    is_further, due = is_key(number), read_day(day)
    found: list[Project] = []
    if due is not None or not is_further:
        dated = narrowed(wanted, user_id).where(Project.due_on.is_not(None)).order_by(Project.due_on, Project.id)
        if due is not None and is_further:
            dated = dated.where(tuple_(Project.due_on, Project.id) > tuple_(due, int(number)))
        found = list(db.session.scalars(dated.limit(PAGE + 1)))
    if len(found) <= PAGE:
        undated = narrowed(wanted, user_id).where(Project.due_on.is_(None)).order_by(Project.id)
        if due is None and is_further:
            undated = undated.where(Project.id > int(number))
        found += db.session.scalars(undated.limit(PAGE + 1 - len(found)))
    return found


def narrowed(wanted: Wanted, user_id: int) -> Select[Any]:
    query = select(Project).options(joinedload(Project.client), selectinload(Project.members))
    if wanted.status != "all":
        query = query.where(Project.status == wanted.status if wanted.status else Project.active)
    if wanted.client_id is not None:
        query = query.where(Project.client_id == wanted.client_id)
    if wanted.mine:
        query = query.where(Project.id.in_(select(ProjectMember.project_id).where(ProjectMember.user_id == user_id)))
    for word in wanted.words.split()[:8]:
        firms = select(Client.id).where(Client.name.ilike(pattern(word), escape="\\"))
        is_named = Project.name.ilike(pattern(word), escape="\\")
        query = query.where(or_(is_named, Project.tag.ilike(pattern(word), escape="\\"), Project.client_id.in_(firms)))
    return query


def key_of(project: Project, wanted: Wanted) -> str:
    """Where a page ends: the number and what the list is sorted by."""
    if wanted.sort == "due":
        return f"{project.id}.{project.due_on.isoformat() if project.due_on else ''}"
    return f"{project.id}.{project.name}"


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def progress_of(project_ids: Sequence[int]) -> dict[int, Progress]:
    """How far these projects are, in two queries however many they are."""
    worked = dict(
        db.session.execute(
            select(TimeEntry.project_id, func.sum(TimeEntry.minutes))
            .where(TimeEntry.project_id.in_(project_ids))
            .group_by(TimeEntry.project_id)
        ).all()
    )
    is_done = case((Task.status == "done", 1), else_=0)
    tasks = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(
            select(Task.project_id, func.count(), func.sum(is_done))
            .where(Task.project_id.in_(project_ids))
            .group_by(Task.project_id)
        )
    }
    return {one: Progress(worked.get(one, 0), *tasks.get(one, (0, 0))) for one in project_ids}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list, with its checklist in numbers."""

    task: Task
    items: int
    ticked: int


def open_tasks(project_id: int, after: str = "") -> tuple[list[TaskRow], str]:
    """A page of what is still to do in its order, and the key of the next page."""
    query = select(Task).where(Task.project_id == project_id, Task.status != "done")
    if (key := read_key(after)) is not None:
        query = query.where(tuple_(Task.position, Task.id) > tuple_(*key))
    ordered = query.options(joinedload(Task.assignee)).order_by(Task.position, Task.id).limit(TASKS_PAGE + 1)
    found = list(db.session.scalars(ordered))
    page, last = found[:TASKS_PAGE], found[TASKS_PAGE - 1] if len(found) > TASKS_PAGE else None
    return with_items(page), f"{last.position}-{last.id}" if last is not None else ""


def done_tasks(project_id: int, before: int | None = None) -> tuple[list[Task], int | None]:
    """A page of what is done, the newest task first, and the key of the next page."""
    query = select(Task).where(Task.project_id == project_id, Task.status == "done")
    if before is not None:
        query = query.where(Task.id < before)
    ordered = query.options(joinedload(Task.assignee)).order_by(Task.id.desc()).limit(PAGE + 1)
    found = list(db.session.scalars(ordered))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def number_before(project_id: int, after: str) -> int:
    """How many open tasks stand on the pages before."""
    key = read_key(after)
    if key is None:
        return 0
    before = tuple_(Task.position, Task.id) <= tuple_(*key)
    counted = select(func.count()).where(Task.project_id == project_id, Task.status != "done", before)
    return db.session.scalar(counted) or 0


def tasks_for(user_id: int, after: str = "") -> tuple[list[TaskRow], str]:
    """A page of a user's open tasks in open projects: those with a due date first, the earliest on top."""
    query = (
        select(Task)
        .join(Project, Project.id == Task.project_id)
        .where(Task.assignee_id == user_id, Task.status.in_(("open", "doing")), Project.active)
        .options(joinedload(Task.project).joinedload(Project.client))
    )
    number, _, day = after.partition(".")
    is_further, due = is_key(number), read_day(day)
    found: list[Task] = []
    if due is not None or not is_further:
        dated = query.where(Task.due_on.is_not(None)).order_by(Task.due_on, Task.id)
        if due is not None and is_further:
            dated = dated.where(tuple_(Task.due_on, Task.id) > tuple_(due, int(number)))
        found = list(db.session.scalars(dated.limit(PAGE + 1)))
    if len(found) <= PAGE:
        undated = query.where(Task.due_on.is_(None)).order_by(Task.id)
        if due is None and is_further:
            undated = undated.where(Task.id > int(number))
        found += db.session.scalars(undated.limit(PAGE + 1 - len(found)))
    last = found[PAGE - 1] if len(found) > PAGE else None
    key = f"{last.id}.{last.due_on.isoformat() if last.due_on else ''}" if last is not None else ""
    return with_items(found[:PAGE]), key


def with_items(tasks: Sequence[Task]) -> list[TaskRow]:
    ticked = case((ChecklistItem.done, 1), else_=0)
    counted = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(
            select(ChecklistItem.task_id, func.count(), func.sum(ticked))
            .where(ChecklistItem.task_id.in_([task.id for task in tasks]))
            .group_by(ChecklistItem.task_id)
        )
    }
    return [TaskRow(task, *counted.get(task.id, (0, 0))) for task in tasks]


def tasks_of_ticket(ticket_id: int) -> list[Task]:
    """Those made of a ticket, and of the tickets that are part of it now."""
    parts = select(Ticket.id).where(Ticket.merged_into_id == ticket_id)
    of_ticket = select(Task).where(or_(Task.ticket_id == ticket_id, Task.ticket_id.in_(parts)))
    return list(db.session.scalars(of_ticket.options(joinedload(Task.project)).order_by(Task.id)))


def overdue_tasks(user_id: int, today: date) -> int:
    """How many of a user's open tasks should have been done before today."""
    counted = (
        select(func.count())
        .select_from(Task)
        .join(Project, Project.id == Task.project_id)
        .where(Task.assignee_id == user_id, Task.status.in_(("open", "doing")), Task.due_on < today, Project.active)
    )
    return db.session.scalar(counted) or 0


def updates_page(project_id: int, before: int | None = None) -> tuple[list[Update], int | None]:
    query = select(Update).where(Update.project_id == project_id).options(joinedload(Update.user))
    return latest_first(query, Update.id, before)


def tickets_page(project_id: int, before: int | None = None) -> tuple[list[Ticket], int | None]:
    query = select(Ticket).where(Ticket.project_id == project_id, Ticket.merged_into_id.is_(None))
    return latest_first(query.options(joinedload(Ticket.assignee), joinedload(Ticket.requester)), Ticket.id, before)


def time_page(project_id: int, before: int | None = None) -> tuple[list[TimeEntry], int | None]:
    query = select(TimeEntry).where(TimeEntry.project_id == project_id)
    options = (joinedload(TimeEntry.user), joinedload(TimeEntry.ticket), joinedload(TimeEntry.task))
    return latest_first(query.options(*options), TimeEntry.id, before)


def latest_first(query: Select[Any], column: Any, before: int | None) -> tuple[list[Any], int | None]:
    if before is not None:
        query = query.where(column < before)
    found = list(db.session.scalars(query.order_by(column.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def contacts_of(project: Project) -> list[Contact]:
    """The client's people, for choosing one."""
    of_client = select(Contact).where(Contact.client_id == project.client_id, Contact.merged_into_id.is_(None))
    named = of_client.options(selectinload(Contact.addresses)).order_by(Contact.name, Contact.id)
    return list(db.session.scalars(named.limit(MOST_CONTACTS)))


def read_key(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text)
    return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that came in or went out: its row, and when."""

    message: InboundEmail | OutboundEmail
    at: datetime

    @property
    def came(self) -> bool:
        return isinstance(self.message, InboundEmail)


def mail_page(project_id: int, before: str = "") -> tuple[list[Mail], str]:
    """A page of all mail on the project's tickets and of its updates, the latest first, and the key of the next one."""
    of_tickets = select(Ticket.id).where(Ticket.project_id == project_id)
    of_updates = select(Update.id).where(Update.project_id == project_id)
    came = select(literal(1).label("came"), InboundEmail.id, InboundEmail.kept_at.label("at")).where(
        InboundEmail.ticket_id.in_(of_tickets)
    )
    sent = select(literal(0).label("came"), OutboundEmail.id, OutboundEmail.queued_at.label("at")).where(
        or_(OutboundEmail.ticket_id.in_(of_tickets), OutboundEmail.update_id.in_(of_updates))
    )
    rows = union_all(came, sent).subquery()
    query = select(rows)
    key = re.fullmatch(r"(\d{1,17})-([01])-(\d{1,9})", before)
    if key is not None:
        moment = literal(EPOCH + timedelta(microseconds=int(key[1])), UTCDateTime)
        place = tuple_(rows.c.at, rows.c.came, rows.c.id)
        query = query.where(place < tuple_(moment, literal(int(key[2])), literal(int(key[3]))))
    ordered = query.order_by(rows.c.at.desc(), rows.c.came.desc(), rows.c.id.desc()).limit(PAGE + 1)
    found = db.session.execute(ordered).all()
    page = [Mail(message_of(row.came, row.id), row.at) for row in found]
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = f"{(last.at - EPOCH) // timedelta(microseconds=1)}-{last.came}-{last.id}" if last is not None else ""
    return page[:PAGE], following


def message_of(came: int, message_id: int) -> InboundEmail | OutboundEmail:
    if came:
        return db.session.get_one(InboundEmail, message_id)
    return db.session.get_one(OutboundEmail, message_id)
