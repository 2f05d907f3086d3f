"""A search is read from the newest end of the log, and answers the same however far it has to read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.log import queries, walk
from psa.mail.models import InboundEmail
from tests.mailroom import letter

SAID = ["paper jam", "invoice", "paper tray", "invoice", "toner", "paper jam", "toner", "invoice", "paper jam", "toner"]


@pytest.fixture
def log(mailroom, cast):
    """Ten messages, a minute apart, the last one now."""
    ids = [mailroom.receive(letter(subject=f"{said} {number}")).id for number, said in enumerate(SAID)]
    for age, inbound_id in enumerate(reversed(ids)):
        db.session.get_one(InboundEmail, inbound_id).kept_at = clock.now() - timedelta(minutes=age)
    db.session.commit()


def subjects(typed: str) -> list[str]:
    """All pages of what is found, latest first."""
    wanted, found, before = queries.Wanted(words=typed, direction="in"), [], None
    while True:
        entries, more = queries.page_of(wanted, before)
        found += [entry.subject for entry in entries]
        if not more:
            return found
        before = entries[-1].key


@pytest.mark.parametrize("few", [0, 1, 100])
@pytest.mark.parametrize("page", [1, 3, 50])
def test_a_word_is_found_in_each_message_that_says_it_however_the_log_is_walked(log, monkeypatch, few, page):
    monkeypatch.setattr(walk, "STRETCH", 2)
    monkeypatch.setattr(walk, "WIDER", 1)
    monkeypatch.setattr(walk, "FEW", few)
    monkeypatch.setattr(queries, "PAGE", page)
    for typed in ("paper", "invoice", "jam paper", "toner", "tray", "nothing"):
        wanted = [f"{s} {n}" for n, s in enumerate(SAID) if all(word in s.split() for word in typed.split())]
        assert subjects(typed) == wanted[::-1], typed


def test_what_is_typed_without_a_blank_stands_together(log):
    assert subjects("paper-jam") == ["paper jam 8", "paper jam 5", "paper jam 0"]
    assert subjects("jam-paper") == []
