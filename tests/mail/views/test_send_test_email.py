"""Send Test Email: the button, live steps, the message that arrives, and every way in which it may fail."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import structlog

from psa import clock, signing
from psa.extensions import db
from psa.mail.diagnosis import other_ports, probe
from psa.mail.models import ConnectionTest, OutboundEmail
from psa.mail.outbound import claims
from psa.mail.outbound.deliver import deliver_due
from tests.servers.fixtures import SUPPORT
from tests.servers.smtp import DROP

ADDRESS, PASSWORD = SUPPORT
HTMX = {"HX-Request": "true"}
MARA = "mara@northwind.example"


@pytest.fixture
def form(cast, smtp_server, ca_pem, monkeypatch):
    """The settings of the test server as an admin would type them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    return {
        "address": ADDRESS,
        "display_name": "Northwind Support",
        "host": "localhost",
        "port": str(smtp_server.port),
        "security": "starttls",
        "username": ADDRESS,
        "password": PASSWORD,
        "to": MARA,
    }


@pytest.fixture
def press(sign_in):
    """Press Send Test Email and watch until the fragment falls silent; returns all that was shown, joined."""

    def press(form, url="/admin/email/test-emails"):
        browser = sign_in("admin")
        answer = browser.post(url, data=form, headers=HTMX)
        shown = [answer.text]
        until = time.monotonic() + 60
        while asks_again := re.search(r'id="test-run" hx-get="([^"]+)" hx-trigger="load delay:500ms"', shown[-1]):
            assert time.monotonic() < until, shown[-1]
            time.sleep(0.05)
            shown.append(browser.get(asks_again.group(1), headers=HTMX).text)
        return shown

    return press


def last_test() -> ConnectionTest:
    db.session.expire_all()
    return db.session.scalars(db.select(ConnectionTest).order_by(ConnectionTest.id.desc())).first()


def titles(test: ConnectionTest) -> list[tuple[str, str]]:
    return [(step["stage"], step["state"]) for step in test.steps]


def test_it_passes_step_by_step_and_the_message_arrives(form, press, smtp_server):
    shown = press(form)

    [message] = smtp_server.received
    assert message.recipients == (MARA,)
    assert b"Subject: Test email from Northwind IT" in message.content
    assert "Passed in" in shown[-1]
    assert "hx-trigger" not in shown[-1]
    for words in ("localhost found", "Connected", "Secured with TLS 1.3", "Signed in", "Accepted by the server"):
        assert words in shown[-1]


def test_the_steps_that_are_still_to_come_are_shown_from_the_start(form, press):
    assert "Step 1 of 8" in press(form)[0] or "Message accepted" in press(form)[0]


def test_it_goes_through_the_queue_and_leaves_a_row_like_any_message(form, press, cast):
    press(form, f"/admin/email/accounts/{cast.outbound.id}/test-emails")

    test = last_test()
    email = db.session.get_one(OutboundEmail, test.outbound_id)
    assert (email.purpose, email.status, email.recipients) == ("test", "sent", [MARA])
    assert email.account_id == cast.outbound.id
    assert [attempt.outcome for attempt in email.delivery_attempts] == ["sent"]


def test_an_empty_password_means_the_stored_one(form, press, cast, smtp_server):
    cast.outbound.sealed_password, cast.outbound.host = signing.seal(PASSWORD), form["host"]
    db.session.commit()

    press(form | {"password": ""}, f"/admin/email/accounts/{cast.outbound.id}/test-emails")

    assert last_test().state == "passed"
    assert len(smtp_server.received) == 1


def test_it_tests_what_is_typed_and_saves_nothing(form, press, cast, smtp_server):
    press(form, f"/admin/email/accounts/{cast.outbound.id}/test-emails")

    assert len(smtp_server.received) == 1
    assert cast.outbound.port == 2525


def test_a_wrong_password_fails_at_login_with_cause_remedy_and_the_servers_words(form, press):
    shown = press(form | {"password": "a short winter"})

    test = last_test()
    assert (test.state, test.stage, test.cause) == ("failed", "auth", "auth_wrong_password")
    assert "Failed at login" in shown[-1]
    assert "The server refused the user name or the password" in shown[-1]
    assert "App Password" in shown[-1]
    assert "535 5.7.8" in shown[-1]
    assert "Sender, recipient, message accepted" in shown[-1]
    assert "Not tried" in shown[-1]


