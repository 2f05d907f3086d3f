"""A reply finds its ticket by whatever is left of the conversation, the strongest key first."""

from __future__ import annotations

import base64

import pytest

from psa.extensions import db
from psa.mail.models import ThreadKey
from psa.mail.outbound.signed_addresses import reply_address, return_address
from psa.mail.threads import known_tickets, reference_line
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import SUPPORT, letter

FIRST = "<first@client.example>"
ROOT = bytes(range(22))


@pytest.fixture
def answered(mailroom, cast):
    """Dana's ticket with Tom's answer in the outbox; returns (ticket number, the Message-ID of our answer)."""
    return open_and_answer(mailroom, cast, letter(message_id=FIRST))


def open_and_answer(mailroom, cast, first):
    ticket = mailroom.receive(first).ticket
    comment_id = operations.add_reply(ticket.id, Said("Does it light?"), Actor(user_id=cast.tom.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    return ticket.number, mailroom.read(mailroom.outbox[-1])["Message-ID"]


def why(email) -> str:
    return next(step["detail"] for step in email.trace if step["step"] == "Ticket")


def index(*answers: bytes) -> str:
    return base64.b64encode(ROOT + b"".join(answers)).decode()


def test_our_signed_address_is_enough_when_all_headers_are_lost(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter("It does.", subject="New subject", to=reply_address(SUPPORT, number)))
    assert email.ticket_id == number
    assert why(email) == f"it was sent to our address for answers about #{number}"


def test_the_signed_address_counts_wherever_a_server_noted_it(answered, mailroom):
    number, _ = answered
    address = reply_address(SUPPORT, number)
    assert mailroom.receive(letter(subject="x", Delivered_To=address)).ticket_id == number
    assert mailroom.receive(letter("Copied.", subject="x", to="boss@harbor-dental.example", Cc=address)).ticket_id == (
        number
    )


def test_an_answering_machine_that_writes_to_our_return_address_finds_the_ticket(answered, mailroom):
    number, _ = answered
    sent = mailroom.outbox[-1]
    away = letter("I am away.", subject="Away", to=return_address(SUPPORT, sent.id), Auto_Submitted="auto-replied")
    email = mailroom.receive(away)
    assert email.ticket_id == number
    assert why(email) == f"it came back to the return address of our mail about #{number}"
    lost = letter("I am away.", subject="Away", to=return_address(SUPPORT, sent.id + 1000))
    assert mailroom.receive(lost).ticket_id != number


def test_an_invented_address_in_our_style_leads_nowhere(answered, mailroom):
    number, _ = answered
    forged = f"support+t{number}.aaaaaaaaaaaaaaaa@northwind.example"
    assert mailroom.receive(letter(subject="x", to=forged)).ticket_id != number


def test_the_signed_address_comes_before_a_reference_to_another_ticket(answered, mailroom):
    number, _ = answered
    other = mailroom.receive(letter(subject="Printer", message_id="<printer@client.example>")).ticket_id
    address = reply_address(SUPPORT, number)
    email = mailroom.receive(letter(subject="x", to=address, answers="<printer@client.example>"))
    assert (email.ticket_id, other != number) == (number, True)


def test_an_id_that_a_relay_gave_the_clients_mail_counts_as_well_as_their_own(mailroom):
    number = mailroom.receive(
        letter(message_id="<AM0@outlook.example>", X_Microsoft_Original_Message_ID="<own@client.example>")
    ).ticket_id
    assert mailroom.receive(letter("a", subject="x", answers="<own@client.example>")).ticket_id == number
    assert mailroom.receive(letter("b", subject="x", answers="<AM0@outlook.example>")).ticket_id == number


def test_the_id_that_a_relay_gave_our_own_mail_is_learnt_when_a_copy_comes_back(answered, mailroom):
    number, our_id = answered
    copy = letter(
        "Does it light?",
        sender=f"Northwind Support <{SUPPORT}>",
        message_id="<0102018f@eu-west-1.relay.example>",
        X_PSA_Message=our_id,
    )
    assert mailroom.receive(copy).status == "ignored"
    email = mailroom.receive(letter("It does.", subject="x", answers="<0102018f@eu-west-1.relay.example>"))
    assert email.ticket_id == number


def test_the_id_that_a_report_names_our_mail_by_is_learnt_when_its_address_is_signed(answered, mailroom):
    number, _ = answered
    rewritten = "0102018f@eu-west-1.relay.example"
    for to, status in [("support@northwind.example", None), (return_address(SUPPORT, mailroom.outbox[-1].id), number)]:
        assert mailroom.receive(report_about(rewritten, to)).ticket_id == status
        known = [one.ticket_id for one in known_tickets([rewritten])]
        assert known == ([] if status is None else [number])
    assert mailroom.receive(letter("It does.", subject="x", answers=f"<{rewritten}>")).ticket_id == number


def report_about(message_id: str, to: str) -> bytes:
    """A delay, as a server tells of it that knows our mail by another id."""
    return f"""\
From: MAILER-DAEMON@mx.elsewhere.example
To: {to}
Subject: Delayed Mail (still being retried)
Message-ID: <{len(to)}@mx.elsewhere.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It is still being tried.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.example

Final-Recipient: rfc822; dana@harbor-dental.example
Action: delayed
Status: 4.4.1
--b
Content-Type: message/rfc822-headers

Message-ID: <{message_id}>
Subject: Re: Projector
--b--
""".encode()


def test_what_others_on_the_ticket_refer_to_is_a_key_for_its_participants(answered, mailroom):
    number, our_id = answered
    lost = "<between-them@client.example>"
    mailroom.receive(letter("As I wrote to Petra.", answers=our_id, subject="x"))
    reply = letter("And again.", subject="x", message_id="<again@client.example>")
    reply["References"] = f"{FIRST} {lost}"
    mailroom.receive(reply)
    email = mailroom.receive(letter("One more.", subject="x", answers=lost))
    assert email.ticket_id == number
    assert why(email) == f"it refers to a message that others on #{number} refer to, and the sender is on that ticket"


def test_outlooks_conversation_holds_an_answer_that_lost_its_references(mailroom):
    number = mailroom.receive(letter(Thread_Index=index())).ticket_id
    email = mailroom.receive(letter("Again.", subject="x", Thread_Index=index(b"12345")))
    assert (email.ticket_id, "Outlook’s conversation" in why(email)) == (number, True)


def test_a_conversation_that_only_begins_is_not_looked_for(mailroom):
    number = mailroom.receive(letter(Thread_Index=index())).ticket_id
    assert mailroom.receive(letter("Another matter.", subject="x", Thread_Index=index())).ticket_id != number


def test_the_line_at_the_foot_of_our_mail_is_a_key_in_what_is_quoted(answered, mailroom):
    number, _ = answered
    quoted = f"It does.\n\nOn Monday Tom wrote:\n> Does it light?\n> {reference_line(number)}\n"
    email = mailroom.receive(letter(quoted, subject="x"))
    assert (email.ticket_id, why(email)) == (number, f"it quotes the reference of #{number}")


def test_an_invented_line_is_none(answered, mailroom):
    number, _ = answered
    email = mailroom.receive(letter(f"> Ticket #{number} · ref aaaaaaaaaaaaaaaa", subject="x"))
    assert email.ticket_id != number


def test_a_key_of_a_ticket_that_is_gone_opens_a_new_one_and_says_so(answered, mailroom):
    number, _ = answered
    address = reply_address(SUPPORT, number + 40)
    email = mailroom.receive(letter(subject="x", to=address))
    assert email.status == "filed" and email.ticket_id not in (number, None)
    assert why(email) == f"it was sent to our address for answers about #{number + 40}, which does not exist"


def test_a_message_itself_is_a_stronger_key_than_a_reference_to_it(mailroom):
    early = letter("I answer what you have not got yet.", subject="x", answers="<late@client.example>")
    first = mailroom.receive(early).ticket_id
    late = mailroom.receive(letter("Late.", subject="y", message_id="<late@client.example>")).ticket_id
    assert late != first
    assert [(one.ticket_id, one.is_seen) for one in known_tickets(["late@client.example"])] == [
        (late, False),
        (first, True),
    ]


def test_all_keys_of_a_mail_are_kept_and_of_a_long_conversation_its_ends(mailroom):
    long = letter(subject="x")
    long["References"] = " ".join(f"<r{number}@client.example>" for number in range(60))
    mailroom.receive(long)
    strengths = list(db.session.scalars(db.select(ThreadKey.strength)))
    assert (strengths.count("message"), strengths.count("seen")) == (1, 20)
    known = {one.message_id for one in known_tickets([f"r{number}@client.example" for number in range(60)])}
    assert {"r0@client.example", "r59@client.example"} <= known
