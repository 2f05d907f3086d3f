"""A ticket that an agent opens."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from psa.clients.models import Client
from psa.clients.operations import Refused, check_address
from psa.extensions import db
from psa.tickets import queries


class NewTicketForm(FlaskForm):  # type: ignore[misc]
    """Who it is for, what about, where it goes, and what is said first."""

    # The page of a client leads here with its id: whose address tells no client belongs to this one.
    client = HiddenField()
    email = EmailField("For", [InputRequired("Whose ticket is it? Type their address."), Length(max=320)])
    name = StringField("Name", [Length(max=200)])
    subject = StringField("Subject", [InputRequired("A ticket needs a subject."), Length(max=998)])
    queue = SelectField("Queue", coerce=int)
    body = TextAreaField("Message", [InputRequired("Say what it is about.")])
    mail = BooleanField("Send this to them as the first message", default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue.choices = [(queue.id, queue.name) for queue in queries.queues()]

    @property
    def chosen(self) -> Client | None:
        """The client from whose page the agent came; None for none and for nonsense."""
        typed = self.client.data or ""
        return db.session.get(Client, int(typed)) if re.fullmatch(r"[0-9]{1,9}", typed) else None

    @property
    def people(self) -> list[str]:
        """The addresses of its contacts."""
        contacts = self.chosen.contacts if self.chosen is not None else []
        return sorted(one.email for one in contacts if one.email and one.merged_into_id is None)

    def validate_email(self, field: EmailField) -> None:
        """An address that mail can go to; names that exist only inside a firm's network are fine."""
        try:
            field.data = check_address(field.data or "")
        except Refused as reason:
            raise ValidationError(str(reason)) from reason
