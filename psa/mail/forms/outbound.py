"""The form of a sending account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, EmailField, Field, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from psa.mail import accounts, plausible
from psa.mail.forms.fields import PortField, meant
from psa.mail.forms.server import ServerForm
from psa.mail.settings import ServerSettings
from psa.mail.setup import Writing

NO_MAILBOX = "No mailbox of this address is read by IMAP under Inbound, so nobody can reach its folders."


class OutboundForm(ServerForm):
    """A sending account."""

    direction = "outbound"

    address = EmailField("Address", [InputRequired("Which address is it?"), Length(max=320)])
    display_name = StringField("Display name", [Length(max=200)])
    reply_to = EmailField("Reply address", [Length(max=320)])
    signature = TextAreaField("Signature", [Length(max=5000)])
    sent_folder = StringField("Copy to folder", [Length(max=500)])
    host = StringField("SMTP server", [InputRequired("Which server?"), Length(max=253)])
    port = PortField("Port", default=587)
    is_default = BooleanField("The default account")

    def stored(self) -> dict[str, Any]:
        values = super().stored()
        return values | {"address": self.start_settings.address} if self.draft and self.start_settings else values

    @property
    def protocol_value(self) -> str:
        return "smtp"

    @property
    def answers_to(self) -> str:
        """The address that answers come to."""
        return (self.reply_to.data or self.address.data or "").strip()

    def validate_address(self, field: Field) -> None:
        field.data = meant(plausible.address, field.data)

    def validate_reply_to(self, field: Field) -> None:
        field.data = meant(plausible.address, field.data) if (field.data or "").strip() else ""

    def validate_sent_folder(self, field: Field) -> None:
        field.data = meant(plausible.folder, field.data) if (field.data or "").strip() else ""
        unchanged = self.account is not None and field.data == self.account.sent_folder
        if not field.data or unchanged:
            return
        mailbox = accounts.find("inbound", self.address.data or "")
        if mailbox is None or mailbox.protocol != "imap":
            raise ValidationError(NO_MAILBOX)

    def settings(self) -> ServerSettings:
        name = (self.display_name.data or "").strip()
        return replace(super().settings(), address=self.address.data, display_name=name)

    def writing(self) -> Writing:
        signature = "\n".join(line.rstrip() for line in (self.signature.data or "").strip().splitlines())
        return Writing(self.reply_to.data or "", signature, self.sent_folder.data or "")
