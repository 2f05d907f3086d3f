"""The guide, section by section, in a real browser: from the sandbox to real servers, a conversation there and back.

The user's own words are the names that are looked for here.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Product
from tests.mailroom import letter
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

# bin/run alone may take four minutes here.
pytestmark = [pytest.mark.browser, pytest.mark.dovecot, pytest.mark.slow, pytest.mark.timeout(900)]

MAILBOX, SECRET = "support@northwind.example", "a long winter"
DANA = "Dana Whitfield <dana@harbor-dental.example>"
# What goes to a server and comes back, on a machine that has much else to do. In milliseconds.
PATIENCE = 60_000


@pytest.fixture(scope="module")
def servers(ca, running_dovecot) -> tuple[Dovecot, SmtpServer]:
    running_dovecot.forget(MAILBOX)
    running_dovecot.add_user(MAILBOX, SECRET)
    with SmtpServer({MAILBOX: SECRET}, ca=ca) as smtp:
        yield running_dovecot, smtp


def test_the_guide_from_its_first_section_to_its_last(page: Page, product: Product, servers) -> None:
    dovecot, smtp = servers
    outbound_email_setup(page, smtp)
    inbound_email_setup(page, dovecot)
    auto_assignment_rules(page)
    number = from_test_mail_to_answer(page, dovecot, smtp)
    the_reply_threads_back(page, dovecot, smtp, number)
    common_issues(page, smtp)


def go(page: Page, link: str) -> None:
    """Follow a link; what is typed from here on is typed into the page that it leads to, with its scripts at work."""
    with page.expect_navigation():
        page.get_by_role("link", name=link).first.click()


def outbound_email_setup(page: Page, smtp: SmtpServer) -> None:
    """Outbound Email Setup, 1 to 4."""
    go(page, "Admin")
    go(page, "Outbound")
    page.get_by_label("SMTP server").fill("localhost")
    page.get_by_role("radiogroup", name="Secure Connection").get_by_text("TLS").click()
    page.get_by_label("Port", exact=True).fill(str(smtp.port))
    page.get_by_label("Username").fill(MAILBOX)
    page.locator("#password").fill("wrong")

    page.get_by_role("textbox", name="to", exact=True).fill("mara@northwind.example")
    page.get_by_role("button", name="Send Test Email").click()
    run = page.locator("#test-run")
    expect(run.get_by_role("alert")).to_contain_text("password", timeout=PATIENCE)
    expect(run).to_contain_text("535")

    page.locator("#password").fill(SECRET)
    page.get_by_role("button", name="Send Test Email").click()
    expect(run).to_contain_text("Accepted by the server", timeout=PATIENCE)
    assert [received.recipients for received in smtp.received] == [("mara@northwind.example",)]

    page.get_by_role("button", name="Save").click()
    expect(page.locator("#password")).to_have_attribute("placeholder", re.compile("^Unchanged, set on"))
    assert SECRET not in page.content()


def inbound_email_setup(page: Page, dovecot: Dovecot) -> None:
    """Inbound Email Setup, 1 to 4."""
    go(page, "Inbound")
    expect(page.get_by_label("Email parsing")).to_be_checked()
    expect(page.get_by_label("Automatic Ticket Creation")).to_be_checked()
    expect(page.get_by_label("Mailbox Address")).to_have_value(MAILBOX)
    page.get_by_label("Server", exact=True).fill("localhost")
    page.get_by_role("radiogroup", name="Secure Connection").get_by_text("SSL").click()

    page.get_by_label("Port", exact=True).fill("143")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#port-h, #port-field").first).to_contain_text("143 and SSL contradict each other")

    page.get_by_label("Port", exact=True).fill(str(dovecot.imaps))
    page.get_by_label("Username").fill(MAILBOX)
    page.locator("#password").fill(SECRET)
    page.get_by_role("button", name="Test Connection").or_(page.get_by_role("button", name="Test again")).first.click()
    expect(page.locator("#test-run")).to_contain_text("Passed", timeout=PATIENCE)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#password")).to_have_attribute("placeholder", re.compile("^Unchanged, set on"))


def auto_assignment_rules(page: Page) -> None:
    """Inbound Email Setup, 5: Sender Domain and Subject Tags."""
    go(page, "Auto-Assignment Rules")
    expect(page.get_by_role("main")).to_contain_text("Sender Domain")
    expect(page.get_by_role("main")).to_contain_text("Subject Tags")
    page.get_by_label("Subject tag").fill("[Project]")
    page.get_by_label("Queue").first.select_option(label="Projects")
    page.get_by_label("Subject tag").press("Enter")
    expect(page.locator("#rules")).to_contain_text("[Project]")


def from_test_mail_to_answer(page: Page, dovecot: Dovecot, smtp: SmtpServer) -> str:
    """Testing & Validation, 1 to 3; returns the number of the ticket."""
    go(page, "Tickets")
    dovecot.deliver(MAILBOX, letter("The projector stays dark.", sender=DANA, subject="Projector in room 2").as_bytes())
    row = page.get_by_role("listitem").filter(has_text="Projector in room 2")
    expect(row).to_contain_text("Harbor Dental", timeout=PATIENCE)

    dovecot.deliver(MAILBOX, letter("We have 11.", sender=DANA, subject="[Billing] Twelve seats").as_bytes())
    expect(page.get_by_role("listitem").filter(has_text="Twelve seats")).to_contain_text("Billing", timeout=PATIENCE)

    go(page, "Projector in room 2")
    expect(page.locator("#facts")).to_contain_text("Managed service 2026")
    number = page.url.rpartition("/")[2]
    before = len(smtp.received)
    page.get_by_label("What you write").fill("Does the lamp come on?")
    page.get_by_role("button", name="Send").click()
    # For fifteen seconds it can be undone.
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("article.ours").last).to_contain_text("Accepted", timeout=PATIENCE)
    sent = message_from_bytes(smtp.received[before].content, policy=default)
    assert sent["Subject"] == f"Re: Projector in room 2 [#{number}]"
    assert sent["To"] == DANA
    return number


def the_reply_threads_back(page: Page, dovecot: Dovecot, smtp: SmtpServer, number: str) -> None:
    sent = message_from_bytes(smtp.received[-1].content, policy=default)
    answer = (
        "It does!\n\nOn Mon, 23 Nov 2026 at 10:00, Northwind Support <support@northwind.example> wrote:\n"
        "> Does the lamp come on?\n"
    )
    reply = letter(answer, sender=DANA, subject=f"Re: {sent['Subject']}", answers=sent["Message-ID"])
    dovecot.deliver(MAILBOX, reply.as_bytes())
    last = page.locator("article.msg").last
    expect(last).to_contain_text("It does!", timeout=PATIENCE)
    expect(last.locator("details.fold")).to_be_visible()
    expect(last.get_by_text("Does the lamp come on?")).to_be_hidden()
    assert page.url.endswith(f"/tickets/{number}")


def common_issues(page: Page, smtp: SmtpServer) -> None:
    """Common Issues: a firewall, and mail that becomes no ticket."""
    page.goto("/admin/email/outbound")
    page.get_by_label("Port", exact=True).fill("1")
    page.get_by_role("button", name="Send Test Email").click()
    run = page.locator("#test-run")
    expect(run.get_by_role("alert")).to_contain_text("port", timeout=PATIENCE)
    expect(run).to_contain_text("refused", ignore_case=True)

    page.goto("/admin/email/inbound")
    page.get_by_label("Automatic Ticket Creation").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto("/tickets/held")
    expect(page.get_by_role("main")).to_be_visible()
