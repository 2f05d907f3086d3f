"""The steps of a try are kept for a while, of what went wrong for longer; that it was tried stays with the message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import ConnectionTest, DeliveryAttempt
from psa.mail.outbound import retention
from psa.mail.outbound.deliver import deliver
from psa.mail.outbound.retention import drop_tests, thin_out


@pytest.fixture
def tried(queue, smtp_server):
    """Have a message tried so many days ago."""

    def days_ago(days: int, answer: str | None = None) -> DeliveryAttempt:
        smtp_server.answers["MESSAGE"] = [answer]
        record = deliver(queue().id)
        record.started_at = record.finished_at = clock.now() - timedelta(days=days)
        db.session.commit()
        return record

    return days_ago


def kept() -> list[int]:
    """The attempts that still have their steps."""
    db.session.expire_all()
    return [record.id for record in db.session.scalars(db.select(DeliveryAttempt)) if record.steps]


def test_of_what_was_sent_the_steps_go_after_thirty_days_and_the_record_stays(tried):
    old, young = tried(31), tried(29)
    assert thin_out() == 1
    assert kept() == [young.id]
    assert (old.outcome, old.finished_at < young.finished_at) == ("sent", True)
    assert thin_out() == 0


def test_of_what_was_refused_they_stay_for_a_year(tried):
    refused, long_ago = tried(300, "550 5.7.1 No"), tried(370, "550 5.7.1 No")
    assert (refused.outcome, thin_out(), kept()) == ("failed", 1, [refused.id])
    assert long_ago.words == "550 5.7.1 No"


def test_how_long_is_a_setting(app, tried):
    tried(8)
    app.config["PSA_TRANSCRIPT_DAYS"] = 7
    assert (thin_out(), kept()) == (1, [])


def test_a_walk_goes_in_small_pieces(tried, monkeypatch):
    monkeypatch.setattr(retention, "PIECE", 2)
    for _ in range(5):
        tried(40)
    young = tried(1)
    assert (thin_out(), kept()) == (5, [young.id])


def test_the_next_walk_begins_where_the_last_one_ended(tried, monkeypatch):
    monkeypatch.setattr(retention, "PIECE", 2)
    refused = tried(40, "550 5.7.1 No")
    for _ in range(4):
        tried(40)
    thin_out()
    looked_from, end_of_piece = [], retention.end_of_piece
    monkeypatch.setattr(retention, "end_of_piece", lambda after: looked_from.append(after) or end_of_piece(after))
    young, old = tried(1), tried(31)
    assert (thin_out(), kept()) == (1, [refused.id, young.id])
    # The pieces that were all old are behind it; of what is kept for a year nothing is.
    assert (looked_from[0], looked_from[-1]) == (old.id - 2, 0)


def test_the_page_says_that_they_are_no_longer_kept(sign_in, tried):
    browser = sign_in("agent")
    page = f"/mail/outbound/{tried(31).outbound_id}"
    assert "no longer kept" not in browser.get(page).text
    thin_out()
    db.session.expire_all()
    assert "Its steps are no longer kept" in browser.get(page).text


def test_tests_of_settings_go_as_well_but_for_the_last_of_each_kind(account):
    def tested(days_ago: int, state: str, direction: str = "outbound") -> int:
        then = clock.now() - timedelta(days=days_ago)
        test = ConnectionTest(account_id=account.id, direction=direction, state=state, started_at=then, changed_at=then)
        db.session.add(test)
        db.session.commit()
        return test.id

    other_way = tested(60, "passed", "loop")
    tested(50, "passed")
    failed = tested(45, "failed")
    tested(40, "running")
    tested(400, "failed")
    last = tested(35, "passed")
    running, last_failed = tested(0, "running"), tested(0, "failed")
    assert drop_tests() == 3
    kept_tests = set(db.session.scalars(db.select(ConnectionTest.id)))
    assert kept_tests == {other_way, failed, last, running, last_failed}
    assert drop_tests() == 0
