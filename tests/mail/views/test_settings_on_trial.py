"""A mailbox that works keeps its settings until new ones have passed a test, and the last good ones can come back."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from imapclient import IMAPClient

from psa import clock, signing
from psa.extensions import db
from psa.mail import drafts
from psa.mail.diagnosis import probe
from psa.mail.inbound.poll import poll
from psa.mail.models import ConnectionTest, MailAccount, SettingsVersion
from psa.mail.settings import of_account, unsealed
from psa.tickets.models import Ticket
from tests.mail.views.watching import save_and_watch, watch_on
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT
from tests.waiting import seconds_until

ADDRESS, PASSWORD = SUPPORT
HELPDESK, OTHER_PASSWORD = "helpdesk@northwind.example", "a long spring"

pytestmark = pytest.mark.dovecot


@pytest.fixture
def account(cast, dovecot, ca_pem, monkeypatch) -> MailAccount:
    """support@ on the test server, which has just been read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.inbound
    account.host, account.port, account.security = "localhost", dovecot.imaps, "ssl"
    account.username, account.sealed_password = ADDRESS, signing.seal(PASSWORD)
    db.session.commit()
    assert poll(account.id).fault == ""
    return account


@pytest.fixture
def form(account, cast):
    """The form as it stands on the page when nobody has touched it."""
    return {
        "address": account.address,
        "protocol": "imap",
        "host": "localhost",
        "port": str(account.port),
        "security": "ssl",
        "username": ADDRESS,
        "password": "",
        "folders": ["INBOX"],
        "parsing": "y",
        "create_tickets": "y",
        "default_queue_id": str(cast.support.id),
        "after_filing": "leave",
        "interval": "60",
    }


@pytest.fixture
def save(sign_in, account):
    """Save the form and watch until the trial is over."""
    return lambda form: save_and_watch(sign_in("admin"), account.id, form)


def live(account: MailAccount) -> MailAccount:
    db.session.expire_all()
    return db.session.get_one(MailAccount, account.id)


def versions(state: str) -> list[SettingsVersion]:
    db.session.expire_all()
    in_state = db.select(SettingsVersion).where(SettingsVersion.state == state)
    return list(db.session.scalars(in_state.order_by(SettingsVersion.id)))


def test_the_page_beside_a_trial_is_told_that_the_settings_went_live(sign_in, form, account, dovecot):
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    browser = sign_in("admin")
    saved = browser.post(
        f"/admin/email/accounts/{account.id}", data=form | {"username": HELPDESK, "password": OTHER_PASSWORD}
    )
    watch_on(browser, browser.get(saved.location).text)

    trial = browser.get(f"/admin/email/accounts/{account.id}/draft?{saved.location.partition('?')[2]}")

    assert trial.headers["HX-Trigger"] == "adopted"
    page = browser.get(saved.location).text
    assert re.search(r'id="health"[^>]*hx-trigger="every 10s, adopted from:body"', page)
    assert re.search(r'id="mailboxes"[^>]*hx-trigger="every 20s, adopted from:body"', page)


def test_new_settings_that_pass_take_over_by_themselves(save, form, account, dovecot):
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)

    shown = save(form | {"username": HELPDESK, "password": OTHER_PASSWORD})

    assert "The new settings are in use." in shown
    assert (live(account).username, of_account(live(account)).password) == (HELPDESK, OTHER_PASSWORD)
    assert versions("draft") == []
    assert unsealed(versions("former")[0].sealed_settings).username == ADDRESS


def test_of_another_mailbox_mail_is_taken_since_the_one_before_was_last_read(save, form, account, dovecot):
    dovecot.forget(HELPDESK)
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False) as client:
        client.login(HELPDESK, OTHER_PASSWORD)
        client.append("INBOX", letter(subject="From last year").as_bytes(), msg_time=clock.now() - timedelta(days=365))
    dovecot.deliver(HELPDESK, letter(subject="A moment ago").as_bytes())

    save(form | {"username": HELPDESK, "password": OTHER_PASSWORD})
    dovecot.deliver(HELPDESK, letter(subject="Just now").as_bytes())
    poll(account.id)

    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["A moment ago", "Just now"]


def test_a_folder_that_is_added_is_read_from_the_takeover_on_and_the_first_goes_on_where_it_was(
    save, form, account, dovecot
):
    dovecot.deliver(ADDRESS, letter(subject="Old in Büro").as_bytes(), folder="Büro")
    dovecot.deliver(ADDRESS, letter(subject="Waits in INBOX").as_bytes())

    save(form | {"folders": ["INBOX", "Büro"]})
    dovecot.deliver(ADDRESS, letter(subject="New in Büro").as_bytes(), folder="Büro")
    poll(account.id)

    subjects = {ticket.subject for ticket in db.session.scalars(db.select(Ticket))}
    assert subjects == {"Waits in INBOX", "New in Büro"}


