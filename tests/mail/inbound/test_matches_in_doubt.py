"""A key alone files nothing: who is not on the ticket gets one of their own, and a person is asked."""

from __future__ import annotations

import html
import re

import pytest

from psa.extensions import db
from psa.mail.inbound.explain import explain
from psa.mail.models import MailAccount
from psa.mail.outbound.signed_addresses import reply_address
from psa.mail.threads import reference_line
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from psa.tickets.relations import Suggestion
from tests.mailroom import SUPPORT, letter

FIRST = "<first@client.example>"
EVE = "eve@evil.example"
KEYS = ("our Message-ID", "the client’s Message-ID", "our address", "our reference", "the number")


@pytest.fixture
def answered(mailroom, cast):
    """Dana's ticket with Tom's answer; returns (ticket number, the Message-ID of our answer)."""
    ticket = mailroom.receive(letter(message_id=FIRST)).ticket
    comment_id = operations.add_reply(ticket.id, Said("The code is 4711."), Actor(user_id=cast.tom.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    return ticket.number, mailroom.read(mailroom.outbox[-1])["Message-ID"]


def suggestions() -> list[Suggestion]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Suggestion)))


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def verdict_of(email) -> str:
    return next(step["verdict"] for step in email.trace if step["step"] == "Ticket")


def letters(number: int, our_id: str) -> dict[str, dict[str, str]]:
    """All that somebody can write who has seen our mail, and what everybody can write."""
    return {
        "our Message-ID": {"answers": our_id},
        "the client’s Message-ID": {"answers": FIRST},
        "our address": {"to": reply_address(SUPPORT, number)},
        "our reference": {"text": f"> {reference_line(number)}"},
        "the number": {"subject": f"Re: Projector [#{number}]"},
    }


@pytest.mark.parametrize("key", KEYS)
def test_a_stranger_with_a_key_of_a_ticket_gets_a_ticket_of_their_own_and_a_person_is_asked(key, answered, mailroom):
    number, our_id = answered
    fields = {"subject": "x", "text": "Let me in."} | letters(number, our_id)[key]
    email = mailroom.receive(letter(fields.pop("text"), sender=EVE, **fields))
    assert (email.status, verdict_of(email), email.ticket_id != number) == ("filed", "In doubt", True)
    (asked,) = suggestions()
    assert (asked.inbound_id, asked.ticket_id, asked.state) == (email.id, number, "open")
    assert asked.words.startswith(f"it may belong to #{number}: it ")
    assert asked.words.endswith(
        "but eve@evil.example is not on that ticket"
        if key == "the number"
        else "but eve@evil.example is neither on that ticket nor of its client"
    )
    assert len(mailroom.ticket(number).comments) == 2


def test_a_contact_of_another_client_is_a_stranger_too(answered, mailroom):
    number, our_id = answered
    email = mailroom.receive(letter(sender="ruben@vega-logistics.example", subject="x", answers=our_id))
    assert (email.ticket_id != number, email.ticket.client.name) == (True, "Vega Logistics")
    assert len(suggestions()) == 1


def test_nothing_of_the_ticket_is_told_to_the_stranger(answered, mailroom, cast):
    number, our_id = answered
    cast.inbound.acknowledge = True
    db.session.commit()
    before = len(mailroom.outbox)
    email = mailroom.receive(letter("Hello.", sender=EVE, subject=f"[#{number}]", answers=our_id))
    comment_id = operations.add_reply(email.ticket_id, Said("Who are you?"), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)
    db.session.commit()
    written = [mailroom.read(sent) for sent in mailroom.outbox[before:]]
    assert [message["To"] for message in written] and all(EVE in message["To"] for message in written)
    for message in written:
        assert "4711" not in message.as_string()
        assert f"#{number}" not in str(message["Subject"])
        assert FIRST not in str(message["References"]) and our_id not in str(message["References"])


def test_a_colleague_of_the_client_with_our_mail_is_let_in_and_the_trace_says_so(answered, mailroom):
    number, our_id = answered
    email = mailroom.receive(letter("I know.", sender="petra@harbor-dental.example", subject="x", answers=our_id))
    assert email.ticket_id == number
    detail = next(step["detail"] for step in email.trace if step["step"] == "Ticket")
    assert detail == (
        f"it refers to our message about #{number}; the sender is not on that ticket, but of its client, Harbor Dental"
    )
    assert suggestions() == []


def test_a_colleague_who_only_knows_the_number_is_in_doubt(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter("Me too.", sender="petra@harbor-dental.example", subject=f"[#{number}]"))
    assert (email.ticket_id != number, len(suggestions())) == (True, 1)


def test_a_weak_key_of_a_ticket_of_ones_own_comes_before_a_stolen_strong_one(answered, mailroom):
    number, our_id = answered
    eves = mailroom.receive(letter("Mine.", sender=EVE, subject="Mine")).ticket_id
    email = mailroom.receive(letter("Again.", sender=EVE, subject=f"Mine [#{eves}]", answers=our_id))
    assert email.ticket_id == eves
    assert (suggestions(), number != eves) == ([], True)


def test_who_writes_on_two_tickets_under_one_id_finds_their_own(answered, mailroom):
    """Somebody gives their own mail the Message-ID of a client's, to draw the answers to it to themselves."""
    number, _ = answered
    eves = mailroom.receive(letter("Copied id.", sender=EVE, subject="x", message_id=FIRST)).ticket_id
    email = mailroom.receive(letter("Again.", subject="x", answers=FIRST))
    assert (email.ticket_id, eves != number) == (number, True)


def test_where_no_tickets_are_opened_the_message_is_held_and_asked_about(answered, mailroom, cast):
    number, our_id = answered
    db.session.get_one(MailAccount, cast.inbound.id).create_tickets = False
    db.session.commit()
    email = mailroom.receive(letter("Hello.", sender=EVE, subject="x", answers=our_id))
    assert (email.status, email.ticket_id) == ("held", None)
    assert [asked.ticket_id for asked in suggestions()] == [number]


def test_explaining_a_message_asks_nobody(answered, cast):
    _, our_id = answered
    explained = explain(letter("Hello.", sender=EVE, subject="x", answers=our_id).as_bytes(), cast.inbound)
    assert ("In doubt" in [step["verdict"] for step in explained.steps], explained.ticket) == (True, "new")
    assert suggestions() == []


def test_the_page_of_a_message_asks_too(answered, mailroom, sign_in):
    number, our_id = answered
    email = mailroom.receive(letter("Hello.", sender=EVE, subject="x", answers=our_id))
    shown = plain(sign_in("agent").get(f"/mail/inbound/{email.id}"))
    assert "May belong to a ticket" in shown
    assert f"Does this belong to #{number} , “Projector”?" in shown
