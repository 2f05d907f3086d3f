"""The timetable and its listeners: mail is there at once, answers leave by themselves."""

from __future__ import annotations

import time

import pytest

from psa import signing
from psa.extensions import db
from psa.jobs import mailboxes
from psa.jobs.timetable import Timetable
from psa.mail.models import MailAccount, OutboundEmail
from psa.tickets import notifications, operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT
from tests.servers.proxy import FaultProxy
from tests.waiting import seconds_until

pytestmark = pytest.mark.dovecot


@pytest.fixture
def account(cast, dovecot, ca_pem, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.inbound
    account.host, account.port, account.security, account.since = "localhost", dovecot.imaps, "ssl", None
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    # So long that only IDLE can be quick.
    account.interval = 600
    db.session.commit()
    return account


@pytest.fixture
def timetable(app, account):
    timetable = Timetable(app)
    timetable.start()
    yield timetable
    timetable.stop()


def tickets() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Ticket))


def looked_into(account_id: int) -> bool:
    return db.session.get(MailAccount, account_id).last_success_at is not None


def test_new_mail_is_a_ticket_long_before_the_mailbox_is_due(timetable, account, dovecot):
    seconds_until(lambda: looked_into(account.id))
    for number in range(1, 4):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Number {number}").as_bytes())
        seconds_until(lambda wanted=number: tickets() == wanted)


def test_an_answer_leaves_by_itself(timetable, account, cast, dovecot, smtp_server):
    outbound = cast.outbound
    outbound.host, outbound.port, outbound.security = "localhost", smtp_server.port, "starttls"
    outbound.username, outbound.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.commit()
    dovecot.deliver(SUPPORT[0], letter().as_bytes())
    seconds_until(lambda: tickets() == 1)
    comment_id = operations.add_reply(1, Said("Does it light?"), Actor(user_id=cast.tom.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    seconds_until(lambda: db.session.scalars(db.select(OutboundEmail)).one().status == "sent")
    assert len(smtp_server.received) == 1


def test_a_connection_that_drops_is_opened_again_and_nothing_is_missed(app, account, dovecot):
    with FaultProxy(dovecot.imaps) as proxy:
        account.port, account.interval = proxy.port, 1
        db.session.commit()
        timetable = Timetable(app)
        timetable.start()
        try:
            seconds_until(lambda: looked_into(account.id))
            proxy.kill()
            dovecot.deliver(SUPPORT[0], letter(subject="While it was down").as_bytes())
            seconds_until(lambda: tickets() == 1)
        finally:
            timetable.stop()


def test_a_mailbox_that_was_refused_is_tried_as_soon_as_somebody_asks(app, account, monkeypatch):
    """The pause of a listener is for a database that is away; the mailbox's own stands at the account."""
    monkeypatch.setattr(mailboxes, "RECONNECT_PAUSE", 3600.0)
    account.sealed_password = signing.seal("a short winter")
    db.session.commit()
    timetable = Timetable(app)
    timetable.start()
    try:
        for times in (1, 2, 3):
            seconds_until(lambda wanted=times: db.session.get(MailAccount, account.id).failures == wanted)
            account.refused_since = account.next_poll_at = None
            db.session.commit()
    finally:
        timetable.stop()


def test_changed_settings_are_taken_up_without_a_restart(timetable, account, dovecot):
    seconds_until(lambda: looked_into(account.id))
    account.parsing = False
    account.revision += 1
    db.session.commit()
    seconds_until(lambda: not timetable.listeners.running)
    dovecot.deliver(SUPPORT[0], letter().as_bytes())
    time.sleep(0.5)
    assert tickets() == 0
    account.parsing = True
    account.next_poll_at = None
    db.session.commit()
    seconds_until(lambda: tickets() == 1)
