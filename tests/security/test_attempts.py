"""Nobody gets by mail what is not theirs: each attempt of docs/security.md, and that the page tells what it got."""

from __future__ import annotations

import pytest

from tests.security.attempts import ALL, CHAPTERS
from tests.security.document import PAGE, row
from tests.security.world import World


@pytest.fixture
def world(mailroom, cast):
    return World(mailroom, cast)


@pytest.mark.parametrize("attempt", ALL, ids=lambda attempt: attempt.title)
def test_it_gets_nothing(attempt, world, record_property):
    got = attempt.story(world)

    record_property("got", got)
    assert row(attempt, got) in PAGE.read_text().splitlines(), "run python -m tests.security"


def test_no_two_have_one_name():
    titles = [attempt.title for attempt in ALL]
    assert len(titles) == len(set(titles)) >= 40


def test_the_page_tells_of_no_other():
    page = PAGE.read_text()
    lines = page[page.index(f"## {CHAPTERS[0].title}") :].splitlines()
    assert len([line for line in lines if line.startswith("| ") and not line.startswith("| Attempt")]) == len(ALL)
    assert [line[3:] for line in lines if line.startswith("## ")] == [one.title for one in CHAPTERS]
