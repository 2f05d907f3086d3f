"""One line leads anywhere: Ctrl K, or the page of the same search."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from psa import clock
from psa.billing.invoices.models import Invoice
from psa.extensions import db
from psa.projects.models import Project
from psa.tickets.models import Ticket
from tests.mailroom import letter


@pytest.fixture
def shown(sign_in):
    """What the palette lists for what was typed, as (title, beside, link)."""

    def ask(typed: str, who: str = "agent") -> list[tuple[str, str, str]]:
        page = sign_in(who).get("/palette", query_string={"q": typed}).text
        lines = re.findall(r'<a id="palette-[^"]+" role="option" href="([^"]+)">(.*?)</a>', page, re.DOTALL)
        return [(*words_of(inside), href) for href, inside in lines]

    return ask


def words_of(inside: str) -> tuple[str, str]:
    spans = re.findall(r"<span[^>]*>(.*?)</span>", inside)
    return spans[0], spans[1] if len(spans) > 1 else ""


def test_a_ticket_is_found_by_its_number_and_by_its_words(shown, mailroom):
    email = mailroom.receive(letter("dana@harbor-dental.example", subject="The scanner blinks"))
    number = email.ticket_id
    line = ("The scanner blinks", f"#{number} · Harbor Dental", f"/tickets/{number}")

    assert shown(f"#{number}")[0] == line
    assert shown("scanner")[0] == line


def test_clients_people_projects_and_invoices_are_found_by_name(shown, cast):
    project = Project(client_id=cast.harbor.id, name="Move to the new house")
    today = clock.today()
    invoice = Invoice(
        client_id=cast.harbor.id, number="2026-0042", status="sent", currency="EUR", issued_on=today,
        due_on=today + timedelta(days=14), payment_days=14,
    )  # fmt: skip
    db.session.add_all([project, invoice])
    db.session.commit()

    found = {href: title for title, _, href in shown("harbor")}

    assert found[f"/clients/{cast.harbor.id}"] == "Harbor Dental"
    assert found[f"/clients/contacts/{cast.dana.id}"] == cast.dana.name
    assert found[f"/projects/{project.id}"] == "Move to the new house"
    assert found[f"/invoices/{invoice.id}"] == "2026-0042"
    assert f"/invoices/{invoice.id}" in [href for _, _, href in shown("0042")]


def test_pages_are_found_by_the_beginning_of_any_of_their_words(shown):
    assert ("Auto-Assignment Rules", "Email Settings", "/admin/email/rules") in shown("rul", "admin")
    assert ("Invoices", "", "/invoices") in shown("inv")
    assert ("New invoice", "", "/invoices/new") in shown("new inv")


def test_an_agent_is_not_led_to_what_is_closed_to_them(shown):
    assert [href for _, _, href in shown("outbound") if href.startswith("/admin")] == []
    assert [href for _, _, href in shown("") if href.startswith("/admin")] == []


def test_without_a_word_it_tells_where_one_can_go_and_what_one_can_begin(shown):
    titles = [title for title, _, _ in shown("")]

    assert titles[0] == "Dashboard"
    assert "New ticket" in titles


def test_each_kind_shows_a_few_and_leads_to_the_rest(shown, cast):
    db.session.add_all(Ticket(subject=f"Printer {number}", queue_id=cast.support.id) for number in range(7))
    db.session.commit()

    found = shown("printer")

    assert len([href for _, _, href in found if href.startswith("/tickets/")]) == 5
    assert "/tickets?q=printer" in [href for _, _, href in found]
    assert "/mail?q=printer" in [href for _, _, href in found]


def test_the_page_shows_the_same_without_script(sign_in, cast):
    page = sign_in("agent").get("/search?q=harbor").text

    assert f'href="/clients/{cast.harbor.id}"' in page
    assert 'value="harbor"' in page


@pytest.mark.parametrize("typed", ["%", "_", "'", "<b>x</b>", "#999999999", "ß" * 300])
def test_whatever_is_typed_is_only_looked_for(sign_in, typed):
    browser = sign_in("agent")

    for url in ("/palette", "/search"):
        page = browser.get(url, query_string={"q": typed})
        assert page.status_code == 200
        assert "<b>x</b>" not in page.text
