"""The forms about a client. Each stands on a page with others, so their fields have names of their own."""

from __future__ import annotations

import re
from typing import Any, Self

from flask import url_for
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import EmailField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from psa.clients.models import Client, Contact
from psa.clients.onboarding import NewClient
from psa.clients.operations import NameTaken
from psa.clients.people import Person
from psa.clients.records import Details
from psa.extensions import db
from psa.projects.operations import RefusedProject
from psa.refusals import Refusal
from psa.revisions import RevisionField
from psa.saving import RefusableForm
from psa.tickets.models import Queue
from psa.words import trimmed

LINES_MAX = 12


def key_or_none(typed: Any) -> int | None:
    """The id that was chosen; None for the empty choice."""
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", str(typed)) else None


def few_lines(form: FlaskForm, field: TextAreaField) -> None:
    """As many lines as an invoice shows of an address, or of how to pay: those never break over pages."""
    if len((field.data or "").splitlines()) > LINES_MAX:
        raise ValidationError(f"Up to {LINES_MAX} lines.")


class ClientForm(RefusableForm):
    """A form with the name of a client: the one that has the name already is a click away."""

    def refuse(self, reason: Refusal) -> None:
        super().refuse(reason)
        if isinstance(reason, NameTaken) and reason.client_id is not None:
            there = url_for("clients.show", client_id=reason.client_id)
            self["name"].errors = [Markup('{} <a href="{}">Go there</a>').format(reason, there)]


class NewClientForm(ClientForm):
    name = StringField("Name", [DataRequired("A client needs a name."), Length(max=200)], [trimmed])
    domains = TextAreaField("Mail domains", [Length(max=10_000)], [trimmed])
    project = StringField("First project", [Length(max=200)], [trimmed])
    contact = StringField("First contact", [Length(max=200)], [trimmed])
    email = EmailField("Their address", [Length(max=320)], [trimmed])

    parts = {"domain": "domains"}

    def refuse(self, reason: Refusal) -> None:
        """The name of a project is not that of the client."""
        super().refuse(Refusal(str(reason), "project") if isinstance(reason, RefusedProject) else reason)

    def new_client(self) -> NewClient:
        domains = dict.fromkeys(re.split(r"[\s,;]+", self.domains.data.lower()))
        return NewClient(
            name=self.name.data,
            domains=tuple(domain for domain in domains if domain),
            project=self.project.data,
            contact=self.contact.data,
            email=self.email.data,
        )

    def validate(self, extra_validators: object = None) -> bool:
        """A contact without an address could not be recognised by it."""
        valid = super().validate(extra_validators)
        if self.contact.data and not self.email.data:
            self.email.errors = ["A contact is known by their address. Write it here, or leave out the name."]
            return False
        return bool(valid)


class DomainForm(RefusableForm):
    domain = StringField("Mail domain", [DataRequired("Write what stands behind the @."), Length(max=253)], [trimmed])


class ContactForm(RefusableForm):
    contact = StringField("Name", [Length(max=200)], [trimmed])
    email = EmailField("Address", [DataRequired("A contact is known by their address."), Length(max=320)], [trimmed])


class ProjectForm(RefusableForm):
    project = StringField("Name", [DataRequired("A project needs a name."), Length(max=200)], [trimmed])

    parts = {"name": "project"}


class SavedForm(RefusableForm):
    """A form over a row that others may change meanwhile; ``fields`` are the names that form and row share."""

    revision = RevisionField()

    shared: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Client | Contact) -> Self:
        """The form as the row is now."""
        return cls(formdata=None, data={name: getattr(row, name) for name in (*cls.shared, "revision")})

    def differing(self, row: Client | Contact) -> dict[str, Any]:
        """What stands in the row where something else was typed, by field."""
        return {
            name: getattr(row, name) for name in self.shared if (self[name].data or "") != (getattr(row, name) or "")
        }

    def meanwhile(self, row: Client | Contact) -> dict[str, Any]:
        """The same where somebody else was faster, else nothing; the next Save then knows of it."""
        if not self.is_stale:
            return {}
        self.revision.take_up(row.revision)
        return self.differing(row)


class DetailsForm(SavedForm, ClientForm):
    name = StringField("Name", [DataRequired("A client needs a name."), Length(max=200)], [trimmed])
    notes = TextAreaField("Notes", [Length(max=20_000, message="Notes hold up to 20,000 characters.")], [trimmed])
    default_queue_id = SelectField("Default queue", coerce=key_or_none, validate_choice=False)
    billing_address = TextAreaField("Billing address", [Length(max=2000), few_lines], [trimmed])
    tax_id = StringField("Tax id", [Length(max=60)], [trimmed])
    currency = StringField("Currency", [], [lambda text: trimmed(text).upper()])
    payment_days = StringField("Days to pay", [], [trimmed])

    shared = ("name", "notes", "default_queue_id", "billing_address", "tax_id", "currency", "payment_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues = db.session.execute(db.select(Queue.id, Queue.name).order_by(Queue.position, Queue.id))
        self.default_queue_id.choices = [("", "the queue of the mailbox"), *((str(one.id), one.name) for one in queues)]

    def validate_default_queue_id(self, field: Any) -> None:
        if field.data is not None and str(field.data) not in dict(self.default_queue_id.choices):
            raise ValidationError("That queue has been removed.")

    def validate_payment_days(self, field: Any) -> None:
        if field.data and not (re.fullmatch(r"[0-9]{1,3}", field.data) and int(field.data) <= 365):
            raise ValidationError("Write a number of days, from 0 to 365, or nothing for the firm’s own.")

    def differing(self, row: Client | Contact) -> dict[str, Any]:
        found = super().differing(row)
        if str(found.get("payment_days") or "") == self.payment_days.data:
            found.pop("payment_days", None)
        if "default_queue_id" in found:
            names = dict(self.default_queue_id.choices)
            found["default_queue_id"] = names.get(str(found["default_queue_id"] or ""), "")
        return found

    def details(self) -> Details:
        return Details(
            name=self.name.data,
            notes=self.notes.data,
            default_queue_id=self.default_queue_id.data,
            currency=self.currency.data,
            billing_address=self.billing_address.data,
            tax_id=self.tax_id.data,
            payment_days=int(self.payment_days.data) if self.payment_days.data else None,
        )


class NotesForm(SavedForm):
    notes = TextAreaField("Notes", [Length(max=20_000, message="Notes hold up to 20,000 characters.")], [trimmed])

    shared = ("notes",)


class PersonForm(SavedForm):
    name = StringField("Name", [Length(max=200)], [trimmed])
    role = StringField("Role", [Length(max=120)], [trimmed])
    phone = StringField("Phone", [Length(max=60)], [trimmed])

    shared = ("name", "role", "phone")

    def person(self) -> Person:
        return Person(name=self.name.data, role=self.role.data, phone=self.phone.data)


class AddressForm(RefusableForm):
    email = EmailField("Another address", [DataRequired("Write the address."), Length(max=320)], [trimmed])
