"""The full-loop test against real servers: it goes all the way round, leaves nothing, and says where it stopped."""

from __future__ import annotations

import re

import pytest

from psa import signing
from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import reckon
from psa.mail.inbound.sent_copies import make_copies
from psa.mail.journal import Step
from psa.mail.log import search
from psa.mail.loop.story import STAGES, Loop
from psa.mail.models import ConnectionTest, InboundEmail, OutboundEmail
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.outbox import enqueue
from psa.rules.models import Rule
from psa.tickets import operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from tests.mail.loop.conftest import ADDRESS, PASSWORD, counts
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot


def failed_at(test: ConnectionTest) -> tuple[str, str]:
    return test.stage, test.cause


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_it_goes_all_the_way_round_and_leaves_nothing_behind(pair, go_round, dovecot, protocol):
    pair.inbound.protocol, pair.inbound.port = protocol, getattr(dovecot, protocol)
    db.session.commit()
    dovecot.deliver(ADDRESS, letter(subject="A real one").as_bytes())
    poll(pair.inbound.id)
    before = counts()

    test = go_round()

    assert (test.state, test.words) == ("passed", "")
    assert [(step["stage"], step["state"]) for step in test.steps] == [(stage, "done") for stage in STAGES]
    assert all(step["detail"] for step in test.steps)
    assert counts() == before
    assert len(dovecot.messages(ADDRESS)) == 1
    statuses = db.session.scalars(db.select(InboundEmail.status).order_by(InboundEmail.id)).all()
    assert statuses == ["filed", "ignored", "ignored", "ignored"]


def test_the_sum_holds_afterwards_and_the_next_mail_is_filed_once(pair, go_round, dovecot):
    assert go_round().state == "passed"
    dovecot.deliver(ADDRESS, letter(subject="A real one").as_bytes())
    assert poll(pair.inbound.id).kept == 1
    check = reckon(pair.inbound.id)
    assert (check.words, check.on_server, check.differences) == ("", 1, [])
    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["A real one"]


@pytest.mark.parametrize("after_filing", ["seen", "move", "delete"])
def test_it_goes_round_whatever_is_done_after_filing(pair, go_round, dovecot, after_filing):
    pair.inbound.after_filing, pair.inbound.move_to = after_filing, "Done"
    db.session.commit()
    test = go_round()
    assert (test.state, test.words) == ("passed", "")
    assert dovecot.messages(ADDRESS) == []
    assert after_filing != "move" or dovecot.messages(ADDRESS, "Done") == []


def test_the_mail_that_leaves_next_is_found_by_its_words(pair, go_round):
    assert go_round().state == "passed"
    for subject in ("Printer in Bay 4", "Invoice for October", "Router swap"):
        said = compose(
            Content(subject, "Hello"),
            sender=("Northwind", ADDRESS),
            to=[("", "dana@harbor.example")],
        )
        outbound_id = enqueue(
            said,
            account_id=pair.outbound.id,
            envelope_sender=ADDRESS,
            recipients=["dana@harbor.example"],
            purpose="reply",
        )
        assert db.session.scalars(search.found("out", subject)).all() == [outbound_id]
    assert db.session.scalars(search.found("out", "Full-loop test")).all() == []


def test_where_mail_is_held_for_a_person_the_test_converts_it_and_says_so(pair, go_round):
    pair.inbound.create_tickets = False
    db.session.commit()
    test = go_round()
    assert test.state == "passed"
    assert "Automatic Ticket Creation is off for this mailbox: converted by this test" in test.steps[2]["detail"]


def test_a_contact_who_was_there_before_stays(pair, go_round):
    from psa.clients.operations import make_contact

    make_contact(ADDRESS, "Ourselves", None)
    db.session.commit()
    assert go_round().state == "passed"
    assert db.session.scalar(db.select(ContactAddress.email).where(ContactAddress.email == ADDRESS)) == ADDRESS


def test_nobody_is_told_of_the_ticket_that_is_gone_in_a_moment(pair, go_round, post):
    pair.inbound.acknowledge = True
    db.session.commit()
    assert go_round().state == "passed"
    assert len(post) == 3


