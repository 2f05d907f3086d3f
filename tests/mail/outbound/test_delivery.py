"""From the outbox to a real SMTP server with AUTH and STARTTLS, and what happens when it says no."""

from __future__ import annotations

from datetime import timedelta

from psa import clock, signing
from psa.extensions import db
from psa.mail.models import DeliveryAttempt
from psa.mail.outbound import claims
from psa.mail.outbound.compose import Content, Upload, compose
from psa.mail.outbound.deliver import deliver, deliver_due
from psa.mail.raw import raw_bytes
from tests.servers.fixtures import SUPPORT
from tests.servers.smtp import DROP

DANA = "dana@harbor-dental.example"


def test_a_message_leaves_byte_for_byte_over_starttls_and_login(queue, smtp_server):
    email = queue("A line that begins with a dot:\n.hidden\n..two\n")
    assert deliver_due() == 1
    [received] = smtp_server.received
    assert received.content == raw_bytes(email.raw_id)
    assert (received.sender, list(received.recipients)) == (SUPPORT[0], [DANA])
    assert (email.status, email.attempts) == ("sent", 1)
    assert email.sent_at is not None


def test_the_same_over_ssl(queue, account, smtp_server):
    account.security, account.port = "ssl", smtp_server.smtps_port
    db.session.commit()
    assert deliver(queue().id).outcome == "sent"


def test_one_connection_carries_many_messages(queue, smtp_server, monkeypatch):
    from psa.mail.outbound import transport

    opened = []
    connect = transport.open_socket
    monkeypatch.setattr(transport, "open_socket", lambda *args: opened.append(1) or connect(*args))
    for _ in range(5):
        queue()
    assert deliver_due() == 5
    assert (len(opened), len(smtp_server.received)) == (1, 5)


def test_a_temporary_refusal_is_tried_again_later_with_the_same_bytes(queue, smtp_server):
    email = queue()
    smtp_server.answers["RCPT"] = "450 4.7.1 Greylisted, try again in five minutes"
    deliver_due()
    assert (email.status, email.cause) == ("queued", "greylisted")
    assert email.next_attempt_at > clock.now() + timedelta(seconds=20)
    assert deliver_due() == 0
    del smtp_server.answers["RCPT"]
    email.next_attempt_at = clock.now()
    db.session.commit()
    deliver_due()
    assert (email.status, email.attempts, len(smtp_server.received)) == ("sent", 2, 1)
    outcomes = db.session.scalars(db.select(DeliveryAttempt.outcome).order_by(DeliveryAttempt.id))
    assert list(outcomes) == ["queued", "sent"]


def test_a_final_refusal_fails_with_the_servers_words(queue, smtp_server):
    email = queue()
    smtp_server.answers["RCPT"] = "550 5.1.1 User unknown"
    deliver_due()
    assert (email.status, email.cause) == ("failed", "recipient_unknown")
    assert "User unknown" in email.reason


def test_a_message_after_a_refused_one_still_leaves_on_the_same_connection(queue, smtp_server):
    first, second = queue(), queue()
    smtp_server.answers["RCPT"] = ["550 5.1.1 User unknown"]
    deliver_due()
    assert (first.status, second.status) == ("failed", "sent")


def test_the_second_message_of_a_connection_says_its_own_stage(queue, smtp_server):
    first, second = queue(), queue()
    smtp_server.answers["MAIL"] = [None, "550 5.7.1 Sender refused"]
    deliver_due()
    attempts = db.session.scalars(db.select(DeliveryAttempt).order_by(DeliveryAttempt.id)).all()
    assert [(one.outcome, one.stage, one.words) for one in attempts] == [
        ("sent", "data", ""),
        ("failed", "mail_from", "550 5.7.1 Sender refused"),
    ]
    assert (first.status, second.status) == ("sent", "failed")


def test_one_refused_recipient_of_two_does_not_stop_the_other(queue, smtp_server):
    email = queue(to=("gone@harbor-dental.example", DANA))
    smtp_server.answers["RCPT"] = ["550 5.1.1 User unknown"]
    record = deliver(email.id)
    assert email.status == "sent"
    assert record.refused == {"gone@harbor-dental.example": "550 5.1.1 User unknown"}
    assert [received.recipients for received in smtp_server.received] == [(DANA,)]
    assert "User unknown" in email.reason


