"""Instead of a mail for each thing: one every hour or every day, and one for what is too much for an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents, resume
from psa.mail.fuse.operations import may_answer
from psa.notifications import digest, telling
from psa.notifications.choices import Choice
from psa.notifications.digest import next_time, send_due_digests
from psa.notifications.models import Notice
from tests.mailroom import letter

NINE = datetime(2026, 11, 23, 9, 12).astimezone()


@pytest.fixture
def support(cast):
    return frozenset({cast.support.id})


def waited(length: timedelta) -> None:
    """What waits has waited so long."""
    waiting = db.update(Notice).where(Notice.left_at.is_(None))
    db.session.execute(waiting.values(made_at=clock.now() - length))
    db.session.commit()


def test_who_wants_it_hourly_gets_one_mail_for_all_of_it(cast, mailroom, told, hears, support):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter(subject="Projector"))
    mailroom.receive(letter(subject="Printer"))
    assert told() == []
    waited(timedelta(hours=2))
    assert send_due_digests() == 1
    [email] = mailroom.outbox
    assert (email.recipients, email.template) == ([cast.tom.email], "user_digest")
    assert email.subject == "2 things have happened at Northwind IT"
    words = mailroom.text(email)
    assert "New in Support: #1 Projector" in words
    assert "/tickets/2" in words
    message = mailroom.read(email)
    assert "everything" in message["List-Unsubscribe"]
    assert message["Auto-Submitted"] == "auto-generated"


def test_it_is_told_once(cast, mailroom, told, hears, support):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter())
    told()
    waited(timedelta(hours=2))
    assert [send_due_digests(), send_due_digests()] == [1, 0]
    assert len(mailroom.outbox) == 1


def test_what_another_host_has_just_told_is_left_alone_and_the_rest_comes_later(
    cast, mailroom, told, hears, support, monkeypatch
):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter(subject="Projector"))
    mailroom.receive(letter(subject="Printer"))
    told()
    waited(timedelta(hours=2))
    take = digest.take

    def take_too_late(waiting):
        other = db.update(Notice).where(Notice.id == waiting[0].id).values(left_at=clock.now())
        db.session.execute(other)
        return take(waiting)

    monkeypatch.setattr(digest, "take", take_too_late)
    assert send_due_digests() == 0
    monkeypatch.undo()
    assert send_due_digests() == 1
    assert "Printer" in mailroom.text(mailroom.outbox[-1])


def test_before_its_time_nothing_leaves(cast, mailroom, told, hears, support):
    at = clock.now().astimezone() - timedelta(hours=1)
    hears(cast.tom, queues=support, rhythm="daily", daily_at=at.hour * 60 + at.minute)
    mailroom.receive(letter())
    told()
    assert send_due_digests() == 0


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(rhythm="hourly"), NINE.replace(hour=10, minute=0)),
        (Choice(rhythm="single"), NINE.replace(hour=10, minute=0)),
        (Choice(rhythm="daily", daily_at=17 * 60 + 30), NINE.replace(hour=17, minute=30)),
        (Choice(rhythm="daily", daily_at=8 * 60), NINE.replace(day=24, hour=8, minute=0)),
    ],
)
def test_the_time_of_a_digest(choice, expected):
    assert next_time(NINE, choice) == expected


def test_what_is_too_much_for_an_hour_comes_together(cast, mailroom, told, hears, support, monkeypatch):
    monkeypatch.setattr(telling, "MOST_AN_HOUR", 3)
    hears(cast.tom, queues=support)
    for number in range(5):
        mailroom.receive(letter(subject=f"Projector {number}"))
    assert len(told()) == 3
    waited(timedelta(hours=2))
    send_due_digests()
    words = mailroom.text(mailroom.outbox[-1])
    assert "Projector 2" not in words
    assert "Projector 3" in words
    assert "Projector 4" in words


def test_who_is_gone_gets_none(cast, mailroom, told, hears, support):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter())
    told()
    waited(timedelta(hours=2))
    cast.tom.active = False
    db.session.commit()
    assert send_due_digests() == 0
    assert db.session.scalars(db.select(Notice)).all() == []


def test_without_a_sending_account_it_waits(cast, mailroom, told, hears, support):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter())
    told()
    waited(timedelta(hours=2))
    cast.outbound.is_default = False
    db.session.commit()
    assert send_due_digests() == 0
    cast.outbound.is_default = True
    db.session.commit()
    assert send_due_digests() == 1


def test_while_answers_to_a_user_are_stopped_the_digest_waits_and_keeps_no_incident_open(
    cast, mailroom, told, hears, support
):
    hears(cast.tom, queues=support, rhythm="hourly")
    mailroom.receive(letter())
    told()
    waited(timedelta(hours=2))
    for _ in range(60):
        may_answer(cast.tom.email, "notice")
    db.session.commit()
    assert [send_due_digests() for _ in range(3)] == [0, 0, 0]
    [incident] = open_incidents()
    assert incident.stopped == 1
    resume(incident, "Mara")
    db.session.commit()
    assert send_due_digests() == 1


def test_a_very_long_digest_says_how_much_more_there_is(cast, mailroom, hears):
    hears(cast.tom, rhythm="hourly")
    long_ago = clock.now() - timedelta(hours=2)
    for number in range(130):
        db.session.add(Notice(user_id=cast.tom.id, kind="user_new_ticket", words=f"Thing {number}", made_at=long_ago))
    db.session.commit()
    send_due_digests()
    words = mailroom.text(mailroom.outbox[-1])
    assert "Thing 99" in words
    assert "Thing 100" not in words
    assert "And 30 more." in words


def test_what_was_told_long_ago_is_forgotten(cast, hears):
    then = clock.now() - timedelta(days=100)
    db.session.add(Notice(user_id=cast.tom.id, kind="user_new_ticket", words="Old", made_at=then, left_at=then))
    db.session.commit()
    send_due_digests()
    assert db.session.scalars(db.select(Notice)).all() == []
