"""A ticket neither waits for a client whom our answer never reached nor stays closed: it is open, and says why."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses, claims, outbox
from psa.mail.outbound.deliver import GIVE_UP_AFTER, deliver_due
from psa.tickets import notifications, operations
from psa.tickets.models import Event, Ticket
from psa.tickets.operations import Actor, Said
from psa.tickets.queries import story
from tests.mail.inbound.test_bounces_come_back import report
from tests.mail.outbound.conftest import DANA
from tests.mailroom import letter

RUBEN = "ruben@vega-logistics.example"
GONE, REFUSED = "550 5.1.1 No such user here", "550 5.7.1 You are not welcome here"


@pytest.fixture
def ticket(mailroom, account, smtp_server) -> int:
    """Dana's, on a server of which the test says what it answers."""
    return mailroom.receive(letter(subject="Projector")).ticket_id


@pytest.fixture
def answer(ticket, cast):
    """Tom answers and waits for Dana, or closes her ticket; returns the mail."""

    def write(*cc: str, then: str = "waiting") -> OutboundEmail:
        comment_id = operations.add_reply(ticket, Said(body="A lamp?"), Actor(user_id=cast.tom.id), then=then)
        outbound_id = notifications.reply_added(comment_id, copies=[("", address) for address in cc])
        db.session.commit()
        return db.session.get_one(OutboundEmail, outbound_id)

    return write


def status(number: int) -> str:
    db.session.expire_all()
    return db.session.get_one(Ticket, number).status


def test_refused_for_good_the_ticket_is_open_again_with_the_reason_and_as_news(ticket, answer, smtp_server, sign_in):
    smtp_server.answers["RCPT"] = [GONE]
    answer()
    deliver_due()
    assert status(ticket) == "open"
    event = story(ticket)[-1]
    assert db.session.get_one(Ticket, ticket).news_id == event.id
    assert f"Open again: the answer did not reach {DANA}: " in sign_in("agent").get(f"/tickets/{ticket}").text


def test_what_came_back_opens_it_too(ticket, answer, mailroom, sign_in):
    email = answer()
    deliver_due()
    assert status(ticket) == "waiting"
    mailroom.receive(report(email, DANA, "5.1.1", GONE).encode())
    assert status(ticket) == "open"
    page = sign_in("agent").get(f"/tickets/{ticket}").text
    assert f"Mail to <b>{DANA}</b> came back: {GONE}" in page
    assert f"the answer did not reach {DANA}" in page


def test_closed_with_an_answer_that_came_back_it_is_open_again(ticket, answer, mailroom):
    email = answer(then="closed")
    deliver_due()
    assert status(ticket) == "closed"
    mailroom.receive(report(email, DANA, "5.1.1", GONE).encode())
    assert status(ticket) == "open"
    assert story(ticket)[-1].detail["from"] == "Closed"


def test_what_was_closed_after_the_answer_stays_closed(ticket, answer, cast, smtp_server):
    smtp_server.answers["RCPT"] = [REFUSED]
    answer(then="open")
    operations.set_status(ticket, "closed", Actor(user_id=cast.mara.id))
    db.session.commit()
    deliver_due()
    assert status(ticket) == "closed"


def test_what_leaves_for_nobody_from_the_start_does_so_at_once(ticket, answer):
    addresses.suppress(DANA, "hard_bounce", GONE)
    answer()
    assert status(ticket) == "open"


def test_so_does_the_first_message_of_a_ticket_that_we_open(cast, account, sign_in):
    addresses.suppress(DANA, "hard_bounce", GONE)
    db.session.commit()
    call = {"email": DANA, "subject": "Projector", "body": "It is dark?", "queue": cast.support.id, "mail": "y"}
    sign_in("agent").post("/tickets/new", data=call)
    assert status(1) == "open"


def test_what_a_dead_sender_left_for_too_long_does_so_too(ticket, answer):
    email = answer()
    claims.claim(email.id, -GIVE_UP_AFTER)
    assert claims.recover(-GIVE_UP_AFTER) == 1
    assert status(ticket) == "open"


def test_it_waits_on_when_one_of_two_has_the_answer(ticket, answer, smtp_server):
    smtp_server.answers["RCPT"] = [REFUSED, None]
    answer(RUBEN)
    deliver_due()
    assert status(ticket) == "waiting"


def test_what_somebody_has_decided_since_stays(ticket, answer, cast, smtp_server):
    smtp_server.answers["RCPT"] = [REFUSED]
    answer()
    for decided in ("closed", "waiting"):
        operations.set_status(ticket, decided, Actor(user_id=cast.mara.id))
    db.session.commit()
    deliver_due()
    assert status(ticket) == "waiting"


def test_a_later_answer_of_ours_counts_and_not_the_lost_one(ticket, answer, mailroom):
    first = answer()
    deliver_due()
    answer()
    deliver_due()
    mailroom.receive(report(first, DANA, "4.2.2", "452 4.2.2 Mailbox full").encode())
    assert status(ticket) == "waiting"


def test_a_lost_acknowledgement_changes_nothing(ticket, answer, mailroom):
    assert notifications.ticket_opened(ticket, None, "auto_reply")[0]
    answer()
    deliver_due()
    opened = db.session.scalars(db.select(OutboundEmail).where(OutboundEmail.purpose == "opened")).one()
    mailroom.receive(report(opened, DANA, "5.1.1", GONE).encode())
    assert status(ticket) == "waiting"


def test_sent_after_all_it_stays_open_for_who_pressed_try_again(ticket, answer, smtp_server):
    smtp_server.answers["RCPT"] = [REFUSED]
    email = answer()
    deliver_due()
    assert outbox.retry(email.id)
    db.session.commit()
    deliver_due()
    db.session.refresh(email)
    assert (email.status, status(ticket)) == ("sent", "open")
    assert (
        len(db.session.scalars(db.select(Event).where(Event.detail["words"].as_string().contains("Open"))).all()) == 1
    )
