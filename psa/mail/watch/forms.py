"""The form of mail that is expected."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from psa.mail import accounts, plausible
from psa.mail.settings import SettingsError
from psa.mail.watch.expected import DAYS
from psa.mail.watch.models import ExpectedMail
from psa.saving import SettingsForm

TIME = re.compile(r"(\d{1,2})[:.](\d{2})(:\d{2})?")


class ExpectedMailForm(SettingsForm):
    """What is expected, from whom, and by when."""

    name = StringField("Name", [InputRequired("What is it? Such as: Backup report."), Length(max=200)])
    account_id = SelectField("Mailbox", coerce=int, default=0)
    sender = StringField("Sender", [Length(max=320)])
    subject = StringField("Words in the subject", [Length(max=200)])
    due_by = StringField("Here by", [InputRequired("By what time? Such as: 08:00.")], default="08:00")
    weekdays = SelectMultipleField(
        "Days",
        choices=[SelectChoice(number, day) for number, day in enumerate(DAYS)],
        coerce=int,
        default=list(range(5)),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    active = BooleanField("Watch for it", default=True)

    def __init__(self, mail: ExpectedMail | None = None) -> None:
        self.mail = mail
        super().__init__(data=stored(mail) if mail is not None else None)
        mailboxes = [SelectChoice(account.id, account.address) for account in accounts.in_direction("inbound")]
        if mail is not None and not self.is_submitted():
            self.take_up(stored(mail))
        self.account_id.choices = [SelectChoice(0, "Any mailbox"), *mailboxes]

    def validate_sender(self, field: Field) -> None:
        field.data = (field.data or "").strip().lower().removeprefix("@")
        if not field.data and not (self.subject.data or "").strip():
            raise ValidationError("By what is it recognised? Name the sender, words of the subject, or both.")
        try:
            if "@" in field.data:
                plausible.address(field.data)
            elif field.data:
                plausible.host(field.data)
        except SettingsError as error:
            raise ValidationError("Write an address, or the domain after the @.") from error

    def validate_due_by(self, field: Field) -> None:
        found = TIME.fullmatch((field.data or "").strip())
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            raise ValidationError("Write the time as 08:00.")
        field.data = f"{int(found[1]):02}:{found[2]}"

    def validate_weekdays(self, field: Field) -> None:
        if not field.data:
            raise ValidationError("On which days?")

    def write_to(self, mail: ExpectedMail) -> None:
        """Put what was entered into the row."""
        mail.name, mail.due_by, mail.active = self.name.data.strip(), self.due_by.data, self.active.data
        mail.account_id = self.account_id.data or None
        mail.sender, mail.subject = self.sender.data, (self.subject.data or "").strip()
        mail.weekdays = sorted(self.weekdays.data)


def stored(mail: ExpectedMail) -> dict[str, Any]:
    """What is saved about it, by the fields of the form."""
    names = ("name", "sender", "subject", "due_by", "weekdays", "active")
    return {name: getattr(mail, name) for name in names} | {"account_id": mail.account_id or 0}
