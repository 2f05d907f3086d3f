"""A statement says what was invoiced and paid over a time, and what is open, in each currency."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import time_machine
from pypdf import PdfReader

from psa import clock
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import credit, issue, void
from psa.billing.invoices.payments import Money, add_payment
from psa.billing.mailing import schedule
from psa.billing.mailing.statements import send_statement, statement_of
from psa.clients.models import Contact
from psa.clients.operations import make_contact
from psa.extensions import db
from psa.mail.inbound.beyond_tickets import matter_of_statement
from psa.mail.models import OutboundEmail
from psa.mail.outbound.models import ReturnAddress
from tests.mailroom import letter

OCTOBER, NOVEMBER, TODAY = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 20)


def told(account) -> list[tuple[str, str, str]]:
    return [(one.words, f"{one.amount:.2f}", f"{one.balance:.2f}") for one in account.entries]


@time_machine.travel("2026-11-20T12:00:00+00:00", tick=False)
def test_it_adds_up_from_what_was_open_before_to_what_is_open_now(cast, make_invoice):
    first = make_invoice("100", on=date(2026, 10, 5))
    add_payment(first, Money(Decimal("19.00"), date(2026, 10, 20)), cast.tom.id)
    second = make_invoice("50", on=date(2026, 11, 2))
    issue(credit(second, cast.tom.id), cast.tom.id, date(2026, 11, 3))
    void(make_invoice("999", on=date(2026, 11, 4)), "Sent to the wrong client", cast.tom.id)
    make_invoice("10", on=date(2026, 11, 5), currency="USD")
    db.session.commit()
    statement = statement_of(cast.harbor, NOVEMBER, TODAY)
    euros, dollars = statement.accounts
    assert (euros.before, euros.balance, dollars.before) == (Decimal("100.00"), Decimal("100.00"), Decimal(0))
    assert told(euros) == [("Invoice 2026-0002", "59.50", "159.50"), ("Credit note C2026-0001", "-59.50", "100.00")]
    assert [one.invoice.number for one in euros.unsettled] == ["2026-0001"]
    assert statement.balance == "100.00 EUR and 11.90 USD"
    whole = statement_of(cast.harbor, OCTOBER, TODAY)
    assert told(whole.accounts[0])[:2] == [
        ("Invoice 2026-0001", "119.00", "119.00"),
        ("Payment for 2026-0001", "-19.00", "100.00"),
    ]


@time_machine.travel("2026-11-20T12:00:00+00:00", tick=False)
def test_one_of_the_past_lists_what_was_open_on_its_last_day(sign_in, cast, make_invoice):
    first = make_invoice("100", on=date(2026, 10, 5))
    second = make_invoice("50", on=date(2026, 10, 20))
    third = make_invoice("10", on=date(2026, 10, 25))
    add_payment(first, Money(Decimal("19.00"), date(2026, 10, 12)), cast.tom.id)
    add_payment(first, Money(Decimal("100.00"), date(2026, 11, 3)), cast.tom.id)
    issue(credit(second, cast.tom.id), cast.tom.id, date(2026, 11, 4))
    add_payment(third, Money(Decimal("11.90"), date(2026, 10, 26)), cast.tom.id)
    issue(credit(third, cast.tom.id), cast.tom.id, date(2026, 10, 28))
    make_invoice("70", on=date(2026, 11, 5))
    db.session.commit()
    (then,) = statement_of(cast.harbor, OCTOBER, date(2026, 10, 31)).accounts
    assert [(one.invoice.number, f"{one.amount:.2f}") for one in then.unsettled] == [
        ("2026-0001", "100.00"),
        ("2026-0002", "59.50"),
        ("C2026-0002", "-11.90"),
    ]
    assert sum(one.amount for one in then.unsettled) == then.balance
    (now,) = statement_of(cast.harbor, OCTOBER, TODAY).accounts
    assert [(one.invoice.number, one.amount) for one in now.unsettled] == [
        (one.number, one.balance)
        for one in db.session.scalars(db.select(Invoice).order_by(Invoice.due_on, Invoice.id))
        if one.balance
    ]
    page = sign_in("agent").get(f"/clients/{cast.harbor.id}/statement?since=2026-10-01&until=2026-10-31").text
    assert "Open on 31 Oct" in page and "Open now" not in page


@time_machine.travel("2026-11-20T12:00:00+00:00", tick=False)
def test_it_is_read_on_its_page_as_pdf_and_sent(sign_in, mailroom, cast, make_invoice):
    make_invoice("100", on=date(2026, 11, 2))
    agent = sign_in("agent")
    page = agent.get(f"/clients/{cast.harbor.id}/statement").text
    assert "Invoice 2026-0001" in page and "119.00 EUR" in page
    file = agent.get(f"/clients/{cast.harbor.id}/statement.pdf")
    assert file.mimetype == "application/pdf"
    words = "\n".join(one.extract_text() for one in PdfReader(BytesIO(file.data)).pages)
    assert "Statement of account" in words and "Open: 119.00 EUR." in words
    sent = agent.post(f"/clients/{cast.harbor.id}/statement/mails", data={"contact": str(cast.dana.id)})
    assert sent.status_code == 303
    assert db.session.scalars(db.select(OutboundEmail.statement_of_id)).all() == [cast.harbor.id]
    (mail,) = mailroom.outbox
    assert mail.subject == "Statement of account from Northwind IT"
    assert "Open on 20 November 2026: 119.00 EUR" in mailroom.text(mail).replace("\n", " ")
    came = mailroom.receive(letter("Our books agree.", subject=f"Re: {mail.subject}", answers=f"<{mail.message_id}>"))
    assert mailroom.ticket(came.ticket_id).queue.name == "Billing"


def test_days_that_make_no_period_are_refused_with_a_sentence(sign_in, cast):
    agent = sign_in("agent")
    for query, words in (
        ("since=yesterday", "Write both days as year, month and day"),
        ("since=2026-02-01&until=2026-01-01", "The first day is after the last one."),
    ):
        answer = agent.get(f"/clients/{cast.harbor.id}/statement?{query}")
        assert (answer.status_code, words in answer.text) == (422, True)
    answer = agent.post(f"/clients/{cast.harbor.id}/statement/mails", data={})
    assert (answer.status_code, "Choose at least one person" in answer.text) == (422, True)


def test_a_client_is_spared_from_its_statement_page(sign_in, cast):
    agent, page = sign_in("agent"), f"/clients/{cast.harbor.id}/statement"
    assert "Never remind them" in agent.get(page).text
    agent.post(f"/clients/{cast.harbor.id}/reminders", data={})
    assert "Nobody reminds Harbor Dental" in agent.get(page).text
    agent.post(f"/clients/{cast.harbor.id}/reminders", data={"remind": "y"})
    assert "Never remind them" in agent.get(page).text
    assert "There is no schedule yet, so nobody is reminded" in agent.get(page).text
    schedule.add_step(7)
    db.session.commit()
    assert "Harbor Dental is reminded of what is due, by the schedule." in agent.get(page).text


def test_the_schedule_is_made_in_admin(sign_in, cast):
    admin, page = sign_in("admin"), "/admin/reminders"
    assert "Nobody is reminded yet" in admin.get(page).text
    admin.post(f"{page}/usual")
    assert "21 days after the due date" in admin.get(page).text
    admin.post(page, data={"days": "5", "side": "before"})
    assert "5 days before the due date" in admin.get(page).text
    for days, side in (
        ("", "after"),
        ("x", "after"),
        ("0", "before"),
        ("7", "after"),
        ("400", "after"),
        ("70", "before"),
    ):
        assert admin.post(page, data={"days": days, "side": side}).status_code == 422


def test_the_schedule_is_for_admins(sign_in, cast):
    assert sign_in("agent").get("/admin/reminders").status_code == 403


@time_machine.travel("2026-11-20T12:00:00+00:00", tick=False)
def test_a_statement_leaves_once_however_often_the_button_is_pressed(sign_in, mailroom, cast):
    agent, way = sign_in("agent"), f"/clients/{cast.harbor.id}/statement/mails"
    answers = [agent.post(way, data={"contact": str(cast.dana.id)}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "was sent to Dana Whitfield just now" in answers[1].text and len(mailroom.outbox) == 1


def test_an_answer_to_its_own_address_reaches_billing_without_references(sign_in, mailroom, cast):
    db.session.add(ReturnAddress(account_id=cast.outbound.id, checked_at=clock.now(), proven_at=clock.now()))
    db.session.commit()
    sign_in("agent").post(f"/clients/{cast.harbor.id}/statement/mails", data={"contact": str(cast.dana.id)})
    (mail,) = mailroom.outbox
    came = mailroom.receive(letter("Our books agree.", to=mailroom.read(mail)["Reply-To"]))
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.queue.name, ticket.client.name) == ("Billing", "Harbor Dental")


def test_a_send_that_crosses_midnight_is_one_matter(mailroom, cast):
    midnight, ids = clock.midnight(clock.today()), []
    ida = db.session.get_one(Contact, make_contact("ida@harbor-dental.example", "Ida", cast.harbor.id))
    for moment, person in ((midnight - timedelta(seconds=1), cast.dana), (midnight + timedelta(seconds=1), ida)):
        with time_machine.travel(moment, tick=False):
            ids += send_statement(statement_of(cast.harbor, NOVEMBER, TODAY), [person])
    db.session.commit()
    for one in ids:
        matter = matter_of_statement(db.session.get_one(OutboundEmail, one))
        assert {number for number, _ in matter.mails} == set(ids)


def test_what_is_open_adds_up_to_what_the_statement_says(cast, make_invoice):
    paid = make_invoice("100")
    make_invoice("300")
    add_payment(paid, Money(Decimal(119), clock.today()), None)
    issue(credit(paid, None), None)
    (account,) = statement_of(cast.harbor, clock.today(), clock.today()).accounts
    assert sorted(one.amount for one in account.unsettled) == [Decimal(-119), Decimal(357)]
    assert account.balance == sum(one.amount for one in account.unsettled)
