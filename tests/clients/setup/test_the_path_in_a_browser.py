"""The set-up of a client in a real browser: what is typed is answered at once, and their first message shows up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.chromium import serving, sign_in
from tests.clients.setup.conftest import PATH, NoAnswer
from tests.factories import PASSWORD
from tests.mailroom import letter

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
NOVAK = "Petra Novak <petra@novaklab.example>"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app, cast, mailroom, chromium) -> Iterator[Page]:
    """Mara, and a ticket of somebody whom nobody knows."""
    app.extensions["psa.dns"] = NoAnswer
    mailroom.receive(letter(sender=NOVAK, subject="Do you also look after dental labs?"))
    with serving(app) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        page = context.new_page()
        sign_in(page, "mara@northwind.example", PASSWORD)
        yield page
        context.close()


def press(page: Page, name: str) -> None:
    """Press a button or follow a link that leads to another page, and be there."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).last.click()


def complaints_of_axe(page: Page) -> list[str]:
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_a_client_is_led_from_its_name_to_its_first_message(page, mailroom):
    complaints = []
    page.goto(PATH)
    page.get_by_label("Name").fill("Millbrook Dental Lab")
    press(page, "Continue to domains")
    field = page.get_by_label("Domain 1")
    field.fill("gmail.com")
    expect(page.locator("#domain-0-h")).to_contain_text("gmail.com")
    expect(page.locator("#domain-0-h")).to_have_class("hint bad")
    field.fill("novaklab.example")
    expect(page.locator("#domain-0-h")).to_contain_text("no name server answers")
    expect(page.locator("#claims")).to_contain_text("1 ticket and 1 message would become theirs.")
    complaints += complaints_of_axe(page)
    press(page, "Continue to contacts")
    expect(page.get_by_text("Petra Novak").first).to_be_visible()
    complaints += complaints_of_axe(page)
    press(page, "Continue to project")
    press(page, "Continue to queue")
    page.locator("#queue").select_option(label="Billing")
    expect(page.locator("#agents")).to_contain_text("each new ticket in Billing")
    page.locator("#queue").select_option(label="Support")
    expect(page.locator("#agents")).to_contain_text("each new ticket in Support")
    press(page, "Continue to welcome message")
    complaints += complaints_of_axe(page)
    press(page, "Send and continue")
    press(page, "Send test message")
    expect(page.locator("#test-delivery")).to_contain_text("On its way to petra@novaklab.example")
    expect(page.locator("#arrival")).to_contain_text("Waiting for their first message.")
    mailroom.receive(letter(sender=NOVAK, subject="It has arrived here"))
    expect(page.locator("#arrival")).to_contain_text("“It has arrived here” from Petra Novak has arrived")
    expect(page.locator("#arrival")).to_contain_text("It lies in Support.")
    complaints += complaints_of_axe(page)
    press(page, "Finish")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Millbrook Dental Lab")
    assert complaints == []
