"""A quick look at the first letters of words spares most searches for phrases, and never hides a match."""

from __future__ import annotations

import pytest

from psa.mail.message.automatic import words as automatic_words
from psa.mail.message.reports import bounce_words
from psa.mail.message.reports.bounce_reasons import _EVIDENCE
from psa.mail.message.reports.reasons.notation import phrases, plain
from psa.mail.message.reports.reasons.phrases import Phrases, beginnings_in
from tests.mail.message.reading import EMAILS
from tests.mail.message.test_automatic import SUBJECTS
from tests.mail.message.test_bounce_reasons import ROWS

TABLES = [found for module in (automatic_words, bounce_words) for found in vars(module).values()]
ALL = [table for table in TABLES if isinstance(table, Phrases)] + [evidence[2] for evidence in _EVIDENCE]


def test_the_quick_look_hides_nothing():
    said = [plain(words) for words, _ in ROWS] + [plain(subject) for subject in SUBJECTS.splitlines()]
    said += [plain(path.read_text("utf-8", "replace")[-1500:]) for path in (EMAILS / "reports").glob("*.eml")]
    hidden = [
        (found[0], words)
        for words in said
        for beginnings in [beginnings_in(words)]
        for table in ALL
        if (found := table.pattern.search(words)) and not table.may_be_in(beginnings)
    ]
    assert hidden == []


@pytest.mark.parametrize(
    ("phrase", "beginnings"),
    [
        ("mailbox full", {"mai"}),
        ("(un)?deliver", {"und", "del"}),
        ("(a|an) error", {"a e", "an "}),
        ("no (such )?user", {"no "}),
        (r"\bis", {"is"}),
        ("(mail|box)s?", {"mai", "box"}),
        ("宛先…不明", {"宛"}),
        (r"\d+ hops", {""}),
        ("(?!x)quota", {"quo"}),
    ],
)
def test_a_phrase_begins_with_its_first_letters(phrase, beginnings):
    assert phrases(phrase).beginnings == frozenset(beginnings)


def test_few_words_may_stand_between_but_no_end_of_a_sentence():
    full = phrases("mailbox…full")
    assert full.search("the mailbox of the user is full")
    assert not full.search("the mailbox is there. the page is full")
