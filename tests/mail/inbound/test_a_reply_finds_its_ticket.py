"""Threads: by our own signed Message-ID, by any Message-ID of the ticket, by the subject tag of a participant."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter, words_of

FIRST = "<first@client.example>"


@pytest.fixture
def answered(mailroom, cast):
    """Dana's ticket with Tom's answer in the outbox; returns (ticket number, our message)."""
    ticket = mailroom.receive(letter(message_id=FIRST)).ticket
    comment_id = operations.add_reply(ticket.id, Said("Does it light?"), Actor(user_id=cast.tom.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    return ticket.number, mailroom.read(mailroom.outbox[-1])


def test_our_answer_carries_the_subject_tag_a_signed_id_and_the_references(answered):
    number, message = answered
    assert message["Subject"] == f"Re: Projector [#{number}]"
    assert message["In-Reply-To"] == FIRST
    assert FIRST in message["References"]
    assert message["Message-ID"].startswith(f"<t{number}.")
    assert message["From"] == "Northwind Support <support@northwind.example>"
    assert message["To"] == "Dana Whitfield <dana@harbor-dental.example>"
    assert "Does it light?" in words_of(message)
    assert message["Auto-Submitted"] is None


def test_an_answer_to_our_message_joins_its_ticket_and_reopens_it(answered, mailroom, cast):
    number, message = answered
    assert mailroom.ticket(number).status == "waiting"
    email = mailroom.receive(letter("It does.", subject="whatever", answers=message["Message-ID"]))
    assert email.ticket_id == number
    assert mailroom.ticket(number).status == "open"
    assert [c.body.strip() for c in mailroom.ticket(number).comments][-1] == "It does."


def test_a_signed_id_is_enough_when_all_else_is_lost(answered, mailroom):
    from psa.mail.models import ThreadKey

    number, message = answered
    db.session.execute(db.delete(ThreadKey))
    db.session.commit()
    email = mailroom.receive(letter("It does.", subject="x", answers=message["Message-ID"]))
    assert email.ticket_id == number


def test_an_invented_id_in_our_style_opens_no_door(answered, mailroom):
    number, _ = answered
    forged = f"<t{number}.0123456789ab.aaaaaaaaaaaaaaaa@northwind.example>"
    email = mailroom.receive(letter("Let me in.", sender="eve@evil.example", answers=forged))
    assert email.ticket_id != number


def test_a_reference_to_the_clients_own_first_message_counts_too(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter("I forgot the photo.", subject="x", answers=FIRST))
    assert email.ticket_id == number


def test_the_subject_tag_counts_from_a_participant(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter("Again dark.", subject=f"Re: Projector [#{number}]"))
    assert email.ticket_id == number


def test_the_subject_tag_does_not_count_from_a_stranger(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter("Hello.", sender="eve@evil.example", subject=f"[#{number}] hello"))
    assert email.ticket_id != number
    steps = {step["step"]: step["detail"] for step in email.trace}
    assert steps["Ticket"] == (
        f"it may belong to #{number}: it names [#{number}] in its subject, but eve@evil.example is not on that ticket"
    )


def test_a_tag_of_a_ticket_that_does_not_exist_opens_a_new_one(mailroom):
    for number in ("999", "99999999999999999"):
        assert mailroom.receive(letter(subject=f"[#{number}] hello")).status == "filed"


def test_a_reply_to_a_closed_ticket_reopens_it(answered, mailroom, cast):
    number, message = answered
    operations.set_status(number, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    mailroom.receive(letter("Not yet.", answers=message["Message-ID"]))
    assert mailroom.ticket(number).status == "open"


def test_a_colleague_who_was_forwarded_the_mail_joins_as_a_contact_of_the_client(answered, mailroom, cast):
    number, message = answered
    email = mailroom.receive(
        letter("I know that one.", sender="Petra Holm <petra@harbor-dental.example>", answers=message["Message-ID"])
    )
    assert email.ticket_id == number
    assert mailroom.ticket(number).comments[-1].contact.client == cast.harbor
