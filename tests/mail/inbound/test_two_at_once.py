"""Two processors at the same moment: one ticket."""

from __future__ import annotations

import threading

from psa.extensions import db
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail
from psa.tickets.models import Comment, Ticket
from tests.mailroom import letter


def at_once(app, *inbound_ids: int) -> None:
    """Process messages in threads that all begin at the same moment."""
    barrier = threading.Barrier(len(inbound_ids))

    def work(inbound_id: int) -> None:
        with app.app_context():
            barrier.wait()
            process(inbound_id)

    threads = [threading.Thread(target=work, args=(inbound_id,)) for inbound_id in inbound_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    db.session.rollback()


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_the_same_mail_in_two_mailboxes_at_the_same_moment_is_one_ticket(app, cast):
    for number in range(5):
        raw = letter(subject=f"Number {number}").as_bytes()
        copies = [receive_piped(cast.inbound, b"Delivered-To: %d@northwind.example\r\n" % n + raw) for n in range(2)]
        at_once(app, *copies)
        assert count(Ticket) == number + 1
    statuses = sorted(db.session.scalars(db.select(InboundEmail.status)))
    assert statuses == ["filed"] * 5 + ["ignored"] * 5


def test_one_message_taken_up_by_two_is_filed_once(app, cast):
    inbound_id = receive_piped(cast.inbound, letter().as_bytes())
    at_once(app, inbound_id, inbound_id, inbound_id)
    assert (count(Ticket), count(Comment)) == (1, 1)


def test_two_first_mails_of_one_new_sender_make_one_contact(app, cast):
    ids = [
        receive_piped(cast.inbound, letter(subject=f"Number {n}", sender="new@novaklab.example").as_bytes())
        for n in range(3)
    ]
    at_once(app, *ids)
    assert count(Ticket) == 3
    assert len(set(db.session.scalars(db.select(Ticket.requester_id)))) == 1
