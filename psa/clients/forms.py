"""The forms about a client. Each stands on a page with others, so their fields have names of their own."""

from __future__ import annotations

import re

from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from psa.clients.models import Client
from psa.clients.onboarding import NewClient
from psa.clients.operations import Refused
from psa.projects.operations import RefusedProject


def trimmed(text: str | None) -> str:
    """What was typed without the space around it; "" for a field that was not sent."""
    return (text or "").strip()


class ClientForm(FlaskForm):  # type: ignore[misc]
    """A form whose fields can be refused by the operation that they are meant for."""

    # What the operation calls the part, and the field that it was typed into.
    parts: dict[str, str] = {}

    def refuse(self, reason: Refused | RefusedProject) -> None:
        """Show the reason at the field that it is about."""
        part = reason.field if isinstance(reason, Refused) else "project"
        self[self.parts[part]].errors = [str(reason)]


class NewClientForm(ClientForm):
    name = StringField("Name", [DataRequired("A client needs a name."), Length(max=200)], [trimmed])
    domains = TextAreaField("Mail domains", [Length(max=10_000)], [trimmed])
    project = StringField("First project", [Length(max=200)], [trimmed])
    contact = StringField("First contact", [Length(max=200)], [trimmed])
    email = EmailField("Their address", [Length(max=320)], [trimmed])

    parts = {"name": "name", "domain": "domains", "project": "project", "email": "email"}

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


class DomainForm(ClientForm):
    domain = StringField("Mail domain", [DataRequired("Write what stands behind the @."), Length(max=253)], [trimmed])

    parts = {"domain": "domain"}


class ContactForm(ClientForm):
    contact = StringField("Name", [Length(max=200)], [trimmed])
    email = EmailField("Address", [DataRequired("A contact is known by their address."), Length(max=320)], [trimmed])

    parts = {"email": "email"}


class ProjectForm(ClientForm):
    project = StringField("Name", [DataRequired("A project needs a name."), Length(max=200)], [trimmed])

    parts = {"project": "project"}


class DetailsForm(ClientForm):
    name = StringField("Name", [DataRequired("A client needs a name."), Length(max=200)], [trimmed])
    notes = TextAreaField("Notes", [Length(max=20_000, message="Notes hold up to 20,000 characters.")], [trimmed])

    parts = {"name": "name"}

    @classmethod
    def of(cls, client: Client) -> DetailsForm:
        return cls(formdata=None, data={"name": client.name, "notes": client.notes})
