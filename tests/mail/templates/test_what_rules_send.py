"""A rule's auto-reply and what a rule forwards are made from templates too."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.templates import operations as templates
from psa.mail.templates.catalogue import CATALOGUE, Wording
from psa.rules import operations as rules
from psa.rules.wording import Asked
from psa.rules.wording import Wording as Rule
from tests.mailroom import letter


@pytest.fixture
def rule(cast):
    def make(*values: tuple[str, str]) -> None:
        rules.make_rule(Rule("Sales", [Asked("subject_tag", "Sales")], [], list(values)), cast.mara.id)
        db.session.commit()

    return make


@pytest.fixture
def reworded(cast):
    def reword(name: str, subject: str, html: str) -> None:
        templates.save(CATALOGUE[name], None, Wording(subject, html), cast.mara.id, 0)
        db.session.commit()

    return reword


def sales(**more):
    return letter("Two seats, please.", subject="[Sales] Forty seats", **more)


@pytest.mark.parametrize("acknowledges", [True, False])
def test_a_rule_that_answers_sends_the_auto_reply(rule, reworded, mailroom, cast, acknowledges):
    cast.inbound.acknowledge = acknowledges
    rule(("answer", "on"))
    reworded("auto_reply", "We are closed [#{{ ticket.number }}]", "<p>Back on Monday, {{ contact.first_name }}.</p>")
    mailroom.receive(sales())
    [email] = mailroom.outbox
    assert (email.template, email.subject, email.purpose) == ("auto_reply", "We are closed [#1]", "opened")
    assert mailroom.text(email) == "Back on Monday, Dana.\n"
    assert mailroom.read(email)["Auto-Submitted"] == "auto-replied"


def test_without_a_rule_it_is_the_ticket_that_is_told_of(mailroom, cast):
    cast.inbound.acknowledge = True
    mailroom.receive(letter())
    assert mailroom.outbox[0].template == "ticket_opened"


def test_what_is_forwarded_says_whose_it_is_in_the_firms_words(rule, reworded, mailroom):
    rule(("forward", "sales@elsewhere.example"))
    mailroom.receive(sales(sender="Dana & Co <dana@harbor-dental.example>"))
    email = mailroom.outbox[0]
    assert mailroom.text(email) == (
        "This message came to support@northwind.example and was forwarded by a rule. It is attached as it came.\n\n"
        "From: Dana & Co <dana@harbor-dental.example>\nSubject: [Sales] Forty seats\n"
        "Date: Mon, 23 Nov 2026 09:00 +0100\n\nTwo seats, please.\n"
    )
    assert "Dana &amp; Co" in mailroom.read(email).get_body(("html",)).get_content()

    reworded("forwarded", "Sales: {{ original.subject }}", "{{ original.words }}")
    mailroom.receive(sales(message_id="<two@x.example>"))
    assert mailroom.outbox[-1].subject == "Sales: [Sales] Forty seats"
