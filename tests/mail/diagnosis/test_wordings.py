"""What servers of every make and tongue say is understood by its meaning, not by the sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.mail.diagnosis.catalogue import CAUSES, GROUPS
from psa.mail.diagnosis.causes import diagnose
from psa.mail.diagnosis.clues.stages import PROTOCOLS, STAGES

TABLE = Path(__file__).with_name("wordings.txt")
VOCABULARY = sorted(set(TABLE.read_text().split()))


def wordings() -> Iterator[tuple[str, str, str, str]]:
    """(cause, protocol, stage, words) of each line of the table."""
    cause = ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("# "):
            cause = line.removeprefix("# ")
        elif " | " in line:
            where, words = line.split(" | ", 1)
            protocol, stage = where.split()
            yield cause, protocol, stage, words.replace("\\n", "\n")


@pytest.mark.parametrize(("cause", "protocol", "stage", "words"), list(wordings()))
def test_words_are_understood_by_their_meaning(cause, protocol, stage, words):
    found = diagnose(protocol=protocol, stage=stage, text=words)

    assert found.cause.code == cause, found.because


def test_the_table_speaks_of_every_cause_several_times():
    told = Counter(cause for cause, *_ in wordings())
    never_told_by_a_server = {"no_uidl", "no_uidplus"} | {cause.code for cause in GROUPS["ours"]}

    assert CAUSES.keys() - told.keys() == never_told_by_a_server
    assert min(told.values()) >= 4


def test_the_table_names_only_what_there_is():
    for cause, protocol, stage, _ in wordings():
        assert cause in CAUSES
        assert protocol in PROTOCOLS
        assert stage in STAGES


@given(
    words=st.text(max_size=400) | st.lists(st.sampled_from(VOCABULARY), max_size=60).map(" ".join),
    protocol=st.sampled_from(PROTOCOLS),
    stage=st.sampled_from(STAGES),
)
def test_no_words_at_all_make_it_stumble(words, protocol, stage):
    assert diagnose(protocol=protocol, stage=stage, text=words).cause.code in CAUSES
