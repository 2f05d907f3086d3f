"""Outbound and Deliverability in a real browser: proposals while one types, and pages that everybody can use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, Route, expect

from psa.extensions import db
from psa.mail.outbound import dkim_keys
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD, make_account
from tests.nameserver import Nameserver

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

pytestmark = pytest.mark.browser


@pytest.fixture
def nameserver(app) -> Iterator[Nameserver]:
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        server.records["_submissions._tcp.northwind.example", "SRV"] = ["0 1 465 smtp.northwind.example."]
        server.records["_pop3s._tcp.northwind.example", "SRV"] = ["0 1 995 pop.northwind.example."]
        yield server


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(app, cast, nameserver, chromium, complaints) -> Iterator[Page]:
    """Mara, signed in. Whatever the browser complains about makes the test fail."""
    with serving(app) as address:
        context = chromium.new_context(base_url=address)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, "mara@northwind.example", PASSWORD)
        yield page
        context.close()
    assert complaints == []


def test_the_server_follows_the_address_and_whoever_goes_on_by_tab_keeps_the_place(page):
    page.goto("/admin/email/outbound/new")
    address = page.get_by_label("Address", exact=True)
    address.fill("hello@northwind.example")
    address.press("Tab")

    expect(page.get_by_label("SMTP server")).to_have_value("smtp.northwind.example")
    expect(page.get_by_label("Port")).to_have_value("465")
    expect(page.get_by_label("Username")).to_have_value("hello@northwind.example")
    expect(page.get_by_role("button", name="Fill in server and port")).to_be_focused()

    page.get_by_label("SMTP server").fill("relay.northwind.example")
    address.fill("ann@gmail.com")
    address.press("Tab")
    expect(page.locator("#proposal")).to_contain_text("For this address it would be smtp.gmail.com")
    expect(page.get_by_label("SMTP server")).to_have_value("relay.northwind.example")
    page.get_by_role("button", name="Fill in server and port").click()
    expect(page.get_by_label("SMTP server")).to_have_value("smtp.gmail.com")


def test_a_server_that_is_typed_while_one_is_looked_up_stays(page, complaints):
    page.goto("/admin/email/outbound/new")
    looked_up: list[Route] = []
    page.route("**/proposals", lambda route: looked_up.append(route))
    page.get_by_label("Address", exact=True).fill("hello@northwind.example")
    with page.expect_request("**/proposals") as asked:
        page.get_by_label("Address", exact=True).press("Tab")
    page.get_by_label("SMTP server").press_sequentially("relay.northwind.example")

    with suppress(Error):  # the browser may have given it up already, as it should
        looked_up[0].continue_()
        asked.value.response()

    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("SMTP server")).to_have_value("relay.northwind.example")
    expect(page.get_by_label("SMTP server")).to_be_focused()
    complaints.clear()  # htmx calls the question that was given up an error


def test_a_password_that_is_typed_while_the_server_is_looked_up_stays(page):
    page.goto("/admin/email/outbound/new")
    looked_up: list[Route] = []
    page.route("**/proposals", lambda route: looked_up.append(route))
    page.get_by_label("Address", exact=True).fill("hello@northwind.example")
    with page.expect_request("**/proposals"):
        page.get_by_label("Address", exact=True).press("Tab")
    page.locator("#password").fill("a long winter")

    looked_up[0].continue_()

    expect(page.get_by_label("SMTP server")).to_have_value("smtp.northwind.example")
    expect(page.locator("#password")).to_have_value("a long winter")


def test_another_protocol_has_another_server(page):
    page.goto("/admin/email/inbound/new")
    page.get_by_label("Mailbox Address").fill("hello@northwind.example")
    page.get_by_label("Mailbox Address").press("Tab")
    expect(page.get_by_label("Server", exact=True)).to_have_value("imap.northwind.example")

    page.get_by_role("radiogroup", name="Protocol").get_by_text("POP3").click()

    expect(page.get_by_label("Server", exact=True)).to_have_value("pop.northwind.example")
    expect(page.get_by_label("Port")).to_have_value("995")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(page, cast, complaints, scheme):
    db.session.add(make_account("outbound", protocol="smtp", port=2526, address="billing@northwind.example"))
    dkim_keys.make_key("northwind.example")
    db.session.commit()
    page.emulate_media(color_scheme=scheme)
    for path in ("/admin/email/outbound", f"/admin/email/accounts/{cast.outbound.id}/removal", "/admin/queues"):
        page.goto(path)
        assert Axe().run(page, options=RULES).response["violations"] == [], path

    page.goto("/admin/email/deliverability")
    expect(page.locator("#dns")).to_contain_text("are good for mail from northwind.example")

    assert Axe().run(page, options=RULES).response["violations"] == []
    complaints.clear()  # axe sets styles of its own, which the policy forbids
