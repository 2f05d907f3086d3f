"""Somebody who belongs to no client writes: a contact is made, or a person decides; on wish they hear of it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents
from psa.mail.fuse.limits import in_force
from psa.mail.fuse.models import AutomaticAnswer
from psa.mail.inbound import process, unknown_senders
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail
from psa.rules.models import Rule
from psa.tickets.models import Ticket
from tests.mailroom import letter

STRANGER = "Quinn Abara <quinn@nobody-knows.example>"
WHY = "The sender is unknown: neither quinn@nobody-knows.example nor its domain belongs to a client"


@pytest.fixture
def policy(cast):
    """``policy("hold")``: what the mailbox does with strangers."""

    def choose(name: str) -> None:
        cast.inbound.unknown_senders = name
        db.session.commit()

    return choose


def tickets() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Ticket))


def answer_in(email: InboundEmail) -> tuple[str, str]:
    """What the trace says about an answer: verdict and detail."""
    return next((step["verdict"], step["detail"]) for step in email.trace if step["step"] == "Answer")


def test_by_default_they_become_a_contact(mailroom):
    email = mailroom.receive(letter(sender=STRANGER))

    assert email.status == "filed"
    assert db.session.scalar(db.select(ContactAddress).where(ContactAddress.email == "quinn@nobody-knows.example"))


@pytest.mark.parametrize("name", ["hold", "answer"])
def test_their_mail_is_held_with_the_reason_and_no_contact_is_made(mailroom, policy, name):
    policy(name)

    email = mailroom.receive(letter(sender=STRANGER))

    assert (email.status, email.reason) == ("held", WHY)
    assert tickets() == 0
    assert (
        db.session.scalar(db.select(ContactAddress).where(ContactAddress.email == "quinn@nobody-knows.example")) is None
    )


def test_one_click_makes_a_ticket_of_it(mailroom, policy):
    policy("hold")
    email = mailroom.receive(letter(sender=STRANGER))

    process.convert(email.id)

    assert tickets() == 1


def test_clients_are_known_by_their_domain_and_by_their_address(mailroom, policy):
    policy("hold")

    assert mailroom.receive(letter()).status == "filed"
    assert (
        mailroom.receive(letter(sender="Somebody new <new@harbor-dental.example>", subject="Chair")).status == "filed"
    )


def test_whom_a_rule_gives_to_a_client_is_no_stranger(mailroom, policy, cast):
    policy("hold")
    db.session.add(
        Rule(
            name="Quinn",
            position=2,
            conditions=[{"field": "sender_domain", "value": "nobody-knows.example"}],
            actions=[{"set": "client", "id": cast.vega.id}],
        )
    )
    db.session.commit()

    assert mailroom.receive(letter(sender=STRANGER)).status == "filed"


def test_a_stranger_who_refers_to_a_ticket_is_held_with_the_ticket_as_a_suggestion(mailroom, policy):
    policy("hold")
    first = mailroom.receive(letter(message_id="<first@harbor-dental.example>"))

    reply = mailroom.receive(letter(sender=STRANGER, subject="Re: Projector", answers="<first@harbor-dental.example>"))

    assert (reply.status, reply.ticket_id) == ("held", None)
    assert f"#{first.ticket_id}" in next(step["detail"] for step in reply.trace if step["step"] == "Ticket")


def test_holding_alone_answers_nobody(mailroom, policy):
    policy("hold")
    mailroom.receive(letter(sender=STRANGER))

    assert mailroom.outbox == []


def test_the_answer_says_so_politely_and_by_the_book(mailroom, policy):
    policy("answer")
    mailroom.receive(letter(sender=STRANGER, subject="Do you repair pianos?", message_id="<q1@nobody-knows.example>"))

    [email] = mailroom.outbox
    message = mailroom.read(email)
    assert (email.purpose, email.recipients, email.envelope_sender) == ("unknown", ["quinn@nobody-knows.example"], "")
    assert message["To"] == STRANGER
    assert message["Subject"] == "Re: Do you repair pianos?"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<q1@nobody-knows.example>"
    assert "We do not know quinn@nobody-knows.example as the address of a client" in mailroom.text(email)


def test_it_leaves_once_whatever_they_write_and_however_often_it_is_processed_again(mailroom, policy):
    policy("answer")
    email = mailroom.receive(letter(sender=STRANGER))
    for _ in range(3):
        process.process_again(email.id)
    second = mailroom.receive(letter(sender="QUINN@nobody-knows.example", subject="Hello?"))

    assert len(mailroom.outbox) == 1
    assert answer_in(second) == ("None", "QUINN@nobody-knows.example had an answer within the last 14 days")


def test_after_two_weeks_they_hear_of_it_again(mailroom, policy):
    policy("answer")
    mailroom.receive(letter(sender=STRANGER))
    long_ago = clock.now() - unknown_senders.ONCE_IN - timedelta(hours=1)
    db.session.execute(db.update(AutomaticAnswer).values(at=long_ago))
    db.session.commit()

    mailroom.receive(letter(sender=STRANGER, subject="Hello again"))

    assert len(mailroom.outbox) == 2


def test_a_wave_of_strangers_is_no_wave_of_answers(mailroom, policy):
    policy("answer")
    budget = in_force()["strangers"]
    for number in range(budget.most + 3):
        sender = f"q{number}@shop-{number}.example"
        mailroom.receive(letter(f"{'abcdefghijklmnopqrstuvwxyz'[number] * 30}?", sender=sender))

    assert len(mailroom.outbox) == budget.most
    [incident] = open_incidents()
    assert (incident.scope, incident.value, incident.stopped) == ("purpose", "unknown", 3)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Auto_Submitted": "auto-replied"}, "neither automatic mail nor a mailing list is ever answered by machine"),
        ({"Precedence": "bulk"}, "neither automatic mail nor a mailing list is ever answered by machine"),
        ({"List_Id": "<pianos.example>"}, "neither automatic mail nor a mailing list is ever answered by machine"),
        ({"Return_Path": "<>"}, "neither automatic mail nor a mailing list is ever answered by machine"),
        ({"Return_Path": "<b@spam.example>"}, "it was sent through spam.example, which is not its sender's domain"),
        ({"Authentication_Results": "mx.example; spf=pass; dmarc=fail"}, "its sender seems to be forged"),
        ({"Authentication_Results": "mx.example; spf=softfail"}, "its sender seems to be forged"),
        ({"X_Spam_Flag": "YES"}, "the filter in front of the mailbox calls it spam (X-Spam-Flag: YES)"),
        ({"sender": "Us <boss@northwind.example>"}, "it names one of our own addresses as its sender"),
    ],
)
def test_who_is_never_answered(mailroom, policy, headers, words):
    policy("answer")

    email = mailroom.receive(letter(**({"sender": STRANGER} | headers)))

    assert email.status == "held"
    assert answer_in(email) == ("None", words)
    assert mailroom.outbox == []


def test_a_proven_sender_is_answered_though_one_check_failed_on_the_way(mailroom, policy):
    policy("answer")
    mailroom.receive(letter(sender=STRANGER, Authentication_Results="mx.example; spf=softfail; dmarc=pass"))

    assert len(mailroom.outbox) == 1


def test_a_sender_who_proves_himself_by_a_header_of_his_own_is_not_answered(mailroom, policy):
    policy("answer")
    ours = b"Authentication-Results: mx.example; spf=fail; dmarc=fail\r\n"

    email = mailroom.receive(ours + letter(sender=STRANGER, Authentication_Results="mx.example; dmarc=pass").as_bytes())

    assert answer_in(email) == ("None", "its sender seems to be forged")


def test_a_backlog_is_never_answered(mailroom, policy, cast):
    policy("answer")
    inbound_id = receive_piped(cast.inbound, letter(sender=STRANGER).as_bytes())
    db.session.get_one(InboundEmail, inbound_id).backlog = True
    db.session.commit()

    process.process(inbound_id)

    assert mailroom.outbox == []


def test_without_a_sending_account_it_is_held_all_the_same(mailroom, policy, cast):
    policy("answer")
    db.session.delete(cast.outbound)
    db.session.commit()

    email = mailroom.receive(letter(sender=STRANGER))

    assert email.status == "held"
    assert answer_in(email) == ("None", "no account sends mail yet")


def test_with_automatic_ticket_creation_off_that_is_the_reason_and_nobody_is_answered(mailroom, policy, cast):
    policy("answer")
    cast.inbound.create_tickets = False
    db.session.commit()

    email = mailroom.receive(letter(sender=STRANGER))

    assert email.reason == "Automatic Ticket Creation is off for this mailbox"
    assert mailroom.outbox == []


def test_mail_that_names_no_sender_is_held_too(mailroom, policy):
    policy("answer")

    email = mailroom.receive(b"Subject: Hello\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\r\nWho am I?\r\n")

    assert (email.status, email.reason) == ("held", "The sender is unknown: the mail names none")
