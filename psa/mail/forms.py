"""The forms of Outbound and Inbound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from psa import clock, signing
from psa.extensions import db
from psa.mail import accounts, plausible
from psa.mail import settings as server
from psa.mail.models import MailAccount
from psa.mail.settings import SECURITIES, ServerSettings, SettingsError
from psa.mail.setup import Reading
from psa.tickets.models import Queue

SECURITY_CHOICES = [SelectChoice(value, label) for value, label in SECURITIES.items()]
INTERVALS = {60: "At once, and every minute", 300: "At once, and every 5 minutes", 900: "At once, and every 15 minutes"}
OTHER_SERVER = "The server is another one now. Enter the password that belongs to it."
IN_THE_CLEAR = "Without encryption everybody on the way can read the password. Enter it again if it may go like that."
ENTER_AGAIN = "The stored password cannot be opened any more. Enter it again."


class PortField(IntegerField):  # type: ignore[misc]
    """A port; what is no number is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist or [""])[0].strip()
        self.raw_data = [text]
        if not text.isdecimal():
            self.data = None
            raise ValueError("Write the port as a number, such as 587." if text else "Which port?")
        self.data = int(text)


class ServerForm(FlaskForm):  # type: ignore[misc]
    """What every account needs, whatever its direction. ``account`` is the one that is edited, None for a new one."""

    direction = ""

    host = StringField("Server", [InputRequired("Which server?"), Length(max=253)])
    security = RadioField("Secure Connection", choices=SECURITY_CHOICES, default="starttls")
    port = PortField("Port")
    username = StringField("Username", [Length(max=320)])
    password = PasswordField("Password", [Length(max=1000)])

    def __init__(self, account: MailAccount | None = None) -> None:
        super().__init__(obj=account)
        self.account = account
        # The repair of a contradiction is a button of the form, so that it works without script too.
        repair = request.form.get("use_port", "")
        if repair.isdecimal():
            self.port.process(MultiDict([(self.port.name, repair)]))

    @property
    def protocol_value(self) -> str:
        raise NotImplementedError

    def validate_host(self, field: Field) -> None:
        field.data = meant(plausible.host, field.data)

    def validate_port(self, field: Field) -> None:
        if field.data is not None and self.security.data in SECURITIES:
            meant(lambda number: plausible.port(self.protocol_value, number, self.security.data), field.data)

    def validate_password(self, field: Field) -> None:
        if field.data or not self.username.data:
            return
        if self.password_state == "broken":
            raise ValidationError(ENTER_AGAIN)
        # Whoever may change the settings must not learn the stored password by naming a server of their own.
        if self.password_state == "kept" and self.account is not None:
            if self.host.data != self.account.host:
                raise ValidationError(OTHER_SERVER)
            if self.security.data == "none" and self.account.security != "none":
                raise ValidationError(IN_THE_CLEAR)

    @property
    def password_state(self) -> str:
        """``none``, ``kept``, or ``broken`` when no key of ours opens what is stored."""
        if self.account is None or not self.account.sealed_password:
            return "none"
        try:
            signing.unseal(self.account.sealed_password)
        except signing.SealBroken:
            return "broken"
        return "kept"

    def settings(self) -> ServerSettings:
        """What was entered. An empty password stays empty: for saving that means the stored one."""
        return ServerSettings(
            protocol=self.protocol_value,
            host=self.host.data,
            port=self.port.data or 0,
            security=self.security.data,
            username=(self.username.data or "").strip(),
            password=server.typed_password(self.password.data or ""),
        )

    def settings_to_test(self) -> ServerSettings:
        """What was entered, with the stored password where none was typed. Raises signing.SealBroken."""
        settings = self.settings()
        if settings.password or not settings.username or self.account is None or not self.account.sealed_password:
            return settings
        return replace(settings, password=signing.unseal(self.account.sealed_password))

    def is_free(self, field: Field) -> bool:
        """Whether no other account has this address; says so at the field when one has."""
        other = accounts.find(self.direction, field.data)
        if other is None or other is self.account:
            return True
        field.errors = [f"{other.address} is entered already. Change it there."]
        return False


