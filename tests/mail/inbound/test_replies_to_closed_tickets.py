"""A reply to a closed ticket reopens it or opens a linked one, as its queue wants it, and is never dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.tickets import operations
from psa.tickets.links import linked_tickets
from psa.tickets.models import Event, Ticket
from psa.tickets.operations import Actor
from tests.mailroom import letter

FIRST = "<first@client.example>"


@pytest.fixture
def closed(mailroom, cast):
    """Dana's ticket in Billing, which has been closed."""
    ticket = mailroom.receive(letter(message_id=FIRST, subject="[Billing] Invoice")).ticket
    operations.set_status(ticket.id, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    return ticket.number


def wants(queue, reopening: str, days: int = 14) -> None:
    queue.reopening, queue.reopen_days = reopening, days
    db.session.commit()


def closed_for(number: int, days: int) -> None:
    then = clock.now() - timedelta(days=days)
    db.session.execute(db.update(Event).where(Event.ticket_id == number).values(created_at=then))
    db.session.commit()


def again(mailroom, text: str = "Not yet.", **fields: str):
    return mailroom.receive(letter(text, subject="x", answers=FIRST, **fields))


def why(email) -> str:
    return next(step["detail"] for step in email.trace if step["step"] == "Ticket")


def test_it_is_reopened_where_nobody_has_said_otherwise(closed, mailroom):
    email = again(mailroom)
    assert (email.ticket_id, mailroom.ticket(closed).status) == (closed, "open")
    assert why(email).endswith(f"; #{closed} was closed today and is reopened, as Billing wants it")


def test_within_the_days_of_its_queue_it_is_reopened_and_later_a_linked_one_is_opened(closed, mailroom, cast):
    wants(cast.billing, "within", 7)
    closed_for(closed, 6)
    assert again(mailroom).ticket_id == closed
    operations.set_status(closed, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    closed_for(closed, 8)
    later = again(mailroom)
    assert later.ticket_id != closed
    assert mailroom.ticket(closed).status == "closed"
    assert why(later).endswith("was closed 8 days ago, and Billing opens a new ticket for replies after 7 days")


def test_the_linked_one_stands_where_the_closed_one_did_and_both_say_so(closed, mailroom, cast, sign_in):
    wants(cast.billing, "never")
    email = again(mailroom)
    ticket = email.ticket
    assert (ticket.queue.name, ticket.client.name, ticket.project.name) == (
        "Billing",
        "Harbor Dental",
        "Managed service 2026",
    )
    assert [(one.ticket.id, one.words) for one in linked_tickets(closed)] == [(ticket.id, "Went on as")]
    assert [(one.ticket.id, one.words) for one in linked_tickets(ticket.id)] == [(closed, "Goes on from")]
    assert f'Goes on from</span> <a href="/tickets/{closed}"' in sign_in("agent").get(f"/tickets/{ticket.id}").text
    assert "A new linked one" in [step["verdict"] for step in email.trace]


def test_further_replies_to_the_closed_one_join_the_linked_one(closed, mailroom, cast):
    wants(cast.billing, "never")
    second = again(mailroom).ticket_id
    third = again(mailroom, "And?")
    assert third.ticket_id == second
    assert why(third).endswith(f"which is closed; it goes on as #{second}")
    operations.set_status(second, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    fourth = again(mailroom, "And now?").ticket_id
    assert fourth not in (closed, second)
    assert [one.ticket.id for one in linked_tickets(second)] == [fourth, closed]


def test_a_vacation_notice_neither_reopens_nor_opens(closed, mailroom, cast):
    wants(cast.billing, "never")
    email = again(mailroom, "I am away.", Auto_Submitted="auto-replied")
    assert (email.ticket_id, mailroom.ticket(closed).status) == (closed, "closed")


def test_where_no_tickets_are_opened_the_closed_one_is_reopened(closed, mailroom, cast):
    wants(cast.billing, "never")
    db.session.get_one(MailAccount, cast.inbound.id).create_tickets = False
    db.session.commit()
    email = again(mailroom)
    assert (email.status, email.ticket_id, mailroom.ticket(closed).status) == ("filed", closed, "open")
    assert why(email).endswith("is reopened, since no new tickets are opened for this mailbox")


def test_a_rule_has_the_last_word_about_the_queue(closed, mailroom, cast):
    wants(cast.billing, "never")
    cast.billing_rule.conditions = [{"field": "sender_domain", "value": "harbor-dental.example"}]
    cast.billing_rule.actions = [{"set": "queue", "id": cast.support.id}]
    db.session.commit()
    assert again(mailroom, "The projector again.").ticket.queue.name == "Support"


def test_it_is_set_on_the_page_of_the_queues(closed, cast, sign_in):
    browser = sign_in("admin")
    path = f"/admin/queues/{cast.billing.id}"
    assert browser.post(path, data={"reopening": "within", "reopen_days": "30"}).status_code == 303
    db.session.expire_all()
    assert (cast.billing.reopening, cast.billing.reopen_days) == ("within", 30)
    for wrong in ({"reopening": "within", "reopen_days": "0"}, {"reopening": "sometimes"}):
        assert browser.post(path, data=wrong).status_code == 422
    assert 'selected value="within"' in browser.get("/admin/queues").text
    assert db.session.scalar(db.select(db.func.count(Ticket.id))) == 1
