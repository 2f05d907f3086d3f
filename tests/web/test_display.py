"""How values are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from psa.display import duration, filesize, initials, short, when

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 0, 5, tzinfo=UTC), "00:05"),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), "22:00"),
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "Sun"),
        (datetime(2026, 11, 17, 9, 0, tzinfo=UTC), "Tue"),
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), "16 Nov"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "24 Nov"),
        (datetime(2025, 11, 12, 9, 0, tzinfo=UTC), "12 Nov 2025"),
        (datetime(2027, 2, 14, 9, 0, tzinfo=UTC), "14 Feb 2027"),
    ],
)
def test_a_date_is_as_short_as_the_reader_can_bear(moment: datetime, words: str) -> None:
    assert short(moment, NOW) == words


def test_every_date_has_its_exact_value_with_the_zone_on_hover() -> None:
    shown = when(NOW)
    local = NOW.astimezone()
    assert f'datetime="{local.isoformat()}"' in shown
    assert f'title="Mon 23 Nov 2026, {local:%H:%M}:00 {local:%Z}"' in shown
    assert when(None) == ""


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0.012, "12 ms"),
        (0.6, "0.6 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.9, "1 min"),
        (timedelta(hours=3, minutes=12), "3 h 12"),
        (timedelta(hours=2), "2 h"),
        (3599, "1 h"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_duration_has_the_unit_that_fits(length: timedelta | float, words: str) -> None:
    assert duration(length) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (4200, "4.2 KB"), (310_000, "310 KB"), (999_900, "1.0 MB"),
     (3_100_000_000_000, "3,100 GB")],
)  # fmt: skip
def test_a_size_has_the_unit_that_fits(size: int, words: str) -> None:
    assert filesize(size) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mara Lindqvist", "ML"), ("dana@harbor.example", "D"), ("Łukasz van der Berg", "ŁB"), ("", "?"), ("(void)", "?")],
)
def test_initials_come_from_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_what_is_shown_is_escaped(shell: Flask) -> None:
    with shell.test_request_context():
        shown = shell.jinja_env.from_string("{{ name|initials }}{{ icon(name) }}").render(name='b"<i>')
    assert shown.startswith("B<svg") and "#i-b&#34;&lt;i&gt;" in shown
