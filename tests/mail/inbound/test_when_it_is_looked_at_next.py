"""Intervals, pauses after faults, refused passwords, and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from psa import clock, signing
from psa.extensions import db
from psa.jobs import hosts
from psa.jobs.mailboxes import due
from psa.mail.inbound.backoff import JITTER, REFUSED_PAUSE, is_due
from psa.mail.inbound.poll import poll
from tests.mail.inbound.world import PASSWORD, deliver, refreshed, subjects

HOUR = timedelta(hours=1)


def pause_of(account) -> timedelta:
    return refreshed(account).next_poll_at - clock.now()


@pytest.mark.dovecot
def test_a_password_that_is_refused_three_times_is_tried_once_an_hour_until_it_is_right(imap, dovecot):
    imap.sealed_password = signing.seal("wrong")
    db.session.commit()
    for _ in range(2):
        poll(imap.id)
        assert (imap.refused_since, pause_of(imap) < timedelta(minutes=5)) == (None, True)
    poll(imap.id)
    first = refreshed(imap).refused_since
    assert first is not None
    assert HOUR * (1 - JITTER) - timedelta(minutes=1) < pause_of(imap) <= HOUR * (1 + JITTER)
    poll(imap.id)
    assert refreshed(imap).refused_since == first
    deliver(dovecot, "Waiting")
    imap.sealed_password = signing.seal(PASSWORD)
    db.session.commit()
    poll(imap.id)
    account = refreshed(imap)
    assert (subjects(), account.refused_since, account.failures, account.fault_cause) == (["Waiting"], None, 0, "")


@pytest.mark.dovecot
def test_a_dead_network_between_two_refusals_begins_the_count_anew(imap, dovecot):
    imap.sealed_password = signing.seal("wrong")
    db.session.commit()
    poll(imap.id)
    poll(imap.id)
    imap.port = 1
    db.session.commit()
    poll(imap.id)
    assert (imap.fault_cause, imap.failures) == ("connect_refused", 1)
    imap.port = dovecot.imap
    db.session.commit()
    poll(imap.id)
    assert (refreshed(imap).failures, imap.refused_since) == (1, None)


@pytest.mark.dovecot
def test_too_many_connections_get_a_longer_pause(imap, meddler):
    meddler.answers = {"LOGIN": "{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded"}
    poll(imap.id)
    assert refreshed(imap).fault_cause == "too_many_connections"
    assert pause_of(imap) > timedelta(seconds=40)
    assert imap.refused_since is None


def test_mailboxes_of_one_server_do_not_come_back_all_at_the_same_moment(cast):
    cast.inbound.port = 1
    db.session.commit()
    pauses = set()
    for _ in range(5):
        cast.inbound.failures = 0
        db.session.commit()
        poll(cast.inbound.id)
        pauses.add(round(pause_of(cast.inbound).total_seconds(), 2))
    assert len(pauses) > 1
    assert all(3.5 < pause <= 6 for pause in pauses)


@pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(hours=-3), timedelta(days=365)])
@pytest.mark.parametrize("failures", [0, 4])
def test_a_clock_that_jumps_keeps_no_mailbox_waiting(cast, jump, failures):
    account = cast.inbound
    account.host_id, account.failures = hosts.host_id(), failures
    account.next_poll_at = clock.now() + timedelta(seconds=30)
    db.session.commit()
    assert due(frozenset()) == []
    with time_machine.travel(datetime.now(UTC) + jump, tick=True):
        assert due(frozenset()) == [account.id]
        # With a listener it is the same: it is not late, its clock is wrong.
        assert due(frozenset({account.id})) == [account.id]


def test_a_pause_that_was_set_is_kept_when_the_clock_is_right(cast):
    account = cast.inbound
    account.failures, account.next_poll_at = 5, clock.now() + REFUSED_PAUSE * (1 + JITTER)
    assert not is_due(account)
    account.failures = 0
    assert is_due(account)


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(days=365)])
def test_mail_is_read_whatever_the_clock_says(request, dovecot, jump, protocol):
    account = request.getfixturevalue(protocol)
    deliver(dovecot, "Before")
    poll(account.id)
    with time_machine.travel(datetime.now(UTC) + jump, tick=True):
        deliver(dovecot, "During")
        assert poll(account.id).fault == ""
    deliver(dovecot, "After")
    poll(account.id)
    assert subjects() == ["Before", "During", "After"]
