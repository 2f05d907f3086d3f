"""What clients hear by machine, where the firm, the queue and they themselves want it: a ticket is open, or closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa.extensions import db
from psa.mail.blocking.operations import block
from psa.mail.outbound import addresses
from psa.notifications import choices
from psa.tickets import operations, queries
from psa.tickets.models import Comment
from psa.tickets.operations import Actor
from tests.mailroom import letter
from tests.notifications.conftest import happened_before


@pytest.fixture
def closing(cast):
    """The firm tells clients that their tickets are closed."""
    choices.switch({("ticket_closed", None): True})
    db.session.commit()


def close(ticket_id: int, cast) -> None:
    operations.set_status(ticket_id, "closed", Actor(user_id=cast.tom.id))


def test_as_long_as_nobody_says_so_nothing_is_sent_when_a_ticket_is_closed(cast, mailroom, told):
    close(mailroom.receive(letter()).ticket_id, cast)
    assert told() == []


def test_the_requester_hears_that_their_ticket_is_closed(cast, mailroom, told, closing):
    first = mailroom.receive(letter())
    close(first.ticket_id, cast)
    [email] = told()
    message = mailroom.read(email)
    assert message["To"] == "Dana Whitfield <dana@harbor-dental.example>"
    assert message["Subject"] == "Closed: Projector [#1]"
    assert message["In-Reply-To"] == f"<{first.message_id}>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "/unsubscribe/c" in message["List-Unsubscribe"]
    # What cannot be delivered must not come back as a ticket.
    assert email.envelope_sender == ""


def test_a_queue_may_differ(cast, mailroom, told):
    choices.switch({("ticket_closed", cast.billing.id): True})
    close(mailroom.receive(letter()).ticket_id, cast)
    assert told() == []
    close(mailroom.receive(letter(subject="[Billing] Twice")).ticket_id, cast)
    assert len(told()) == 1


def test_a_reply_that_closes_can_be_undone_before_anybody_hears(app, cast, mailroom, told, closing, sign_in):
    app.config["PSA_UNDO_SECONDS"] = 15
    ticket_id = mailroom.receive(letter()).ticket_id
    browser = sign_in(cast.tom)
    seen = str(queries.last_event(ticket_id))
    browser.post(f"/tickets/{ticket_id}/replies", data={"body": "Done.", "then": "closed", "seen_event": seen})
    assert told() == []
    reply = db.session.scalars(db.select(Comment).order_by(Comment.id.desc())).first()
    browser.post(f"/comments/{reply.id}/undo")
    happened_before(timedelta(minutes=1))
    assert told() == []


def test_after_that_the_notice_leaves(app, cast, mailroom, told, closing, sign_in):
    app.config["PSA_UNDO_SECONDS"] = 15
    ticket_id = mailroom.receive(letter()).ticket_id
    close(ticket_id, cast)
    assert told() == []
    happened_before(timedelta(minutes=1))
    assert len(told()) == 1


def test_a_ticket_that_is_open_again_was_not_closed(cast, mailroom, told, closing):
    ticket_id = mailroom.receive(letter()).ticket_id
    close(ticket_id, cast)
    operations.set_status(ticket_id, "open", Actor(user_id=cast.tom.id))
    assert told() == []


def test_machines_are_not_told(cast, mailroom, told, closing):
    close(mailroom.receive(letter(Auto_Submitted="auto-generated")).ticket_id, cast)
    assert told() == []


def test_who_is_told_nothing_of_tickets_hears_neither(cast, mailroom, told, closing):
    cast.inbound.acknowledge = True
    choices.tell(cast.dana.id, {"projects", "invoices"})
    email = mailroom.receive(letter())
    close(email.ticket_id, cast)
    assert told() == []
    assert mailroom.outbox == []
    assert "dana@harbor-dental.example is told nothing of tickets" in [step["detail"] for step in email.trace]


def test_ticket_opened_can_be_off_for_the_firm_whatever_the_mailbox_says(cast, mailroom):
    cast.inbound.acknowledge = True
    choices.switch({("ticket_opened", None): False})
    email = mailroom.receive(letter())
    assert mailroom.outbox == []
    assert "“Ticket opened” is switched off for Support" in [step["detail"] for step in email.trace]


def test_who_is_blocked_or_was_forged_is_not_told(cast, mailroom, told, closing):
    forged = mailroom.receive(letter(subject="One"))
    forged.trust = "failed"
    close(forged.ticket_id, cast)
    close(mailroom.receive(letter(subject="Two")).ticket_id, cast)
    block("dana@harbor-dental.example", cast.mara.id)
    assert told() == []


def test_a_client_hears_of_at_most_five_closed_tickets_an_hour(cast, mailroom, told, closing):
    for number in range(7):
        close(mailroom.receive(letter(subject=f"Projector {number}")).ticket_id, cast)
        told()
    assert len(told()) == 5


def test_nothing_goes_to_an_address_that_mail_comes_back_from(cast, mailroom, told, closing):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 no such user")
    close(mailroom.receive(letter()).ticket_id, cast)
    assert told() == []
    assert mailroom.outbox == []


def test_a_ticket_without_a_sending_account_says_that_nobody_was_told(cast, mailroom, told, closing):
    ticket_id = mailroom.receive(letter()).ticket_id
    close(ticket_id, cast)
    db.session.delete(cast.outbound)
    assert told() == []
    words = [event.detail.get("words", "") for event in mailroom.ticket(ticket_id).events]
    assert any("“Ticket closed” was not sent: No account sends mail yet." in one for one in words)
