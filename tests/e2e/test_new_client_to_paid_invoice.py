"""From a new client to a paid invoice, in a real browser: the firm's day, with the client's side in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import sign_in
from tests.e2e.conftest import Product

# bin/run alone may take four minutes here.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

PAVEL = "p.novak@novaklab.example"
# What goes to a server and comes back, on a machine that has much else to do. In milliseconds.
PATIENCE = 60_000


@pytest.fixture(scope="module")
def sandbox(chromium: Browser, product: Product) -> Iterator[Page]:
    """The client's mail program, in a window of its own. Mail that is read in it offends against no policy."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=product.url)
    page = context.new_page()
    offences: list[str] = []
    page.on("console", lambda said: offences.append(said.text) if "Content Security Policy" in said.text else None)
    sign_in(page, product.email, product.password)
    yield page
    context.close()
    assert offences == []


def press(page: Page, name: str) -> None:
    """Press a button or follow a link that leads to another page, and be there."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).last.click()


def test_a_stranger_becomes_a_client_and_pays_for_work(page: Page, sandbox: Page) -> None:
    client = set_up(page, sandbox)
    work_on_a_task(page)
    invoice = invoice_the_time(page, client)
    the_client_answers(page, sandbox, invoice)
    pay(page, invoice)


def set_up(page: Page, sandbox: Page) -> str:
    """New client set-up to its end; returns the path of the client's page."""
    page.goto("/clients")
    press(page, "New client")
    page.get_by_label("Name", exact=True).fill("Novak Lab")
    press(page, "Continue to domains")
    page.get_by_label("Domain 1").fill("novaklab.example")
    press(page, "Continue to contacts")
    page.get_by_label("Name").first.fill("Pavel Novak")
    page.get_by_label("Address").first.fill(PAVEL)
    press(page, "Continue to project")
    press(page, "Continue to queue")
    press(page, "Continue to welcome message")
    press(page, "Send and continue")
    press(page, "Send test message")
    answer(sandbox, "Test message from Northwind IT", "It has arrived.")
    expect(page.locator("#arrival")).to_contain_text("has arrived", timeout=PATIENCE)
    press(page, "Finish")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Novak Lab")
    return page.url


def work_on_a_task(page: Page) -> None:
    press(page, "Managed service")
    page.get_by_label("What is to be done").fill("Replace the file server")
    page.get_by_role("button", name="Add task").click()
    press(page, "Replace the file server")
    time = page.locator("#time")
    time.get_by_role("textbox", name="Time").fill("1.5h")
    time.get_by_role("textbox", name="What you did").fill("New disks, data moved")
    time.get_by_role("button", name="Add time").click()
    expect(page.locator("#time")).to_contain_text("1:30")


def invoice_the_time(page: Page, client: str) -> str:
    """A draft from the time, sent; returns the path of the invoice's page."""
    page.goto("/time/unbilled")
    press(page, "Novak Lab")
    press(page, "Make an invoice")
    press(page, "Make the draft")
    # An hour and a half of Mara's at 120, and a fifth of it for the tax.
    expect(page.get_by_role("main")).to_contain_text("216.00")
    press(page, "Save")
    press(page, "Send")
    expect(page.get_by_role("group", name="Goes to")).to_contain_text(PAVEL)
    press(page, "Issue and send")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice 20")
    assert page.url.partition("/invoices/")[2].isdecimal()
    return page.url


def the_client_answers(page: Page, sandbox: Page, invoice: str) -> None:
    """The mail is there with the PDF; what is answered stands on the invoice and in Billing."""
    answer(sandbox, "Invoice 20", "Thank you. The transfer leaves tomorrow.")
    expect(sandbox.locator("#agent-side")).to_contain_text("where answers to our invoice", timeout=PATIENCE)
    page.goto(invoice)
    page.locator("#invoice-mail").get_by_role("link", name="Invoice 20").last.click()
    expect(page.frame_locator("iframe").first.locator("body")).to_contain_text("The transfer leaves tomorrow.")
    expect(page.get_by_label("Queue", exact=True).locator("option:checked")).to_have_text("Billing")


def pay(page: Page, invoice: str) -> None:
    page.goto(invoice)
    page.get_by_text("Write a payment down").click()
    press(page, "Write it down")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paid")


def answer(sandbox: Page, subject: str, words: str) -> None:
    """Pavel answers the message with that subject, as soon as it is there."""
    sandbox.goto(f"/sandbox?person={PAVEL}")
    message = sandbox.get_by_role("link", name=subject).first.get_attribute("href", timeout=PATIENCE)
    assert message is not None
    # By its own address: what is typed into a page that is being replaced is lost.
    sandbox.goto(message)
    expect(sandbox.get_by_role("heading", name=subject)).to_be_visible()
    sandbox.get_by_label("Answer as Pavel").fill(words)
    press(sandbox, "Send as Pavel")
