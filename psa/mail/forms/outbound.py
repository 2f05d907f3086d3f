"""The form of a sending account."""

from __future__ import annotations

from dataclasses import replace

from wtforms import BooleanField, EmailField, Field, StringField
from wtforms.validators import InputRequired, Length

from psa.mail import plausible
from psa.mail.forms.fields import PortField, meant
from psa.mail.forms.server import ServerForm
from psa.mail.settings import ServerSettings


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
