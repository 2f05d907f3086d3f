"""Several sending accounts: new settings are tested before they are used, each writes in its own way, one can go."""

from __future__ import annotations

import pytest

from psa import clock, signing
from psa.extensions import db
from psa.mail import accounts, drafts
from psa.mail.forms import OutboundForm
from psa.mail.models import ConnectionTest, MailAccount, OutboundEmail, SettingsVersion
from psa.mail.outbound.deliver import deliver_due
from psa.mail.outbound.removal import StillNeeded, remove
from psa.mail.settings import of_account
from psa.tickets.models import Queue
from tests.factories import make_account
from tests.mail.outbound.conftest import account, queue
from tests.mail.views.watching import save_and_watch, watch_on
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

__all__ = ["account", "queue"]

ADDRESS, PASSWORD = SUPPORT
OTHER_PASSWORD = "a long spring"


@pytest.fixture
def form(account):
    """The form as it stands on the page when nobody has touched it; the account has worked."""
    account.last_success_at = clock.now()
    db.session.commit()
    return {
        "address": ADDRESS,
        "display_name": "Northwind Support",
        "host": "localhost",
        "port": str(account.port),
        "security": "starttls",
        "username": ADDRESS,
        "password": "",
    }


@pytest.fixture
def save(sign_in, account):
    """Save the form and watch until the trial is over."""
    return lambda form: save_and_watch(sign_in("admin"), account.id, form)


def live(account: MailAccount) -> MailAccount:
    db.session.expire_all()
    return db.session.get_one(MailAccount, account.id)


def second_account(**values: object) -> MailAccount:
    billing = make_account(
        "outbound", protocol="smtp", port=2526, address="billing@northwind.example", display_name="Billing", **values
    )
    db.session.add(billing)
    db.session.commit()
    return billing


def test_new_settings_leave_a_test_email_and_take_over_when_it_was_accepted(save, form, account, smtp_server):
    smtp_server.users["helpdesk"] = OTHER_PASSWORD

    shown = save(form | {"username": "helpdesk", "password": OTHER_PASSWORD})

    assert "The new settings are in use." in shown
    assert [received.recipients for received in smtp_server.received] == [("mara@northwind.example",)]
    assert (live(account).username, of_account(live(account)).password) == ("helpdesk", OTHER_PASSWORD)
    assert [version.state for version in db.session.scalars(db.select(SettingsVersion))] == ["former"]


def test_settings_that_fail_change_nothing_and_mail_leaves_as_before(save, form, account, queue, smtp_server):
    shown = save(form | {"username": "helpdesk", "password": "wrong"})
    queue()

    assert "Failed at login" in shown
    assert "mail leaves from support@northwind.example through localhost, as before" in shown
    assert deliver_due() == 1
    assert len(smtp_server.received) == 1
    assert live(account).username == ADDRESS


def test_another_address_is_tested_too_for_a_server_may_refuse_it(save, form, account, smtp_server):
    smtp_server.answers["MAIL"] = "553 5.7.1 Sender address rejected: not owned by user"

    shown = save(form | {"address": "billing@northwind.example"})

    assert "Failed at the sender" in shown
    assert live(account).address == ADDRESS


def test_the_queues_follow_an_account_to_its_new_address(save, form, account, cast, smtp_server):
    cast.billing.address = ADDRESS
    db.session.commit()

    save(form | {"address": "hello@northwind.example"})

    assert live(account).address == "hello@northwind.example"
    assert db.session.get_one(Queue, cast.billing.id).address == "hello@northwind.example"


def test_how_an_account_writes_is_saved_at_once_and_tests_nothing(save, form, account, smtp_server):
    save(
        form
        | {
            "display_name": "Northwind",
            "reply_to": "desk@Northwind.Example",
            "signature": "Northwind IT  \r\n+46 8 123 456\r\n\r\n",
        }
    )

    account = live(account)
    assert (account.display_name, account.reply_to) == ("Northwind", "desk@northwind.example")
    assert account.signature == "Northwind IT\n+46 8 123 456"
    assert drafts.pending(account.id) is None
    assert smtp_server.received == []


