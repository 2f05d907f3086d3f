"""How words become notions: stems, gaps, sentences, umlauts, and signs without blanks between them."""

from __future__ import annotations

import pytest

from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.clues import CLUES
from psa.mail.diagnosis.clues.clue import clue
from psa.mail.diagnosis.clues.stages import HOME, STAGES
from psa.mail.diagnosis.notions import notions_in, phrases
from psa.mail.diagnosis.words import plain


def notions(text: str) -> set[str]:
    return set(notions_in(plain(text)))


@pytest.mark.parametrize(
    "text",
    [
        "the mailbox is full",
        "MAILBOX FULL!",
        "Das Postfach ist voll",
        "boîte pleine",
        "El buzón está lleno",
        "La casella è piena",
        "caixa de correio cheia",
        "skrzynka pełna",
        "Почтовый ящик переполнен",
        "邮箱已满",
        "メールボックスがいっぱいです",
    ],
)
def test_one_thing_in_many_tongues_is_the_same_notions(text):
    assert {"mailbox", "full"} <= notions(text)


def test_umlauts_may_be_written_out():
    assert "recipient" in notions("Empfänger")
    assert "recipient" in notions("Empfaenger")


def test_names_of_exceptions_are_sentences():
    assert {"sender", "by_recipient"} <= notions("RESOLVER.RST.SenderNotAuthenticatedForGroup")


def test_contractions_are_written_out():
    assert "unknown" in notions("The user doesn't exist")
    assert "unknown" in notions("We can’t find that user")


def test_addresses_hosts_and_links_tell_nothing():
    words = plain("<spam@full.example> at mail.virus.example [192.0.2.4], see https://quota.example/spam")

    assert words == ["@", "at", "#host", "#ip", "see"]


def test_a_gap_is_three_words_long_and_ends_with_the_sentence():
    assert "unknown" in notions("not to be found")
    assert "unknown" not in notions("Not so. Found")
    assert "unknown" not in notions("not what anybody would call found")


def test_a_clue_wants_its_notions_near_each_other_and_no_word_twice():
    places = notions_in(plain("mailbox one two three four five six seven eight nine full"))
    assert clue("mailbox_full", 9, "mailbox full").find(places, "rcpt_to") is None

    too_long = notions_in(plain("idle for too long"))
    assert clue("message_too_big", 9, "size too_big").find(too_long, "data") is None


def test_a_clue_is_silent_at_other_stages_and_beside_what_takes_it_back():
    places = notions_in(plain("quota exceeded while sending"))

    assert clue("mailbox_full", 8, "quota exceeded", frozenset({"rcpt_to"})).find(places, "rcpt_to")
    assert clue("mailbox_full", 8, "quota exceeded", frozenset({"rcpt_to"})).find(places, "auth") is None
    assert clue("mailbox_full", 8, "quota exceeded !sending").find(places, "rcpt_to") is None


def test_clues_and_notions_know_each_other():
    known = {phrase.notion for phrase in phrases()}
    used = {notion for one in CLUES for group in (*one.notions, one.unless) for notion in group}

    assert used - known == set()
    assert known - used == set()


def test_clues_speak_for_causes_at_stages_that_there_are():
    for one in CLUES:
        assert one.cause in CAUSES
        assert one.stages <= set(STAGES)
    for cause, stages in HOME.items():
        assert cause in CAUSES
        assert stages <= set(STAGES)
