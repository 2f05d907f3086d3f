"""Project, its members, its tasks and its updates."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import Model, UTCDateTime

if TYPE_CHECKING:
    from psa.tickets.models import Queue, Ticket

STATUSES = {"planned": "Planned", "active": "Active", "paused": "Paused", "done": "Done"}
TASK_STATUSES = {"open": "To do", "doing": "Doing", "done": "Done"}


class Project(Model):
    """Work for one client. A ``done`` one takes no new tickets; ``active`` asks for just that.

    Where a client has several open ones, its mail belongs to the one that ``takes_mail``. Mail that names the ``tag``
    in its subject, or goes to the ``address``, belongs to this one; both are empty as long as nobody has chosen any.
    ``budget_minutes`` is how much work was agreed on, None for no such word.
    """

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("client_id", "name"),
        CheckConstraint("status IN ('planned', 'active', 'paused', 'done')", name="status"),
        CheckConstraint("budget_minutes > 0", name="budget_minutes"),
        # The lists: by name, by when it is due, and both narrowed by the status.
        Index("ix_projects_name_id", "name", "id"),
        Index("ix_projects_status_name_id", "status", "name", "id"),
        Index("ix_projects_due_on_id", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), default="active")
    takes_mail: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    # Where its new tickets go; empty for the client's own, then the mailbox's.
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="SET NULL"))
    budget_minutes: Mapped[int | None]
    # As it is written, without brackets, and folded, so that it exists once.
    tag: Mapped[str] = mapped_column(String(60), default="")
    folded_tag: Mapped[str | None] = mapped_column(String(120), unique=True)
    # In lower case.
    address: Mapped[str | None] = mapped_column(String(320), unique=True)
    words: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    client: Mapped[Client] = relationship()
    queue: Mapped[Queue | None] = relationship()
    members: Mapped[list[User]] = relationship(secondary="project_members", order_by=User.name)

    @hybrid_property
    def active(self) -> bool:
        """Whether it is not closed."""
        return self.status != "done"

    @active.inplace.setter
    def _set_active(self, active: bool) -> None:
        self.status = "active" if active else "done"

    @active.inplace.expression
    @classmethod
    def _is_active(cls) -> ColumnElement[bool]:
        return cls.status != "done"


class ProjectMember(Model):
    """A user works on a project."""

    __tablename__ = "project_members"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)


class Task(Model):
    """A piece of work on a project, maybe come of a ticket. ``revision`` counts changes by people.

    ``reminded_on`` is the due date that its assignee was reminded of, so that each is told once.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'doing', 'done')", name="status"),
        Index("ix_tasks_project_id_position", "project_id", "position", "id"),
        # "My tasks", and what is due: each is one walk.
        Index("ix_tasks_assignee_id_status_due_on", "assignee_id", "status", "due_on", "id"),
        Index("ix_tasks_status_due_on", "status", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    due_on: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_on: Mapped[date | None] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    project: Mapped[Project] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    assignee: Mapped[User | None] = relationship()
    checklist: Mapped[list[ChecklistItem]] = relationship(
        back_populates="task", cascade="all, delete-orphan", order_by="ChecklistItem.position, ChecklistItem.id"
    )


class ChecklistItem(Model):
    """One line of a task that can be ticked."""

    __tablename__ = "checklist_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(200))
    done: Mapped[bool] = mapped_column(default=False)

    task: Mapped[Task] = relationship(back_populates="checklist")


class Update(Model):
    """News about a project for the client's contacts. What left of it are the OutboundEmails that name it."""

    __tablename__ = "updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    project: Mapped[Project] = relationship()
    user: Mapped[User | None] = relationship()
