"""The forms about invoices. Their lines are read by psa.billing.invoices.typed_lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from psa.admin.models import Firm
from psa.billing.currencies import UnknownCurrency, figure, read_currency
from psa.billing.invoices.drafts import Content, DraftLine
from psa.billing.invoices.models import RHYTHMS, Invoice, RecurringInvoice
from psa.billing.invoices.payments import Money
from psa.billing.invoices.series import RefusedPattern, read_pattern
from psa.billing.money import UnreadableAmount, read_amount, read_percent
from psa.billing.places import find_client
from psa.clients.forms import few_lines
from psa.clients.models import Client
from psa.clock import today
from psa.revisions import read_revision
from psa.saving import SettingsForm
from psa.words import trimmed

WHOLE_DAYS = NumberRange(0, 365, "Write the days as a whole number, up to 365.")
# What the firm sets about its invoices.
ON_INVOICES = (
    "address",
    "tax_id",
    "payment_words",
    "currency",
    "payment_days",
    "invoice_pattern",
    "credit_pattern",
)
# Nobody wrote an invoice before or will after.
FIRST, LAST = date(1990, 1, 1), date(2999, 12, 31)


def read_or_refuse(read: Any, *values: Any) -> Any:
    """What ``read`` makes of the values; what it refuses becomes the sentence at the field."""
    try:
        return read(*values)
    except (UnreadableAmount, UnknownCurrency, RefusedPattern) as reason:
        raise ValidationError(str(reason)) from reason


class DraftForm(FlaskForm):  # type: ignore[misc]
    """All of a draft but its lines; ``revision`` is the one that was shown."""

    reference = StringField("Their order number", [Length(max=120)], [trimmed])
    currency = StringField("Currency", [InputRequired("Which currency?")], [trimmed])
    payment_days = IntegerField("Days to pay", [InputRequired("Write the days as a whole number."), WHOLE_DAYS])
    project = SelectField("Project", [Optional()])
    words = TextAreaField("Above the lines", [Length(max=5000)], [trimmed])
    revision = HiddenField()

    def __init__(self, invoice: Invoice, projects: list[tuple[str, str]], formdata: Any = None) -> None:
        super().__init__(formdata, obj=invoice, data={"project": str(invoice.project_id or "")})
        self.project.choices = [("", "None"), *projects]
        if formdata is None:
            self.project.data = str(invoice.project_id or "")

    def validate_currency(self, field: StringField) -> None:
        self.code = read_or_refuse(read_currency, field.data)

    def content(self, lines: tuple[DraftLine, ...]) -> Content:
        return Content(
            self.code,
            self.payment_days.data,
            self.reference.data,
            self.words.data,
            int(self.project.data) if self.project.data else None,
            lines,
        )

    @property
    def shown_revision(self) -> int:
        return read_revision(self.revision.data)


class PaymentForm(FlaskForm):  # type: ignore[misc]
    """Money that came in for one invoice."""

    amount = StringField("Amount", [InputRequired("How much was it?")], [trimmed])
    paid_on = DateField("On", [Optional()])
    words = StringField("Note", [Length(max=200)], [trimmed])

    def __init__(self, invoice: Invoice, formdata: Any = None) -> None:
        shown = figure(abs(invoice.balance), invoice.currency)
        super().__init__(formdata, data={"amount": shown, "paid_on": today()})
        self.currency = invoice.currency

    def validate_amount(self, field: StringField) -> None:
        self.value: Decimal = read_or_refuse(read_amount, field.data, self.currency)

    def money(self) -> Money:
        return Money(self.value, self.paid_on.data or today(), self.words.data)


class RecurringForm(FlaskForm):  # type: ignore[misc]
    """When an invoice comes again, and for whom."""

    client = StringField("Client", [InputRequired("Which client is it for?")], [trimmed])
    name = StringField("Name", [InputRequired("What is it called on your list?"), Length(max=120)], [trimmed])
    every = IntegerField("Every", [InputRequired("Write a whole number."), NumberRange(1, 60, "From 1 to 60.")])
    rhythm = SelectField("Rhythm", choices=list(RHYTHMS.items()))
    starts_on = DateField("First on", [InputRequired("On which day does it begin?")])
    ends_on = DateField("Not after", [Optional()])
    sends = RadioField("Then", choices=[("", "make a draft"), ("y", "issue and send it")], default="")
    active = BooleanField("Goes on")
    reference = StringField("Their order number", [Length(max=120)], [trimmed])
    words = TextAreaField("Above the lines", [Length(max=5000)], [trimmed])
    revision = HiddenField()

    found: Client | None = None
    is_new = False

    @classmethod
    def of(cls, recurring: RecurringInvoice) -> RecurringForm:
        plain = ("name", "every", "rhythm", "starts_on", "ends_on", "active", "reference", "words", "revision")
        shown = {name: getattr(recurring, name) for name in plain}
        client = recurring.client.name if recurring.client is not None else ""
        return cls(formdata=None, data=shown | {"client": client, "sends": "y" if recurring.sends else ""})

    def validate_client(self, field: StringField) -> None:
        self.found = find_client(field.data)
        if self.found is None:
            raise ValidationError("No client is called so.")

    def validate_starts_on(self, field: DateField) -> None:
        if field.data and not FIRST <= field.data <= LAST:
            raise ValidationError("No such day.")
        if self.is_new and field.data and field.data < today() - timedelta(days=31):
            raise ValidationError("That is more than a month ago: all since then would be made at once. Begin later.")

    def validate_ends_on(self, field: DateField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("It would end before it begins.")

    @property
    def shown_revision(self) -> int:
        return read_revision(self.revision.data)


class BillingForm(SettingsForm):
    """What stands on every invoice of the firm."""

    address = TextAreaField("Address", [Length(max=1000), few_lines], [trimmed])
    tax_id = StringField("Tax number", [Length(max=60)], [trimmed])
    payment_words = TextAreaField("How to pay", [Length(max=1000), few_lines], [trimmed])
    currency = StringField("Currency", [InputRequired("Which currency?")], [trimmed])
    payment_days = IntegerField("Days to pay", [InputRequired("Write the days as a whole number."), WHOLE_DAYS])
    invoice_pattern = StringField("Numbers of invoices", filters=[trimmed])
    credit_pattern = StringField("Numbers of credit notes", filters=[trimmed])
    last_number = StringField("Last number so far", [Optional()], [trimmed])

    last: int | None = None

    def __init__(self, firm: Firm, formdata: Any = None) -> None:
        super().__init__(formdata, obj=firm)
        if formdata is None:
            self.take_up(billing_settings(firm))

    def validate_currency(self, field: StringField) -> None:
        field.data = read_or_refuse(read_currency, field.data)

    def validate_invoice_pattern(self, field: StringField) -> None:
        field.data = read_or_refuse(read_pattern, field.data)

    def validate_credit_pattern(self, field: StringField) -> None:
        """Empty, or the invoices' own: one series for both."""
        pattern = read_or_refuse(read_pattern, field.data) if field.data else ""
        field.data = "" if pattern == self.invoice_pattern.data else pattern

    def validate_last_number(self, field: StringField) -> None:
        if not field.data.isdecimal() or len(field.data) > 9:
            raise ValidationError("Write the number alone, as 117.")
        self.last = int(field.data)


def billing_settings(firm: Firm) -> dict[str, object]:
    """What stands on every invoice now, by the fields of the form."""
    return {name: getattr(firm, name) for name in ON_INVOICES}


class TaxRateForm(FlaskForm):  # type: ignore[misc]
    """A new tax rate."""

    name = StringField("Name", [InputRequired("What is it called on the invoice?"), Length(max=40)], [trimmed])
    percent = StringField("Percent", [InputRequired("How many percent?")], [trimmed])
    tax_words = StringField("Words below the sums", [Length(max=300)], [trimmed])

    def validate_percent(self, field: StringField) -> None:
        self.value: Decimal = read_or_refuse(read_percent, field.data)
