"""When much waits, an account's mail leaves over a few connections side by side, and each mail stands for itself."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import OperationalError

from psa import clock
from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import DeliveryAttempt, OutboundEmail
from psa.mail.outbound import claims, further, lane, transport
from psa.mail.outbound import deliver as delivery
from psa.mail.outbound.deliver import deliver_due
from tests.mail.outbound.conftest import DANA
from tests.servers.smtp import DROP
from tests.waiting import wait_until

MANY = 12


@pytest.fixture
def waiting(queue, monkeypatch):
    """So much waits that another connection is worth its while."""
    monkeypatch.setattr(lane, "ENOUGH", 3)
    # However slow this machine is.
    monkeypatch.setattr(delivery, "QUICK", 3600.0)
    return [queue(f"Number {number}").id for number in range(MANY)]


def statuses() -> list[str]:
    return list(db.session.scalars(db.select(OutboundEmail.status).order_by(OutboundEmail.id)))


def test_much_mail_leaves_over_three_connections_each_once_and_with_its_own_record(waiting, smtp_server):
    assert deliver_due() == MANY
    assert smtp_server.connections == 3
    assert sorted(letter.content for letter in smtp_server.received) == sorted(
        {letter.content for letter in smtp_server.received}
    )
    assert (statuses(), len(smtp_server.received)) == (["sent"] * MANY, MANY)
    records = db.session.scalars(db.select(DeliveryAttempt).order_by(DeliveryAttempt.outbound_id)).all()
    assert [record.outbound_id for record in records] == waiting
    for record in records:
        said = [line for step in record.steps for line in step.get("said", ())]
        assert [line for line in said if line.startswith("C: RCPT")] == [f"C: RCPT TO:<{DANA}>"]


def test_a_few_mails_need_one_connection(queue, smtp_server):
    for _ in range(5):
        queue()
    deliver_due()
    assert (statuses(), smtp_server.connections) == (["sent"] * 5, 1)


def test_a_server_that_lets_nobody_in_twice_gets_all_over_one_connection(waiting, smtp_server, account):
    smtp_server.answers["CONNECT"] = [None, "421 4.7.0 Too many connections from you"]
    deliver_due()
    assert (statuses(), smtp_server.connections) == (["sent"] * MANY, 2)
    db.session.refresh(account)
    assert not accounts.is_paused(account.id)
    assert (account.failures, account.fault_words) == (0, "")


def test_a_server_that_hangs_at_a_further_connection_holds_no_mail(waiting, smtp_server, monkeypatch):
    monkeypatch.setattr(further, "WORTH_WAITING", 0.01)
    mail_has_left, let_in = threading.Event(), []
    open_now = transport.Transport.open

    def hang(self: transport.Transport) -> transport.Connection:
        if self.connection is None and threading.current_thread() is not threading.main_thread():
            let_in.append((self, mail_has_left.wait(60)))
        return open_now(self)

    monkeypatch.setattr(transport.Transport, "open", hang)
    deliver_due()
    assert statuses() == ["sent"] * MANY
    mail_has_left.set()
    wait_until(lambda: smtp_server.connections == 2)
    # It came too late for this round, and is closed again.
    wait_until(lambda: let_in[0][0].connection is None)
    assert [in_time for _, in_time in let_in] == [True]


def test_one_of_three_that_is_refused_holds_nobody(waiting, smtp_server):
    smtp_server.answers["RCPT"] = [None, None, None, None, "550 5.1.1 No such user here"]
    # All go to one address, to which nothing more is sent from then on: what is under way goes on.
    deliver_due()
    assert sorted(statuses()) == ["failed", *["sent"] * (MANY - 1)]


def test_a_connection_that_is_lost_puts_off_its_own_mail_only(waiting, smtp_server):
    smtp_server.answers["RCPT"] = [None, None, None, None, None, None, DROP]
    deliver_due()
    assert sorted(statuses()) == ["queued", *["sent"] * (MANY - 1)]
    db.session.execute(db.update(OutboundEmail).values(next_attempt_at=clock.now()))
    db.session.commit()
    deliver_due()
    assert statuses() == ["sent"] * MANY
    assert len(smtp_server.received) == MANY


def test_what_somebody_else_took_over_is_not_ended_and_the_others_are(waiting, smtp_server, monkeypatch):
    """Between the first dot of three and the mark, one of them has got another owner."""
    hand_over = claims.hand_over

    def one_is_gone(emails, *others):
        if len(emails) == 3:
            monkeypatch.setattr(claims, "hand_over", hand_over)
            theirs = emails[1]
            db.session.execute(
                db.update(OutboundEmail).where(OutboundEmail.id == theirs.id).values(attempts=theirs.attempt + 1)
            )
        return hand_over(emails, *others)

    monkeypatch.setattr(claims, "hand_over", one_is_gone)
    deliver_due()
    assert sorted(statuses()) == ["sending", *["sent"] * (MANY - 1)]
    assert len(smtp_server.received) == MANY - 1


def test_when_the_database_is_lost_before_the_dots_no_dot_leaves(waiting, smtp_server, monkeypatch):
    hand_over = claims.hand_over

    def lost(emails, *others):
        if len(emails) == 3:
            raise OperationalError("COMMIT", None, Exception("the disk is full"))
        return hand_over(emails, *others)

    monkeypatch.setattr(claims, "hand_over", lost)
    with pytest.raises(OperationalError):
        deliver_due()
    monkeypatch.setattr(claims, "hand_over", hand_over)
    sent = statuses().count("sent")
    assert sent == len(smtp_server.received) < MANY
    db.session.execute(db.update(OutboundEmail).values(claimed_until=clock.now() - delivery.LEASE))
    db.session.commit()
    deliver_due()
    assert (statuses(), len(smtp_server.received)) == (["sent"] * MANY, MANY)


def test_what_is_large_leaves_alone(waiting, monkeypatch):
    together = []
    side_by_side = delivery.side_by_side
    monkeypatch.setattr(claims, "PACKED", db.null())
    monkeypatch.setattr(
        delivery, "side_by_side", lambda tries, lane: together.append(len(tries)) or side_by_side(tries, lane)
    )
    deliver_due()
    assert (set(together), statuses()) == ({1}, ["sent"] * MANY)
