"""The admins are mailed once when something goes wrong and once when it is over, through an account that works."""

from __future__ import annotations

import pytest

from psa.alerts import mailing, operations
from psa.alerts.operations import Trouble
from psa.auth.operations import create_user
from psa.extensions import db
from psa.mail.models import OutboundEmail
from tests.factories import PASSWORD, make_account
from tests.mailroom import words_of


@pytest.fixture
def trouble(cast):
    """``trouble(3)``: the third thing that goes wrong; the mailbox of support@ by default."""

    def trouble(number: int = 1, **values: object) -> Trouble:
        key = f"mailbox:{number}"
        told = {"title": f"Mailbox {number} cannot be read", "words": "The server is away.", "link": "/admin/alerts"}
        return Trouble(key, **(told | {"account_id": cast.inbound.id} | values))

    return trouble


def tell(*troubles: Trouble) -> OutboundEmail | None:
    for trouble in troubles:
        operations.open_alert(trouble)
    sent = mailing.tell_admins()
    db.session.commit()
    db.session.expire_all()
    return db.session.get(OutboundEmail, sent) if sent is not None else None


def over(*troubles: Trouble) -> OutboundEmail | None:
    for trouble in troubles:
        operations.close_alert(trouble.key, "It is read again: recovered, 12 messages caught up.")
    return tell()


def test_one_mail_when_it_opens_and_one_when_it_is_over(mailroom, trouble):
    opened = tell(trouble())
    assert tell(trouble()) is None
    closed = over(trouble())
    assert tell() is None

    message = mailroom.read(opened)
    assert message["Subject"] == "Alert: Mailbox 1 cannot be read"
    assert "The server is away." in words_of(message)
    assert "http://localhost/admin/alerts" in words_of(message)
    message = mailroom.read(closed)
    assert message["Subject"] == "Over: Mailbox 1 cannot be read"
    assert "recovered, 12 messages caught up." in words_of(message)


def test_it_goes_to_the_admins_and_says_that_a_machine_wrote_it(mailroom, trouble):
    create_user("ines@northwind.example", "Ines Ferreira", PASSWORD, "admin")
    create_user("old@northwind.example", "Old Admin", PASSWORD, "admin").active = False
    db.session.commit()

    email = tell(trouble())

    assert email.recipients == ["mara@northwind.example", "ines@northwind.example"]
    assert email.purpose == "alert"
    assert mailroom.read(email)["Auto-Submitted"] == "auto-generated"


def test_what_comes_together_is_told_together(mailroom, trouble):
    email = tell(*(trouble(number) for number in range(1, 4)))

    message = mailroom.read(email)
    assert message["Subject"] == "3 alerts: Mailbox 1 cannot be read, and more"
    assert all(f"Mailbox {number} cannot be read" in words_of(message) for number in range(1, 4))
    assert len(mailroom.outbox) == 1


def test_another_account_than_the_one_in_trouble_tells(trouble, cast):
    other = make_account("outbound", protocol="smtp", port=2525, address="office@northwind.example")
    db.session.add(other)
    db.session.commit()

    assert tell(trouble()).account_id == other.id


def test_without_another_one_it_is_the_default_account_if_that_works(trouble, cast):
    assert tell(trouble()).account_id == cast.outbound.id


def test_a_sender_in_trouble_does_not_tell_of_itself(trouble, cast):
    cast.outbound.fault_cause = "relay_denied"
    db.session.commit()

    assert tell(trouble(account_id=cast.outbound.id)) is None

    cast.outbound.fault_cause = ""
    db.session.commit()
    assert tell() is not None


def test_a_storm_becomes_six_mails_an_hour_and_the_rest_comes_together_later(mailroom, trouble):
    for number in range(1, 20):
        tell(trouble(number))
    assert len(mailroom.outbox) == mailing.MOST_AN_HOUR

    for email in mailroom.outbox:
        email.queued_at = email.queued_at.replace(year=email.queued_at.year - 1)
    db.session.commit()
    email = tell()

    assert mailroom.read(email)["Subject"] == "13 alerts: Mailbox 7 cannot be read, and more"


def test_what_was_over_before_anybody_heard_of_it_is_not_told(mailroom, trouble):
    operations.open_alert(trouble())

    assert over(trouble()) is None
    assert mailroom.outbox == []


def test_of_a_dismissed_alert_no_end_is_told(trouble):
    tell(trouble())
    operations.dismiss(operations.open_alerts()[0], "Mara Lindqvist")
    db.session.commit()

    assert over(trouble()) is None


def test_news_and_what_is_over_share_a_mail(mailroom, trouble):
    tell(trouble(1))
    operations.close_alert("mailbox:1", "It is read again.")

    email = tell(trouble(2))

    message = mailroom.read(email)
    assert message["Subject"] == "Alert: Mailbox 2 cannot be read"
    assert "Over: Mailbox 1 cannot be read." in words_of(message)


def test_an_alert_that_comes_back_into_a_mailbox_opens_no_ticket(mailroom, trouble):
    from psa.mail.raw import raw_bytes

    email = tell(trouble())

    assert mailroom.receive(raw_bytes(email.raw_id)).status == "ignored"
