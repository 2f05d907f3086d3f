"""A server that cannot be used is left alone for a while, whatever waits for it; the mail of other accounts leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import settings as server
from psa.mail import setup
from psa.mail.outbound.deliver import deliver_due
from tests.factories import make_account
from tests.servers.fixtures import SUPPORT


@pytest.fixture
def wrong_password(account):
    account.sealed_password = signing.seal("wrong")
    db.session.commit()


def pass_time(account) -> None:
    account.paused_until = clock.now()
    db.session.commit()


def pause_of(account) -> timedelta:
    db.session.refresh(account)
    return account.paused_until - clock.now()


def test_a_wrong_password_is_tried_once_and_not_by_each_message_in_turn(queue, wrong_password, smtp_server):
    for _ in range(15):
        queue()
    assert [deliver_due() for _ in range(15)] == [1] + [0] * 14
    assert smtp_server.connections == 1


def test_a_refused_login_is_tried_less_often_than_a_server_that_is_away(queue, account, wrong_password):
    queue()
    deliver_due()
    refused = pause_of(account)
    account.port, account.failures = 1, 0
    pass_time(account)
    deliver_due()
    assert timedelta(seconds=20) < pause_of(account) < refused


def test_the_pause_grows_with_each_failure(queue, account, wrong_password):
    queue()
    pauses = []
    for _ in range(3):
        deliver_due()
        pauses.append(pause_of(account))
        pass_time(account)
    assert pauses == sorted(pauses)
    assert pauses[2] > pauses[0] * 2


def test_the_right_password_sends_all_that_waited_at_once(queue, account, wrong_password, smtp_server):
    queue(), queue()
    deliver_due()
    setup.save_outbound(replace(server.of_account(account), password=SUPPORT[1]), account=account)
    db.session.commit()
    assert deliver_due() == 2
    assert len(smtp_server.received) == 2
    db.session.refresh(account)
    assert (account.paused_until, account.fault_cause) == (None, "")


def test_the_pause_of_one_account_does_not_hold_another(queue, account, wrong_password, smtp_server):
    queue()
    deliver_due()
    sound = make_account("outbound", protocol="smtp", address="billing@northwind.example")
    sound.host, sound.port, sound.security = "localhost", smtp_server.port, "starttls"
    sound.username, sound.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.add(sound)
    db.session.commit()
    email = queue()
    email.account_id = sound.id
    db.session.commit()
    assert deliver_due() == 1
    assert email.status == "sent"


def test_an_account_that_another_round_is_busy_with_is_passed_over(queue, account):
    email = queue()
    with locks.holding(f"outbox-{account.id}"):
        assert deliver_due() == 0
    assert deliver_due() == 1
    assert email.status == "sent"
