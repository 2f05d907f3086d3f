"""Every night each mailbox is compared with its server; who was switched off then is not forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound import reckon
from psa.mail.watch import checks
from psa.mail.watch.models import MailboxCheck

AT_NIGHT = datetime(2026, 11, 24, 3, 10).astimezone()
BY_DAY = datetime(2026, 11, 24, 14, 0).astimezone()


@pytest.fixture
def mailbox(cast):
    """A mailbox that has been read for a month."""
    accounts.note_success(cast.inbound.id)
    cast.inbound.created_at = cast.inbound.since = AT_NIGHT - timedelta(days=30)
    db.session.commit()
    return cast.inbound


def checked(mailbox, at: datetime, on_server: int | None = 5, differences: int = 0) -> None:
    found = [{"folder": "INBOX", "key": str(number), "words": "", "inbound_id": None} for number in range(differences)]
    values = {"started_at": at, "finished_at": at, "on_server": on_server, "differences": found}
    db.session.add(MailboxCheck(account_id=mailbox.id, **values))
    db.session.commit()


def test_at_night_once(mailbox):
    checked(mailbox, AT_NIGHT - timedelta(hours=23))
    assert checks.due(AT_NIGHT) == mailbox.id

    checked(mailbox, AT_NIGHT)
    assert checks.due(AT_NIGHT + timedelta(hours=1)) is None


def test_not_by_day_unless_two_nights_were_missed(mailbox):
    checked(mailbox, BY_DAY - timedelta(hours=30))
    assert checks.due(BY_DAY) is None

    assert checks.due(BY_DAY + timedelta(hours=7)) == mailbox.id


def test_what_did_not_fit_is_looked_at_once_more_after_an_hour_and_then_at_night(mailbox):
    checked(mailbox, BY_DAY - timedelta(hours=5))
    checked(mailbox, BY_DAY, differences=2)
    assert checks.due(BY_DAY + timedelta(minutes=50)) is None
    assert checks.due(BY_DAY + timedelta(minutes=61)) == mailbox.id

    checked(mailbox, BY_DAY + timedelta(minutes=61), differences=2)
    assert checks.due(BY_DAY + timedelta(hours=3)) is None


def test_the_first_time_a_little_after_the_start(mailbox):
    mailbox.created_at = BY_DAY
    db.session.commit()

    assert checks.due(BY_DAY + timedelta(minutes=5)) is None
    assert checks.due(BY_DAY + timedelta(minutes=11)) == mailbox.id


def test_one_that_could_not_be_made_is_made_half_an_hour_later(mailbox):
    checked(mailbox, AT_NIGHT, on_server=None)

    assert checks.due(AT_NIGHT + timedelta(minutes=20)) is None
    assert checks.due(AT_NIGHT + timedelta(minutes=31)) == mailbox.id


@pytest.mark.parametrize("values", [{"parsing": False}, {"failures": 2}, {"last_success_at": None}])
def test_what_is_not_read_is_not_checked(mailbox, values):
    for name, value in values.items():
        setattr(mailbox, name, value)
    db.session.commit()

    assert checks.due(AT_NIGHT) is None


def test_the_checks_of_another_mailbox_before_this_one_do_not_count(mailbox):
    checked(mailbox, AT_NIGHT - timedelta(days=2))
    assert checks.last_check(mailbox) is not None

    mailbox.since = AT_NIGHT - timedelta(days=1)
    db.session.commit()

    assert checks.last_check(mailbox) is None


def test_only_the_latest_are_kept(mailbox, monkeypatch):
    for days in range(checks.KEPT + 5):
        checked(mailbox, AT_NIGHT - timedelta(days=100 - days))
    monkeypatch.setattr(checks, "reckon", lambda account_id: checked(mailbox, clock.now()))

    checks.run(mailbox.id)

    assert db.session.scalar(db.select(db.func.count()).select_from(MailboxCheck)) == checks.KEPT


def test_a_fault_of_ours_is_written_down_like_any_other(mailbox, monkeypatch):
    def broken(account_id: int) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(checks, "reckon", broken)

    checks.run(mailbox.id)

    assert checks.last_checks(mailbox.id, 1)[0].words == "ZeroDivisionError: by nothing"


def test_a_password_that_no_key_opens_is_no_fault_of_the_check(mailbox):
    mailbox.sealed_password = "sealed with a lost key"
    db.session.commit()

    checks.run(mailbox.id)

    assert reckon.reckon is not None
    assert checks.last_checks(mailbox.id, 1)[0].on_server is None
