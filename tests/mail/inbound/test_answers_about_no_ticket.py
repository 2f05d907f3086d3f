"""An answer to mail of ours about an invoice or an update opens one ticket that carries it, for those who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from psa.billing.invoices.models import Invoice, InvoiceEvent
from psa.clients import merging, people
from psa.clients.operations import find_person
from psa.extensions import db
from psa.mail.inbound.explain import explain
from psa.mail.inbound.process import convert, process_again
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.signed_addresses import INVOICE, STATEMENT, reply_address, return_address
from psa.projects.models import Update
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, set_status
from psa.tickets.relations import Suggestion
from psa.tickets.why_client import why_client
from tests.factories import Cast
from tests.mailroom import SUPPORT, Mailroom, letter


@pytest.fixture
def invoice(cast: Cast) -> Invoice:
    made = Invoice(
        client=cast.harbor,
        number="2026-0001",
        status="sent",
        currency="EUR",
        payment_days=14,
        issued_on=date(2026, 11, 2),
        due_on=date(2026, 11, 16),
        total=Decimal("119.00"),
    )
    db.session.add(made)
    db.session.commit()
    return made


def mail_about(cast: Cast, subject: str, to: str = "dana@harbor-dental.example", **about: Any) -> OutboundEmail:
    composed = compose(
        Content(subject, "Please see."),
        sender=("Northwind", SUPPORT),
        to=[("", to)],
    )
    outbound_id = enqueue(
        composed, account_id=cast.outbound.id, envelope_sender=SUPPORT, recipients=[to], purpose="notice", **about
    )
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id)


def answer(mail: OutboundEmail, text: str = "We will pay on Friday.", **more: str):
    return letter(text, subject=f"Re: {mail.subject}", answers=f"<{mail.message_id}>", **more)


def test_an_answer_to_an_invoice_opens_a_ticket_in_the_billing_queue_that_carries_it(mailroom: Mailroom, cast, invoice):
    came = mailroom.receive(answer(mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)))
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.invoice_id, ticket.queue.name, ticket.client.name) == (invoice.id, "Billing", "Harbor Dental")
    steps = {step["step"]: step["detail"] for step in came.trace}
    assert steps["Ticket"] == "it answers our invoice 2026-0001"
    assert steps["Queue"] == "where answers to our invoice 2026-0001 go"


def test_whatever_is_answered_about_one_invoice_comes_to_one_ticket(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    reminder = mail_about(cast, "Invoice 2026-0001 is due", "ben@harbor-dental.example", invoice_id=invoice.id)
    first = mailroom.receive(answer(sent, message_id="<first@harbor-dental.example>"))
    others = [
        answer(sent, "One more thing."),
        answer(reminder, "I have paid it.", sender="Ben <ben@harbor-dental.example>"),
        letter("Thanks!", answers="<first@harbor-dental.example>"),
    ]
    assert {mailroom.receive(other).ticket_id for other in others} == {first.ticket_id}
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 1


@pytest.mark.parametrize(("auto_reply", "sent"), [("mailbox", []), ("on", ["auto_reply"])])
def test_who_answers_an_invoice_gets_no_receipt_but_what_the_queue_says_to_all(
    mailroom: Mailroom, cast, invoice, auto_reply, sent
):
    cast.inbound.acknowledge, cast.billing.auto_reply = True, auto_reply
    came = mailroom.receive(answer(mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)))
    receipts = db.select(OutboundEmail.template).where(OutboundEmail.ticket_id == came.ticket_id)
    assert db.session.scalars(receipts).all() == sent
    assert ("it answers our invoice 2026-0001, and whoever answers us" in str(came.trace)) is not bool(sent)
    mailroom.receive(letter("The printer is on fire."))
    assert db.session.scalar(db.select(OutboundEmail.template).order_by(OutboundEmail.id.desc())) == "ticket_opened"


def test_a_stranger_who_knows_the_id_is_not_let_in(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    came = mailroom.receive(answer(sent, sender="Eve <eve@elsewhere.example>"))
    assert mailroom.receive(answer(sent)).ticket_id != came.ticket_id
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.invoice_id, ticket.queue.name, ticket.client) == (None, "Support", None)
    assert "eve@elsewhere.example neither got that nor is of its client" in str(came.trace)


def test_a_bookkeeper_elsewhere_who_got_the_invoice_is_let_in(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", "books@ledger.example", invoice_id=invoice.id)
    came = mailroom.receive(answer(sent, sender="Ida Book <books@ledger.example>"))
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.invoice_id, ticket.client.name) == (invoice.id, "Harbor Dental")


def test_who_is_let_in_for_an_invoice_is_not_taken_for_one_of_the_clients_people(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", "books@ledger.example", invoice_id=invoice.id)
    came = mailroom.receive(answer(sent, sender="Ida Book <books@ledger.example>"))
    ida = mailroom.ticket(came.ticket_id).requester
    assert (ida.name, ida.client) == ("Ida Book", None)
    later = mailroom.receive(answer(sent, "It is paid.", sender="Ida Book <books@ledger.example>"))
    assert later.ticket_id == came.ticket_id


def test_a_forged_sender_who_knows_the_id_is_not_let_onto_the_ticket(mailroom: Mailroom, cast, invoice):
    cast.inbound.authserv = "mx.northwind.example"
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    forged = {"Authentication_Results": "mx.northwind.example; dmarc=fail header.from=harbor-dental.example"}
    early = mailroom.receive(answer(sent, "Our bank has changed.", **forged))
    first = mailroom.receive(answer(sent, sender="Ben <ben@harbor-dental.example>"))
    late = mailroom.receive(answer(sent, "Our bank has changed.", sender="Cleo <cleo@harbor-dental.example>", **forged))
    assert len({early.ticket_id, first.ticket_id, late.ticket_id}) == 3
    assert [mailroom.ticket(one.ticket_id).invoice_id for one in (early, first, late)] == [None, invoice.id, None]
    (asked,) = db.session.scalars(db.select(Suggestion).where(Suggestion.inbound_id == late.id))
    assert asked.ticket_id == first.ticket_id
    assert "cleo@harbor-dental.example seems to be forged" in str(late.trace)


BEN = "ben@harbor-dental.example"


def statement(cast: Cast, to: str = "dana@harbor-dental.example") -> OutboundEmail:
    return mail_about(cast, "Statement of account", to, template="statement", statement_of_id=find_person(to).client_id)


def test_answers_to_one_statement_come_to_one_ticket_in_billing_whoever_of_the_client_writes(mailroom: Mailroom, cast):
    eve = mailroom.receive(answer(statement(cast), sender="Eve <eve@elsewhere.example>"))
    assert mailroom.ticket(eve.ticket_id).queue.name == "Support"
    to_dana, to_ben = statement(cast), statement(cast, BEN)
    dana = mailroom.receive(answer(to_dana))
    ticket = mailroom.ticket(dana.ticket_id)
    assert (ticket.queue.name, ticket.client.name) == ("Billing", "Harbor Dental")
    assert dana.ticket_id != eve.ticket_id
    others = [
        answer(to_dana, "Thanks."),
        answer(to_dana, "Is that so?", sender="Cleo <cleo@harbor-dental.example>"),
        answer(to_ben, "I have paid it.", sender=f"Ben <{BEN}>"),
        answer(statement(cast, BEN), "Once more?", sender=f"Ben <{BEN}>"),
    ]
    assert {mailroom.receive(other).ticket_id for other in others} == {dana.ticket_id}
    assert not db.session.scalars(db.select(Suggestion)).all()


def test_an_answer_to_a_statement_without_references_comes_to_the_latest_one(mailroom: Mailroom, cast):
    old = mailroom.receive(answer(statement(cast)))
    new = statement(cast)
    new.queued_at += timedelta(days=31)
    db.session.commit()
    latest = mailroom.receive(answer(new))
    to = reply_address(SUPPORT, cast.harbor.id, STATEMENT)
    assert mailroom.receive(letter("Paid.", to=to)).ticket_id == latest.ticket_id != old.ticket_id
    eve = mailroom.receive(letter("Let me in.", to=to, sender="Eve <eve@elsewhere.example>"))
    assert mailroom.ticket(eve.ticket_id).queue.name == "Support"
    to = reply_address(SUPPORT, cast.vega.id, STATEMENT)
    ruben = mailroom.receive(letter("Paid.", to=to, sender="Ruben <ruben@vega-logistics.example>"))
    assert mailroom.ticket(ruben.ticket_id).queue.name == "Billing"
    assert ruben.ticket_id not in (old.ticket_id, latest.ticket_id)


def test_one_statement_has_one_ticket_whether_its_answers_come_by_address_or_by_references(mailroom: Mailroom, cast):
    cast.billing.reopening = "always"
    old = mailroom.receive(answer(statement(cast)))
    set_status(old.ticket_id, "closed", Actor(user_id=cast.tom.id))
    to_dana, to_ben = statement(cast), statement(cast, BEN)
    to_dana.queued_at, to_ben.queued_at = (one.queued_at + timedelta(days=365) for one in (to_dana, to_ben))
    never_left = statement(cast)
    never_left.queued_at, never_left.status = never_left.queued_at + timedelta(days=400), "failed"
    db.session.commit()
    to = reply_address(SUPPORT, cast.harbor.id, STATEMENT)
    first = mailroom.receive(letter("This one is wrong.", to=to))
    second = mailroom.receive(answer(to_ben, sender=f"Ben <{BEN}>"))
    assert first.ticket_id == second.ticket_id != old.ticket_id
    assert mailroom.ticket(old.ticket_id).status == "closed"


def test_an_answer_belongs_to_the_client_whose_statement_it_was_wherever_its_writer_is_now(mailroom: Mailroom, cast):
    sent, to_ruben = statement(cast), statement(cast, "ruben@vega-logistics.example")
    ruben = mailroom.receive(answer(to_ruben, sender="Ruben <ruben@vega-logistics.example>"))
    people.move_contact(cast.dana, cast.vega, cast.harbor.id)
    db.session.commit()
    dana = mailroom.receive(answer(sent, "I still had this."))
    assert dana.ticket_id != ruben.ticket_id
    ticket = mailroom.ticket(dana.ticket_id)
    assert (ticket.queue.name, ticket.client.name, ticket.requester.client.name) == (
        "Billing",
        "Harbor Dental",
        "Vega Logistics",
    )
    assert why_client(ticket) == "It answers our statement"
    again = mailroom.receive(letter("One more.", to=reply_address(SUPPORT, cast.harbor.id, STATEMENT)))
    assert again.ticket_id == dana.ticket_id


def test_the_statements_of_a_client_that_was_merged_are_answered_as_before(mailroom: Mailroom, cast):
    sent = statement(cast)
    first = mailroom.receive(answer(sent))
    merging.merge(cast.harbor, cast.vega, cast.tom.id)
    db.session.commit()
    assert mailroom.receive(answer(sent, "More", sender=f"Ben <{BEN}>")).ticket_id == first.ticket_id
    to = reply_address(SUPPORT, cast.harbor.id, STATEMENT)
    assert mailroom.receive(letter("Paid.", to=to)).ticket_id == first.ticket_id


@pytest.mark.parametrize(
    ("second", "is_one"), [(datetime(2026, 11, 2, 23, 30), True), (datetime(2026, 11, 3, 5, 30), False)]
)
def test_the_day_of_a_statement_is_one_of_the_firms(mailroom: Mailroom, cast, second, is_one):
    to_dana, to_ben = statement(cast), statement(cast, BEN)
    to_dana.queued_at, to_ben.queued_at = datetime(2026, 11, 3, 4, 30, tzinfo=UTC), second.replace(tzinfo=UTC)
    db.session.commit()
    with time_machine.travel(datetime(2026, 11, 4, 9, tzinfo=ZoneInfo("America/New_York")), tick=False):
        dana, ben = mailroom.receive(answer(to_dana)), mailroom.receive(answer(to_ben, sender=f"Ben <{BEN}>"))
    assert (dana.ticket_id == ben.ticket_id) is is_one


def test_a_statement_of_another_day_and_that_of_another_client_are_other_matters(mailroom: Mailroom, cast):
    first = mailroom.receive(answer(statement(cast)))
    later, elsewhere = statement(cast), statement(cast, "ruben@vega-logistics.example")
    later.queued_at += timedelta(days=31)
    db.session.commit()
    second = mailroom.receive(answer(later))
    third = mailroom.receive(answer(elsewhere, sender="Ruben <ruben@vega-logistics.example>"))
    assert len({first.ticket_id, second.ticket_id, third.ticket_id}) == 3
    assert mailroom.ticket(third.ticket_id).queue.name == "Billing"


def test_a_forged_answer_to_a_statement_does_not_become_its_ticket(mailroom: Mailroom, cast):
    cast.inbound.authserv = "mx.northwind.example"
    forged = {"Authentication_Results": "mx.northwind.example; dmarc=fail header.from=harbor-dental.example"}
    sent = statement(cast)
    early = mailroom.receive(answer(sent, "Our bank has changed.", **forged))
    real = mailroom.receive(answer(sent, sender=f"Ben <{BEN}>"))
    assert real.ticket_id != early.ticket_id
    assert mailroom.ticket(real.ticket_id).queue.name == "Billing"


def away(mail: OutboundEmail, to: str = SUPPORT) -> EmailMessage:
    subject, answers = "Away until Monday", f"<{mail.message_id}>" if to == SUPPORT else ""
    return letter("I am not here.", subject=subject, to=to, answers=answers, Auto_Submitted="auto-replied")


def history() -> list[str]:
    return list(db.session.scalars(db.select(InvoiceEvent.words)))


def test_a_note_of_absence_opens_no_ticket_and_stands_at_the_invoice(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    came = mailroom.receive(away(sent))
    assert (came.status, came.ticket_id, came.decided_by) == ("ignored", None, "thread")
    assert came.reason == "An automatic answer to our invoice 2026-0001"
    line = "Automatic answer from dana@harbor-dental.example: Away until Monday"
    assert history() == [line]
    assert mailroom.receive(away(sent, to=return_address(SUPPORT, sent.id))).status == "ignored"
    assert history() == [line, line]
    assert mailroom.receive(away(statement(cast))).status == "ignored"
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 0


def test_a_person_can_make_a_ticket_of_a_note_of_absence_all_the_same(mailroom: Mailroom, cast, invoice):
    came = mailroom.receive(away(mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)))
    assert process_again(came.id).status == "ignored"
    assert len(history()) == 1
    converted = convert(came.id)
    assert converted.status == "filed"
    assert mailroom.ticket(converted.ticket_id).invoice_id == invoice.id


def test_a_note_of_absence_is_filed_where_an_invoice_has_its_ticket(mailroom: Mailroom, cast, invoice):
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    first = mailroom.receive(answer(sent))
    assert mailroom.receive(away(sent, to=return_address(SUPPORT, sent.id))).ticket_id == first.ticket_id
    assert history() == []


def test_an_answer_to_our_signed_address_needs_no_references(mailroom: Mailroom, cast, invoice):
    to = reply_address(SUPPORT, invoice.id, INVOICE)
    came = mailroom.receive(letter("Paid.", to=to))
    assert mailroom.ticket(came.ticket_id).invoice_id == invoice.id
    assert mailroom.receive(letter("Thanks.", to=to)).ticket_id == came.ticket_id
    forged = to.replace(f"+i{invoice.id}.", f"+i{invoice.id + 1}.")
    assert mailroom.receive(letter("Paid.", to=forged)).ticket_id != came.ticket_id
    eve = mailroom.receive(letter("Let me in.", to=to, sender="Eve <eve@elsewhere.example>"))
    assert mailroom.ticket(eve.ticket_id).invoice_id is None


def test_an_answer_to_an_update_goes_to_its_project_and_the_queue_of_that(mailroom: Mailroom, cast):
    project = cast.managed_service
    project.queue_id = cast.billing.id
    update = Update(project=project, user_id=cast.tom.id, subject="The network is up", body="All of it.")
    db.session.add(update)
    db.session.flush()
    came = mailroom.receive(answer(mail_about(cast, "Managed service: The network is up", update_id=update.id)))
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.update_id, ticket.project_id, ticket.queue_id) == (update.id, project.id, cast.billing.id)


def test_what_follows_a_closed_ticket_about_an_invoice_is_about_it_as_well(mailroom: Mailroom, cast, invoice):
    cast.billing.reopening = "never"
    sent = mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)
    first = mailroom.receive(answer(sent))
    set_status(first.ticket_id, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    later = mailroom.receive(answer(sent, "And now?"))
    assert later.ticket_id != first.ticket_id
    assert mailroom.ticket(later.ticket_id).invoice_id == invoice.id


def test_an_explanation_says_the_same_and_changes_nothing(mailroom: Mailroom, cast, invoice):
    raw = answer(mail_about(cast, "Invoice 2026-0001", invoice_id=invoice.id)).as_bytes()
    told = explain(raw, cast.inbound)
    assert (told.ticket, told.queue, told.said("Ticket", "A new one")) == (
        "new",
        "Billing",
        ["it answers our invoice 2026-0001"],
    )
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 0
