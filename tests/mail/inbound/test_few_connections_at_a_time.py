"""No server sees more connections of ours than it likes: who comes too many waits for its turn."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from psa.jobs.mailboxes import listened_to
from psa.mail import settings as server
from psa.mail.inbound import slots
from psa.mail.inbound.mailbox import Unfit, open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings
from tests.mail.inbound.world import deliver, refreshed, subjects


def at(host: str = "mail.northwind.example", user: str = "support") -> ServerSettings:
    return ServerSettings("imap", host, 993, "ssl", user, "a long winter")


def take_all(count: int, settings: ServerSettings) -> list[slots.Slot]:
    return [slots.take(settings, Journal()) for _ in range(count)]


def give_back(held: list[slots.Slot]) -> None:
    for slot in held:
        slot.release()


@pytest.fixture(autouse=True)
def nothing_is_left_over():
    yield
    assert not +slots.taken


def test_one_user_too_many_waits_until_a_connection_is_given_back():
    held = take_all(slots.MOST_FOR_A_USER, at())
    journal, waiting = Journal(), threading.Event()
    journal.listener = lambda _: waiting.set()
    got = []
    other = threading.Thread(target=lambda: got.append(slots.take(at(), journal)))
    other.start()
    assert waiting.wait(60)
    assert got == []
    held.pop().release()
    other.join(60)
    assert len(got) == 1
    assert journal.steps[0].title.startswith("Waited")
    give_back([*held, *got])


def test_other_servers_and_other_users_are_not_kept_waiting():
    held = take_all(slots.MOST_FOR_A_USER, at())
    held += take_all(1, at(user="billing"))
    held += take_all(1, at(host="mail.harbor-dental.example"))
    give_back(held)


def test_all_users_of_a_server_together_are_bounded_too(monkeypatch):
    monkeypatch.setattr(slots, "PATIENCE", 0.05)
    held = [take_all(1, at(user=f"box{number}"))[0] for number in range(slots.MOST_AT_A_SERVER)]
    with pytest.raises(Unfit, match="All our connections to mail.northwind.example are in use") as refused:
        slots.take(at(user="one more"), Journal())
    assert refused.value.cause == "too_many_connections"
    give_back(held)


def test_a_connection_that_is_given_back_twice_counts_once():
    first, second = take_all(2, at())
    first.release()
    first.release()
    assert +slots.taken
    second.release()


def test_listeners_leave_connections_for_looks_and_tests():
    mailboxes = [SimpleNamespace(id=number, host="Mail.Northwind.example") for number in range(slots.MOST_AT_A_SERVER)]
    others = [SimpleNamespace(id=1000, host="mail.vega-logistics.example")]
    heard = [row.id for row in listened_to([*mailboxes, *others])]
    assert heard == [*range(slots.MOST_LISTENING), 1000]
    assert slots.MOST_LISTENING + slots.MOST_FOR_A_USER <= slots.MOST_AT_A_SERVER


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_look_waits_for_its_turn_and_then_reads(request, dovecot, protocol, monkeypatch):
    account = request.getfixturevalue(protocol)
    deliver(dovecot, "One")
    monkeypatch.setattr(slots, "MOST_FOR_A_USER", 1)
    settings = server.of_account(account)
    somebody_else = slots.take(settings, Journal())
    threading.Timer(0.2, somebody_else.release).start()
    assert poll(account.id).fault == ""
    assert subjects() == ["One"]


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_look_that_finds_no_connection_for_minutes_says_so_and_comes_again(request, dovecot, protocol, monkeypatch):
    account = request.getfixturevalue(protocol)
    monkeypatch.setattr(slots, "PATIENCE", 0.05)
    held = take_all(slots.MOST_FOR_A_USER, server.of_account(account))
    assert "are in use" in poll(account.id).fault
    assert refreshed(account).fault_cause == "too_many_connections"
    give_back(held)


@pytest.mark.dovecot
def test_a_sign_in_that_fails_gives_its_connection_back(imap, dovecot):
    settings = server.of_account(imap)
    for _ in range(2):
        with pytest.raises(Exception, match="AUTHENTICATIONFAILED"):
            open_mailbox(replace(settings, password="wrong"), Journal())
