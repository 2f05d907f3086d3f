"""The forms about time and rates."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from psa.billing.durations import UnreadableDuration, clock_face, read_duration
from psa.billing.entries import WORDS_MAX, Work
from psa.billing.models import TimeEntry
from psa.billing.money import UnreadableAmount, read_amount
from psa.billing.places import find_client, find_project
from psa.clients.models import Client
from psa.clock import today
from psa.projects.models import Project
from psa.revisions import RevisionField
from psa.words import trimmed


class WorkForm(FlaskForm):  # type: ignore[misc]
    """How long, when, what, and whether the client pays for it."""

    time = StringField("Time", [InputRequired("How long did it take? Write 0:15, 1.5h or 90m.")], [trimmed])
    words = StringField("What you did", [Length(max=WORDS_MAX, message=f"Up to {WORDS_MAX} characters.")], [trimmed])
    day = DateField("Day", [Optional()])
    billable = BooleanField("Billable", default=True)

    def validate_time(self, field: StringField) -> None:
        try:
            self.minutes = read_duration(field.data)
        except UnreadableDuration as reason:
            raise ValidationError(str(reason)) from reason

    def work(self) -> Work:
        """What was entered; without a day it is today's."""
        return Work(self.day.data or today(), self.minutes, self.words.data, self.billable.data)


class WeekForm(WorkForm):
    """Work from the week's page, which names what it was for."""

    on = StringField("Project", [InputRequired("Which project was it for?")], [trimmed])

    def validate_on(self, field: StringField) -> None:
        project = find_project(field.data)
        if project is None:
            raise ValidationError("No active project is called so, or several are: write “Client: Project”.")
        self.project = project


class EntryForm(WorkForm):
    """An entry that is changed: ``revision`` is the one that was shown."""

    revision = RevisionField()

    @classmethod
    def of(cls, entry: TimeEntry) -> EntryForm:
        return cls(
            formdata=None,
            time=clock_face(entry.minutes),
            words=entry.words,
            day=entry.day,
            billable=entry.billable,
            revision=entry.revision,
        )


class TimerForm(FlaskForm):  # type: ignore[misc]
    """Stopping the clock: what was done, and how long it took when the clock is wrong."""

    time = StringField("Time", [Optional()], [trimmed])
    words = StringField("What you did", [Length(max=WORDS_MAX)], [trimmed])
    billable = BooleanField("Billable", default=True)
    minutes: int | None = None

    def validate_time(self, field: StringField) -> None:
        try:
            self.minutes = read_duration(field.data)
        except UnreadableDuration as reason:
            raise ValidationError(str(reason)) from reason


class RateForm(FlaskForm):  # type: ignore[misc]
    """What an hour costs, and where: at a client, for a project, or everywhere when ``place`` is left empty."""

    place = StringField("For", [Optional()], [trimmed])
    user = SelectField("Who works")
    amount = StringField("An hour", [InputRequired("What does an hour cost?")], [trimmed])

    client: Client | None = None
    project: Project | None = None

    def validate_amount(self, field: StringField) -> None:
        try:
            self.value = read_amount(field.data)
        except UnreadableAmount as reason:
            raise ValidationError(str(reason)) from reason

    def validate_place(self, field: StringField) -> None:
        self.client = find_client(field.data)
        self.project = find_project(field.data) if self.client is None else None
        if self.client is None and self.project is None:
            raise ValidationError("No client is called so, and no active project.")

    def scope(self) -> dict[str, int]:
        """What set_rate() takes: client_id or project_id, and user_id, where they are named."""
        scope = {"user_id": int(self.user.data)} if self.user.data else {}
        if self.client is not None:
            scope["client_id"] = self.client.id
        elif self.project is not None:
            scope["project_id"] = self.project.id
        return scope