def test_settings_that_fail_leave_the_live_ones_running_and_say_so(save, form, account, dovecot):
    shown = save(form | {"password": "a short winter"})

    assert "Failed at login" in shown
    assert "The server refused the user name or the password" in shown
    assert "They are not in use: support@northwind.example is read as before" in " ".join(shown.split())
    for button in ("Try again", "Use it anyway", "Discard"):
        assert button in shown
    assert of_account(live(account)).password == PASSWORD
    dovecot.deliver(ADDRESS, letter(subject="Still read").as_bytes())
    assert poll(account.id).kept == 1


def test_the_form_shows_what_was_tried_so_that_it_can_be_corrected(save, sign_in, form, account):
    save(form | {"port": "1"})
    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}").text

    assert re.search(r'name="port"[^>]* value="1"', page)
    assert "Nothing listens on port 1" in page
    save(form | {"interval": "300"})

    assert versions("draft") == []
    assert live(account).interval == 300


def test_a_wrong_password_is_corrected_without_typing_all_the_rest(save, form, account, dovecot):
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    save(form | {"username": HELPDESK, "password": "a short winter"})

    save(form | {"username": HELPDESK, "password": OTHER_PASSWORD})

    assert live(account).username == HELPDESK


def test_a_draft_keeps_its_password_sealed_and_no_page_shows_it(save, sign_in, form, account):
    shown = save(form | {"password": "a short winter"})
    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}").text

    [draft] = versions("draft")
    assert unsealed(draft.sealed_settings).password == "a short winter"
    for text in (shown, page, draft.sealed_settings, repr(draft.test.steps), draft.test.sealed_settings):
        assert "a short winter" not in text
        assert PASSWORD not in text


def test_use_it_anyway(save, sign_in, form, account):
    save(form | {"port": "1"})

    answer = sign_in("admin").post(f"/admin/email/accounts/{account.id}/draft/use")

    assert answer.status_code == 303
    assert live(account).port == 1
    assert versions("draft") == []


def test_discard(save, sign_in, form, account):
    save(form | {"port": "1"})

    sign_in("admin").post(f"/admin/email/accounts/{account.id}/draft/removal")

    assert versions("draft") == []
    assert "New settings" not in sign_in("admin").get(f"/admin/email/accounts/{account.id}").text


def test_try_again_when_the_server_has_come_round(save, sign_in, form, account, dovecot):
    dovecot.forget(HELPDESK)
    save(form | {"username": HELPDESK, "password": OTHER_PASSWORD})
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    browser = sign_in("admin")

    answer = browser.post(f"/admin/email/accounts/{account.id}/draft/tests")
    shown = watch_on(browser, browser.get(answer.location).text)

    assert "The new settings are in use." in shown
    assert live(account).username == HELPDESK


def test_a_former_version_is_tried_and_comes_back(save, sign_in, form, account, dovecot):
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    save(form | {"username": HELPDESK, "password": OTHER_PASSWORD})
    [former] = versions("former")
    browser = sign_in("admin")
    assert "Former settings" in browser.get(f"/admin/email/accounts/{account.id}").text

    answer = browser.post(f"/admin/email/accounts/{account.id}/versions/{former.id}/restoration")
    watch_on(browser, browser.get(answer.location).text)

    assert (live(account).username, of_account(live(account)).password) == (ADDRESS, PASSWORD)


def test_the_newest_five_former_versions_are_kept(save, sign_in, form, account):
    for number in range(7):
        save(form | {"port": str(number + 1)})
        sign_in("admin").post(f"/admin/email/accounts/{account.id}/draft/use")
        db.session.execute(db.update(MailAccount).values(last_success_at=clock.now()))
        db.session.commit()

    ports = [unsealed(version.sealed_settings).port for version in versions("former")]
    assert ports == [2, 3, 4, 5, 6]


def test_what_has_nothing_to_do_with_the_connection_applies_at_once(save, form, account, cast):
    save(form | {"port": "1", "interval": "900", "default_queue_id": str(cast.billing.id), "acknowledge": "y"})

    account = live(account)
    assert (account.interval, account.default_queue_id, account.acknowledge) == (900, cast.billing.id, True)
    assert account.port != 1


def test_a_change_without_any_of_the_connection_is_tested_by_nobody(save, form, account):
    save(form | {"interval": "900"})

    assert db.session.scalar(db.select(ConnectionTest)) is None
    assert live(account).interval == 900


def test_a_mailbox_that_never_worked_is_changed_at_once(save, form, account):
    account.last_success_at = None
    db.session.commit()

    save(form | {"port": "1"})

    assert live(account).port == 1


def test_a_mailbox_that_is_switched_off_is_changed_at_once_and_left_alone(save, form, account):
    del form["parsing"]

    save(form | {"port": "1"})

    assert (live(account).port, live(account).parsing) == (1, False)
    assert db.session.scalar(db.select(ConnectionTest)) is None


def test_a_newer_draft_takes_the_place_of_an_older_one(save, form):
    save(form | {"port": "1"})
    save(form | {"port": "2"})

    [draft] = versions("draft")
    assert unsealed(draft.sealed_settings).port == 2


