"""The forms about projects, their tasks and their updates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from psa.auth.models import User
from psa.billing.durations import UnreadableDuration, read_budget, spoken_hours
from psa.billing.places import find_client
from psa.clients.models import Client
from psa.mail.inbound.routing import own_addresses
from psa.mail.outbound.compose import Mailbox, Unwritable
from psa.projects.models import STATUSES, TASK_STATUSES, Project, Task
from psa.projects.operations import Details
from psa.projects.tasks import ITEM_MAX, TITLE_MAX, TaskDetails
from psa.revisions import RevisionField
from psa.saving import RefusableForm
from psa.tickets import queries
from psa.words import trimmed

NOBODY = ("", "Nobody")


class ProjectForm(RefusableForm):
    """All that is said about a project; ``revision`` is the one that was shown."""

    name = StringField("Name", [DataRequired("A project needs a name."), Length(max=200)], [trimmed])
    status = SelectField("Status", choices=list(STATUSES.items()), default="active")
    starts_on = DateField("Starts", [Optional()])
    due_on = DateField("Due", [Optional()])
    queue = SelectField("Queue", default="")
    budget = StringField("Budget in hours", [Optional()], [trimmed])
    members = SelectMultipleField("Members", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    tag = StringField("Subject Tag", [Length(max=60)], [trimmed])
    address = StringField("Address", [Length(max=320)], [trimmed])
    words = TextAreaField("Notes", [Length(max=20_000, message="Notes hold up to 20,000 characters.")], [trimmed])
    revision = RevisionField()

    budget_minutes: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue.choices = [("", "As the client has it"), *((str(one.id), one.name) for one in queries.queues())]
        self.members.choices = [(str(user.id), user.name) for user in queries.staff()]

    @classmethod
    def of(cls, project: Project) -> ProjectForm:
        return cls(
            formdata=None,
            name=project.name,
            status=project.status,
            starts_on=project.starts_on,
            due_on=project.due_on,
            queue=str(project.queue_id or ""),
            budget=spoken_hours(project.budget_minutes) if project.budget_minutes else "",
            members=[str(user.id) for user in project.members],
            tag=project.tag,
            address=project.address or "",
            words=project.words,
            revision=project.revision,
        )

    def validate_due_on(self, field: DateField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("It would be due before it starts.")

    def validate_budget(self, field: StringField) -> None:
        try:
            self.budget_minutes = read_budget(field.data)
        except UnreadableDuration as reason:
            raise ValidationError(str(reason)) from reason

    def validate_tag(self, field: StringField) -> None:
        field.data = " ".join(field.data.strip("[] ").split())
        if field.data.startswith("#") or "[" in field.data or "]" in field.data:
            raise ValidationError("Write a word or two. [#12] is for tickets.")

    def validate_address(self, field: StringField) -> None:
        field.data = field.data.lower()
        if field.data:
            refuse_foreign(field.data, own_addresses())

    def details(self) -> Details:
        return Details(
            name=" ".join(self.name.data.split()),
            status=self.status.data,
            starts_on=self.starts_on.data,
            due_on=self.due_on.data,
            queue_id=int(self.queue.data) if self.queue.data else None,
            budget_minutes=self.budget_minutes,
            tag=self.tag.data,
            address=self.address.data,
            words=self.words.data,
            member_ids=frozenset(map(int, self.members.data)),
        )


def refuse_foreign(address: str, ours: Iterable[str]) -> None:
    """Only mail that reaches a mailbox of ours can land in a project."""
    try:
        Mailbox("", address)
    except Unwritable as reason:
        raise ValidationError(str(reason)) from reason
    domains = {one.rpartition("@")[2] for one in ours}
    if address.rpartition("@")[2] not in domains:
        known = " or ".join(sorted(domains)) or "yours: no mailbox is set up yet"
        raise ValidationError(f"No mail to it reaches you. Take an address that ends with {known}.")


class NewProjectForm(ProjectForm):
    client = StringField("Client", [InputRequired("Whose project is it?")], [trimmed])

    found: Client | None = None

    def validate_client(self, field: StringField) -> None:
        self.found = find_client(field.data)
        if self.found is None:
            raise ValidationError("No client is called so.")


class AddTaskForm(RefusableForm):
    """A task in one line."""

    title = StringField("What is to be done", [DataRequired("Write what is to be done."), Length(max=TITLE_MAX)])
    assignee = SelectField("Assignee", default="")
    due_on = DateField("Due", [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assignee.choices = [NOBODY, *((str(user.id), user.name) for user in queries.staff())]

    @property
    def assignee_id(self) -> int | None:
        return int(self.assignee.data) if self.assignee.data else None


class TaskForm(AddTaskForm):
    """All that is said about a task; ``revision`` is the one that was shown."""

    status = SelectField("Status", choices=list(TASK_STATUSES.items()))
    words = TextAreaField("Notes", [Length(max=20_000, message="Notes hold up to 20,000 characters.")], [trimmed])
    revision = RevisionField()

    def __init__(self, had: User | None, **kwargs: Any) -> None:
        """Whoever ``had`` it may keep it, also when they have left."""
        super().__init__(**kwargs)
        if had is not None and not had.active:
            self.assignee.choices.append((str(had.id), had.name))

    @classmethod
    def of(cls, task: Task) -> TaskForm:
        return cls(
            task.assignee,
            formdata=None,
            title=task.title,
            status=task.status,
            assignee=str(task.assignee_id or ""),
            due_on=task.due_on,
            words=task.words,
            revision=task.revision,
        )

    def details(self) -> TaskDetails:
        return TaskDetails(self.title.data, self.words.data, self.status.data, self.assignee_id, self.due_on.data)


class ItemForm(RefusableForm):
    words = StringField("To tick off", [DataRequired("Write what is to be ticked off."), Length(max=ITEM_MAX)])


class UpdateForm(RefusableForm):
    """An update, and whom it goes to."""

    subject = StringField("Subject", [DataRequired("An update needs a subject."), Length(max=200)], [trimmed])
    body = TextAreaField("What you write", [DataRequired("Write what is new.")], [trimmed])
    told = SelectMultipleField("Goes to", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
