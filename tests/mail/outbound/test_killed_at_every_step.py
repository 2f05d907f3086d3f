"""The sender dies before every single commit and every single command: nothing leaves twice, nothing is forgotten."""

from __future__ import annotations

import itertools
import os
import signal
import smtplib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import deliver as delivery
from psa.mail.outbound import lane, outcomes
from psa.mail.outbound.deliver import deliver_due
from tests.mail.inbound.killing import before, in_a_child

pytestmark = pytest.mark.slow


@pytest.fixture
def database_url(either_database) -> str:
    return either_database


def at_each_step(step: Callable[[str], object]) -> None:
    """Call ``step`` before every commit and whatever is said to the server, from now on, in this process."""
    dialect = db.engine.dialect
    dialect.do_commit = before(step, dialect.do_commit, lambda _: "commit")  # type: ignore[method-assign]
    smtplib.SMTP.send = before(step, smtplib.SMTP.send, words_of)  # type: ignore[method-assign]


def words_of(said: str | bytes) -> str:
    text = said if isinstance(said, str) else said.decode("latin-1")
    return text.splitlines()[0][:40]


def steps_of_a_round() -> list[str]:
    """The steps of a round from its beginning to its end: "commit", or what is said to the server."""
    reader, writer = os.pipe()

    def send() -> None:
        at_each_step(lambda words: os.write(writer, words.encode() + b"\n"))
        deliver_due()

    in_a_child(send)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return answer.read().splitlines()


def die_at(step: int) -> bool:
    """Send what is due and die before that step; False when the round had fewer."""

    def send() -> None:
        taken = itertools.count(1)

        def maybe_die(_words: str) -> None:
            if next(taken) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        at_each_step(maybe_die)
        deliver_due()

    return in_a_child(send)


@pytest.mark.parametrize(("number", "connections", "quick"), [(3, 1, timedelta()), (4, 2, timedelta(hours=1))])
def test_whatever_the_step_no_message_leaves_twice_and_none_is_forgotten(
    queue, smtp_server, monkeypatch, number, connections, quick
):
    """Over one connection to a slow server, and over two to a quick one, each result with the next ones' mark."""
    monkeypatch.setattr(lane, "ENOUGH", 3 if connections > 1 else 100)
    monkeypatch.setattr(outcomes, "QUICK", quick)
    monkeypatch.setattr(delivery, "QUICK", 3600.0)
    for place in range(number):
        queue(f"Number {place}")
    steps = steps_of_a_round()
    assert steps.count(".") == len(smtp_server.received) == number
    assert smtp_server.connections == connections
    for step in range(1, len(steps) + 1):
        smtp_server.received.clear()
        ids = [queue(f"Number {place}").id for place in range(number)]
        assert die_at(step), f"it lived at step {step}: {steps}"
        let_the_claims_run_out()
        deliver_due()
        let_the_claims_run_out()
        deliver_due()
        where = f"after a death at step {step}, before {steps[step - 1]} of {steps}"
        check(ids, smtp_server, connections, where)
        db.session.execute(db.update(OutboundEmail).where(OutboundEmail.status == "unconfirmed").values(status="sent"))
        db.session.commit()


def let_the_claims_run_out() -> None:
    db.session.execute(
        db.update(OutboundEmail)
        .where(OutboundEmail.status == "sending")
        .values(claimed_until=clock.now() - timedelta(1))
    )
    db.session.commit()


def check(ids: list[int], smtp_server, connections: int, where: str) -> None:
    arrived = Counter(id_in(letter.content) for letter in smtp_server.received)
    unclear = []
    for outbound_id in ids:
        email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
        assert arrived[email.message_id] <= 1, where
        assert email.status in ("sent", "unconfirmed"), where
        if email.status == "sent":
            assert arrived[email.message_id] == 1, where
        else:
            unclear.append(email)
    # Only those whose end the server may have heard of are in doubt.
    assert len(unclear) <= connections, where


def id_in(content: bytes) -> str:
    line = next(line for line in content.split(b"\r\n") if line.lower().startswith(b"message-id:"))
    return line.split(b":", 1)[1].strip(b" <>").decode()
