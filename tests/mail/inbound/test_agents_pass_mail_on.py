"""An agent passes a client's mail on: whoever wrote it is the requester, the agent's own words stay with us."""

from __future__ import annotations

import pytest

from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.rules.models import Rule
from tests.mailroom import letter

TOM = "Tom Okafor <tom@northwind.example>"
PASSES = "mx.northwind.example; dkim=pass header.d=northwind.example; dmarc=pass header.from=northwind.example"
FORWARD = """{above}

---------- Forwarded message ---------
From: {author}
Date: Mon, 23 Nov 2026 at 08:00
Subject: The scanner eats paper
To: Tom Okafor <tom@northwind.example>

It takes three sheets at once.
Who can look at it?
"""


@pytest.fixture
def believing(cast):
    cast.inbound.authserv, cast.inbound.agents_may_answer = "mx.northwind.example", True
    db.session.commit()


def passed_on(above="Please take this one.", author="Petra Holm <petra@harbor-dental.example>", verdict=PASSES):
    text = FORWARD.format(above=above, author=author)
    headers = {"Authentication_Results": verdict} if verdict else {}
    return letter(text, sender=TOM, subject="Fwd: The scanner eats paper", **headers)


def test_the_one_who_wrote_it_is_the_requester(mailroom, believing, cast):
    email = mailroom.receive(passed_on())

    ticket = email.ticket
    assert (email.status, ticket.subject) == ("filed", "The scanner eats paper")
    assert (ticket.requester.name, ticket.requester.email) == ("Petra Holm", "petra@harbor-dental.example")
    assert ticket.client == cast.harbor
    first, note = ticket.comments
    assert (first.kind, first.contact) == ("reply", ticket.requester)
    assert first.body == "It takes three sheets at once.\nWho can look at it?"
    assert (note.kind, note.user, note.body) == ("note", cast.tom, "Please take this one.")
    assert mailroom.outbox == [] or all(mail.purpose != "reply" for mail in mailroom.outbox)
    steps = {step["step"]: step["detail"] for step in email.trace}
    assert steps["Agent"] == "passes on a mail of petra@harbor-dental.example, who is the requester"


def test_rules_ask_for_whoever_wrote_it(mailroom, believing, cast):
    db.session.add(
        Rule(
            name="Harbor",
            position=2,
            conditions=[{"field": "sender_domain", "value": "harbor-dental.example"}],
            actions=[{"set": "queue", "id": cast.billing.id}],
        )
    )
    db.session.commit()

    assert mailroom.receive(passed_on()).ticket.queue == cast.billing


def test_commands_above_it_are_carried_out(mailroom, believing, cast):
    ticket = mailroom.receive(passed_on("#assign me\n#queue Billing")).ticket

    assert (ticket.assignee, ticket.queue) == (cast.tom, cast.billing)
    assert [comment.kind for comment in ticket.comments] == ["reply"]


def test_a_command_inside_of_what_is_passed_on_is_not_his(mailroom, believing):
    mail = passed_on("", author="Petra Holm <petra@harbor-dental.example>")
    text = mail.get_content().replace("It takes three", "#close\nIt takes three")
    mail.set_content(text)

    ticket = mailroom.receive(mail).ticket
    assert ticket.status == "new"
    assert "#close" in ticket.comments[0].body


def test_one_that_is_attached_whole_counts_too(mailroom, believing):
    mail = letter("Yours?", sender=TOM, subject="Fwd: Scanner", Authentication_Results=PASSES)
    mail.add_attachment(letter("It jams.", sender="Petra Holm <petra@harbor-dental.example>", subject="Scanner"))

    ticket = mailroom.receive(mail).ticket
    assert ticket.requester.email == "petra@harbor-dental.example"
    assert [comment.body.strip() for comment in ticket.comments] == ["It jams.", "Yours?"]


@pytest.mark.parametrize("verdict", ["", "mx.northwind.example; dmarc=fail", "evil.example; dmarc=pass"])
def test_without_proof_it_is_held_and_nobody_becomes_a_contact(mailroom, believing, verdict):
    email = mailroom.receive(passed_on(author="The Boss <boss@vega-logistics.example>", verdict=verdict))

    assert email.status == "held"
    assert email.reason.startswith("It claims to be Tom Okafor, and nothing proves it")
    found = db.select(ContactAddress).where(ContactAddress.email == "boss@vega-logistics.example")
    assert db.session.scalar(found) is None


def test_what_one_of_us_wrote_is_nobodys_request(mailroom, believing):
    email = mailroom.receive(passed_on(author="Mara Lindqvist <mara@northwind.example>"))

    assert email.status == "held"
    assert "who is one of us" in email.reason


def test_a_client_who_forwards_stays_the_requester(mailroom, believing):
    text = FORWARD.format(above="Can you?", author="The Boss <boss@vega-logistics.example>")
    email = mailroom.receive(letter(text, subject="Fwd: The scanner eats paper"))

    assert email.ticket.requester.email == "dana@harbor-dental.example"
