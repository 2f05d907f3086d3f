"""Mail that should be there by a time of day: missed, late, or not expected today."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from psa.alerts import operations
from psa.extensions import db
from psa.mail.watch import expected, watchman
from psa.mail.watch.models import ExpectedMail

# A Tuesday.
EIGHT = datetime(2026, 11, 24, 8, 0).astimezone()
SENDER = "backup@vendor.example"


@pytest.fixture
def at(cast, monkeypatch):
    """``at(EIGHT)``: what is wrong at that moment, after a round of the watchman."""
    cast.inbound.silence_hours = 0
    db.session.commit()

    def at(moment: datetime) -> list[str]:
        for module in ("psa.clock",):
            monkeypatch.setattr(f"{module}.now", lambda: moment.astimezone(EIGHT.tzinfo))
        watchman.watch()
        db.session.expire_all()
        return [alert.title for alert in operations.open_alerts()]

    return at


@pytest.fixture
def backup(cast) -> ExpectedMail:
    mail = ExpectedMail(
        name="Backup report",
        sender=SENDER,
        subject="backup report",
        due_by="08:00",
        weekdays=[0, 1, 2, 3, 4],
        created_at=EIGHT - timedelta(days=7),
    )
    db.session.add(mail)
    db.session.commit()
    return mail


def report(came, moment: datetime, **values: object) -> int:
    return came(at=moment, **({"sender_email": SENDER, "subject": "Report of the BACKUP, all well"} | values))


MISSED = "“Backup report” was not here by 08:00"


def test_before_its_time_nobody_is_told(at, backup):
    assert at(EIGHT - timedelta(minutes=1)) == []


def test_when_it_is_missed_somebody_is_told(at, backup, mailroom):
    assert at(EIGHT) == [MISSED]
    [email] = mailroom.outbox
    text = mailroom.text(email)
    assert "from backup@vendor.example, “backup report”, on weekdays by 08:00" in text


@pytest.mark.parametrize("hours", [1, 11])
def test_when_it_is_there_nobody_is_told(at, backup, came, hours):
    report(came, EIGHT - timedelta(hours=hours))

    assert at(EIGHT) == []


def test_yesterdays_report_is_not_todays(at, backup, came):
    report(came, EIGHT - timedelta(hours=23))

    assert at(EIGHT) == [MISSED]


@pytest.mark.parametrize(
    "values",
    [
        {"sender_email": "backup@other.example"},
        {"sender_email": "mybackup@vendor.example"},
        {"subject": "Backup failed"},
    ],
)
def test_what_is_something_else_does_not_count(at, backup, came, values):
    report(came, EIGHT - timedelta(hours=1), **values)

    assert at(EIGHT) == [MISSED]


def test_a_whole_domain_may_be_the_sender(at, backup, came):
    backup.sender = "vendor.example"
    db.session.commit()
    report(came, EIGHT - timedelta(hours=1), sender_email="Robot7@Eu.Vendor.Example")

    assert at(EIGHT) == []


def test_it_closes_when_it_comes_late(at, backup, came, mailroom):
    at(EIGHT)
    report(came, EIGHT + timedelta(hours=3))

    assert at(EIGHT + timedelta(hours=3, minutes=1)) == []
    assert operations.closed_alerts(1)[0].closing_words == "It came on 24 November at 11:00."
    assert len(mailroom.outbox) == 2


def test_what_came_in_time_and_was_not_recognised_is_found_once_its_sender_is_corrected(at, backup, came):
    report(came, EIGHT - timedelta(hours=1), sender_email="robot@backup.vendor.example")
    assert at(EIGHT) == [MISSED]
    assert at(EIGHT + timedelta(minutes=10)) == [MISSED]
    backup.sender, backup.created_at = "vendor.example", EIGHT + timedelta(minutes=20)
    db.session.commit()
    assert at(EIGHT + timedelta(minutes=21)) == []
    assert operations.closed_alerts(1)[0].closing_words == "It came on 24 November at 07:00."


def test_a_late_one_of_yesterday_does_not_stand_for_todays(at, backup, came):
    at(EIGHT)
    report(came, EIGHT + timedelta(hours=3))
    at(EIGHT + timedelta(hours=3, minutes=1))

    assert at(EIGHT + timedelta(days=1)) == [MISSED]


def test_on_the_next_day_it_is_still_one_alert(at, backup, mailroom):
    at(EIGHT)

    assert at(EIGHT + timedelta(hours=20)) == [MISSED]
    assert at(EIGHT + timedelta(days=1)) == [MISSED]
    assert len(mailroom.outbox) == 1


def test_on_other_days_it_is_not_expected(at, backup):
    assert at(EIGHT + timedelta(days=4)) == []


def test_in_another_mailbox_it_does_not_count(at, backup, came, cast):
    from tests.factories import make_account

    other = make_account("inbound", protocol="imap", port=143, address="backups@northwind.example", silence_hours=0)
    db.session.add(other)
    db.session.flush()
    backup.account_id = other.id
    db.session.commit()
    report(came, EIGHT - timedelta(hours=1))

    assert MISSED in at(EIGHT)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"parsing": False}, "Email parsing is off for the mailbox, so it may wait there."),
        ({"failures": 4}, "The mailbox cannot be read at the moment, so it may wait there."),
    ],
)
def test_where_nobody_reads_its_mailbox_the_alert_says_that_it_may_wait_there(at, backup, cast, values, words):
    backup.account_id = cast.inbound.id
    for name, value in values.items():
        setattr(cast.inbound, name, value)
    db.session.commit()
    assert MISSED in at(EIGHT)
    assert words in next(alert.words for alert in operations.open_alerts() if alert.kind == "expected")


def test_what_is_expected_since_ten_was_not_missed_at_eight(at, backup):
    backup.created_at = EIGHT + timedelta(hours=2)
    db.session.commit()

    assert at(EIGHT + timedelta(hours=3)) == []


@pytest.mark.parametrize("how", ["off", "deleted"])
def test_what_is_no_longer_expected_is_no_longer_missed(at, backup, how):
    at(EIGHT)
    if how == "off":
        backup.active = False
    else:
        db.session.delete(backup)
    db.session.commit()

    assert at(EIGHT + timedelta(minutes=5)) == []
    assert operations.closed_alerts(1)[0].closing_words == "It is not expected any more."


def test_days_in_words():
    assert expected.days_in_words([4, 3, 2, 1, 0]) == "on weekdays"
    assert expected.days_in_words(range(7)) == "every day"
    assert expected.days_in_words([5, 0]) == "on Monday, Saturday"


FORM = {
    "name": "Backup report",
    "sender": "Backup@Vendor.example",
    "subject": "backup",
    "due_by": "8:00",
    "weekdays": ["0", "4"],
    "account_id": "0",
    "active": "y",
}


def test_it_is_entered_changed_and_deleted_on_its_page(sign_in, came):
    browser = sign_in("admin")
    assert browser.post("/admin/alerts/expected", data=FORM).status_code == 303
    [mail] = expected.all_expected()
    assert (mail.sender, mail.due_by, mail.weekdays) == (SENDER, "08:00", [0, 4])
    assert "not within a month" in browser.get("/admin/alerts/expected").text

    changed = {name: value for name, value in FORM.items() if name != "active"}
    browser.post(f"/admin/alerts/expected/{mail.id}", data=changed | {"due_by": "09:30", "subject": ""})
    came(sender_email=SENDER)
    page = browser.get(f"/admin/alerts/expected/{mail.id}").text

    assert "on Monday, Friday by 09:30" in page
    assert "not within a month" not in page
    db.session.expire_all()
    assert expected.all_expected()[0].active is False
    browser.post(f"/admin/alerts/expected/{mail.id}/removal")
    assert expected.all_expected() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "What is it?"),
        ({"sender": "", "subject": " "}, "By what is it recognised?"),
        ({"sender": "somebody at vendor"}, "Write an address, or the domain after the @."),
        ({"due_by": "25:00"}, "Write the time as 08:00."),
        ({"due_by": "soon"}, "Write the time as 08:00."),
        ({"weekdays": []}, "On which days?"),
    ],
)
def test_what_cannot_be_meant_is_said(sign_in, changes, sentence):
    answer = sign_in("admin").post("/admin/alerts/expected", data=FORM | changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert expected.all_expected() == []


def test_agents_have_no_business_there(sign_in, backup):
    browser = sign_in("agent")

    assert browser.get("/admin/alerts/expected").status_code == 403
    assert browser.post(f"/admin/alerts/expected/{backup.id}/removal").status_code == 403