def test_a_draft_that_was_discarded_while_it_was_tested_does_not_take_over(save, form, account, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    draft = drafts.propose(account, of_account(account), {"after_filing": "leave", "move_to": ""})
    draft_id = draft.id
    drafts.discard(account.id)
    db.session.commit()

    assert drafts.adopt(draft_id) is False


def test_a_draft_that_was_discarded_while_it_was_tested_is_not_called_live(sign_in, account, monkeypatch):
    in_background, held_up = probe.in_background, threading.Event()

    def begin_later(*arguments):
        assert held_up.wait(60)
        in_background(*arguments)

    monkeypatch.setattr(probe, "in_background", begin_later)
    test_id = drafts.propose(account, of_account(account), {"after_filing": "leave", "move_to": ""}).test_id
    drafts.discard(account.id)
    db.session.commit()
    held_up.set()
    state = db.select(ConnectionTest.state).where(ConnectionTest.id == test_id)
    seconds_until(lambda: db.session.scalar(state) == "passed")

    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}?test={test_id}").text
    assert "The new settings are in use." not in page


def test_a_draft_that_goes_live_while_the_page_is_put_together_is_shown_as_live(sign_in, account, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    draft = drafts.propose(account, of_account(account), {"after_filing": "leave", "move_to": ""})
    test_id, pending = draft.test_id, drafts.pending

    def overtaken(account_id):
        monkeypatch.setattr(drafts, "pending", pending)
        found = pending(account_id)
        assert drafts.adopt(found.id, test_id)
        probe.finish(test_id, findings={"live": True})
        return found

    monkeypatch.setattr(drafts, "pending", overtaken)

    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}?test={test_id}").text

    assert "The new settings are in use." in page
    assert "Try again" not in page


def test_a_draft_that_is_live_before_its_page_opens_is_told_of(sign_in, form, account, dovecot):
    dovecot.add_user(HELPDESK, OTHER_PASSWORD)
    browser = sign_in("admin")
    url = f"/admin/email/accounts/{account.id}"
    answer = browser.post(url, data=form | {"username": HELPDESK, "password": OTHER_PASSWORD})
    until = time.monotonic() + 60
    while live(account).username != HELPDESK or db.session.scalar(db.select(ConnectionTest.finished_at)) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
        db.session.rollback()

    assert "The new settings are in use." in browser.get(answer.location).text
    assert "The new settings are in use." not in browser.get(url).text


def test_a_test_that_lost_its_thread_leaves_the_draft_to_be_tried_again(sign_in, account, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    draft = drafts.propose(account, of_account(account), {"after_filing": "leave", "move_to": ""})
    draft.test.changed_at = clock.now() - probe.SILENCE
    db.session.commit()

    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}").text

    assert "Try again" in page
    assert 'hx-trigger="load delay:500ms"' not in page


def test_a_draft_nobody_can_open_any_more_says_so_and_is_discarded(save, sign_in, form, account):
    save(form | {"port": "1"})
    [draft] = versions("draft")
    draft.sealed_settings = "sealed with a lost key"
    db.session.commit()
    browser = sign_in("admin")

    assert "The stored password cannot be opened any more" in browser.get(f"/admin/email/accounts/{account.id}").text
    for action in ("tests", "use"):
        assert browser.post(f"/admin/email/accounts/{account.id}/draft/{action}").status_code == 303
    assert live(account).port != 1


def test_the_second_of_two_admins_who_edit_at_once_is_told(sign_in, form, account):
    browser = sign_in("admin")
    url = f"/admin/email/accounts/{account.id}"
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', browser.get(url).text).group(1)
    assert browser.post(url, data=form | {"seen": seen, "interval": "300"}).status_code == 303

    refused = browser.post(url, data=form | {"seen": seen, "interval": "900"})

    assert refused.status_code == 422
    assert "Somebody else has saved this mailbox since you opened it." in refused.text
    assert live(account).interval == 300
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', refused.text).group(1)
    assert browser.post(url, data=form | {"seen": seen, "interval": "900"}).status_code == 303
    assert live(account).interval == 900


def test_a_look_in_between_is_no_change_of_the_settings(sign_in, form, account):
    browser = sign_in("admin")
    url = f"/admin/email/accounts/{account.id}"
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', browser.get(url).text).group(1)
    poll(account.id)

    assert browser.post(url, data=form | {"seen": seen, "interval": "300"}).status_code == 303


def test_a_grant_that_was_taken_back_meanwhile_is_left_out(account, monkeypatch):
    monkeypatch.setattr(probe, "in_background", lambda *_: None)
    signed_in_with_a_grant = replace(of_account(account), auth="oauth2", grant_id=4711, password="")
    draft = drafts.propose(account, signed_in_with_a_grant, {"after_filing": "leave", "move_to": ""})

    assert drafts.adopt(draft.id)

    assert (live(account).auth, live(account).grant_id) == ("oauth2", None)


def test_agents_cannot_touch_drafts_and_versions(sign_in, account):
    browser = sign_in("agent")

    for path in ("draft/tests", "draft/use", "draft/removal", "versions/1/restoration"):
        assert browser.post(f"/admin/email/accounts/{account.id}/{path}").status_code == 403
