"""Inbound, as an admin sees it: a mailbox entered on a real server, tested, and how it is afterwards."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from psa import clock
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.causes import diagnose
from psa.mail.inbound.poll import poll
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.settings import of_account
from psa.mail.views import counting
from psa.tickets.models import Ticket
from tests.factories import make_account
from tests.mail.views.watching import watch
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

ADDRESS, PASSWORD = SUPPORT


@pytest.fixture
def form(cast):
    """A mailbox on a server that nobody asks unless a test says so."""
    return {
        "address": "helpdesk@northwind.example",
        "protocol": "imap",
        "host": "127.0.0.1",
        "port": "9",
        "security": "ssl",
        "username": "helpdesk@northwind.example",
        "password": "a very long summer",
        "folders": "INBOX",
        "parsing": "y",
        "create_tickets": "y",
        "default_queue_id": str(cast.support.id),
        "after_filing": "leave",
        "interval": "60",
        "start": "now",
    }


@pytest.fixture
def real_form(form, dovecot, ca_pem, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    server = {"host": "localhost", "port": str(dovecot.imaps), "username": ADDRESS, "password": PASSWORD}
    return form | server


def stored(address: str = "helpdesk@northwind.example") -> MailAccount:
    db.session.expire_all()
    account = accounts.find("inbound", address)
    assert account is not None
    return account


def counted(page: str) -> list[str]:
    """The proofs on a page that its start has been counted."""
    return re.findall(r'name="counted" value="([^"]+)"', page)


def last_test() -> ConnectionTest:
    db.session.expire_all()
    return db.session.scalars(db.select(ConnectionTest).order_by(ConnectionTest.id.desc())).first()


def test_a_mailbox_is_entered_under_the_names_of_the_guide(sign_in, form):
    browser = sign_in("admin")

    page = browser.get("/admin/email/inbound/new").text
    answer = browser.post("/admin/email/inbound/new", data=form)

    for name in (
        "Email parsing",
        "Mailbox Address",
        "Automatic Ticket Creation",
        "Auto-Assignment Rules",
        "Credentials",
    ):
        assert name in page
    assert answer.status_code == 303
    account = stored()
    assert of_account(account).password == "a very long summer"
    assert (account.parsing, account.create_tickets, account.interval) == (True, True, 60)


def test_a_switch_that_is_off_is_stored_as_off(sign_in, form, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/inbound/new", data=form)
    settings = {name: value for name, value in form.items() if name not in ("parsing", "create_tickets", "start")}

    browser.post(f"/admin/email/accounts/{stored().id}", data=settings)

    assert (stored().parsing, stored().create_tickets) == (False, False)
    page = browser.get(f"/admin/email/accounts/{stored().id}").text
    assert "Email parsing is off" in page
    assert "Held for a person" in page


def test_a_server_that_does_not_answer_at_the_first_save_is_told_and_the_account_is_kept(sign_in, form):
    browser = sign_in("admin")

    answer = browser.post("/admin/email/inbound/new", data=form)

    assert "the server does not answer yet" in browser.get(answer.location).text
    assert stored().since is not None


@pytest.mark.dovecot
def test_what_lay_there_before_the_first_save_stays_and_what_comes_after_becomes_a_ticket(sign_in, real_form, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="From last year").as_bytes())
    sign_in("admin").post("/admin/email/inbound/new", data=real_form)
    dovecot.deliver(ADDRESS, letter(subject="Just now").as_bytes())

    poll(stored().id)

    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["Just now"]


@pytest.mark.dovecot
def test_the_same_over_pop3(sign_in, real_form, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="From last year").as_bytes())
    pop3 = real_form | {"protocol": "pop3", "port": str(dovecot.pop3s)}
    sign_in("admin").post("/admin/email/inbound/new", data=pop3)
    dovecot.deliver(ADDRESS, letter(subject="Just now").as_bytes())

    poll(stored().id)

    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["Just now"]


@pytest.mark.dovecot
def test_everything_means_the_backlog_too_and_is_counted_before_it_is_saved(sign_in, real_form, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="From last year").as_bytes())
    browser, everything = sign_in("admin"), real_form | {"start": "all"}

    first = browser.post("/admin/email/inbound/new", data=everything)
    assert first.status_code == 422
    assert "Everything: 1. None of them notifies anybody." in " ".join(first.text.split())
    assert accounts.find("inbound", real_form["address"]) is None
    proofs = {"counted": counted(first.text), "carried": re.findall(r'name="carried" value="([^"]+)"', first.text)}
    browser.post("/admin/email/inbound/new", data=everything | proofs | {"password": ""})

    poll(stored().id)

    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["From last year"]


@pytest.mark.dovecot
def test_what_test_connection_has_counted_is_saved_at_once(sign_in, real_form):
    browser, since = sign_in("admin"), real_form | {"start": "since", "since": "2026-01-05"}
    marks = counted(watch(browser, since))

    assert browser.post("/admin/email/inbound/new", data=since | {"counted": marks}).status_code == 303


@pytest.mark.dovecot
@pytest.mark.parametrize("changes", [{"since": "2025-01-05"}, {"start": "all"}, {"folders": ["INBOX", "Archive"]}])
def test_a_count_of_something_else_does_not_do(sign_in, real_form, dovecot, changes):
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Archive")
    browser, since = sign_in("admin"), real_form | {"start": "since", "since": "2026-01-05"}
    first = browser.post("/admin/email/inbound/new", data=since)

    again = browser.post("/admin/email/inbound/new", data=since | changes | {"counted": counted(first.text)})

    assert again.status_code == 422


def test_what_cannot_be_counted_is_not_taken(sign_in, form):
    answer = sign_in("admin").post("/admin/email/inbound/new", data=form | {"start": "all"})

    assert answer.status_code == 422
    assert "Not saved: older mail is counted first, and that did not work." in answer.text
    assert accounts.find("inbound", form["address"]) is None


def test_a_start_on_a_day_needs_the_day_and_not_one_to_come(sign_in, form, monkeypatch):
    monkeypatch.setattr(counting, "needs_count", lambda form: False)
    browser = sign_in("admin")
    url = "/admin/email/inbound/new"

    assert "Since which day?" in browser.post(url, data=form | {"start": "since"}).text
    future = browser.post(url, data=form | {"start": "since", "since": f"{clock.now().year + 1}-01-01"})
    assert "That day is still to come." in future.text
    assert browser.post(url, data=form | {"start": "since", "since": "2026-01-05"}).status_code == 303
    local_midnight = datetime(2026, 1, 5).astimezone(UTC)
    assert stored().since == local_midnight


@pytest.mark.dovecot
def test_test_connection_ends_with_what_it_found(sign_in, real_form, dovecot):
    for number in range(3):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Archive")

    shown = watch(sign_in("admin"), real_form | {"start": "since", "since": "2026-01-05"})

    test = last_test()
    assert test.state == "passed"
    assert [step["stage"] for step in test.steps] == [
        "resolve",
        "connect",
        "tls",
        "greeting",
        "auth",
        "select",
        "list",
    ]
    assert test.findings["folders"][0]["messages"] == 3
    assert test.findings["since"]["messages"] == 3
    for words in ("Passed in", "INBOX", "Archive", "Chosen", "Mail from now on", "3, notifies nobody"):
        assert words in shown
    assert '<option value="Archive">' in shown


@pytest.mark.dovecot
@pytest.mark.parametrize(("protocol", "port"), [("imap", "imaps"), ("pop3", "pop3s")])
def test_a_wrong_password_fails_at_login(sign_in, real_form, dovecot, protocol, port):
    wrong = {"protocol": protocol, "port": str(getattr(dovecot, port)), "password": "a short winter"}
    shown = watch(sign_in("admin"), real_form | wrong)

    assert (last_test().stage, last_test().cause) == ("auth", "auth_wrong_password")
    assert "Failed at login" in shown
    assert "a short winter" not in shown + repr(last_test().steps)


@pytest.mark.dovecot
def test_a_folder_that_is_not_there(sign_in, real_form):
    shown = watch(sign_in("admin"), real_form | {"folders": "Suport"})

    assert (last_test().stage, last_test().cause) == ("select", "folder_not_found")
    assert "There is no folder “Suport” in this mailbox" in shown


@pytest.mark.dovecot
def test_ssl_on_the_port_for_tls(sign_in, real_form, dovecot):
    watch(sign_in("admin"), real_form | {"port": str(dovecot.imap)})

    assert (last_test().stage, last_test().cause) == ("tls", "tls_port_mismatch")


@pytest.mark.dovecot
def test_pop3_on_a_port_where_imap_answers(sign_in, real_form, dovecot):
    watch(sign_in("admin"), real_form | {"protocol": "pop3"})

    assert (last_test().stage, last_test().cause) == ("greeting", "not_a_mail_server")


def test_a_mailbox_that_cannot_be_read_says_why_on_its_page_and_in_the_sidebar(sign_in, cast):
    browser = sign_in("admin")
    words = "[AUTHENTICATIONFAILED] Authentication failed."
    accounts.note_failure(cast.inbound.id, "auth", diagnose(protocol="imap", stage="auth", text=words), words)
    db.session.commit()

    page = browser.get(f"/admin/email/accounts/{cast.inbound.id}").text

    assert "Cannot be read: failed at login" in page
    assert words in page
    assert "support@northwind.example cannot be read" in browser.get("/mail/pulse").text


def test_two_mailboxes_that_cannot_be_read_are_counted_in_the_sidebar(sign_in, cast):
    db.session.add(make_account("inbound", protocol="imap", port=143, address="sales@northwind.example"))
    db.session.flush()
    for account in accounts.in_direction("inbound"):
        away = diagnose(protocol="imap", stage="connect", text="Connection refused")
        accounts.note_failure(account.id, "connect", away, "Connection refused")
    db.session.commit()
    assert "2 mailboxes cannot be read" in sign_in("admin").get("/mail/pulse").text


def test_the_pulse_is_for_everybody_who_is_signed_in_and_leads_only_admins_to_the_settings(sign_in, browser, cast):
    assert browser.get("/mail/pulse").status_code == 303
    accounts.note_success(cast.inbound.id)
    db.session.commit()

    agents = sign_in("agent").get("/mail/pulse").text

    assert "Mail is arriving" in agents
    assert "href" not in agents


def test_a_password_that_no_key_opens_stops_the_poller_with_words_and_no_server_is_asked(sign_in, cast):
    cast.inbound.sealed_password = "sealed with a lost key"
    db.session.commit()

    poll(cast.inbound.id)

    page = sign_in("admin").get(f"/admin/email/accounts/{cast.inbound.id}").text
    assert "The stored password cannot be opened any more" in page
    assert "Enter the password again and save." in page


def test_a_mailbox_needs_a_password(sign_in, form):
    answer = sign_in("admin").post("/admin/email/inbound/new", data=form | {"password": ""})

    assert answer.status_code == 422
    assert "Which password?" in answer.text
