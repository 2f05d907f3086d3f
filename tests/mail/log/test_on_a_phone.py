"""The Mail log in a real browser on a phone, where no script runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from psa.extensions import db
from psa.mail.log import queries
from psa.tickets.models import Ticket
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD
from tests.mailroom import letter

pytestmark = pytest.mark.browser

# What a thumb needs at least (WCAG 2.5.8). In CSS pixels.
THUMB = 24


@pytest.fixture
def phone(app, mailroom, cast, chromium) -> Iterator[Page]:
    """Mara before three messages that are held."""
    cast.inbound.create_tickets = False
    db.session.commit()
    for subject in ("Projector", "Keyboard", "Screen"):
        mailroom.receive(letter(subject=subject))
    with serving(app) as address:
        context = chromium.new_context(
            base_url=address, viewport={"width": 390, "height": 800}, has_touch=True, java_script_enabled=False
        )
        page = context.new_page()
        sign_in(page, "mara@northwind.example", PASSWORD)
        page.goto("/mail?became=held")
        yield page
        context.close()


def test_several_messages_are_ticked_with_a_thumb_and_converted_at_once(phone):
    for subject in ("Projector", "Screen"):
        box = phone.get_by_role("checkbox", name=f"Choose “{subject}”")
        place = box.bounding_box()
        assert min(place["width"], place["height"]) >= THUMB
        box.tap()
    phone.get_by_role("button", name="Convert the ticked ones").tap()
    expect(phone.get_by_text("Processed again: 2 filed.")).to_be_visible()
    expect(phone.get_by_role("checkbox")).to_have_count(1)
    db.session.rollback()
    assert set(db.session.scalars(db.select(Ticket.subject))) == {"Projector", "Screen"}


def test_a_search_is_sent_by_the_keyboard(phone):
    search = phone.get_by_role("searchbox", name="Search the Mail log")
    search.fill("keyboard")
    search.press("Enter")
    expect(phone.get_by_role("link", name="Keyboard")).to_be_visible()
    expect(phone.get_by_role("link", name="Screen")).to_have_count(0)


def test_older_messages_are_paged_to_and_back(phone, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    phone.goto("/mail?direction=in")
    expect(phone.get_by_role("link", name="Show the latest messages")).to_have_count(0)
    phone.get_by_role("link", name="Show older messages").tap()
    expect(phone.get_by_role("link", name="Projector")).to_be_visible()
    phone.get_by_role("link", name="Show the latest messages").tap()
    expect(phone.get_by_role("link", name="Screen")).to_be_visible()
    expect(phone).to_have_url(re.compile(r"/mail\?direction=in$"))


def test_whatever_a_sender_makes_long_fits_on_the_screen(phone, mailroom):
    email = letter("y" * 400, subject="x" * 200)
    email.add_attachment(b"hello", maintype="text", subtype="plain", filename=f"a-name-{'z' * 120}.txt")
    held = mailroom.receive(email)
    for path in ("/mail", "/tickets/held", f"/mail/inbound/{held.id}", f"/mail/inbound/{held.id}?show=headers"):
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_subject_from_the_right_is_read_from_the_right(phone, mailroom):
    """Without it the number at its end would stand where the reader begins."""
    subject = "الطابعة لا تعمل INV-4711"
    held = mailroom.receive(letter("الطابعة لا تعمل.", subject=subject))
    phone.goto("/mail?became=held")
    expect(phone.get_by_role("link", name=subject)).to_have_css("direction", "rtl")
    phone.goto(f"/mail/inbound/{held.id}")
    expect(phone.get_by_role("heading", name=subject)).to_have_css("direction", "rtl")
    expect(phone.get_by_text("الطابعة لا تعمل.", exact=True)).to_have_css("direction", "rtl")
