"""The form of what stands around every template."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from psa.admin.logo import Logo, NotALogo, logo_of
from psa.admin.models import Firm
from psa.saving import SettingsForm

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class LayoutForm(SettingsForm):
    """The firm's name, logo, colour and footer."""

    firm_name = StringField("Firm", validators=[DataRequired("A firm needs a name."), Length(max=120)])
    logo = FileField("Logo")
    no_logo = BooleanField("Use it no more")
    colour = StringField("Colour")
    footer = TextAreaField("Footer", validators=[Length(max=500, message="The footer has up to 500 characters.")])

    picture: Logo | None = None

    @classmethod
    def of(cls, firm: Firm) -> LayoutForm:
        """The form as it is shown first."""
        settings = layout_settings(firm)
        form = cls(data=settings)
        form.take_up(settings)
        return form

    def validate_logo(self, field: Any) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            return
        try:
            self.picture = logo_of(field.data.read())
        except NotALogo as reason:
            raise ValidationError(str(reason)) from reason

    def validate_colour(self, field: Any) -> None:
        if not COLOUR.fullmatch(field.data or ""):
            raise ValidationError("Write the colour as six digits, for example #2f5bd0.")


def layout_settings(firm: Firm) -> dict[str, object]:
    """How the firm's mail looks now, by the fields of the form. A Save without a logo keeps it anyway."""
    return {"firm_name": firm.name, "colour": firm.colour, "footer": firm.footer}
