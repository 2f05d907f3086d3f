"""A full-loop test that ends with the process, and letters that come when it is over: nothing of it stays either."""

from __future__ import annotations

import pytest

from psa.clients.operations import make_contact
from psa.extensions import db
from psa.jobs.timetable import Timetable
from psa.mail.diagnosis import probe
from psa.mail.inbound.poll import poll
from psa.mail.loop import trial
from psa.mail.loop.dead import clear_what_is_left
from psa.mail.loop.story import Loop
from psa.mail.models import ConnectionTest, InboundEmail, OutboundEmail
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.outbox import enqueue
from psa.tickets import operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from tests.mail.loop.conftest import ADDRESS, counts
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot


class Killed(BaseException):
    """The end of the process: nothing is done after it."""


def killed_at(stage: str) -> type[trial.Listener]:
    class Dying(trial.Listener):
        is_dead = False

        def __call__(self, journal) -> None:
            self.is_dead = self.is_dead or journal.stage == stage
            if self.is_dead:
                raise Killed
            super().__call__(journal)

    return Dying


@pytest.fixture
def die(begin):
    """Go round as far as to the beginning of a stage, and be silent for long; returns the test."""

    def die_at(stage: str) -> ConnectionTest:
        loop = begin(listener=killed_at(stage))
        with pytest.raises(Killed):
            trial.go_round(loop)
        db.session.rollback()
        test = db.session.get_one(ConnectionTest, loop.test_id, populate_existing=True)
        assert test.state == "running"
        test.changed_at -= probe.SILENCE
        db.session.commit()
        return test

    return die_at


@pytest.mark.parametrize("stage", ["loop_reply", "loop_returns", "loop_clears"])
def test_what_a_killed_round_made_is_cleared_by_the_timetable(app, pair, die, dovecot, stage):
    before = counts()
    test = die(stage)
    assert counts()["Ticket"] == before["Ticket"] + 1
    db.session.rollback()
    Timetable(app).clear()
    assert (test.state, test.cause, test.findings["remains"]["is_cleared"]) == ("failed", "restarted", True)
    poll(pair.inbound.id)
    clear_what_is_left()
    assert counts() == before
    assert dovecot.messages(ADDRESS) == []


def test_a_reply_that_waits_does_not_leave_when_the_round_is_dead(pair, die, post, monkeypatch):
    def die_before_it_leaves(loop: Loop, outbound_id: int, step: object) -> OutboundEmail:
        if loop.left_behind.comment_ids:
            raise Killed
        return delivers(loop, outbound_id, step)

    delivers = Loop.deliver_now
    monkeypatch.setattr(Loop, "deliver_now", die_before_it_leaves)
    monkeypatch.setattr(Loop, "clear_away", lambda loop: None)
    before = counts()
    die("never")
    assert db.session.scalar(db.select(OutboundEmail.purpose).where(OutboundEmail.status == "queued")) == "reply"
    clear_what_is_left()
    assert (counts(), len(post)) == (before, 1)


def test_a_round_that_is_alive_is_left_alone(pair, die):
    test = die("loop_reply")
    test.changed_at += probe.SILENCE
    db.session.commit()
    assert clear_what_is_left() == 0
    assert (test.state, counts()["Ticket"]) == ("running", 1)


def test_a_letter_that_comes_when_the_round_is_dead_is_no_ticket(pair, die, dovecot):
    before = counts()
    test = die("loop_arrives")
    clear_what_is_left()
    poll(pair.inbound.id)
    row = db.session.scalars(db.select(InboundEmail)).one()
    assert (row.status, row.reason) == ("ignored", f"It belonged to full-loop test {test.id}")
    clear_what_is_left()
    assert counts() == before
    assert dovecot.messages(ADDRESS) == []
    assert clear_what_is_left() == 0


def test_a_letter_that_comes_after_the_patience_is_over_is_no_ticket(pair, go_round, post, dovecot):
    post.is_held_up = True
    before = counts()
    test = go_round(patience=0.5)
    assert test.cause == "loop_lost"
    dovecot.deliver(ADDRESS, post[0].content)
    poll(pair.inbound.id)
    row = db.session.scalars(db.select(InboundEmail)).one()
    assert (row.status, row.reason) == ("ignored", f"It belonged to full-loop test {test.id}")
    clear_what_is_left()
    assert counts() == before
    assert dovecot.messages(ADDRESS) == []


def test_a_mailbox_that_cannot_be_reached_is_asked_again(pair, die, dovecot):
    die("loop_clears")
    port, pair.inbound.port = pair.inbound.port, 1
    db.session.commit()
    clear_what_is_left()
    assert (counts()["Ticket"], dovecot.messages(ADDRESS) == []) == (0, False)
    pair.inbound.port = port
    # What came since has the ids of what is gone, where the database gives them out again.
    said = compose(
        Content("Invoice", "Hello"),
        sender=("Northwind", ADDRESS),
        to=[("", "dana@harbor.example")],
    )
    recipients = ["dana@harbor.example"]
    enqueue(said, account_id=pair.outbound.id, envelope_sender=ADDRESS, recipients=recipients, purpose="reply")
    make_contact(ADDRESS, "Ourselves", None)
    operations.open_ticket(subject="Real", queue_id=pair.support.id, said=Said("Hello"), by=Actor(user_id=pair.mara.id))
    db.session.commit()
    now = counts()
    assert clear_what_is_left() == 1
    assert dovecot.messages(ADDRESS) == []
    assert counts() == now
    ledger = db.session.scalars(db.select(InboundEmail)).all()
    assert [sum(step["step"] == "Full-loop test" for step in row.trace) for row in ledger] == [1, 1, 1]


def test_what_is_leaving_at_that_moment_is_cleared_when_it_has_left(pair, die, dovecot):
    before = counts()
    die("loop_arrives")
    email = db.session.scalars(db.select(OutboundEmail)).one()
    email.status, email.handed_over_at = "sending", email.queued_at
    db.session.commit()
    clear_what_is_left()
    assert counts()["OutboundEmail"] == 1
    email.status = "unconfirmed"
    db.session.commit()
    clear_what_is_left()
    assert counts() == before


def test_who_writes_under_such_a_message_id_is_filed(pair, go_round, dovecot):
    test = go_round()
    for message_id in (f"<loop.{test.id}.{'0' * 24}@northwind.example>", f"<loop.999.{'0' * 24}@northwind.example>"):
        dovecot.deliver(ADDRESS, letter(subject="A real one", message_id=message_id).as_bytes())
    poll(pair.inbound.id)
    assert len(db.session.scalars(db.select(Ticket)).all()) == 2
