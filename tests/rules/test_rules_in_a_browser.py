"""The rules in a real browser: a rule is tried while it is written, and dragged or moved by keys to its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from psa.extensions import db
from psa.rules import operations
from psa.rules.wording import Asked, Wording
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD
from tests.mailroom import letter

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
RULES = "/admin/email/rules"

pytestmark = pytest.mark.browser


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(app, cast, mailroom, chromium, complaints) -> Iterator[Page]:
    """Mara; four messages have come in. Whatever the browser complains about makes the test fail."""
    for name in ("Second", "Third"):
        asked = [Asked("subject_tag", name)]
        operations.make_rule(Wording(name, asked, [("queue", cast.billing.id)]), cast.mara.id)
    db.session.commit()
    for subject in ("[Second] Seats", "A licence", "Projector", "Another licence"):
        mailroom.receive(letter(subject=subject))
    with serving(app) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, "mara@northwind.example", PASSWORD)
        yield page
        context.close()
    assert [words for words in complaints if "422" not in words] == []


def test_a_rule_is_tried_while_it_is_written(page):
    page.goto(f"{RULES}/new")
    page.get_by_label("Condition 1", exact=True).select_option("subject_words")
    page.get_by_label("Queue").select_option(label="Billing")
    page.get_by_label("Value of condition 1").press_sequentially("licence")
    answer = page.locator("#dry-run")
    expect(answer).to_contain_text("It would change 2 of the last 4 messages")
    expect(answer.locator("li")).to_have_count(2)
    page.get_by_label("or its source").fill("From: dana@harbor-dental.example\nSubject: A licence\n\nHello")
    page.get_by_role("button", name="Explain it").click()
    expect(page.locator("#explanation")).to_contain_text("It would open a ticket in Billing for Harbor Dental.")
    page.get_by_label("Value of condition 1").press("Enter")
    expect(page.locator("#rules")).to_contain_text("licence")


def test_what_stands_in_the_way_of_trying_is_said_and_not_passed_over(page):
    page.goto(f"{RULES}/new")
    page.get_by_label("Condition 1", exact=True).select_option("subject_words")
    page.get_by_label("Value of condition 1").fill("licence")
    page.get_by_label("Forward it to").press_sequentially("the bookkeepers")
    wrong = "“the bookkeepers” is not an address that mail can be forwarded to."
    expect(page.locator("#dry-run")).to_contain_text(wrong)

    page.get_by_label("or its source").fill("From: dana@harbor-dental.example\nSubject: A licence\n\nHello")
    page.get_by_role("button", name="Explain it").click()
    expect(page.locator("#explanation")).to_contain_text(wrong)

    page.get_by_role("button", name="Save rule").last.click()
    expect(page.get_by_role("alert").filter(has_text=wrong)).to_be_visible()


def test_a_rule_is_dragged_and_moved_by_keys(page):
    page.goto(RULES)
    names = page.locator("#rules a.main")
    third, first = page.locator("#rules [data-rule]").last, page.locator("#rules [data-rule]").first
    third.drag_to(first, target_position={"x": 300, "y": 5})
    expect(names).to_have_text(["Third", "Billing", "Second"])
    down = page.get_by_role("button", name="Move Third down")
    down.focus()
    page.keyboard.press("Enter")
    expect(names).to_have_text(["Billing", "Third", "Second"])
    expect(down).to_be_focused()
    page.reload()
    expect(names).to_have_text(["Billing", "Third", "Second"])


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_fit(page, cast, complaints, width):
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("", "/new", f"/{cast.billing_rule.id}", "/import", "/changes"):
        page.goto(RULES + path)
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The checker itself styles what it looks at.
    complaints.clear()