class OutboundForm(ServerForm):
    """A sending account."""

    direction = "outbound"

    address = EmailField("Address", [InputRequired("Which address is it?"), Length(max=320)])
    display_name = StringField("Display name", [Length(max=200)])
    host = StringField("SMTP server", [InputRequired("Which server?"), Length(max=253)])
    port = PortField("Port", default=587)
    is_default = BooleanField("The default account")

    @property
    def protocol_value(self) -> str:
        return "smtp"

    def validate_address(self, field: Field) -> None:
        field.data = meant(plausible.address, field.data)

    def settings(self) -> ServerSettings:
        name = (self.display_name.data or "").strip()
        return replace(super().settings(), address=self.address.data, display_name=name)


class InboundForm(ServerForm):
    """A mailbox."""

    direction = "inbound"

    parsing = BooleanField("Email parsing", default=True)
    create_tickets = BooleanField("Automatic Ticket Creation", default=True)
    acknowledge = BooleanField("Confirmation to the sender")
    address = EmailField("Mailbox Address", [InputRequired("Which address is it?"), Length(max=320)])
    protocol = RadioField(
        "Protocol", choices=[SelectChoice("imap", "IMAP"), SelectChoice("pop3", "POP3")], default="imap"
    )
    security = RadioField("Secure Connection", choices=SECURITY_CHOICES, default="ssl")
    port = PortField("Port", default=993)
    username = StringField(
        "Username", [InputRequired("Which user name? Mostly it is the whole email address."), Length(max=320)]
    )
    folder = StringField("Folder", [Length(max=500)], default="INBOX")
    default_queue_id = SelectField("Default queue", coerce=int)
    after_filing = SelectField(
        "After filing", choices=[SelectChoice("leave", "Leave it as it is"), SelectChoice("seen", "Mark as read")]
    )
    interval = SelectField("Look", coerce=int)
    start = RadioField(
        "Start with",
        choices=[
            SelectChoice("now", "Mail from now on"),
            SelectChoice("since", "Mail since"),
            SelectChoice("all", "Everything"),
        ],
        default="now",
    )
    since = DateField("Since", [Optional()])

    def __init__(self, account: MailAccount | None = None) -> None:
        super().__init__(account)
        if account is not None:
            # Where to start is decided once.
            del self.start, self.since
        queues = db.session.execute(db.select(Queue.id, Queue.name).order_by(Queue.position, Queue.id)).all()
        self.default_queue_id.choices = [SelectChoice(queue.id, queue.name) for queue in queues]
        intervals = dict(INTERVALS)
        if account is not None and account.interval not in intervals:
            intervals = {account.interval: f"At once, and every {account.interval} seconds"} | intervals
        self.interval.choices = [SelectChoice(seconds, words) for seconds, words in intervals.items()]
        if not queues:
            del self.default_queue_id

    @property
    def protocol_value(self) -> str:
        return "pop3" if self.protocol.data == "pop3" else "imap"

    def validate_address(self, field: Field) -> None:
        field.data = meant(plausible.address, field.data)

    def validate_password(self, field: Field) -> None:
        super().validate_password(field)
        if not field.data and self.password_state == "none":
            raise ValidationError("Which password? A mailbox is not opened without one.")

    def validate_start(self, field: Field) -> None:
        if field.data == "since" and self.since.data is None and not self.since.errors:
            raise ValidationError("Since which day?")

    def validate_since(self, field: Field) -> None:
        if self.start.data == "since" and field.data is not None and field.data > clock.now().astimezone().date():
            raise ValidationError("That day is still to come.")

    def settings(self) -> ServerSettings:
        name = self.account.display_name if self.account is not None else ""
        folder = (self.folder.data or "").strip() or "INBOX"
        return replace(super().settings(), address=self.address.data, display_name=name, folders=(folder,))

    def reading(self) -> Reading:
        return Reading(
            parsing=self.parsing.data,
            create_tickets=self.create_tickets.data,
            acknowledge=self.acknowledge.data,
            default_queue_id=self.default_queue_id.data if "default_queue_id" in self else None,
            interval=self.interval.data,
            after_filing=self.after_filing.data,
            since=self.starting_moment(),
        )

    def starting_moment(self) -> datetime | None:
        if self.account is not None:
            return self.account.since
        if self.start.data == "all":
            return None
        if self.start.data == "since":
            return clock.midnight(self.since.data)
        return clock.now()


def meant(check: Callable[[Any], Any], typed: Any) -> Any:
    """What ``check`` makes of it; what cannot be meant is said at the field."""
    try:
        return check(typed)
    except SettingsError as error:
        raise ValidationError(str(error)) from error
