"""What would happen to a message, without its happening."""

from __future__ import annotations

import sqlite3

import pytest

from psa import create_app
from psa.extensions import db
from psa.mail.inbound import explain as explaining
from psa.mail.inbound.explain import Rehearsal, explain, explain_kept
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, RawMessage
from psa.tickets import operations
from psa.tickets.models import Queue, Ticket
from tests.configuration import configuration
from tests.factories import make_account, make_cast
from tests.mailroom import Mailroom, letter


def test_an_explanation_says_what_would_happen_and_changes_nothing(app, cast):
    explanation = explain(letter(subject="[Billing] Invoice").as_bytes(), cast.inbound)
    assert (explanation.disposition, explanation.ticket) == ("filed", "new")
    assert (explanation.client, explanation.queue) == ("Harbor Dental", "Billing")
    for model in (Ticket, InboundEmail, RawMessage):
        assert db.session.scalar(db.select(db.func.count()).select_from(model)) == 0


def test_an_explanation_leaves_a_firm_without_queues_as_it_is(app):
    account = make_account("inbound", protocol="imap", port=1143)
    db.session.add(account)
    db.session.commit()
    explanation = explain(letter().as_bytes(), account)
    assert (explanation.disposition, explanation.ticket, explanation.queue) == ("filed", "new", "Support")
    assert db.session.scalars(db.select(Queue)).all() == []
    inbound_id = receive_piped(account, letter().as_bytes())
    rehearsal = Rehearsal()
    for _ in range(2):
        kept, _ = rehearsal.of(inbound_id)
        assert (kept.disposition, kept.queue) == ("filed", "Support")
    assert db.session.scalars(db.select(Queue)).all() == []
    process(inbound_id)
    assert [queue.name for queue in db.session.scalars(db.select(Queue).order_by(Queue.id))] == ["Support", "Billing"]


def test_an_explanation_names_the_ticket_that_a_reply_would_join(mailroom, cast):
    number = mailroom.receive(letter(message_id="<first@client.example>")).ticket_id
    explanation = explain(letter(answers="<first@client.example>").as_bytes(), cast.inbound)
    assert explanation.ticket == number


@pytest.fixture
def either_mailroom(either_database, tmp_path):
    app = create_app(configuration(tmp_path, either_database))
    with app.app_context():
        yield Mailroom(make_cast())
        db.session.remove()
        db.engine.dispose()


def test_a_rehearsal_uses_up_no_ticket_number(either_mailroom):
    first = either_mailroom.receive(letter())
    for _ in range(3):
        explanation = explain_kept(first.id)
        explain(letter(subject="Chair").as_bytes(), either_mailroom.cast.inbound)
    assert (explanation.ticket, explanation.reason) == ("new", "Opened a new ticket in Support")
    assert explanation.steps[-1]["detail"] == explanation.reason
    assert either_mailroom.receive(letter(subject="Table")).ticket_id == first.ticket_id + 1


def test_a_message_is_read_before_the_database_is_locked_for_writing(mailroom, cast, monkeypatch):
    locked = []

    def watched(*values, **more):
        driver = db.session.connection().connection.driver_connection
        locked.append(isinstance(driver, sqlite3.Connection) and driver.in_transaction)
        return read(*values, **more)

    inbound = mailroom.receive(letter())
    read = explaining.read_answer
    monkeypatch.setattr(explaining, "read_answer", watched)
    explain(letter().as_bytes(), cast.inbound)
    explain_kept(inbound.id)
    assert locked == [False, False]


@pytest.fixture
def defeated(monkeypatch):
    def open_ticket(**values):
        raise ValueError("our own mistake")

    monkeypatch.setattr(operations, "open_ticket", open_ticket)


def test_a_message_that_would_defeat_us_is_explained_as_failed(mailroom, cast, defeated):
    inbound = mailroom.receive(letter())
    for explanation in (explain_kept(inbound.id), explain(letter(subject="Chair").as_bytes(), cast.inbound)):
        assert (explanation.disposition, explanation.reason) == ("failed", inbound.reason)
        assert explanation.steps == inbound.trace
        assert "our own mistake" in explanation.reason


def test_a_message_that_somebody_deals_with_meanwhile_is_left_out(mailroom, monkeypatch):
    inbound = mailroom.receive(letter())

    def read_meanwhile(*values, **more):
        db.session.execute(db.update(InboundEmail).values(status="held"))
        return read(*values, **more)

    read = explaining.read_answer
    monkeypatch.setattr(explaining, "read_answer", read_meanwhile)
    assert Rehearsal().of(inbound.id) == (None, frozenset())
