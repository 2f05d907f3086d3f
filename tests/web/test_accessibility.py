"""axe finds nothing to object to, by day, by night and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, expect

from psa.auth.models import User
from psa.extensions import db
from tests.shell import PASSWORD

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_the_shell_and_the_door_can_be_used_by_everybody(
    shell: Flask, chromium: Browser, served: str, scheme: str, width: int
) -> None:
    context = chromium.new_context(
        base_url=served,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},  # type: ignore[arg-type]
    )
    page = context.new_page()

    def check() -> None:
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(page.url, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []

    page.goto("/sign-in")
    check()
    page.fill("#email", "mara@northwind.example")
    page.fill("#password", "wrong")
    page.click("button")
    expect(page.locator("[role=alert]")).to_be_visible()
    check()
    page.fill("#password", PASSWORD)
    page.click("button")
    expect(page.locator("h1")).to_have_text("Tickets")
    for path in ("/tickets", "/admin/email/outbound", "/account/password", "/error/404", "/error/503"):
        answer = page.goto(path)
        assert answer and answer.status == int(path[-3:] if "error" in path else 200)
        check()
    page.goto("/account/password")
    page.eval_on_selector_all("input", "fields => fields.forEach(field => field.required = false)")
    with page.expect_navigation():
        page.click(".btn-primary")
    check()
    with shell.app_context():
        db.session.execute(db.delete(User))
        db.session.commit()
    context.clear_cookies()
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Welcome. Who looks after this?")
    check()
    context.close()
