"""Where many messages wait, a process of its own reads ahead; whatever becomes of it, no message is lost or changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from psa.extensions import db
from psa.mail.inbound import reading
from psa.mail.inbound.mailbox import Fetched, Listed
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reading import WORTH_IT, Reader, reading_beside
from psa.mail.inbound.receive import Kept
from psa.mail.message import parse
from psa.tickets.models import Ticket
from tests.mail.inbound.test_polling_dovecot import account
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

__all__ = ["account"]
OURS = frozenset({"northwind.example"})


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    processes = []
    really = reading.start

    def start():
        processes.append(really())
        return processes[-1]

    monkeypatch.setattr(reading, "start", start)
    return processes


def kept(count: int) -> dict[int, Kept | None]:
    raws = [letter(subject=f"Number {number}", text=f"It is number {number}.").as_bytes() for number in range(count)]
    return {number: Kept(number, number, raw, len(raw), False, True) for number, raw in enumerate(raws)}


def beside(reader: Reader, messages: dict[int, Kept | None]) -> Iterator[tuple[int, Kept | None]]:
    """A chunk of these arrives and is kept; what was read in them."""
    reader.begin([fetched(message) for message in messages.values()])
    return reader.read(messages)


def fetched(message: Kept | None) -> Fetched:
    if message is None:  # a large one, packed while it arrived
        return replace(Fetched.whole(Listed(1, 1, None), b"large"), raw=None)
    return Fetched.whole(Listed(message.id, message.size, None), message.raw)


def test_they_come_in_their_order_each_with_its_own_words(started):
    messages = kept(WORTH_IT + 3)
    messages[7] = None
    with reading_beside(OURS) as reader:
        read = list(beside(reader, messages))
    assert [number for number, _ in read] == list(messages)
    assert read[7] == (7, None)
    for number, message in read[:7] + read[8:]:
        assert message.email.text == f"It is number {number}.", "read beside"
        assert message.email.own_domains == OURS
    [process] = started
    assert process.returncode is not None, "and it is gone"


def test_answers_about_mail_that_was_known_already_are_passed_by(started):
    messages = kept(WORTH_IT)
    with reading_beside(OURS) as reader:
        reader.begin([fetched(message) for message in messages.values()])
        new = {number: messages[number] for number in (3, 50)}
        assert [message.email.text for _, message in reader.read(new)] == ["It is number 3.", "It is number 50."]
        read = list(beside(reader, kept(4)))
    assert [message.email.text for _, message in read] == [f"It is number {number}." for number in range(4)]


def test_a_few_start_no_process(started):
    with reading_beside(OURS) as reader:
        assert all(message.email is None for _, message in beside(reader, kept(WORTH_IT - 1)))
    assert started == []


def test_what_a_dead_reader_owes_is_read_by_ourselves_and_the_next_chunk_has_a_new_one(started):
    with reading_beside(OURS) as reader:
        answers = beside(reader, kept(200))
        assert next(answers)[1].email is not None
        started[0].kill()
        rest = list(answers)
        assert [number for number, _ in rest] == list(range(1, 200))
        assert all(message.email is None or message.email.raw == message.raw for _, message in rest)
        assert rest[-1][1].email is None
        assert all(message.email is not None for _, message in beside(reader, kept(WORTH_IT)))
    assert len(started) == 2


def test_what_cannot_be_started_is_done_without(monkeypatch):
    def start():
        raise OSError("no process for you")

    monkeypatch.setattr(reading, "start", start)
    with reading_beside(OURS) as reader:
        assert [message.email for _, message in beside(reader, kept(WORTH_IT))] == [None] * WORTH_IT


def test_one_mailbox_at_a_time_has_the_process(started):
    with reading_beside(OURS) as first, reading_beside(OURS) as second:
        assert all(message.email is None for _, message in beside(second, kept(WORTH_IT)))
        assert all(message.email is not None for _, message in beside(first, kept(WORTH_IT)))
    with reading_beside(OURS) as third:
        assert all(message.email is not None for _, message in beside(third, kept(WORTH_IT)))
    assert len(started) == 2


def test_it_is_told_nothing_but_the_messages(started, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "nobody's business")
    with reading_beside(OURS) as reader:
        list(beside(reader, kept(WORTH_IT)))
        [process] = started
        with open(f"/proc/{process.pid}/environ", "rb") as environment:
            assert b"nobody's business" not in environment.read()


@pytest.mark.dovecot
def test_a_mailbox_full_of_mail_is_read_beside_with_the_same_end(account, dovecot, started):
    sent = [letter(subject=f"Number {number}", text=f"It is number {number}.") for number in range(WORTH_IT + 5)]
    for message in sent:
        dovecot.deliver(SUPPORT[0], message.as_bytes())
    looked = poll(account.id)
    assert (looked.kept, looked.processed, looked.fault) == (len(sent), len(sent), "")
    assert len(started) == 1
    tickets = list(db.session.scalars(db.select(Ticket).order_by(Ticket.id)))
    assert [ticket.subject for ticket in tickets] == [parse(message.as_bytes()).subject for message in sent]
    assert [ticket.preview for ticket in tickets] == [f"It is number {number}." for number in range(len(sent))]
