"""Ctrl K in a real browser: open, type, choose by arrows, go; closed by Esc; accessible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.chromium import serving, sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app, cast, chromium) -> Iterator[Page]:
    with serving(app) as address:
        context = chromium.new_context(viewport={"width": 390, "height": 800}, base_url=address)
        page = context.new_page()
        sign_in(page, "tom@northwind.example", PASSWORD)
        yield page
        context.close()


def test_from_any_page_to_a_client_by_keys_alone(page, cast):
    chosen = page.locator("#palette [aria-selected=true]")
    page.goto("/tickets")
    page.keyboard.press("Control+k")
    expect(chosen).to_have_text("Dashboard")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("harbor")
    expect(chosen).to_contain_text("Harbor Dental")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Dana")
    page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.url.endswith(f"/clients/{cast.harbor.id}")
