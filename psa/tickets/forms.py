"""A ticket that an agent opens."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from psa.clients.operations import Refused, check_address
from psa.tickets import queries


class NewTicketForm(FlaskForm):  # type: ignore[misc]
    """Who it is for, what about, where it goes, and what is said first."""

    email = EmailField("For", [InputRequired("Whose ticket is it? Type their address."), Length(max=320)])
    name = StringField("Name", [Length(max=200)])
    subject = StringField("Subject", [InputRequired("A ticket needs a subject."), Length(max=998)])
    queue = SelectField("Queue", coerce=int)
    body = TextAreaField("Message", [InputRequired("Say what it is about.")])
    mail = BooleanField("Send this to them as the first message", default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue.choices = [(queue.id, queue.name) for queue in queries.queues()]

    def validate_email(self, field: EmailField) -> None:
        """An address that mail can go to; names that exist only inside a firm's network are fine."""
        try:
            field.data = check_address(field.data or "")
        except Refused as reason:
            raise ValidationError(str(reason)) from reason
