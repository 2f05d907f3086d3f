"""Clients are reminded by the schedule: each step once, the latest only, and never of what is settled or disputed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine

from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import dispute, void
from psa.billing.invoices.payments import Money, add_payment
from psa.billing.mailing import schedule
from psa.billing.mailing.models import Reminder
from psa.billing.mailing.reminders import coming, remind_of_what_is_due, reminders_of
from psa.extensions import db
from psa.mail.outbound import addresses
from psa.notifications import choices
from tests.mailroom import Mailroom

ISSUED = date(2026, 11, 2)
DUE = ISSUED + timedelta(days=14)
REMINDERS = ("invoice_reminder_before", "invoice_reminder_due", "invoice_reminder_overdue")


@pytest.fixture
def on() -> Callable[..., object]:
    """``with on(day):`` it is noon of that day where the server stands, or another hour."""
    return lambda day, hour=12: time_machine.travel(datetime.combine(day, time(hour)).astimezone(), tick=False)


@pytest.fixture
def invoice(on, sent, cast) -> Invoice:
    """Of 2 November, due on the 16th, to be reminded of 3 days before, on the day, and 7 and 21 days after."""
    with on(ISSUED):
        schedule.take_usual()
        return sent("100", on=ISSUED)


def left(mailroom: Mailroom) -> list[str]:
    return [mail.template.removeprefix("invoice_reminder_") for mail in mailroom.outbox if mail.template in REMINDERS]


def run(on, day: date) -> int:
    with on(day):
        return remind_of_what_is_due()


def test_each_step_leaves_once_on_its_day(mailroom, on, invoice):
    days = [ISSUED, *(DUE + timedelta(days=number) for number in (-4, -3, -2, 0, 1, 7, 8, 20, 21, 22, 60))]
    told = [day for day in days if run(on, day) + run(on, day)]
    assert told == [DUE + timedelta(days=step) for step in schedule.USUAL]
    assert left(mailroom) == ["before", "due", "overdue", "overdue"]
    last = mailroom.outbox[-1]
    assert (last.invoice_id, last.recipients) == (invoice.id, ["dana@harbor-dental.example"])
    assert last.subject == f"Invoice {invoice.number}: 119.00 EUR still open"
    assert "This is reminder 4." in mailroom.text(last)


def test_after_days_without_a_run_only_the_latest_step_leaves(mailroom, on, invoice):
    assert run(on, DUE + timedelta(days=9)) == 1
    assert left(mailroom) == ["overdue"]
    assert "it is reminder" not in mailroom.text(mailroom.outbox[-1]).lower()
    assert run(on, DUE + timedelta(days=10)) == 0


def test_nothing_leaves_at_night(mailroom, on, invoice):
    with on(DUE, 7):
        assert remind_of_what_is_due() == 0


def test_what_is_paid_void_or_disputed_is_left_in_peace(mailroom, cast, on, sent, invoice):
    with on(ISSUED):
        paid, voided, disputed = (sent("10", on=ISSUED) for _ in range(3))
        add_payment(paid, Money(Decimal("11.90"), ISSUED), cast.tom.id)
        void(voided, "Sent twice", cast.tom.id)
        dispute(disputed, True, cast.tom.id)
        db.session.commit()
    assert run(on, DUE) == 1
    assert mailroom.outbox[-1].invoice_id == invoice.id
    with on(DUE):
        dispute(db.session.get_one(Invoice, disputed.id), False, cast.tom.id)
        db.session.commit()
    assert run(on, DUE) == 1


def test_what_was_never_mailed_from_here_is_left_in_peace(mailroom, on, make_invoice):
    with on(ISSUED):
        schedule.take_usual()
        make_invoice("100", on=ISSUED)
    assert run(on, DUE + timedelta(days=30)) == 0


def test_a_client_can_be_spared(mailroom, cast, on, invoice):
    schedule.remind(cast.harbor.id, False, cast.tom.id)
    db.session.commit()
    assert run(on, DUE) == 0
    schedule.remind(cast.harbor.id, True, cast.tom.id)
    db.session.commit()
    assert run(on, DUE) == 1


def test_a_kind_that_is_switched_off_is_not_sent(mailroom, on, invoice):
    choices.switch({("invoice_reminder_due", None): False})
    db.session.commit()
    assert run(on, DUE) == 0
    assert run(on, DUE + timedelta(days=7)) == 1


def test_an_address_that_mail_comes_back_from_is_not_written_to_and_the_invoice_says_so(mailroom, on, invoice):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 no such user")
    db.session.commit()
    assert run(on, DUE) == 0
    (reminder,) = reminders_of(invoice.id)
    assert (reminder.left, left(mailroom)) == (False, [])
    assert reminder.words == "A reminder on the due date was not sent: no contact of the client is told of invoices."


def test_a_new_step_does_not_remind_of_last_year(mailroom, on, sent):
    with on(ISSUED):
        sent("100", on=ISSUED)
    with on(DUE + timedelta(days=300)):
        schedule.take_usual()
        db.session.commit()
    assert run(on, DUE + timedelta(days=300)) == 0


def test_a_bill_that_is_due_at_once_has_no_reminder_on_its_own_day(mailroom, on, cast, sent):
    with on(ISSUED):
        schedule.take_usual()
        db.session.commit()
        invoice = sent("100", on=ISSUED)
        invoice.payment_days, invoice.due_on = 0, ISSUED
        db.session.commit()
    assert run(on, ISSUED) == 0
    assert run(on, ISSUED + timedelta(days=7)) == 1


def test_what_comes_next_is_told_before_it_leaves(mailroom, cast, on, invoice):
    with on(ISSUED):
        told = coming(ISSUED)
        assert [(one.day, one.words) for one in told] == [
            (DUE - timedelta(days=3), "3 days before the due date"),
            (DUE, "on the due date"),
            (DUE + timedelta(days=7), "7 days after the due date"),
        ]
        assert told[0].people == ("Dana Whitfield",)
    run(on, DUE)
    with on(DUE):
        assert [one.days for one in coming(DUE)] == [7, 21]


def test_two_at_once_remind_once(mailroom, on, invoice):
    with on(DUE):
        db.session.add(Reminder(invoice_id=invoice.id, days=0))
        db.session.commit()
        assert remind_of_what_is_due() == 0
    assert left(mailroom) == []


def test_a_reminder_that_never_left_is_not_counted(mailroom, on, invoice):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 no such user")
    db.session.commit()
    assert run(on, DUE - timedelta(days=3)) == 0
    addresses.clear("dana@harbor-dental.example")
    db.session.commit()
    assert run(on, DUE) == 1
    assert [one.words.partition(",")[0] for one in reminders_of(invoice.id) if one.left] == ["Reminder 1"]