@pytest.mark.parametrize("kind", ["note", "reply"])
def test_what_an_agent_says_meanwhile_keeps_the_ticket_and_its_mail(pair, go_round, monkeypatch, dovecot, kind):
    def answer_as_somebody_looks_on(loop: Loop, ticket_id: int, step: Step) -> OutboundEmail:
        say = operations.add_note if kind == "note" else operations.add_reply
        say(ticket_id, Said("What is this? I have called the client."), Actor(user_id=pair.mara.id))
        db.session.commit()
        return replies(loop, ticket_id, step)

    replies = Loop.reply
    monkeypatch.setattr(Loop, "reply", answer_as_somebody_looks_on)

    test = go_round()

    ticket = db.session.scalars(db.select(Ticket)).one()
    assert [comment.body for comment in ticket.comments][1:] == [
        "What is this? I have called the client.",
        "Yes, it does.",
        "It did.",
    ]
    assert test.state == "passed"
    assert f"Ticket #{ticket.number} stays" in test.steps[-1]["detail"]
    assert dovecot.messages(ADDRESS) == []
    of_ticket = db.select(InboundEmail).where(InboundEmail.ticket_id == ticket.id)
    assert [(row.status, row.raw_id is not None) for row in db.session.scalars(of_ticket)] == [("filed", True)] * 2
    assert [email.comment_id for email in db.session.scalars(db.select(OutboundEmail))] == [ticket.comments[2].id]


def test_its_reply_leaves_no_copy_in_the_sent_folder(pair, go_round, monkeypatch, dovecot):
    def reply_and_copy(loop: Loop, ticket_id: int, step: Step) -> OutboundEmail:
        reply = replies(loop, ticket_id, step)
        made.append(make_copies())
        return reply

    made: list[int] = []
    replies = Loop.reply
    monkeypatch.setattr(Loop, "reply", reply_and_copy)
    dovecot.deliver(ADDRESS, letter(subject="An old one").as_bytes(), folder="Sent")
    pair.outbound.sent_folder = "Sent"
    db.session.commit()
    assert (go_round().state, made) == ("passed", [0])
    assert len(dovecot.messages(ADDRESS, "Sent")) == 1


def test_a_wrong_password_stops_it_at_the_first_hop(pair, go_round):
    pair.outbound.sealed_password = signing.seal("wrong")
    db.session.commit()
    before = counts()
    test = go_round()
    assert (test.state, *failed_at(test)) == ("failed", "loop_leaves", "auth_wrong_password")
    assert "535" in test.words
    assert counts() == before


def test_a_mail_that_never_arrives_is_told(pair, go_round, post):
    post.is_held_up = True
    before = counts()
    test = go_round(patience=0.5)
    assert failed_at(test) == ("loop_arrives", "loop_lost")
    assert counts() == before


def test_a_mailbox_that_cannot_be_read_is_told_with_its_cause(pair, go_round):
    pair.inbound.sealed_password = signing.seal("wrong")
    db.session.commit()
    assert failed_at(go_round()) == ("loop_arrives", "auth_wrong_password")


def test_the_rules_decide_about_it_as_about_any_mail(pair, go_round):
    db.session.add(
        Rule(
            name="Nothing from ourselves",
            position=0,
            conditions=[{"field": "sender_domain", "value": "northwind.example"}],
            actions=[{"set": "queue", "id": pair.billing.id}],
        )
    )
    db.session.commit()
    test = go_round()
    assert test.state == "passed"
    assert "in Billing" in test.steps[2]["detail"]


def test_a_gateway_that_changes_what_a_thread_hangs_on_is_found(pair, go_round, post, dovecot):
    post.rewrite = lambda raw: re.sub(
        rb"(?im)^(In-Reply-To|References): (.*\r\n([ \t].*\r\n)*)", rb"X-Gone: 1\r\n", raw
    )
    before = counts()
    test = go_round()
    assert failed_at(test) == ("loop_threads", "loop_not_threaded")
    assert counts() == before
    assert dovecot.messages(ADDRESS) == []


def test_what_it_stores_tells_no_password(pair, go_round):
    test = go_round()
    assert (test.sealed_settings, PASSWORD in str(test.steps)) == ("", False)
