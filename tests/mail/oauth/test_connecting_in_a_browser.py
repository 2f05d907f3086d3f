"""Connect in a real browser: across sites and back, under the policy that forbids forms to lead elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from psa.extensions import db
from psa.mail.models import MailAccount
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD
from tests.mail.oauth.conftest import ADDRESS, register

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The PSA at localhost; the provider at 127.0.0.1 is another site."""
    app.config["WTF_CSRF_ENABLED"] = True
    with serving(app, "localhost") as address:
        app.config["PSA_BASE_URL"] = address
        yield address


@pytest.fixture
def mara(chromium: Browser, served: str, cast) -> Iterator[Page]:
    """The admin at her browser. Whatever it complains about fails the test, the policy for example."""
    context = chromium.new_context(base_url=served, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, "mara@northwind.example", PASSWORD)
    yield page
    context.close()
    assert complaints == []


def complaints_of_axe(page: Page) -> list[str]:
    """Rules of WCAG that the page breaks."""
    # Without "preload", which fetches style sheets by paths that are not theirs.
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response["violations"]
    return [rule["id"] for rule in found]


def test_a_mailbox_is_connected_at_another_site_and_nothing_typed_is_lost(mara, cast, provider):
    register(provider)
    mara.goto(f"/admin/email/accounts/{cast.inbound.id}")
    mara.locator("#interval").select_option("300")
    mara.get_by_text("TLS", exact=True).click()
    mara.locator("#port").fill("1143")
    mara.get_by_text("Other OAuth2").click()
    expect(mara.get_by_text("Nobody is signed in for")).to_be_visible()
    assert complaints_of_axe(mara) == []

    mara.get_by_role("button", name="Connect", exact=True).click()
    expect(mara.get_by_text(f"Connected as {ADDRESS}. Save to sign in with it")).to_be_visible()
    assert mara.url.endswith(f"/admin/email/accounts/{cast.inbound.id}#credentials")
    expect(mara.locator("#interval")).to_have_value("300")
    assert complaints_of_axe(mara) == []

    # Enter in a field saves: it does not press Reconnect or Disconnect, which stand above Save.
    mara.locator("#username").press("Enter")
    expect(mara.get_by_text("Saved.", exact=True)).to_be_visible()
    account = db.session.get(MailAccount, cast.inbound.id, populate_existing=True)
    assert (account.auth, account.interval) == ("oauth2", 300)


def test_the_providers_page_is_accessible_wide_and_narrow(mara, provider):
    register(provider)
    for width in (1280, 390):
        mara.set_viewport_size({"width": width, "height": 800})
        for code in ("microsoft", "google", "other"):
            mara.goto(f"/admin/email/providers/{code}")
            assert complaints_of_axe(mara) == [], code
            assert mara.evaluate("document.documentElement.scrollWidth") <= width
