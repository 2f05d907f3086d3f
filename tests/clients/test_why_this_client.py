"""Beside each ticket stands why it is under its client, and where a client's new tickets go."""

from __future__ import annotations

import html
import re

import pytest

from psa.extensions import db
from psa.tickets import operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from psa.tickets.why_client import why_client
from tests.mailroom import letter


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def test_the_trace_of_the_first_message_tells_it(mailroom, sign_in):
    by_contact = mailroom.receive(letter()).ticket
    by_domain = mailroom.receive(letter(sender="new@mail.harbor-dental.example")).ticket
    unknown = mailroom.receive(letter(sender="lou@elsewhere.example")).ticket
    assert why_client(by_contact) == "dana@harbor-dental.example is a contact of theirs"
    assert why_client(by_domain) == "By Sender Domain harbor-dental.example"
    assert why_client(unknown) == "Neither lou@elsewhere.example nor its domain belongs to a client"
    assert "Harbor Dental By Sender Domain harbor-dental.example." in plain(
        sign_in("agent").get(f"/tickets/{by_domain.id}")
    )


def test_a_rule_that_names_the_client_is_named(mailroom, cast):
    cast.billing_rule.actions = [{"set": "client", "id": cast.vega.id}]
    db.session.commit()
    ticket = mailroom.receive(letter(subject="[Billing] x")).ticket
    assert (ticket.client.name, why_client(ticket)) == ("Vega Logistics", "By rule Billing")


def test_who_placed_it_by_hand_has_the_last_word(mailroom, cast, sign_in):
    ticket = mailroom.receive(letter(sender="nadia@lumen.example")).ticket
    browser = sign_in("agent")
    browser.post(f"/clients/{cast.vega.id}/domains", data={"domain": "lumen.example", "move": "yes"})
    assert why_client(mailroom.ticket(ticket.id)) == "Tom Okafor placed it there"


def test_a_ticket_opened_by_hand_goes_by_its_requester(cast):
    number, _ = operations.open_ticket(
        subject="By telephone",
        queue_id=cast.support.id,
        said=Said("It rang."),
        by=Actor(user_id=cast.tom.id),
        requester_id=cast.dana.id,
        client_id=cast.harbor.id,
    )
    db.session.commit()
    assert why_client(db.session.get_one(Ticket, number)) == "Dana Whitfield is a contact of theirs"


@pytest.fixture
def harbor_in_billing(cast, sign_in):
    fields = {"name": "Harbor Dental", "default_queue_id": str(cast.billing.id), "revision": "1"}
    answer = sign_in("admin").post(f"/clients/{cast.harbor.id}", data=fields)
    assert answer.status_code == 303


def test_a_clients_new_tickets_go_to_its_default_queue(harbor_in_billing, mailroom):
    email = mailroom.receive(letter())
    assert email.ticket.queue.name == "Billing"
    assert {"step": "Queue", "verdict": "Billing", "detail": "the client’s default queue"} in email.trace
    assert mailroom.receive(letter(sender="ruben@vega-logistics.example")).ticket.queue.name == "Support"


def test_a_rule_wins_over_it(harbor_in_billing, mailroom, cast):
    cast.billing_rule.actions = [{"set": "queue", "id": cast.support.id}]
    db.session.commit()
    assert mailroom.receive(letter(subject="[Billing] x")).ticket.queue.name == "Support"


def test_a_queue_that_a_client_goes_to_says_so_and_stays(harbor_in_billing, sign_in, cast):
    db.session.delete(cast.billing_rule)
    db.session.commit()
    browser = sign_in("admin")
    answer = browser.post(f"/admin/queues/{cast.billing.id}/removal")
    assert "Billing is still needed by the client Harbor Dental." in plain(answer)
    browser.post(f"/clients/{cast.harbor.id}", data={"name": "Harbor Dental", "default_queue_id": "", "revision": "2"})
    assert browser.post(f"/admin/queues/{cast.billing.id}/removal").status_code == 303