def test_a_connection_that_dies_before_the_message_is_tried_again(queue, smtp_server):
    email = queue()
    smtp_server.answers["DATA"] = DROP
    deliver_due()
    assert email.status == "queued"


def test_a_connection_that_dies_after_the_message_is_unconfirmed_and_never_sent_again_by_itself(queue, smtp_server):
    email = queue()
    smtp_server.answers["MESSAGE"] = DROP
    deliver_due()
    assert email.status == "unconfirmed"
    smtp_server.answers.clear()
    assert deliver_due() == 0
    assert len(smtp_server.received) <= 1


def test_a_sender_that_died_before_the_message_left_is_followed_by_another(queue):
    email = queue()
    assert claims.claim(email.id, timedelta(seconds=-1))
    assert deliver_due() == 1
    db.session.refresh(email)
    assert email.status == "sent"


def test_a_sender_that_died_while_the_message_left_leaves_it_unconfirmed(queue, smtp_server):
    email = queue()
    claims.claim(email.id, timedelta(seconds=-1))
    email.handed_over_at = clock.now()
    db.session.commit()
    assert deliver_due() == 0
    db.session.refresh(email)
    assert email.status == "unconfirmed"
    assert smtp_server.received == []


def test_only_one_of_two_senders_gets_a_message(queue):
    email = queue()
    assert claims.claim(email.id, timedelta(minutes=1))
    assert not claims.claim(email.id, timedelta(minutes=1))
    assert deliver(email.id) is None


def test_a_server_without_starttls_never_gets_the_password_in_the_clear(queue, account, smtp_server):
    smtp_server.answers["EHLO"] = "250-localhost\r\n250 AUTH PLAIN"
    email = queue()
    deliver_due()
    assert (email.status, email.cause) == ("queued", "starttls_not_offered")
    assert smtp_server.received == []


def test_a_certificate_that_nobody_vouches_for_stops_everything(queue, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    email = queue()
    deliver_due()
    assert (email.status, email.cause) == ("queued", "cert_untrusted")


def test_a_wrong_password_is_the_accounts_fault_and_the_mail_waits_until_it_is_mended(queue, account, smtp_server):
    account.sealed_password = signing.seal("wrong")
    db.session.commit()
    first, second = queue(), queue()
    assert deliver_due() == 1
    db.session.refresh(account)
    assert (first.status, first.cause, second.attempts) == ("queued", "auth_wrong_password", 0)
    assert (account.fault_stage, account.fault_cause) == ("auth", "auth_wrong_password")
    account.sealed_password, account.paused_until = signing.seal(SUPPORT[1]), None
    db.session.commit()
    assert deliver_due() == 2
    db.session.refresh(account)
    assert (len(smtp_server.received), account.fault_cause) == (2, "")


def test_after_two_days_of_trying_a_message_has_failed(queue, account):
    account.port = 1
    email = queue()
    email.queued_at = clock.now() - timedelta(days=2, hours=1)
    db.session.commit()
    deliver_due()
    assert (email.status, email.cause) == ("failed", "connect_refused")


def test_files_go_along(mailroom, cast):
    from psa.tickets import notifications, operations
    from psa.tickets.operations import Actor, Said
    from tests.mailroom import letter

    ticket = mailroom.receive(letter()).ticket
    comment_id = operations.add_reply(ticket.id, Said("See the list."), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id, [Upload("Prüfliste.csv", "text/csv", b"a,b\r\n1,2\r\n")])
    db.session.commit()
    message = mailroom.read(mailroom.outbox[-1])
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "Prüfliste.csv"
    [shown] = mailroom.ticket(ticket.id).comments[-1].attachments
    assert (shown.name, shown.size, shown.part) == ("Prüfliste.csv", 10, "2")


def test_line_breaks_in_a_name_or_a_subject_make_no_header(app):
    composed = compose(
        Content("Hi\r\nBcc: everybody@example.com", ""),
        sender=("Evil\r\nBcc: all@example.com", "support@northwind.example"),
        to=[("x\ny", DANA)],
    )
    head = composed.raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc:" not in head
