"""Mail that names a project lands in it: by the project's address, or by its Subject Tag."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.projects.models import Project
from psa.tickets.models import Queue
from tests.mailroom import letter


@pytest.fixture
def move(move: Project) -> Project:
    """It has a tag, an address and a queue of its own."""
    move.tag, move.folded_tag, move.address = "Harbor Move", "harbor move", "support+move@northwind.example"
    move.queue = Queue(name="Projects", position=3)
    db.session.commit()
    return move


def place_of(mailroom, message) -> tuple[str | None, str, str | None]:
    ticket = mailroom.ticket(mailroom.receive(message).ticket_id)
    project, client = ticket.project, ticket.client
    return project and project.name, ticket.queue.name, client and client.name


def test_a_tag_in_the_subject_puts_a_new_ticket_into_the_project(mailroom, move):
    tagged = letter("When do you come?", subject="[harbor  MOVE] Dates")
    assert place_of(mailroom, tagged) == ("Harbor move", "Projects", "Harbor Dental")
    plain = letter("It is dark.", subject="Projector")
    assert place_of(mailroom, plain) == ("Managed service 2026", "Support", "Harbor Dental")


def test_the_address_of_a_project_does_the_same(mailroom, move):
    addressed = letter("When do you come?", to="Support+Move@northwind.example")
    assert place_of(mailroom, addressed) == ("Harbor move", "Projects", "Harbor Dental")


def test_the_trace_tells_by_what_it_was_named(mailroom, move):
    message = mailroom.receive(letter("When?", subject="[Harbor Move] Dates"))
    told = {step["step"]: (step["verdict"], step["detail"]) for step in message.trace}
    assert told["Named project"] == ("Harbor move", "it names [Harbor Move] in its subject")
    assert told["Queue"] == ("Projects", "the project’s queue")


def test_who_is_of_another_client_stays_in_their_own(mailroom, move):
    other = letter("Hello", sender="ruben@vega-logistics.example", subject="[Harbor Move] Dates")
    message = mailroom.receive(other)
    ticket = mailroom.ticket(message.ticket_id)
    assert ticket.project is None and ticket.queue.name == "Support"
    told = {step["step"]: step["detail"] for step in message.trace}
    assert told["Named project"] == "it names [Harbor Move] in its subject, and Harbor move is another client’s project"


def test_a_stranger_who_guesses_a_tag_opens_a_new_ticket_there_and_becomes_nobodys_contact(mailroom, move):
    stranger = letter("Hello", sender="eve@elsewhere.example", subject="[Harbor Move] Dates")
    assert place_of(mailroom, stranger) == ("Harbor move", "Projects", None)


def test_a_tag_opens_nothing_where_strangers_are_held(mailroom, move, cast):
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    held = mailroom.receive(letter("Hello", sender="eve@elsewhere.example", subject="[Harbor Move] Dates"))
    assert held.status == "held"


def test_a_project_that_is_done_is_named_in_vain(mailroom, move):
    move.active = False
    db.session.commit()
    tagged = letter("When do you come?", subject="[Harbor Move] Dates")
    assert place_of(mailroom, tagged) == ("Managed service 2026", "Support", "Harbor Dental")


def test_a_rule_is_stronger_than_a_tag(mailroom, move, cast):
    cast.billing_rule.actions = [{"set": "project", "id": cast.managed_service.id}]
    db.session.commit()
    both = letter("When do you come?", subject="[Billing] [Harbor Move] Dates")
    assert place_of(mailroom, both)[0] == "Managed service 2026"


def test_an_answer_stays_on_its_ticket_whatever_it_names(mailroom, move):
    first = mailroom.receive(letter("It is dark.", subject="Projector", message_id="<first@client.example>"))
    answer = letter("Still dark.", subject="[Harbor Move] Re: Projector", answers="<first@client.example>")
    assert mailroom.receive(answer).ticket_id == first.ticket_id
    assert mailroom.ticket(first.ticket_id).project.name == "Managed service 2026"
