"""From bytes to a ticket: where it goes, and why."""

from __future__ import annotations

from psa.mail.inbound.process import convert, process, process_again
from tests.mailroom import letter


def test_mail_from_a_clients_domain_becomes_a_ticket_of_that_client_and_its_project(mailroom, cast):
    email = mailroom.receive(letter(sender="Petra Holm <petra@harbor-dental.example>"))
    assert email.status == "filed"
    assert email.ticket.client == cast.harbor
    assert email.ticket.project == cast.managed_service
    assert email.ticket.queue == cast.support
    assert email.ticket.requester.email == "petra@harbor-dental.example"
    assert email.ticket.requester.client == cast.harbor


def test_the_longest_domain_decides_which_client_it_is(mailroom, cast):
    email = mailroom.receive(letter(sender="lab@lab.harbor-dental.example"))
    assert email.ticket.client == cast.harbor


def test_a_domain_that_only_looks_alike_belongs_to_nobody(mailroom):
    email = mailroom.receive(letter(sender="x@notharbor-dental.example"))
    assert email.ticket.client is None


def test_a_subject_tag_leads_to_the_billing_queue(mailroom, cast):
    email = mailroom.receive(letter(subject="[billing] Invoice 2026-0417"))
    assert email.ticket.queue == cast.billing
    assert email.ticket.subject == "[billing] Invoice 2026-0417"


def test_an_unknown_sender_becomes_a_contact_without_a_client(mailroom):
    email = mailroom.receive(letter(sender="Pavel Novak <p.novak@novaklab.example>"))
    assert email.ticket.requester.name == "Pavel Novak"
    assert email.ticket.client is None


def test_two_messages_of_one_new_sender_make_one_contact(mailroom):
    first = mailroom.receive(letter(sender="P.Novak@novaklab.example"))
    second = mailroom.receive(letter(sender="p.novak@NOVAKLAB.example"))
    assert first.ticket.requester_id == second.ticket.requester_id


def test_every_step_that_decided_is_in_the_trace(mailroom):
    email = mailroom.receive(letter(subject="[Billing] Invoice"))
    steps = {step["step"]: step for step in email.trace}
    assert steps["Client"]["verdict"] == "Harbor Dental"
    assert steps["Rule Billing"]["verdict"] == "Matched"
    assert steps["Queue"] == {"step": "Queue", "verdict": "Billing", "detail": "by a rule"}
    assert steps["Disposition"]["verdict"] == "Filed"


def test_with_automatic_ticket_creation_off_new_mail_is_held_and_replies_still_thread(mailroom, cast):
    first = mailroom.receive(letter(message_id="<first@client.example>"))
    cast.inbound.create_tickets = False
    held = mailroom.receive(letter(subject="Another thing"))
    assert (held.status, held.ticket) == ("held", None)
    assert held.reason == "Automatic Ticket Creation is off for this mailbox"
    reply = mailroom.receive(letter("More.", answers="<first@client.example>"))
    assert reply.ticket_id == first.ticket_id


def test_a_held_message_becomes_a_ticket_when_a_person_says_so(mailroom, cast):
    cast.inbound.create_tickets = False
    held = mailroom.receive(letter())
    convert(held.id)
    assert mailroom.ticket(1).subject == "Projector"
    assert held.status == "filed"


def test_a_message_that_defeats_us_is_kept_with_its_reason_and_can_be_processed_again(mailroom, monkeypatch):
    def defeat(*_args, **_values):
        raise RuntimeError("the flux is not set")

    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.process.match_ticket", defeat)
        email = mailroom.receive(letter())
    assert email.status == "failed"
    assert "the flux is not set" in email.reason
    assert email.ticket is None
    process_again(email.id)
    assert email.status == "filed"
    assert email.ticket.subject == "Projector"


def test_the_next_message_goes_on_when_one_has_failed(mailroom, monkeypatch):
    def defeat(*_args, **_values):
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.process.read_answer", defeat)
        assert mailroom.receive(letter()).status == "failed"
    assert mailroom.receive(letter()).status == "filed"


def test_processing_twice_files_once(mailroom):
    email = mailroom.receive(letter())
    assert process(email.id) is None
    assert len(mailroom.ticket(email.ticket_id).comments) == 1


def test_what_cannot_be_understood_is_held_with_its_reason_and_a_person_may_convert_it(mailroom):
    for raw in (b"", b"\0\xff" * 100, b"From: \r\n\r\n"):
        email = mailroom.receive(raw)
        assert (email.status, email.ticket) == ("held", None)
        assert "nothing in it that could be read" in email.reason
        convert(email.id)
        assert email.status == "filed"


def test_a_message_without_a_sender_is_a_ticket_all_the_same(mailroom):
    email = mailroom.receive(b"Subject: The scanner\r\n\r\nhello")
    assert email.ticket.subject == "The scanner"
    assert email.ticket.requester is None


def test_quoted_text_and_signature_are_folded_and_not_lost(mailroom):
    text = "It does.\n\n-- \nDana\nHarbor Dental\n\nOn Mon, 23 Nov 2026 at 10:00, Northwind wrote:\n> Does it light?\n"
    comment = mailroom.receive(letter(text)).ticket.comments[0]
    assert comment.body.strip() == "It does."
    assert "Does it light?" in comment.folded
    assert "Harbor Dental" in comment.signature + comment.folded


def test_whoever_writes_from_an_address_that_is_too_long_to_keep_is_known_the_next_time(mailroom):
    address = f"{'d' * 400}@harbor-dental.example"
    first, second = (
        mailroom.receive(letter(subject=subject, sender=f"Dana <{address}>")) for subject in ("Projector", "Chair")
    )
    assert (first.status, second.status, second.reason) == ("filed", "filed", "Opened ticket #2 in Support")
    assert second.ticket.requester_id == first.ticket.requester_id
    assert second.ticket.client.name == "Harbor Dental"
