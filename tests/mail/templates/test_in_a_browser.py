"""The editor in a real browser: it shows what is typed, inserts variables, sends a test, and works without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from psa.extensions import db
from psa.mail.templates.models import EmailTemplate
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD
from tests.mailroom import letter

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OPENED = "/admin/email/templates/ticket_opened"

pytestmark = pytest.mark.browser


@pytest.fixture
def served(app, mailroom) -> Iterator[str]:
    mailroom.receive(letter(subject="Projector"))
    with serving(app) as address:
        yield address


@pytest.fixture
def signed_in(chromium, served) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=served)
    page = context.new_page()
    sign_in(page, "mara@northwind.example", PASSWORD)
    yield context
    context.close()


@pytest.fixture
def page(signed_in) -> Iterator[Page]:
    """Mara in the editor. What the browser complains about fails the test, but for the refusals that are meant."""
    page, complaints = signed_in.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(OPENED)
    yield page
    assert [words for words in complaints if "422" not in words] == []


def test_what_is_typed_is_seen_and_a_fault_is_told_without_a_jump(page):
    preview, mail = page.locator("#preview"), page.frame_locator("#preview iframe")
    html = page.get_by_label("HTML of the template")
    html.fill("<p>Hello {{ contact.first_name }}</p>")
    expect(mail.locator("body")).to_contain_text("Hello Dana")
    expect(preview).to_contain_text("As it stands in the editor")

    html.fill("<p>Hello\n{{ contact.frist_name }}</p>")
    expect(page.locator("#problems")).to_contain_text("Did you mean contact.first_name?")
    expect(page.locator(".numbers .wrong")).to_have_text("2")
    expect(mail.locator("body")).to_contain_text("Hello Dana")
    html.fill("<p>Hello</p>")
    expect(page.locator("#problems")).to_be_hidden()
    expect(page.locator(".numbers .wrong")).to_have_count(0)

    preview.get_by_text("Text", exact=True).click()
    expect(preview.locator(".mail-words")).to_have_text("Hello")
    page.get_by_label("With the data of").select_option("sample")
    expect(preview).to_contain_text("The label printer prints blank labels")
    expect(preview.locator(".mail-words")).to_be_visible()


def test_a_click_inserts_a_variable_where_the_cursor_was(page):
    html = page.get_by_label("HTML of the template")
    html.fill("<p></p>")
    html.press("Home")
    for _ in range(3):
        html.press("ArrowRight")
    page.get_by_role("button", name="client.name").click()
    expect(html).to_have_value("<p>{{ client.name }}</p>")
    page.get_by_label("Subject").fill("")
    page.get_by_role("button", name="ticket.number").click()
    expect(page.get_by_label("Subject")).to_have_value("{{ ticket.number }}")
    expect(page.locator("#preview dl")).to_contain_text("1")
    expect(page.locator(".for-html .numbers")).to_have_text("1")


def test_the_other_part_is_reached_by_keyboard(page):
    page.get_by_role("radio", name="HTML").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Text of the template")).to_be_visible()
    expect(page.get_by_label("HTML of the template")).to_be_hidden()


def test_without_script_it_is_previewed_saved_and_reset(chromium, signed_in, served):
    context = chromium.new_context(base_url=served, java_script_enabled=False, storage_state=signed_in.storage_state())
    page = context.new_page()
    page.goto(OPENED)
    page.fill("#subject", "Typed {{ ticket.number }}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview dl")).to_contain_text("Typed 1")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert db.session.scalars(db.select(EmailTemplate)).one().subject == "Typed {{ ticket.number }}"
    page.get_by_role("button", name="Reset to default").click()
    expect(page.locator("#editor")).to_contain_text("The default: nobody has changed it.")
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_everybody_can_use_the_pages(signed_in, chromium, served, scheme, width):
    context = chromium.new_context(
        base_url=served,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        storage_state=signed_in.storage_state(),
    )
    page = context.new_page()
    page.goto(OPENED)
    page.fill("#subject", "Changed {{ ticket.number }}")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    for path in (OPENED, f"{OPENED}/history", "/admin/email/templates/layout"):
        page.goto(path)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(path, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(OPENED)
    page.fill("#subject", "{{ nothing }}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#problems")).to_contain_text("there is no nothing")
    assert Axe().run(page, options=RULES).response["violations"] == []
    context.close()
