"""What would happen to a message, without its happening."""

from __future__ import annotations

from psa.extensions import db
from psa.mail.inbound.explain import explain
from psa.mail.models import InboundEmail, RawMessage
from psa.tickets.models import Ticket
from tests.mailroom import letter


def test_an_explanation_says_what_would_happen_and_changes_nothing(app, cast):
    explanation = explain(letter(subject="[Billing] Invoice").as_bytes(), cast.inbound)
    assert (explanation.disposition, explanation.ticket) == ("filed", "new")
    assert (explanation.client, explanation.queue) == ("Harbor Dental", "Billing")
    for model in (Ticket, InboundEmail, RawMessage):
        assert db.session.scalar(db.select(db.func.count()).select_from(model)) == 0


def test_an_explanation_names_the_ticket_that_a_reply_would_join(mailroom, cast):
    number = mailroom.receive(letter(message_id="<first@client.example>")).ticket_id
    explanation = explain(letter(answers="<first@client.example>").as_bytes(), cast.inbound)
    assert explanation.ticket == number
