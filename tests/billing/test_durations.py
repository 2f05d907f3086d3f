"""Lengths of work as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.billing.durations import (
    LONGEST,
    UnreadableDuration,
    clock_face,
    read_budget,
    read_duration,
    spoken_hours,
)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("0:15", 15),
        (":30", 30),
        ("12:05", 725),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("1.5", 90),
        (".25h", 15),
        ("0,01", 1),
        ("2 hours", 120),
        ("90m", 90),
        ("90 min", 90),
        ("1h 15m", 75),
        ("1h15", 75),
        (" 1 H 5 MIN ", 65),
        ("24h", 1440),
    ],
)
def test_time_is_read_as_people_write_it(typed, minutes):
    assert read_duration(typed) == minutes


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("15", "15 of what?"),
        ("", "Write the time as"),
        ("h", "Write the time as"),
        ("1:75", "Write the time as"),
        ("-1h", "Write the time as"),
        ("soon", "Write the time as"),
        ("0:00", "no time at all"),
        ("24:01", "more than a day"),
        ("999h", "more than a day"),
        ("1" * 5000, "of what?"),
    ],
)
def test_what_cannot_be_read_is_asked_back_in_a_sentence(typed, words):
    with pytest.raises(UnreadableDuration, match=words):
        read_duration(typed)


@given(st.integers(1, LONGEST))
def test_what_is_shown_can_be_typed_again(minutes):
    assert read_duration(clock_face(minutes)) == minutes


@given(st.text(max_size=40))
def test_no_text_does_anything_but_be_read_or_be_refused(typed):
    try:
        assert 1 <= read_duration(typed) <= LONGEST
    except UnreadableDuration as reason:
        assert str(reason).endswith(".")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("40", 2400), ("37,5", 2250), ("37.5 h", 2250), ("1:30", 90), (" ", None), ("100000", 6_000_000)],
)
def test_a_budget_is_read_in_hours(typed, minutes):
    assert read_budget(typed) == minutes


@pytest.mark.parametrize("typed", ["0", "a lot", "-4", "100001", "1:75", "9" * 5000])
def test_a_budget_that_is_none_is_asked_back(typed):
    with pytest.raises(UnreadableDuration, match=r"budget"):
        read_budget(typed)


@given(st.integers(1, 999).map(lambda quarters: quarters * 15))
def test_a_budget_that_is_shown_can_be_typed_again(minutes):
    assert read_budget(spoken_hours(minutes)) == minutes
