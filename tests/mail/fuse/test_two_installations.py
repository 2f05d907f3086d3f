"""Two installations of ours write to each other, and to machines that say nothing of themselves: it stops by itself."""

from __future__ import annotations

from email.utils import make_msgid

import pytest

from tests.mail.fuse.installations import NOTHING, PATIENCE, Firm, Letter, Way, bare, begin
from tests.mailroom import letter


def carry(north: Firm, south: Firm, way: Way) -> int:
    """Take all mail from one to the other until nothing is left; returns how much it was, alerts and users left out."""
    count = 0
    while count < PATIENCE:
        bags = [(south, north.posted()), (north, south.posted())]
        letters = [(to, one) for to, bag in bags for one in bag if to.address in str(one["To"])]
        if not letters:
            return count
        for to, one in letters:
            assert to.receive(way(one)) in ("filed", "ignored")
            count += 1
    return count


def as_it_is(message: Letter) -> Letter:
    return message


def with_another_message_id(message: Letter) -> Letter:
    """A relay that gives each mail a Message-ID of its own."""
    del message["Message-ID"]
    message["Message-ID"] = make_msgid(domain="relay.example")
    return message


@pytest.mark.parametrize("way", [as_it_is, with_another_message_id])
def test_what_an_agent_writes_arrives_and_no_machine_answers_it(firms, way):
    north, south = firms
    begin(north, south)
    assert carry(north, south, way) == 1
    assert north.incidents + south.incidents == []


def test_without_any_header_that_tells_it_stops_after_a_handful(firms):
    north, south = firms
    begin(north, south)
    assert 1 <= carry(north, south, bare) <= 12


def test_it_stops_after_a_handful_also_when_the_machines_take_each_other_for_people(firms, monkeypatch):
    monkeypatch.setattr("psa.mail.message.automatic.automatic.words_of.ACKNOWLEDGEMENTS", NOTHING)
    north, south = firms
    begin(north, south)
    assert 5 <= carry(north, south, bare) <= 12
    assert "words" in north.incidents + south.incidents


def away(message: Letter) -> Letter:
    """A vacation responder of the plainest kind: it answers everything, and says nothing of itself."""
    return letter("Nobody is in the office before Monday, so please be patient.", subject="Hello from the harbour")


def always_other_words(message: Letter) -> Letter:
    """One that never says the same twice."""
    always_other_words.said += 1
    words = " ".join(chr(ord("a") + int(digit)) * 4 for digit in f"{always_other_words.said:06}")
    return letter(f"Nobody is here, and the {words} is closed.", subject=f"Hello {words}")


always_other_words.said = 0


@pytest.mark.parametrize(("responder", "most", "why"), [(away, 5, "words"), (always_other_words, 10, "address")])
def test_a_vacation_responder_without_headers_is_answered_a_few_times_and_filed_for_ever(firms, responder, most, why):
    north, _ = firms
    statuses = [north.receive(responder(letter()))]
    while (posted := north.posted()) and len(statuses) < PATIENCE:
        statuses += [north.receive(responder(one)) for one in posted]

    assert len(statuses) == most + 1
    assert set(statuses) == {"filed"}
    assert north.incidents == [why]


def test_mail_of_another_installation_under_our_own_address_is_our_own(firms):
    """A copy of the installation for trials, say, with another key and the same mailbox."""
    north, south = firms
    begin(north, south)
    [letter_of_theirs] = [one for one in south.posted() if north.address in str(one["To"])]
    letter_of_theirs.replace_header("From", f"Northwind <{north.address}>")
    assert north.receive(letter_of_theirs) == "ignored"


def test_our_own_mail_is_known_when_it_comes_back_under_another_message_id(firms):
    north, south = firms
    begin(north, south)
    [own] = [one for one in south.posted() if north.address in str(one["To"])]
    assert south.receive(with_another_message_id(own)) == "ignored"
