"""The watchman's round: what goes wrong is raised after a while, and closed when it works again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from psa import clock, signing
from psa.alerts import operations
from psa.alerts.models import Alert
from psa.extensions import db
from psa.jobs.timetable import Timetable
from psa.mail import accounts
from psa.mail.diagnosis.causes import diagnose
from psa.mail.inbound.poll import poll
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.oauth.models import OAuthApp
from psa.mail.watch import silence, watchman
from psa.mail.watch.models import MailboxCheck
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT


def watch() -> list[str]:
    """Make a round; returns the titles of what is wrong now, the newest first."""
    watchman.watch()
    db.session.expire_all()
    return [alert.title for alert in operations.open_alerts()]


def last_over() -> str:
    return operations.closed_alerts(1)[0].closing_words


def fail(account: MailAccount, *, since: timedelta, words: str = "Connection refused", stage: str = "connect") -> None:
    account.last_success_at = clock.now() - since
    db.session.commit()
    accounts.note_failure(account.id, stage, diagnose(protocol=account.protocol, stage=stage, text=words), words)
    db.session.commit()
    db.session.refresh(account)


def works(account: MailAccount) -> None:
    accounts.note_success(account.id)
    db.session.execute(db.update(MailAccount).values(refused_since=None))
    db.session.commit()
    db.session.refresh(account)


@pytest.fixture
def quiet(cast):
    """Nothing is wrong with support@, and nobody minds silence there."""
    cast.inbound.silence_hours = 0
    db.session.commit()
    works(cast.inbound)
    return cast.inbound


def test_while_all_is_well_nothing_is_raised_and_nobody_is_mailed(quiet, mailroom):
    assert watch() == []
    assert mailroom.outbox == []


def test_a_server_that_is_away_for_a_moment_is_nobodys_business(quiet):
    fail(quiet, since=timedelta(minutes=5))

    assert watch() == []


def test_a_mailbox_that_cannot_be_read_for_ten_minutes(quiet, mailroom):
    fail(quiet, since=timedelta(minutes=11))

    assert watch() == ["support@northwind.example cannot be read"]
    [email] = mailroom.outbox
    assert "Nothing listens on port" in mailroom.text(email)
    assert watch() == ["support@northwind.example cannot be read"]
    assert len(mailroom.outbox) == 1


def test_refused_credentials_are_told_at_once(quiet):
    fail(quiet, since=timedelta(minutes=1), words="[AUTHENTICATIONFAILED] Authentication failed.", stage="auth")
    quiet.refused_since = clock.now()
    db.session.commit()

    assert watch() == ["Signing in to support@northwind.example is refused"]


def test_a_mailbox_that_nobody_looks_into(quiet):
    quiet.next_poll_at = clock.now() - timedelta(minutes=11)
    db.session.commit()

    assert watch() == ["Nobody looks into support@northwind.example"]


def test_it_is_over_when_it_is_read_again_and_says_what_was_caught_up(quiet, came, mailroom):
    fail(quiet, since=timedelta(minutes=11))
    watch()
    for _ in range(12):
        came()
    works(quiet)

    assert watch() == []
    assert last_over() == "It is read again: recovered, 12 messages caught up."
    assert [mailroom.read(email)["Subject"] for email in mailroom.outbox] == [
        "Alert: support@northwind.example cannot be read",
        "Over: support@northwind.example cannot be read",
    ]


def test_saving_the_settings_alone_does_not_end_it(quiet):
    fail(quiet, since=timedelta(minutes=11))
    watch()
    quiet.failures, quiet.fault_cause = 0, ""
    db.session.commit()

    assert watch() == ["support@northwind.example cannot be read"]


def test_switching_it_off_ends_it(quiet):
    fail(quiet, since=timedelta(minutes=11))
    watch()
    quiet.parsing = False
    db.session.commit()

    assert watch() == []
    assert last_over() == "Email parsing was switched off."


def test_a_mailbox_that_is_off_is_never_in_trouble(quiet, came):
    fail(quiet, since=timedelta(days=2))
    quiet.parsing, quiet.silence_hours = False, 1
    db.session.commit()

    assert watch() == []


def queued(account: MailAccount, *, ago: timedelta, mailroom) -> OutboundEmail:
    from psa.mail.outbound.compose import Content, compose
    from psa.mail.outbound.outbox import enqueue

    composed = compose(
        Content("Hello", ""),
        sender=("", account.address),
        to=[("", "dana@harbor-dental.example")],
    )
    number = enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=["dana@harbor-dental.example"],
        purpose="reply",
    )
    email = db.session.get_one(OutboundEmail, number)
    email.queued_at, email.attempts = clock.now() - ago, 2
    db.session.commit()
    return email


def test_a_sending_account_whose_mail_waits(quiet, cast, mailroom):
    fail(cast.outbound, since=timedelta(hours=1))
    queued(cast.outbound, ago=timedelta(minutes=11), mailroom=mailroom)

    assert watch() == ["support@northwind.example cannot send"]
    works(cast.outbound)
    db.session.execute(db.update(OutboundEmail).values(status="sent"))
    db.session.commit()
    assert watch() == []
    assert last_over() == "It sends again, and what waited has left."


def test_a_sending_account_that_nobody_waits_for_is_no_trouble(quiet, cast):
    fail(cast.outbound, since=timedelta(hours=1))

    assert watch() == []


def test_failed_messages_until_the_last_is_dealt_with(quiet, came, cast):
    first, second = came(status="failed"), came(status="failed")

    assert watch() == ["2 messages to support@northwind.example could not be filed"]
    db.session.execute(db.update(db.metadata.tables["inbound_emails"]).values(status="filed"))
    db.session.commit()
    assert watch() == []
    assert last_over() == "None is left."
    assert first != second


def test_a_sum_that_does_not_hold_until_the_next_check(quiet):
    difference = {
        "folder": "INBOX",
        "key": "3",
        "words": "It is on the server but not in the ledger.",
        "inbound_id": None,
    }
    db.session.add(MailboxCheck(account_id=quiet.id, on_server=5, differences=[difference], finished_at=clock.now()))
    db.session.commit()
    assert watch() == ["1 message in support@northwind.example is not accounted for"]

    db.session.add(MailboxCheck(account_id=quiet.id, on_server=5, finished_at=clock.now()))
    db.session.commit()
    assert watch() == []


def test_a_sum_that_does_not_hold_is_no_trouble_while_its_mailbox_is_left_alone(quiet):
    lost = {"folder": "INBOX", "key": "3", "words": "It is on the server but not in the ledger.", "inbound_id": None}
    db.session.add(MailboxCheck(account_id=quiet.id, on_server=5, differences=[lost], finished_at=clock.now()))
    db.session.commit()
    said = ["1 message in support@northwind.example is not accounted for"]
    assert watch() == said

    quiet.parsing = False
    db.session.commit()
    assert watch() == []
    assert last_over() == "Email parsing was switched off."

    quiet.parsing = True
    db.session.commit()
    assert watch() == said


def test_a_client_secret_that_ends_soon(quiet):
    soon = clock.now().date() + timedelta(days=5)
    secret = signing.seal("a client secret")
    db.session.add(OAuthApp(provider="microsoft", client_id="psa", sealed_secret=secret, secret_expires_on=soon))
    db.session.commit()

    [title] = watch()

    assert "Microsoft" in title
    db.session.execute(db.update(OAuthApp).values(secret_expires_on=date(2099, 1, 1)))
    db.session.commit()
    assert watch() == []


def test_no_mail_for_as_many_hours_as_an_admin_named(quiet, came):
    quiet.silence_hours = 6
    db.session.commit()
    came(ago=timedelta(hours=7))

    assert watch() == ["No mail in support@northwind.example"]
    came()
    assert watch() == []
    assert last_over().startswith("A message came on ")


@pytest.mark.parametrize(("hours", "words"), [(1, "none comes for an hour."), (6, "none comes for 6 hours.")])
def test_the_alert_says_the_hours_that_were_named(quiet, came, hours, words):
    quiet.silence_hours = hours
    db.session.commit()
    came(ago=timedelta(hours=7))
    watch()
    assert operations.open_alerts()[0].words.endswith(words)


def test_silence_is_learnt_from_the_same_hours_of_the_weeks_before(quiet, came):
    quiet.silence_hours = None
    db.session.commit()
    for week in range(4, 0, -1):
        for minutes in range(180, 0, -30):
            came(ago=timedelta(weeks=week, minutes=minutes))
    came(ago=timedelta(hours=3))

    assert watch() == ["No mail in support@northwind.example"]
    [alert] = operations.open_alerts()
    assert f"In each of the last {silence.WEEKS} weeks at least {silence.USUALLY} came in these hours." in alert.words


def test_hours_that_were_quiet_before_are_quiet_now(quiet, came):
    quiet.silence_hours = None
    db.session.commit()
    for week in range(4, 1, -1):
        for minutes in range(180, 0, -30):
            came(ago=timedelta(weeks=week, minutes=minutes))
    came(ago=timedelta(hours=3))

    assert watch() == []


def test_a_mailbox_that_cannot_be_read_is_not_called_silent_as_well(quiet, came):
    quiet.silence_hours = 6
    came(ago=timedelta(hours=7))
    fail(quiet, since=timedelta(hours=7))

    assert watch() == ["support@northwind.example cannot be read"]


def test_a_fault_in_one_kind_of_alert_keeps_no_other_from_being_raised(quiet, monkeypatch):
    def broken(now):
        raise ZeroDivisionError

    monkeypatch.setitem(watchman.KINDS, "mailbox", (broken, watchman.KINDS["mailbox"][1]))
    quiet.silence_hours = 1
    quiet.created_at = clock.now() - timedelta(days=1)
    db.session.commit()

    assert watch() == ["No mail in support@northwind.example"]


def test_a_dismissed_alert_is_not_raised_again_while_it_lasts(quiet):
    fail(quiet, since=timedelta(minutes=11))
    watch()
    operations.dismiss(operations.open_alerts()[0], "Mara Lindqvist")
    db.session.commit()
    assert watch() == []

    works(quiet)
    watch()
    fail(quiet, since=timedelta(minutes=11))
    assert watch() == ["support@northwind.example cannot be read"]


def test_the_leader_makes_the_round_every_minute(app):
    jobs = {job.id: job.trigger for job in Timetable(app).scheduler.get_jobs()}

    assert jobs["watch"].interval == jobs["check"].interval == timedelta(minutes=1)


@pytest.mark.dovecot
def test_a_real_mailbox_that_comes_back(real_mailbox, dovecot, mailroom):
    real_mailbox.silence_hours = 0
    port, real_mailbox.port = real_mailbox.port, 1
    real_mailbox.created_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    poll(real_mailbox.id)
    assert watch() == ["support@northwind.example cannot be read"]

    for number in range(3):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Number {number}").as_bytes())
    real_mailbox = db.session.get_one(MailAccount, real_mailbox.id)
    real_mailbox.port = port
    real_mailbox.sealed_password = signing.seal(SUPPORT[1])
    db.session.commit()
    poll(real_mailbox.id)

    assert watch() == []
    assert last_over() == "It is read again: recovered, 3 messages caught up."
    assert db.session.scalar(db.select(db.func.count()).select_from(Alert)) == 1
