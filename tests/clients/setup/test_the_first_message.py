"""At the end a message leaves for them, and their first one is waited for and shown with the way it took."""

from __future__ import annotations

from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.rules.models import Rule
from tests.clients.setup.conftest import at
from tests.mailroom import letter

NOVAK = "Petra Novak <petra@novaklab.example>"


def with_domain(agent, client) -> None:
    agent.post(at(client, "domains"), data={"domain": "novaklab.example"})
    agent.post(at(client, "project"), data={"project": "Managed service"})


def test_until_they_write_the_page_waits_and_then_shows_the_way(agent, begun, mailroom, cast):
    client = begun()
    with_domain(agent, client)
    agent.post(at(client, "queue"), data={"revision": 1, "queue": cast.support.id})
    page = agent.get(at(client, "test")).text
    assert "Waiting for their first message." in page
    assert "support@northwind.example" in page
    assert agent.get(at(client, "arrival")).status_code == 204
    mailroom.receive(letter(sender="Somebody <else@other.example>"))
    assert agent.get(at(client, "arrival")).status_code == 204
    mailroom.receive(letter(sender=NOVAK, subject="Hello"))
    found = agent.get(at(client, "arrival")).text
    assert "“Hello” from Petra Novak has arrived" in found
    assert "Its client is Millbrook Dental Lab." in found
    assert "Its project is Managed service." in found
    assert "It lies in Support." in found
    assert "Arrived in support@northwind.example" in found
    assert "every 3s" not in found
    assert "has arrived" in agent.get(at(client, "test")).text


def test_who_has_no_domain_is_known_by_the_address(agent, begun, mailroom):
    client = begun()
    agent.post(at(client, "contacts"), data={"name": "Petra", "email": "petra.novak@gmail.com"})
    mailroom.receive(letter(sender="Petra <petra.novak@gmail.com>"))
    assert "has arrived" in agent.get(at(client, "arrival")).text


def test_a_rule_that_leads_elsewhere_is_said(agent, begun, mailroom, cast):
    client = begun()
    with_domain(agent, client)
    agent.post(at(client, "queue"), data={"revision": 1, "queue": cast.support.id})
    mailroom.receive(letter(sender=NOVAK, subject="[Billing] Hello"))
    assert db.session.scalar(db.select(Rule.name)) == "Billing"
    assert "It lies in Billing, where a rule has put it." in agent.get(at(client, "arrival")).text


def test_a_message_that_became_no_ticket_is_shown_with_its_reason(agent, begun, mailroom, cast):
    client = begun()
    with_domain(agent, client)
    cast.inbound.create_tickets = False
    db.session.commit()
    mailroom.receive(letter(sender=NOVAK))
    found = agent.get(at(client, "arrival")).text
    assert "It became no ticket" in found


def test_the_test_message_says_how_far_it_has_come(agent, begun, mailroom, cast):
    client = begun()
    agent.post(at(client, "test-messages"), data={"to": "me"})
    [email] = mailroom.outbox
    assert email.recipients == ["tom@northwind.example"]
    assert "or write to support@northwind.example" in mailroom.text(email)
    assert "On its way to tom@northwind.example" in agent.get(at(client, "delivery")).text
    db.session.execute(db.update(OutboundEmail).values(status="bounced", reason="550 no such user"))
    db.session.commit()
    failed = agent.get(at(client, "delivery")).text
    assert "550 no such user" in failed
    assert "hx-get" not in failed


def test_what_keeps_a_test_from_leaving_is_said(agent, begun, mailroom, cast):
    client = begun()
    assert "Choose who gets it." in agent.post(at(client, "test-messages"), data={"to": "99"}).text
    addresses.suppress("tom@northwind.example", "hard_bounce", "550")
    db.session.commit()
    refused = agent.post(at(client, "test-messages"), data={"to": "me"})
    assert refused.status_code == 422
    assert "the address does not exist any more" in refused.text
    db.session.delete(cast.outbound)
    db.session.commit()
    assert "No account sends mail yet" in agent.post(at(client, "test-messages"), data={"to": "me"}).text
    assert mailroom.outbox == []


def test_a_test_message_leaves_once_however_often_the_button_is_pressed(agent, begun, mailroom, cast):
    client = begun()
    answers = [agent.post(at(client, "test-messages"), data={"to": "me"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "It was sent just now." in answers[1].text and len(mailroom.outbox) == 1