def test_former_settings_come_back_by_a_test(save, sign_in, form, account, smtp_server):
    smtp_server.users["helpdesk"] = OTHER_PASSWORD
    save(form | {"username": "helpdesk", "password": OTHER_PASSWORD})
    [former] = drafts.former(account.id)
    browser = sign_in("admin")

    answer = browser.post(f"/admin/email/accounts/{account.id}/versions/{former.id}/restoration")
    shown = watch_on(browser, browser.get(answer.location).text)

    assert "The new settings are in use." in shown
    assert (live(account).username, of_account(live(account)).password) == (ADDRESS, PASSWORD)


def test_settings_can_be_used_against_the_test_or_discarded(save, sign_in, form, account, smtp_server):
    save(form | {"port": "1"})
    browser = sign_in("admin")
    browser.post(f"/admin/email/accounts/{account.id}/draft/removal")
    assert (drafts.pending(account.id), live(account).port) == (None, smtp_server.port)

    save(form | {"port": "1"})
    browser.post(f"/admin/email/accounts/{account.id}/draft/use")
    assert (drafts.pending(account.id), live(account).port) == (None, 1)


def test_an_address_that_was_given_away_meanwhile_does_not_go_live(sign_in, save, form, account, smtp_server):
    smtp_server.answers["MAIL"] = "553 5.7.1 Sender address rejected"
    save(form | {"address": "billing@northwind.example"})
    second_account()
    draft = drafts.pending(account.id)
    assert draft is not None

    assert not drafts.adopt(draft.id)

    assert live(account).address == ADDRESS
    # Had its test passed, the page would say why it is not in use all the same.
    test = db.session.get_one(ConnectionTest, draft.test_id)
    test.state = "passed"
    db.session.commit()
    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}").text
    assert "Passed, not in use" in page
    assert "Another account sends from billing@northwind.example by now." in page


def test_whoever_saved_meanwhile_is_not_overwritten_unseen(sign_in, form, account):
    browser = sign_in("admin")
    seen = drafts.mark(account)
    browser.post(f"/admin/email/accounts/{account.id}", data=form | {"seen": seen, "display_name": "Theirs"})

    refused = browser.post(f"/admin/email/accounts/{account.id}", data=form | {"seen": seen, "display_name": "Mine"})

    assert refused.status_code == 422
    assert "Somebody else has saved this account" in refused.text
    assert live(account).display_name == "Theirs"


def test_of_two_who_save_at_the_same_moment_the_second_is_told(sign_in, form, account, monkeypatch):
    browser, is_free = sign_in("admin"), OutboundForm.is_free

    def somebody_is_quicker(self, address):
        with db.engine.begin() as connection:
            connection.execute(db.update(MailAccount).values(display_name="Theirs"))
        return is_free(self, address)

    monkeypatch.setattr(OutboundForm, "is_free", somebody_is_quicker)
    mine = form | {"seen": drafts.mark(account), "display_name": "Mine"}
    refused = browser.post(f"/admin/email/accounts/{account.id}", data=mine)

    assert refused.status_code == 422
    assert "Somebody else has saved this account" in refused.text
    assert live(account).display_name == "Theirs"


def test_the_page_says_whether_answers_reach_a_mailbox_that_is_read(sign_in, cast):
    browser = sign_in("admin")
    assert "which Inbound reads" in browser.get(f"/admin/email/accounts/{cast.outbound.id}").text

    billing = second_account()

    assert "which no mailbox under Inbound reads" in browser.get(f"/admin/email/accounts/{billing.id}").text


def test_a_copy_of_sent_mail_needs_an_imap_mailbox_of_the_address(sign_in, cast):
    browser, billing = sign_in("admin"), second_account()
    form = {"host": "127.0.0.1", "port": "2526", "security": "none", "username": billing.address, "sent_folder": "Sent"}

    refused = browser.post(f"/admin/email/accounts/{billing.id}", data=form | {"address": billing.address})
    saved = browser.post(
        f"/admin/email/accounts/{cast.outbound.id}", data=form | {"address": ADDRESS, "username": ADDRESS}
    )

    assert "No mailbox of this address is read by IMAP" in refused.text
    assert saved.status_code == 303
    assert live(cast.outbound).sent_folder == "Sent"


