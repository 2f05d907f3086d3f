"""Outbound, as an admin sees it: entering an account, changing it, and what the page says against."""

from __future__ import annotations

import pytest

from psa import signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.causes import diagnose
from psa.mail.models import MailAccount
from psa.mail.settings import of_account

ACCOUNT = {
    "address": "billing@northwind.example",
    "display_name": "Northwind Billing",
    "host": "smtp.mailhost.example",
    "port": "587",
    "security": "starttls",
    "username": "billing@northwind.example",
    "password": "a very long summer",
}


def stored(address: str) -> MailAccount:
    db.session.expire_all()
    account = accounts.find("outbound", address)
    assert account is not None
    return account


def test_an_admin_enters_a_second_account_and_the_first_stays_the_default(sign_in, cast):
    browser = sign_in("admin")

    answer = browser.post("/admin/email/outbound/new", data=ACCOUNT)

    account = stored("billing@northwind.example")
    assert answer.status_code == 303
    assert answer.location == f"/admin/email/accounts/{account.id}"
    assert of_account(account).password == "a very long summer"
    assert not account.is_default
    assert accounts.default_outbound() is not account


def test_a_new_default_takes_the_place_of_the_old_one(sign_in, cast):
    sign_in("admin").post("/admin/email/outbound/new", data=ACCOUNT | {"is_default": "y"})

    assert stored("billing@northwind.example").is_default
    assert not stored("support@northwind.example").is_default


def test_the_first_account_is_the_default_without_being_asked(sign_in, cast):
    db.session.delete(cast.outbound)
    db.session.commit()

    sign_in("admin").post("/admin/email/outbound/new", data=ACCOUNT)

    assert stored("billing@northwind.example").is_default