def test_a_port_where_nobody_listens_is_refused(form, press):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = nobody.getsockname()[1]
    shown = press(form | {"host": "127.0.0.1", "port": str(closed)})

    assert (last_test().stage, last_test().cause) == ("connect", "connect_refused")
    assert f"Nothing listens on port {closed} of 127.0.0.1" in shown[-1]


def test_ssl_on_a_port_that_begins_in_the_clear(form, press):
    press(form | {"security": "ssl"})

    assert (last_test().stage, last_test().cause) == ("tls", "tls_port_mismatch")


def test_a_name_that_does_not_exist(form, press):
    shown = press(form | {"host": "smtp.nosuch.invalid"})

    assert (last_test().stage, last_test().cause) in [("resolve", "dns_not_found"), ("resolve", "dns_temporary")]
    assert "smtp.nosuch.invalid" in shown[-1]


def test_a_certificate_that_nobody_vouches_for(form, press, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    press(form)

    assert (last_test().stage, last_test().cause) == ("tls", "cert_untrusted")


def test_a_certificate_for_another_name(form, press, monkeypatch):
    found = socket.getaddrinfo("localhost", int(form["port"]), type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    press(form | {"host": "mail.northwind.example"})

    assert (last_test().stage, last_test().cause) == ("tls", "cert_hostname_mismatch")


def test_without_encryption_the_server_takes_no_password(form, press, smtp_server):
    press(form | {"security": "none"})

    assert last_test().cause in ("auth_not_offered", "tls_required")
    assert smtp_server.received == []


@pytest.mark.parametrize(
    ("verb", "answer", "stage", "cause"),
    [
        ("CONNECT", "421 4.3.2 Service not available, try later", "greeting", "server_temporary"),
        ("MAIL", "553 5.7.1 Sender address rejected: not owned by user", "mail_from", "sender_not_allowed"),
        ("RCPT", "554 5.7.1 <mara@northwind.example>: Relay access denied", "rcpt_to", "relay_denied"),
        ("RCPT", "550 5.1.1 User unknown", "rcpt_to", "recipient_unknown"),
        ("MESSAGE", "552 5.3.4 Message too big", "data", "message_too_big"),
        ("MESSAGE", "554 5.0.0 Purple elephants", "data", "unknown"),
        ("MAIL", DROP, "mail_from", "connection_dropped"),
        ("MESSAGE", DROP, "data", "connection_dropped"),
    ],
)
def test_each_refusal_is_told_at_its_step(form, press, smtp_server, verb, answer, stage, cause):
    smtp_server.answers[verb] = answer
    shown = press(form)

    assert (last_test().stage, last_test().cause) == (stage, cause)
    assert last_test().state == "failed"
    assert 'role="alert"' in shown[-1]


def test_what_nobody_knows_is_shown_in_the_servers_words(form, press, smtp_server):
    smtp_server.answers["MESSAGE"] = "554 5.0.0 Purple elephants"

    assert "We do not know this one" in (page := press(form)[-1])
    assert "Purple elephants" in page


def test_a_server_that_repeats_the_password_does_not_get_it_into_page_row_or_log(form, press, smtp_server, cast):
    smtp_server.answers["MAIL"] = f"550 5.7.1 You said {PASSWORD} and I do not like it"
    with structlog.testing.capture_logs() as logs:
        shown = press(form)

    assert "(hidden)" in shown[-1]
    for text in (*shown, repr(last_test().steps), last_test().words, last_test().sealed_settings):
        assert PASSWORD not in text
    assert PASSWORD not in repr(logs)


def test_a_form_that_cannot_work_is_told_without_asking_a_server(form, press, smtp_server):
    [shown] = press(form | {"port": "993", "to": "nobody"})

    assert "Port: 993 is for IMAP, not for SMTP" in shown
    assert "Where to: nobody is not an email address" in shown
    assert smtp_server.connections == 0


def test_a_password_that_cannot_be_opened_asks_for_it(form, press, cast):
    cast.outbound.sealed_password = "sealed with a lost key"
    db.session.commit()

    [shown] = press(form | {"password": ""}, f"/admin/email/accounts/{cast.outbound.id}/test-emails")

    assert "Enter it again." in shown


def test_without_script_the_button_leads_to_a_page_that_loads_itself_again(form, sign_in, cast, monkeypatch):
    # It is under way for as long as we look.
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    browser = sign_in("admin")

    answer = browser.post("/admin/email/test-emails", data=form)
    page = browser.get(answer.location)

    assert answer.status_code == 303
    assert page.headers["Refresh"] == "1"
    assert "<h1>Test Connection</h1>" in page.text


def test_the_leader_does_not_send_a_test_email_behind_the_back_of_the_test(form, app, cast, smtp_server, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    settings = probe.ServerSettings("smtp", "localhost", smtp_server.port, "starttls", ADDRESS, PASSWORD, ADDRESS)

    probe.start_test(settings, cast.outbound.id, to=MARA)

    assert deliver_due() == 0
    assert smtp_server.received == []


@pytest.mark.parametrize("saved", [True, False])
@pytest.mark.parametrize("seen", [True, False])
def test_a_test_that_was_killed_while_it_began_to_send_never_leaves(
    form, sign_in, cast, smtp_server, monkeypatch, saved, seen
):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    cast.outbound.host, cast.outbound.port = "localhost", smtp_server.port
    settings = probe.ServerSettings("smtp", "localhost", smtp_server.port, "starttls", ADDRESS, PASSWORD, ADDRESS)
    test = probe.start_test(settings, cast.outbound.id if saved else None, to=MARA)
    assert claims.claim(test.outbound_id, timedelta(seconds=-1))
    test.changed_at = clock.now() - timedelta(minutes=4)
    db.session.commit()
    if seen:
        sign_in("admin").get(f"/admin/email/tests/{test.id}", headers=HTMX)
    db.session.execute(db.update(OutboundEmail).values(next_attempt_at=clock.now()))
    db.session.commit()

    for _ in range(2):
        assert deliver_due() == 0

    db.session.expire_all()
    assert smtp_server.received == []
    assert db.session.get_one(OutboundEmail, test.outbound_id).status == "failed"


def test_a_test_that_nobody_began_to_send_is_not_sent_later_by_the_leader(form, cast, smtp_server, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    settings = probe.ServerSettings("smtp", "localhost", smtp_server.port, "starttls", ADDRESS, PASSWORD, ADDRESS)
    test = probe.start_test(settings, cast.outbound.id, to=MARA)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert deliver_due() == 0

    db.session.expire_all()
    assert smtp_server.received == []
    assert db.session.get_one(OutboundEmail, test.outbound_id).status == "failed"


def test_a_password_with_an_umlaut_is_told_as_that(form, press):
    press(form | {"password": "ein langer Winter in München"})

    assert (last_test().stage, last_test().cause) == ("auth", "non_ascii_unsupported")


def test_a_test_whose_thread_died_does_not_spin_for_ever(form, sign_in, app, cast, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    settings = probe.ServerSettings("smtp", "localhost", 2525, "starttls", ADDRESS, PASSWORD, ADDRESS)
    test = probe.start_test(settings, cast.outbound.id, to=MARA)
    test.changed_at = clock.now() - timedelta(minutes=4)
    db.session.commit()

    page = sign_in("admin").get(f"/admin/email/tests/{test.id}", headers=HTMX).text

    assert "The PSA was restarted during the test" in page
    assert "hx-trigger" not in page
    assert last_test().sealed_settings == ""
    assert db.session.get_one(OutboundEmail, test.outbound_id).status == "failed"


def test_when_a_port_is_closed_another_usual_one_that_answers_is_named(form, press, smtp_server, monkeypatch):
    usual = {("smtp", "starttls"): 1, ("smtp", "ssl"): smtp_server.smtps_port, ("smtp", "none"): 2}
    monkeypatch.setattr(other_ports, "PORTS", usual)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        form["port"] = str(closed.getsockname()[1])
    shown = press(form)[-1]
    assert last_test().cause == "connect_refused"
    assert f"Port {smtp_server.smtps_port} with SSL answers there" in shown
    assert "Port 1 with" not in shown
    # Asking it was no delivery, and no sign-in.
    assert smtp_server.received == []


def test_it_works_over_ipv6(form, press, smtp_server, monkeypatch):
    with over_ipv6(smtp_server.port) as port:
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))]
        )
        shown = press(form | {"port": str(port)})[-1]
    assert "Passed" in shown
    assert f"to ::1, port {port}" in shown
    assert len(smtp_server.received) == 1


@contextmanager
def over_ipv6(port: int) -> Iterator[int]:
    """A port of ::1 behind which the server at that port of 127.0.0.1 is."""

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                ours, _ = listening.accept()
                theirs = socket.socket()
                theirs.connect(("127.0.0.1", port))
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