def test_an_authority_of_ones_own_is_entered_on_the_page_and_named_there(sign_in, form, account, ca):
    browser, own = sign_in("admin"), ca.cert_pem.bytes().decode()
    account.last_success_at = None
    db.session.commit()

    browser.post(f"/admin/email/accounts/{account.id}", data=form | {"ca_pem": own})
    page = browser.get(f"/admin/email/accounts/{account.id}").text
    refused = browser.post(f"/admin/email/accounts/{account.id}", data=form | {"ca_pem": "my certificate"})

    assert live(account).ca_pem == own
    assert "good until" in page
    assert refused.status_code == 422
    assert "It is a text that begins with -----BEGIN CERTIFICATE-----" in refused.text


def test_the_list_says_what_each_account_is_used_for(sign_in, cast):
    second_account()
    cast.billing.address = "billing@northwind.example"
    db.session.commit()

    page = sign_in("admin").get("/admin/email/outbound").text

    assert "Everything that has no account of its own" in page
    assert "Queue Billing" in page


def test_one_that_sent_nothing_goes_as_a_whole(sign_in, cast):
    browser, billing = sign_in("admin"), second_account()
    cast.billing.address = billing.address
    db.session.commit()
    assert "Nothing was sent through it" in browser.get(f"/admin/email/accounts/{billing.id}/removal").text

    answer = browser.post(f"/admin/email/accounts/{billing.id}/removal")

    assert answer.location == "/admin/email/outbound"
    assert accounts.find("outbound", "billing@northwind.example") is None
    assert db.session.get_one(Queue, cast.billing.id).address == ""


def test_what_waits_leaves_through_the_account_that_takes_over(sign_in, account, queue, smtp_server):
    email, billing = queue(), second_account()
    browser = sign_in("admin")
    page = browser.get(f"/admin/email/accounts/{account.id}/removal").text
    assert "1 message waits to leave" in page
    assert "It is the default account" in page
    billing.host, billing.port, billing.security = "localhost", smtp_server.port, "starttls"
    db.session.commit()

    browser.post(f"/admin/email/accounts/{account.id}/removal", data={"successor": billing.id, "waiting": "send"})

    assert deliver_due() == 1
    db.session.expire_all()
    moved = db.session.get_one(OutboundEmail, email.id)
    assert (moved.account_id, moved.status, moved.envelope_sender) == (billing.id, "sent", ADDRESS)
    assert accounts.default_outbound() is billing


def test_or_it_is_cancelled_and_stays_in_the_mail_log(sign_in, account, queue):
    email, billing = queue(), second_account()

    sign_in("admin").post(
        f"/admin/email/accounts/{account.id}/removal", data={"successor": billing.id, "waiting": "cancel"}
    )

    db.session.expire_all()
    kept = db.session.get_one(OutboundEmail, email.id)
    assert (kept.account_id, kept.status) == (billing.id, "cancelled")
    assert kept.reason == "Mara Lindqvist removed the account that it was to leave through"


def test_the_only_account_that_sent_mail_stays(sign_in, account, queue):
    queue()
    browser = sign_in("admin")
    assert "It is the only account that sends" in browser.get(f"/admin/email/accounts/{account.id}/removal").text

    assert browser.post(f"/admin/email/accounts/{account.id}/removal").status_code == 422

    assert live(account).is_default
    with pytest.raises(StillNeeded):
        remove(live(account), None)


def test_mail_about_a_queue_leaves_from_its_own_account(sign_in, mailroom, cast):
    billing = second_account(sealed_password=signing.seal("winter"))
    browser = sign_in("admin")
    page = browser.post(f"/admin/queues/{cast.billing.id}", data={"address": billing.address})
    assert page.status_code == 303
    assert 'selected value="billing@northwind.example"' in browser.get("/admin/queues").text
    cast.inbound.acknowledge = True
    db.session.commit()

    mailroom.receive(letter(subject="[Billing] Invoice 7", sender="dana@harbor-dental.example"))

    [email] = db.session.scalars(db.select(OutboundEmail))
    assert email.account_id == billing.id


def test_a_queue_writes_from_no_address_that_nobody_sends_from(sign_in, cast):
    answer = sign_in("admin").post(f"/admin/queues/{cast.billing.id}", data={"address": "x@y.example"})

    assert answer.status_code == 422
    assert "No account under Outbound sends from x@y.example." in answer.text