def test_an_empty_password_keeps_the_stored_one_and_its_day(sign_in, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    before = stored("billing@northwind.example")
    set_at, revision = before.password_set_at, before.revision

    browser.post(
        f"/admin/email/accounts/{before.id}", data=ACCOUNT | {"password": "", "display_name": "Northwind Invoices"}
    )

    after = stored("billing@northwind.example")
    assert after.display_name == "Northwind Invoices"
    assert of_account(after).password == "a very long summer"
    assert after.password_set_at == set_at
    assert after.revision == revision + 1


def test_the_stored_password_is_not_handed_to_another_server(sign_in, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    account = stored("billing@northwind.example")
    elsewhere = ACCOUNT | {"password": "", "host": "smtp.elsewhere.example"}

    for address in (f"/admin/email/accounts/{account.id}", f"/admin/email/accounts/{account.id}/test-emails"):
        answer = browser.post(address, data=elsewhere | {"to": "mara@northwind.example"})
        assert answer.status_code == 422
    assert "The stored password is sent only to the server it was entered for" in answer.text


def test_the_stored_password_is_not_sent_in_the_clear_unless_it_is_entered_for_that(sign_in, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    account = stored("billing@northwind.example")
    in_the_clear = ACCOUNT | {"security": "none", "port": "25", "to": "mara@northwind.example"}

    for address in (f"/admin/email/accounts/{account.id}", f"/admin/email/accounts/{account.id}/test-emails"):
        answer = browser.post(address, data=in_the_clear | {"password": ""})
        assert answer.status_code == 422
        assert "Without encryption everybody on the way can read the password" in answer.text
    assert stored("billing@northwind.example").security == "starttls"

    browser.post(f"/admin/email/accounts/{account.id}", data=in_the_clear)
    assert stored("billing@northwind.example").security == "none"
    again = browser.post(f"/admin/email/accounts/{account.id}", data=in_the_clear | {"password": ""})
    assert again.status_code == 303
    assert stored("billing@northwind.example").host == ACCOUNT["host"]


def test_without_a_user_name_no_password_is_kept_either(sign_in, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    account = stored("billing@northwind.example")

    browser.post(f"/admin/email/accounts/{account.id}", data=ACCOUNT | {"username": "", "password": ""})

    assert stored("billing@northwind.example").sealed_password == ""


def test_an_app_password_is_stored_without_the_blanks_it_is_shown_with(sign_in, cast):
    sign_in("admin").post("/admin/email/outbound/new", data=ACCOUNT | {"password": "abcd efgh ijkl mnop"})

    assert of_account(stored("billing@northwind.example")).password == "abcdefghijklmnop"


def test_the_stored_password_is_never_in_the_page_only_the_day_it_was_set(sign_in, cast):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    account = stored("billing@northwind.example")

    page = browser.get(f"/admin/email/accounts/{account.id}").text

    assert "a very long summer" not in page
    assert account.sealed_password not in page
    assert "Unchanged, set on" in page


def test_a_refused_form_keeps_what_was_typed_but_not_the_password(sign_in, cast):
    answer = sign_in("admin").post(
        "/admin/email/outbound/new", data=ACCOUNT | {"host": "https://smtp.mailhost.example/"}
    )

    assert answer.status_code == 422
    assert "Northwind Billing" in answer.text
    assert "a very long summer" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"port": "70000"}, "70000 is not a port. Ports go from 1 to 65535."),
        ({"port": "smtp"}, "Write the port as a number, such as 587."),
        ({"port": ""}, "Which port?"),
        ({"port": "465"}, "465 and TLS contradict each other: TLS is on 587."),
        ({"port": "993"}, "993 is for IMAP, not for SMTP: TLS is on 587."),
        ({"host": "https://smtp.mailhost.example"}, "Write the name alone, without https://: smtp.mailhost.example."),
        ({"host": "smtp.mailhost.example/mail"}, "Write the name alone, without a path: smtp.mailhost.example."),
        ({"host": "smtp..mailhost.example"}, "is not a server name"),
        ({"host": ""}, "Which server?"),
        ({"address": "billing"}, "billing is not an email address."),
        ({"address": "Support@northwind.example"}, "support@northwind.example is entered already. Change it there."),
        ({"security": "maybe"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_meant_is_said_at_the_field(sign_in, cast, wrong, sentence):
    answer = sign_in("admin").post("/admin/email/outbound/new", data=ACCOUNT | wrong)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert accounts.find("outbound", "billing@northwind.example") is None


def test_the_repair_of_a_contradiction_is_one_click_and_works_without_script(sign_in, cast):
    browser = sign_in("admin")
    refused = browser.post("/admin/email/outbound/new", data=ACCOUNT | {"port": "465"})
    assert 'name="use_port" value="587"' in refused.text

    saved = browser.post("/admin/email/outbound/new", data=ACCOUNT | {"port": "465", "use_port": "587"})

    assert saved.status_code == 303
    assert stored("billing@northwind.example").port == 587


def test_port_and_security_are_compared_while_they_are_typed(sign_in, cast):
    browser = sign_in("admin")

    check = "/admin/email/port-check?protocol={}&security={}&port={}"
    assert "587 and TLS belong together. SSL would be 465." in browser.get(check.format("smtp", "starttls", "587")).text
    assert "143 and SSL contradict each other: SSL is on 993." in browser.get(check.format("imap", "ssl", "143")).text
    assert "Use 993" in browser.get(check.format("imap", "ssl", "143")).text
    assert "TLS is mostly on 587." in browser.get(check.format("smtp", "starttls", "2525")).text
    assert 'value="993"' in browser.get("/admin/email/port-field?protocol=imap&security=ssl&port=143").text
    assert browser.get(check.format("gopher", "ssl", "70")).status_code == 400


def test_a_seal_that_no_key_opens_asks_for_the_password_again(sign_in, cast, app):
    browser = sign_in("admin")
    browser.post("/admin/email/outbound/new", data=ACCOUNT)
    account = stored("billing@northwind.example")
    db.session.execute(db.update(MailAccount).values(sealed_password="sealed with a lost key"))
    db.session.commit()

    page = browser.get(f"/admin/email/accounts/{account.id}")
    refused = browser.post(f"/admin/email/accounts/{account.id}", data=ACCOUNT | {"password": ""})
    saved = browser.post(f"/admin/email/accounts/{account.id}", data=ACCOUNT)

    assert page.status_code == 200
    assert "cannot be opened any more. Enter it again." in page.text
    assert refused.status_code == 422
    assert saved.status_code == 303
    assert signing.unseal(stored("billing@northwind.example").sealed_password) == "a very long summer"


def test_a_dead_server_is_a_state_with_words(sign_in, cast):
    browser = sign_in("admin")
    words = "535 5.7.8 Error: authentication failed"
    accounts.note_failure(cast.outbound.id, "auth", diagnose(protocol="smtp", stage="auth", text=words), words)
    db.session.commit()

    page = browser.get(f"/admin/email/accounts/{cast.outbound.id}").text

    assert "Failed at login" in page
    assert "The server refused the user name or the password" in page
    assert words in page


def test_a_fault_is_forgotten_when_the_account_works_or_is_changed(sign_in, cast):
    browser = sign_in("admin")
    found = diagnose(protocol="smtp", stage="connect", error=ConnectionRefusedError(111, "Connection refused"))
    accounts.note_failure(cast.outbound.id, "connect", found, "Connection refused")
    accounts.note_success(cast.outbound.id)
    db.session.commit()
    assert stored("support@northwind.example").fault_cause == ""

    accounts.note_failure(cast.outbound.id, "connect", found, "Connection refused")
    # What has worked would be tested first.
    cast.outbound.last_success_at = None
    db.session.commit()
    browser.post(f"/admin/email/accounts/{cast.outbound.id}", data=ACCOUNT)
    assert stored("billing@northwind.example").fault_cause == ""


def test_the_settings_are_for_admins(sign_in, cast):
    browser = sign_in("agent")

    for path in ("/admin/email/outbound", "/admin/email/inbound", f"/admin/email/accounts/{cast.outbound.id}"):
        assert browser.get(path).status_code == 403
    assert browser.post("/admin/email/test-emails").status_code == 403
    assert browser.post("/admin/email/outbound/new", data=ACCOUNT).status_code == 403


def test_an_account_that_is_not_there_is_not_found(sign_in, cast):
    browser = sign_in("admin")

    assert browser.get("/admin/email/accounts/999").status_code == 404
    assert browser.post("/admin/email/accounts/999", data=ACCOUNT).status_code == 404
    assert browser.post(f"/admin/email/accounts/{cast.inbound.id}/test-emails").status_code == 404


def test_an_empty_installation_shows_the_form_for_the_first_account(sign_in, cast):
    browser = sign_in("admin")
    db.session.execute(db.delete(MailAccount))
    db.session.commit()

    assert "New account" in browser.get("/admin/email/outbound").text
    assert "Mailbox Address" in browser.get("/admin/email/inbound").text
