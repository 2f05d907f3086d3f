"""The form of a mailbox."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from wtforms import BooleanField, DateField, EmailField, Field, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from psa import clock
from psa.extensions import db
from psa.mail import plausible
from psa.mail import settings as server
from psa.mail.forms.fields import FoldersField, NumberField, PortField, meant
from psa.mail.forms.server import SECURITY_CHOICES, ServerForm
from psa.mail.models import MailAccount
from psa.mail.settings import ServerSettings
from psa.mail.setup import Reading
from psa.tickets.models import Queue

INTERVALS = {60: "At once, and every minute", 300: "At once, and every 5 minutes", 900: "At once, and every 15 minutes"}
AFTER_FILING = {
    "leave": "Leave it as it is",
    "seen": "Mark as read",
    "move": "Move to another folder",
    "delete": "Delete from the server",
}
UNKNOWN_SENDERS = {
    "contact": "Create a contact",
    "hold": "Hold for a person",
    "answer": "Hold, and answer politely once",
}
SPAM = {"file": "Is filed like all mail", "hold": "Is held as junk", "ignore": "Is ignored"}
MEGABYTE = 1024 * 1024
# A message is held in memory once while it is taken in.
LARGEST_LIMIT = 150
LONGEST_SILENCE = 24 * 60
SERVER_NAME = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
SPEAKER = re.compile(r"(?:[^@\s]{0,64}@)?[\w-]+(?:\.[\w-]+)+")


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
    folders = FoldersField("Folders", default=("INBOX",))
    default_queue_id = SelectField("Default queue", coerce=int)
    unknown_senders = SelectField(
        "Unknown senders",
        choices=[SelectChoice(value, label) for value, label in UNKNOWN_SENDERS.items()],
        default="contact",
    )
    spam = SelectField(
        "What the filter in front calls spam",
        choices=[SelectChoice(value, label) for value, label in SPAM.items()],
        default="file",
    )
    after_filing = RadioField(
        "After filing",
        choices=[SelectChoice(value, label) for value, label in AFTER_FILING.items()],
        default="leave",
    )
    move_to = StringField("Folder", [Length(max=500)])
    authserv = StringField("Server that checks senders", [Length(max=253)])
    agents_may_answer = BooleanField("Agents may answer by mail")
    reply_to_counts = StringField("Reply-To counts for", [Length(max=2000)])
    size_limit_mb = NumberField("Size limit (MB)", default=50)
    interval = SelectField("Look", coerce=int)
    silence_hours = NumberField("No mail for (hours)")
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

    def stored(self) -> dict[str, Any]:
        assert self.account is not None
        values = super().stored() | {
            "folders": server.folders_of(self.account),
            "size_limit_mb": self.account.size_limit // MEGABYTE,
        }
        if self.draft is not None:
            values |= {"folders": self.start_settings.folders} if self.start_settings is not None else {}
            values |= self.draft.reading
        return values

    @property
    def protocol_value(self) -> str:
        return "pop3" if self.protocol.data == "pop3" else "imap"

    def validate_address(self, field: Field) -> None:
        field.data = meant(plausible.address, field.data)

    def validate_password(self, field: Field) -> None:
        super().validate_password(field)
        if not field.data and self.password_state == "none" and self.provider is None:
            raise ValidationError("Which password? A mailbox is not opened without one.")

    def validate_folders(self, field: Field) -> None:
        if self.protocol_value == "imap":
            field.data = tuple(meant(plausible.folder, name) for name in field.data or ("INBOX",))

    def validate_after_filing(self, field: Field) -> None:
        if self.protocol_value == "pop3" and field.data not in ("leave", "delete"):
            raise ValidationError("Over POP3 a message can only be left or deleted.")

    def validate_move_to(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if self.after_filing.data != "move" or self.protocol_value == "pop3":
            return
        if not field.data:
            raise ValidationError("Into which folder?")
        field.data = meant(plausible.folder, field.data)
        if field.data in self.folders.data:
            raise ValidationError(f"{field.data} is read itself. Move to a folder that is not.")

    def validate_authserv(self, field: Field) -> None:
        """One name; all servers below it are meant by a dot or an asterisk in front."""
        field.data = (field.data or "").strip().lower().removeprefix("*").rstrip(".")
        if field.data and not SERVER_NAME.fullmatch(field.data):
            raise ValidationError("One name as it stands in Authentication-Results, such as mx.example.com.")

    def validate_reply_to_counts(self, field: Field) -> None:
        names = re.split(r"[\s,;]+", (field.data or "").strip().lower())
        wrong = [name for name in names if name and not SPEAKER.fullmatch(name)]
        if wrong:
            raise ValidationError(f"“{wrong[0]}” is neither an address nor a domain.")
        field.data = " ".join(dict.fromkeys(name.removeprefix("@") for name in names if name))

    def validate_size_limit_mb(self, field: Field) -> None:
        field.data = 50 if field.data is None and not field.errors else field.data
        if field.data is not None and not 1 <= field.data <= LARGEST_LIMIT:
            raise ValidationError(f"From 1 to {LARGEST_LIMIT} MB.")

    def validate_silence_hours(self, field: Field) -> None:
        if field.data is not None and field.data > LONGEST_SILENCE:
            raise ValidationError(f"At most {LONGEST_SILENCE:,} hours, which is 60 days.")

    def validate_start(self, field: Field) -> None:
        if field.data == "since" and self.since.data is None and not self.since.errors:
            raise ValidationError("Since which day?")

    def validate_since(self, field: Field) -> None:
        if self.start.data == "since" and field.data is not None and field.data > clock.now().astimezone().date():
            raise ValidationError("That day is still to come.")

    def settings(self) -> ServerSettings:
        name = self.account.display_name if self.account is not None else ""
        folders = self.folders.data if self.protocol_value == "imap" else ()
        return replace(super().settings(), address=self.address.data, display_name=name, folders=folders or ("INBOX",))

    def reading(self) -> Reading:
        moves = self.after_filing.data == "move"
        return Reading(
            parsing=self.parsing.data,
            create_tickets=self.create_tickets.data,
            acknowledge=self.acknowledge.data,
            default_queue_id=self.default_queue_id.data if "default_queue_id" in self else None,
            interval=self.interval.data,
            after_filing=self.after_filing.data,
            move_to=self.move_to.data if moves else "",
            unknown_senders=self.unknown_senders.data,
            spam=self.spam.data,
            authserv=self.authserv.data or "",
            agents_may_answer=self.agents_may_answer.data,
            reply_to_counts=self.reply_to_counts.data or "",
            size_limit=(self.size_limit_mb.data or 50) * MEGABYTE,
            silence_hours=self.silence_hours.data,
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
