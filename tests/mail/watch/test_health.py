"""How a mailbox is: in words, in figures that add up, and live."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.causes import diagnose
from psa.mail.inbound import backoff
from psa.mail.inbound.poll import poll
from psa.mail.models import ConnectionTest, InboundEmail, MailAccount
from psa.mail.watch import checks
from psa.mail.watch.health import briefs, flow_of, health_of, state_of
from psa.mail.watch.models import MailboxCheck
from tests.factories import make_account
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

REFUSED = "[AUTHENTICATIONFAILED] Authentication failed."
HTMX = {"HX-Request": "true"}


def fail(account: MailAccount, words: str = REFUSED, stage: str = "auth") -> None:
    accounts.note_failure(account.id, stage, diagnose(protocol="imap", stage=stage, text=words), words)
    db.session.commit()
    db.session.refresh(account)


def looked_into(account: MailAccount) -> None:
    accounts.note_success(account.id)
    db.session.commit()
    db.session.refresh(account)


def watch_url(page: str, fragment: str) -> str:
    found = re.search(rf'id="{fragment}"[^>]* hx-get="([^"]+)"', page)
    assert found is not None, page
    return found[1].replace("&amp;", "&")


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_mailbox_that_nobody_has_looked_into(cast):
    assert state_of(cast.inbound).words == "Not looked into yet"


def test_email_parsing_that_is_off_is_said_everywhere(sign_in, cast):
    cast.inbound.parsing = False
    db.session.commit()
    browser = sign_in("admin")

    page = browser.get(f"/admin/email/accounts/{cast.inbound.id}").text

    assert state_of(cast.inbound).words == "Off"
    assert "Email parsing is off, so the mailbox is left alone." in page
    assert "Email parsing is off, so the server is not asked." in page
    assert "No mailbox is read" in browser.get("/mail/pulse").text


@pytest.mark.parametrize(
    ("capabilities", "interval", "words"),
    [
        (["IDLE"], 60, "Listening"),
        (["IMAP4REV1"], 60, "Looks every minute"),
        (["IMAP4REV1"], 300, "Looks every 5 minutes"),
    ],
)
def test_whether_it_listens_is_known_from_the_last_test(cast, capabilities, interval, words):
    looked_into(cast.inbound)
    cast.inbound.interval = interval
    findings = {"capabilities": capabilities}
    db.session.add(ConnectionTest(direction="inbound", account_id=cast.inbound.id, state="passed", findings=findings))
    db.session.commit()

    assert state_of(cast.inbound).words == words


def test_pop3_looks_at_its_interval(cast):
    looked_into(cast.inbound)
    cast.inbound.protocol, cast.inbound.interval = "pop3", 900
    db.session.commit()

    assert state_of(cast.inbound).words == "Looks every 15 minutes"


def test_more_mailboxes_at_one_server_than_are_listened_to_say_how_often_they_are_looked_into(cast, monkeypatch):
    monkeypatch.setattr("psa.mail.watch.health.MOST_LISTENING", 1)
    second = make_account("inbound", protocol="imap", port=143, address="billing@northwind.example", interval=60)
    db.session.add(second)
    db.session.commit()
    for account in (cast.inbound, second):
        looked_into(account)

    assert state_of(cast.inbound).words == "Listening"
    assert (state_of(second).words, "1 earlier mailboxes" in state_of(second).detail) == ("Looks every minute", True)


def test_nobody_looks_when_the_time_for_it_is_long_over(cast):
    looked_into(cast.inbound)
    cast.inbound.next_poll_at = clock.now() - timedelta(minutes=3)
    db.session.commit()

    assert state_of(cast.inbound).words == "Nobody looks into it"


def test_a_fault_is_told_with_its_cause(cast):
    fail(cast.inbound, "Connection refused", "connect")

    state = state_of(cast.inbound)
    assert (state.words, state.tone) == ("Cannot be read", "warn")


def test_refused_credentials_can_be_tried_at_once(sign_in, cast):
    fail(cast.inbound)
    cast.inbound.refused_since = clock.now()
    cast.inbound.next_poll_at = clock.now() + timedelta(hours=1)
    db.session.commit()
    browser = sign_in("admin")
    page = browser.get(f"/admin/email/accounts/{cast.inbound.id}").text
    assert "Signing in is refused" in page
    assert "Try now" in page

    answer = browser.post(f"/admin/email/accounts/{cast.inbound.id}/looks")

    db.session.refresh(cast.inbound)
    assert answer.status_code == 303
    assert (cast.inbound.refused_since, cast.inbound.next_poll_at) == (None, None)
    assert backoff.is_due(cast.inbound)
    # Its end is waited for, and not for the page's next look at the clock.
    assert 'hx-trigger="load delay:1s"' in browser.get(answer.location).text
    seen = f"/admin/email/accounts/{cast.inbound.id}/health?seen={health_of(cast.inbound).seen}"
    assert browser.get(seen).status_code == 200

    cast.inbound.next_poll_at = clock.now() + timedelta(minutes=1)
    db.session.commit()
    assert 'hx-trigger="every 10s, adopted from:body"' in browser.get(answer.location).text


def test_the_sum_adds_up_and_each_term_leads_to_its_messages(sign_in, came, cast):
    for status in ("filed", "filed", "ignored", "held", "failed", "reported"):
        came(status=status)
    cast.inbound.on_server = 9
    db.session.add(
        MailboxCheck(account_id=cast.inbound.id, on_server=9, counted={"before_start": 3}, finished_at=clock.now())
    )
    db.session.commit()

    page = sign_in("admin").get(f"/admin/email/accounts/{cast.inbound.id}").text

    shown = text_of(re.search(r'<dl class="sum big">.*?</dl>', page, re.DOTALL)[0])
    assert shown == "on the server 9 filed 2 reported 1 ignored 1 held 1 failed 1 new 0 before the start 3"
    assert f"/mail?direction=in&amp;became=held&amp;account={cast.inbound.id}" in page
    assert "Every email is accounted for" in page


def test_a_mailbox_that_cannot_be_read_does_not_claim_that_every_email_is_accounted_for(sign_in, came, cast):
    came()
    cast.inbound.on_server = 1
    db.session.commit()
    browser, path = sign_in("admin"), f"/admin/email/accounts/{cast.inbound.id}"
    assert "Every email is accounted for" in browser.get(path).text

    fail(cast.inbound)
    page = browser.get(path).text
    assert "Cannot be read" in page
    assert "Every email is accounted for" not in page


@pytest.mark.parametrize(
    ("on_server", "words"),
    [
        (3, ""),
        (2, "1 of them is not in the mailbox now."),
        (1, "2 of them are not in the mailbox now."),
        (0, "None of them is in the mailbox now."),
    ],
)
def test_what_is_gone_from_the_server_is_told_beside_the_sum_in_words(sign_in, came, cast, on_server, words):
    for _ in range(3):
        came()
    cast.inbound.on_server = on_server
    db.session.commit()

    browser = sign_in("admin")
    panel = text_of(browser.get(f"/admin/email/accounts/{cast.inbound.id}").text)
    dashboard = text_of(browser.get("/dashboard").text)

    first = "in all" if words else "on the server"
    assert f"{first} 3 filed 3 ignored 0 held 0 failed 0 new 0 {words}" in panel
    assert "Every email is accounted for" in panel
    assert f"3 = 3 + 0 + 0 + 0 + 0 {words}" in dashboard
    assert health_of(cast.inbound).sum.removed == 3 - on_server


def test_what_nobody_knows_of_is_a_term_of_its_own(came, cast):
    came()
    cast.inbound.on_server = 4
    db.session.add(MailboxCheck(account_id=cast.inbound.id, on_server=1, counted={"filed": 1}, finished_at=clock.now()))
    db.session.commit()

    assert health_of(cast.inbound).sum.unknown == 3


def test_the_hours_of_the_last_day(came, cast):
    for ago in (timedelta(minutes=0), timedelta(hours=3), timedelta(hours=3), timedelta(hours=30)):
        came(ago=ago)

    flow = flow_of(cast.inbound.id)

    assert len(flow) == 24
    assert sum(flow) == 3
    assert (flow[-1], flow[-4]) == (1, 2)


def test_the_first_look_is_waited_for(sign_in, cast):
    asks = re.compile(r'id="health"[^>]*hx-trigger="load delay:1s"')
    browser = sign_in("admin")

    assert asks.search(browser.get(f"/admin/email/accounts/{cast.inbound.id}").text)
    cast.inbound.parsing = False
    db.session.commit()
    assert not asks.search(browser.get(f"/admin/email/accounts/{cast.inbound.id}").text)


def test_the_panel_stays_as_it_is_while_nothing_changes(sign_in, came, cast):
    came()
    cast.inbound.next_poll_at = clock.now() + timedelta(minutes=1)
    db.session.commit()
    browser = sign_in("admin")
    asks = watch_url(browser.get(f"/admin/email/accounts/{cast.inbound.id}").text, "health")

    assert browser.get(asks, headers=HTMX).status_code == 204
    came()
    changed = browser.get(asks, headers=HTMX)

    assert changed.status_code == 200
    assert "filed 2" in text_of(changed.text)


def test_the_table_of_all_mailboxes_is_live_too(sign_in, came, cast):
    browser = sign_in("admin")
    asks = watch_url(browser.get("/admin/email/inbound").text, "mailboxes")

    assert browser.get(asks, headers=HTMX).status_code == 204
    came(status="held")
    assert "became=person" in browser.get(asks, headers=HTMX).text


def test_twelve_mailboxes_take_no_more_statements_than_their_states_need(came, cast, app):
    for number in range(11):
        db.session.add(
            MailAccount(
                direction="inbound",
                address=f"box{number}@northwind.example",
                protocol="imap",
                host="127.0.0.1",
                port=143,
                security="none",
            )
        )
    db.session.commit()

    found = briefs()

    assert len(found) == 12
    assert all(one.last_mail_at is None and one.waiting == 0 for one in found)


@pytest.mark.dovecot
def test_check_against_the_server_runs_beside_the_page_and_finds_all_in_order(sign_in, real_mailbox, dovecot):
    for number in range(3):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Number {number}").as_bytes())
    poll(real_mailbox.id)
    db.session.refresh(real_mailbox)
    browser = sign_in("admin")

    answer = browser.post(f"/admin/email/accounts/{real_mailbox.id}/checks", headers=HTMX)
    shown = answer.text
    while "load delay:1s" in shown:
        shown = browser.get(watch_url(shown, "health"), headers=HTMX).text

    assert "all 3 on the server are accounted for" in text_of(shown)
    assert "Every email is accounted for" in shown


@pytest.mark.dovecot
def test_a_difference_is_named_message_by_message(sign_in, real_mailbox, dovecot):
    for number in range(3):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Number {number}").as_bytes())
    poll(real_mailbox.id)
    lost = db.session.scalars(db.select(InboundEmail).order_by(InboundEmail.id)).first()
    db.session.delete(lost)
    db.session.commit()

    checks.run(real_mailbox.id)
    page = text_of(sign_in("admin").get(f"/admin/email/accounts/{real_mailbox.id}").text)

    assert "1 message is not accounted for, 3 are on the server" in page
    assert "It is on the server but not in the ledger. The next look fetches it. INBOX, number 1" in page


@pytest.mark.dovecot
def test_a_check_that_cannot_be_made_says_why_and_disturbs_nothing(sign_in, real_mailbox):
    real_mailbox.port = 1
    db.session.commit()

    checks.run(real_mailbox.id)

    page = text_of(sign_in("admin").get(f"/admin/email/accounts/{real_mailbox.id}").text)
    assert "Could not be made: " in page
    assert "refused" in page


def test_a_mailbox_that_is_off_is_not_checked(sign_in, cast, monkeypatch):
    cast.inbound.parsing = False
    db.session.commit()
    monkeypatch.setattr(checks, "begin", lambda *_: pytest.fail("the mailbox is to be left alone"))

    assert sign_in("admin").post(f"/admin/email/accounts/{cast.inbound.id}/checks").status_code == 303


@pytest.mark.parametrize("path", ["checks", "looks"])
def test_only_admins_press_the_buttons(sign_in, cast, path):
    assert sign_in("agent").post(f"/admin/email/accounts/{cast.inbound.id}/{path}").status_code == 403
