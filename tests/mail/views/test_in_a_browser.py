"""Inbound in a real browser: fields come and go, folders come from the server, settings are tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from psa import signing
from psa.alerts import operations
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail import drafts
from psa.mail.inbound.poll import poll
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.settings import folders_of
from psa.mail.watch.models import ExpectedMail
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

pytestmark = [pytest.mark.browser, pytest.mark.dovecot]


@pytest.fixture
def mailbox(cast, dovecot, ca_pem, monkeypatch) -> MailAccount:
    """support@ on the test server, with mail in two folders, read once."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.inbound
    account.host, account.port, account.security, account.since = "localhost", dovecot.imaps, "ssl", None
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.commit()
    for number in range(3):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Number {number}").as_bytes())
    dovecot.deliver(SUPPORT[0], letter().as_bytes(), folder="Anfragen für Büro")
    poll(account.id)
    return account


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(app, mailbox, chromium, complaints) -> Iterator[Page]:
    """Mara on the page of support@. Whatever the browser complains about makes the test fail."""
    with serving(app) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, "mara@northwind.example", PASSWORD)
        page.goto(f"/admin/email/accounts/{mailbox.id}")
        yield page
        context.close()
    assert complaints == []


def stored(mailbox: MailAccount) -> MailAccount:
    db.session.expire_all()
    return db.session.get_one(MailAccount, mailbox.id)


def test_what_a_protocol_does_not_have_is_not_offered(page):
    folders = page.locator("#folder-picker")
    expect(folders).to_be_visible()
    expect(page.get_by_label("Move to another folder")).to_be_visible()

    page.get_by_role("radiogroup", name="Protocol").get_by_text("POP3").click()

    expect(folders).to_be_hidden()
    expect(page.get_by_label("Move to another folder")).to_be_hidden()
    expect(page.get_by_label("Delete from the server")).to_be_visible()


def test_folders_are_chosen_from_the_server_tried_and_taken_up(page, mailbox):
    page.get_by_role("button", name="Choose folders").click()
    page.get_by_label("Anfragen für Büro").check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#draft")).to_contain_text("The new settings are in use.")
    assert folders_of(stored(mailbox)) == ("INBOX", "Anfragen für Büro")
    expect(page.locator("#mailboxes")).to_be_visible()
    # The form knows of the takeover: saving again is no conflict.
    page.get_by_label("Automatic Ticket Creation").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_what_fails_is_told_in_place_and_discarded(page, mailbox):
    page.get_by_role("textbox", name="Password").fill("a short winter")
    page.get_by_role("button", name="Save").click()

    draft = page.locator("#draft")
    expect(draft.get_by_role("alert")).to_contain_text("refused the user name or the password")
    expect(draft).to_contain_text("is read as before")
    draft.get_by_role("button", name="Discard").click()
    expect(page.locator("#draft")).to_be_empty()
    assert signing.unseal(stored(mailbox).sealed_password) == SUPPORT[1]


def test_test_connection_fills_in_the_folders_and_keeps_what_was_typed(page):
    page.get_by_label("Username").fill(SUPPORT[0])
    page.get_by_role("button", name="Test Connection").click()

    expect(page.locator("#test-run")).to_contain_text("Passed")
    expect(page.get_by_label("Anfragen für Büro")).to_be_visible()
    expect(page.get_by_label("INBOX")).to_be_checked()
    expect(page.get_by_label("Username")).to_have_value(SUPPORT[0])


def test_what_cannot_be_tested_is_said_and_the_focus_stays_on_the_button(page, complaints):
    page.goto("/admin/email/inbound/new")
    page.get_by_label("Mailbox Address").fill("info")
    button = page.get_by_role("button", name="Test Connection")
    button.focus()

    button.press("Enter")

    expect(page.locator("#test-run")).to_contain_text("Mailbox Address: info is not an email address.")
    expect(button).to_be_focused()
    complaints.clear()  # the browser calls the refusal (422) an error


def test_whoever_presses_save_far_below_is_told_at_the_head_of_the_page(page, complaints):
    page.get_by_label("Server", exact=True).fill("")
    page.get_by_role("button", name="Save").click()

    told = page.get_by_role("alert").filter(has_text="Not saved.")
    expect(told).to_contain_text("Server: Which server?")
    expect(told).to_be_focused()
    expect(told).to_be_in_viewport()
    complaints.clear()  # the browser calls the refusal (422) an error

    told.get_by_role("link", name="Server").click()
    expect(page.get_by_label("Server", exact=True)).to_be_focused()


def test_a_check_against_the_server_runs_before_the_readers_eyes(page, mailbox):
    db.session.delete(db.session.scalars(db.select(InboundEmail).order_by(InboundEmail.id)).first())
    db.session.commit()

    page.get_by_role("button", name="Check against the server").click()

    health = page.locator("#health")
    expect(health).to_contain_text("1 message is not accounted for, 3 are on the server")
    expect(health).to_contain_text("INBOX, number 1")


def test_an_alert_comes_up_above_the_page_by_itself(page):
    expect(page.locator("#alerts .banner")).to_have_count(0)
    operations.open_alert(Trouble("mailbox:1", "support@northwind.example cannot be read", "The server is away."))
    db.session.commit()

    # As if the reader came back to this tab: then every standing watch asks at once.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#alerts")).to_contain_text("support@northwind.example cannot be read")


@pytest.mark.parametrize("path", ["/admin/alerts", "/admin/alerts/expected", "/admin/email/inbound"])
def test_nothing_scrolls_sideways_on_a_phone(page, path):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(page, mailbox, complaints, scheme):
    operations.open_alert(Trouble("check:1", "1 message is not accounted for", "The next look fetches it."))
    db.session.add(ExpectedMail(name="Backup report", sender="backup@vendor.example", due_by="08:00"))
    drafts.keep_former(mailbox)
    db.session.commit()
    page.emulate_media(color_scheme=scheme)
    page.get_by_label("Port", exact=True).fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#draft").get_by_role("alert")).to_be_visible()

    for path in ("", "/admin/email/inbound/new", "/admin/alerts", "/admin/alerts/expected", f"{page.url}/removal"):
        if path:
            page.goto(path)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(page.url, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    # axe tries out styles of its own, which the policy forbids.
    complaints.clear()
