"""Lines of a draft that are made from time say whose work they are where they would read the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from psa.auth.models import User
from psa.billing.entries import Work, book_on_project
from psa.billing.invoices.drafts import add_time, draft_from_time, told_apart
from psa.billing.models import TimeEntry
from psa.billing.rates import set_rate
from psa.extensions import db

DAY = date(2026, 11, 2)


@pytest.fixture
def support(cast, vat) -> Callable[..., TimeEntry]:
    """``support(cast.tom, 100)``: an hour of his for Harbor Dental, at that rate. Commits."""

    def work(user: User, rate: int, day: date = DAY) -> TimeEntry:
        set_rate(Decimal(rate), user_id=user.id)
        entry = book_on_project(user.id, cast.managed_service, Work(day, 60, "Support"))
        db.session.commit()
        return entry

    return work


def said(invoice) -> list[str]:
    return [line.words for line in invoice.lines]


def test_the_same_work_of_two_persons_names_them(cast, support):
    entries = [support(cast.tom, 100), support(cast.mara, 120)]
    assert said(draft_from_time(cast.harbor, entries, None)) == [
        "Work on Managed service 2026, Tom Okafor",
        "Work on Managed service 2026, Mara Lindqvist",
    ]


def test_the_same_work_of_one_person_at_two_rates_says_what_an_hour_costs(cast, support):
    entries = [support(cast.tom, 100), support(cast.tom, 150)]
    for grouping, words in (("entry", "2 Nov 2026: Support"), ("person", "Work by Tom Okafor, 2 Nov 2026")):
        invoice = draft_from_time(cast.harbor, entries, None, grouping=grouping)
        assert said(invoice) == [f"{words}, 100.00 EUR an hour", f"{words}, 150.00 EUR an hour"]
        db.session.rollback()


def test_two_rates_of_one_and_a_third_of_another_are_all_told_apart(cast, support):
    entries = [support(cast.tom, 100), support(cast.tom, 150), support(cast.mara, 120)]
    assert said(draft_from_time(cast.harbor, entries, None, grouping="one")) == [
        "Work, 2 Nov 2026, Tom Okafor, 100.00 EUR an hour",
        "Work, 2 Nov 2026, Tom Okafor, 150.00 EUR an hour",
        "Work, 2 Nov 2026, Mara Lindqvist",
    ]


def test_what_differs_already_names_nobody(cast, support):
    entries = [support(cast.tom, 100), support(cast.mara, 120, date(2026, 11, 3))]
    invoice = draft_from_time(cast.harbor, entries, None, grouping="entry")
    assert said(invoice) == ["2 Nov 2026: Support", "3 Nov 2026: Support"]


def test_time_that_is_added_later_is_told_from_what_stands_there(cast, support):
    invoice = draft_from_time(cast.harbor, [support(cast.tom, 100)], None)
    add_time(invoice, [support(cast.mara, 120)], None)
    add_time(invoice, [support(cast.mara, 130)], None)
    assert said(invoice) == [
        "Work on Managed service 2026",
        "Work on Managed service 2026, Mara Lindqvist",
        "Work on Managed service 2026, Mara Lindqvist, 130.00 EUR an hour",
    ]


def test_a_very_long_subject_leaves_room_for_who_did_it(cast, support):
    lots = [[support(cast.tom, 100)], [support(cast.mara, 120)]]
    lines = told_apart(["x" * 999] * 2, lots, [])
    assert [line.partition(", ")[2] for line in lines] == ["Tom Okafor", "Mara Lindqvist"]
    assert all(len(line) <= 1000 for line in lines)


def test_the_draft_shows_who_worked_at_which_rate(sign_in, cast, support):
    invoice = draft_from_time(cast.harbor, [support(cast.mara, 120)], None)
    db.session.commit()
    page = sign_in(cast.tom).get(f"/invoices/{invoice.id}").text
    assert "Mara Lindqvist, 2 Nov 2026, rate 120.00 EUR" in page
