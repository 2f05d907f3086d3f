"""IDLE with servers that do it, that only say so, and that fall silent."""

from __future__ import annotations

import threading
import time

import pytest

from psa.mail import settings as server
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.journal import Journal
from tests.mail.inbound.world import deliver, subjects
from tests.servers.proxy import HANG

pytestmark = pytest.mark.dovecot
# Longer than any test may take: a wait that ends was ended.
LONG = 1000


@pytest.fixture
def mailbox(imap, meddler):
    opened = open_mailbox(server.of_account(imap), Journal())
    poll(imap.id, opened)
    meddler.commands.clear()
    yield opened
    opened.close()


def waited(mailbox, seconds: float) -> tuple[bool, float]:
    begun = time.monotonic()
    spoke = mailbox.wait(seconds)
    return spoke, time.monotonic() - begun


def after(seconds: float, deed, *arguments) -> threading.Timer:
    timer = threading.Timer(seconds, deed, arguments)
    timer.start()
    return timer


def test_the_server_tells_of_new_mail_at_once(mailbox, dovecot):
    after(0.2, deliver, dovecot, "One")
    spoke, _ = waited(mailbox, LONG)
    assert spoke


def test_a_wait_can_be_ended_from_outside(mailbox):
    after(0.2, mailbox.wake)
    spoke, _ = waited(mailbox, LONG)
    assert not spoke


def test_a_server_that_refuses_idle_is_looked_at_by_the_interval(mailbox, meddler):
    meddler.answers = {"IDLE": "{tag} BAD Unknown command"}
    spoke, seconds = waited(mailbox, 0.3)
    assert not spoke
    assert seconds >= 0.25  # the kernel counts milliseconds, and may leave out a part of one
    waited(mailbox, 0.1)
    assert sum("IDLE" in command for command in meddler.commands) == 1, "it is asked only once on a connection"


def test_a_server_that_ends_idle_by_itself_is_not_asked_again_and_again(mailbox, meddler):
    meddler.answers = {"IDLE": "+ idling\r\n{tag} OK Idle completed"}
    _, seconds = waited(mailbox, 0.3)
    assert seconds >= 0.25  # the kernel counts milliseconds, and may leave out a part of one
    waited(mailbox, 0.1)
    assert [command.split()[1] for command in meddler.commands if "CAPABILITY" not in command] == ["IDLE"]


def test_what_the_server_says_before_it_idles_is_heard(mailbox, meddler):
    meddler.replaced = {b"+ idling": b"* 2 EXISTS\r\n+ idling"}
    spoke, _ = waited(mailbox, LONG)
    assert spoke


def test_still_here_is_no_news(mailbox, meddler):
    meddler.replaced = {b"+ idling": b"+ idling\r\n* OK Still here"}
    spoke, seconds = waited(mailbox, 0.3)
    assert not spoke
    assert seconds >= 0.25  # the kernel counts milliseconds, and may leave out a part of one


def test_a_server_that_tells_nothing_while_it_idles_is_looked_at_by_the_interval(imap, mailbox, dovecot, meddler):
    meddler.replaced = {b"EXISTS": b"", b"RECENT": b""}
    delivery = after(0.1, deliver, dovecot, "One")
    spoke, _ = waited(mailbox, 0.5)
    assert not spoke
    delivery.join()
    meddler.replaced = {}
    poll(imap.id, mailbox)
    assert subjects() == ["One"]


@pytest.mark.parametrize("verb", ["IDLE", "DONE"])
def test_a_connection_that_falls_silent_ends_after_its_time_limit(imap, mailbox, meddler, verb):
    mailbox.client.socket().settimeout(0.5)
    object.__setattr__(mailbox.settings, "timeout", 0.5)
    meddler.answers = {verb: HANG}
    with pytest.raises(OSError, match="timed out"):
        mailbox.wait(0.2)


def test_news_that_came_during_the_look_is_not_slept_over(imap, mailbox, dovecot):
    deliver(dovecot, "Two")
    # The server tells of it in answer to another command, and will not tell again.
    mailbox.client.noop()
    spoke, _ = waited(mailbox, LONG)
    assert spoke


def test_one_mail_less_and_one_more_is_news_although_the_number_is_the_same(imap, mailbox, dovecot, person):
    deliver(dovecot, "One")
    poll(imap.id, mailbox)
    person.noop()
    person.delete_messages(person.search())
    person.expunge()
    deliver(dovecot, "Two")
    mailbox.client.noop()
    spoke, _ = waited(mailbox, LONG)
    assert spoke


def test_a_server_that_names_the_same_number_again_and_again_tells_no_news(mailbox):
    mailbox.client._imap._append_untagged("EXISTS", str(mailbox.exists).encode())
    spoke, _ = waited(mailbox, 0.2)
    assert not spoke
