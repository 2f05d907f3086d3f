"""Somebody writes whom nobody knows: their firm becomes a client from their ticket, or from their message."""

from __future__ import annotations

import pytest

from psa.clients.models import Contact
from psa.clients.onboarding.origin import company_in, own_domain
from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.notifications import choices
from psa.tickets import operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor
from tests.clients.setup.conftest import PATH, at
from tests.mailroom import letter

WORDS = (
    "Do you also look after dental labs?\n\nBest regards\n\n-- \nPetra Novak\nNovak Lab s.r.o.\nwww.novaklab.example"
)


@pytest.fixture
def ticket(mailroom, cast) -> Ticket:
    mailroom.receive(letter(WORDS, sender="Petra Novak <petra@novaklab.example>", subject="Dental labs"))
    return db.session.scalars(db.select(Ticket)).one()


def test_the_first_step_knows_what_the_sender_tells(agent, ticket):
    page = agent.get(PATH, query_string={"ticket": ticket.number}).text
    assert 'value="Novak Lab s.r.o."' in page
    assert "Petra Novak" in page


def test_ticket_and_message_offer_it_as_long_as_nobody_knows_the_sender(agent, ticket, mailroom):
    message = db.session.scalars(db.select(InboundEmail)).one()
    pages = f"/tickets/{ticket.number}", f"/mail/inbound/{message.id}"
    assert all("Make this a client" in agent.get(page).text for page in pages)
    agent.post(PATH, data={"name": "Novak Lab", "ticket": ticket.number})
    assert not any("Make this a client" in agent.get(page).text for page in pages)


def test_ticket_and_sender_belong_to_the_client_at_once(agent, ticket):
    answer = agent.post(PATH, data={"name": "Novak Lab", "ticket": ticket.number})
    db.session.expire_all()
    assert ticket.client.name == "Novak Lab"
    assert ticket.requester.client_id == ticket.client_id
    assert choices.topics_of(ticket.requester_id) == {"tickets", "projects", "invoices"}
    assert 'value="novaklab.example"' in agent.get(answer.location).text


def test_a_closed_ticket_comes_along(agent, ticket, cast):
    operations.set_status(ticket.id, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    agent.post(PATH, data={"name": "Novak Lab", "ticket": ticket.number})
    db.session.expire_all()
    assert ticket.client.name == "Novak Lab"


def test_the_path_begins_from_a_message_too(agent, ticket):
    message = db.session.scalars(db.select(InboundEmail)).one()
    assert 'value="Novak Lab s.r.o."' in agent.get(PATH, query_string={"message": message.id}).text
    agent.post(PATH, data={"name": "Novak Lab", "message": message.id})
    db.session.expire_all()
    assert ticket.client.name == "Novak Lab"


def test_whose_message_is_held_is_told_to_process_it_again(agent, mailroom, cast):
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    message = mailroom.receive(letter(WORDS, sender="Petra Novak <petra@novaklab.example>"))
    assert message.status == "held"
    answer = agent.post(PATH, data={"name": "Novak Lab", "message": message.id}, follow_redirects=True)
    assert "Their message is still held." in answer.text


def test_a_sender_who_belongs_to_somebody_is_not_taken_away(agent, mailroom, cast):
    mailroom.receive(letter())
    number = db.session.scalars(db.select(Ticket.id)).one()
    assert "belongs to Harbor Dental already" in agent.get(PATH, query_string={"ticket": number}).text
    answer = agent.post(PATH, data={"name": "Thieves", "ticket": number})
    assert answer.status_code == 422
    db.session.expire_all()
    assert db.session.get_one(Contact, cast.dana.id).client.name == "Harbor Dental"


@pytest.mark.parametrize("query", [{"ticket": "99"}, {"ticket": "nonsense"}, {"message": "99"}])
def test_what_does_not_exist_begins_nothing(agent, cast, query):
    assert agent.get(PATH, query_string=query).status_code == 404


def test_an_address_at_a_free_provider_proposes_no_domain(agent, mailroom, cast):
    mailroom.receive(letter(sender="Petra <petra.novak@gmail.com>"))
    answer = agent.post(PATH, data={"name": "Novak Lab", "ticket": "1"})
    assert "gmail.com" not in agent.get(answer.location).text.split("<form")[1].split("</fieldset>")[0]
    assert agent.get(at(db.session.scalars(db.select(Ticket)).one().client, "contacts")).text.count("petra.novak@") >= 1


@pytest.mark.parametrize(
    ("signature", "domain", "name"),
    [
        ("Lena Ford\nKestrel Foods Ltd.\n12 Mill Lane", "kestrel-foods.example", "Kestrel Foods Ltd."),
        (
            "Lena Ford | Kestrel-Foods |\nlena@kestrel-foods.example",
            "kestrel-foods.example",
            "Lena Ford | Kestrel-Foods",
        ),
        ("Jonas Beck\nBeck & Söhne GmbH", "", "Beck & Söhne GmbH"),
        ("Sent from my phone", "kestrel-foods.example", "Kestrel Foods"),
        ("", "", ""),
        ("Call 0800 123456 Ltd", "", ""),
    ],
)
def test_the_name_of_the_firm_is_guessed(signature, domain, name):
    assert company_in(signature, domain) == name


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("petra@mail.novaklab.co.uk", "novaklab.co.uk"),
        ("petra@gmail.com", ""),
        ("petra@NovakLab.example", "novaklab.example"),
    ],
)
def test_the_domain_that_can_stand_for_the_firm(address, domain):
    assert own_domain(address) == domain
