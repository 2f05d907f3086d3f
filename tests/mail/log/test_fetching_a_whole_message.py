"""A message over the size limit says so on its ticket, and one click asks for the whole of it."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.mail.raw import keep_raw
from tests.mailroom import letter


@pytest.fixture
def headers_only(mailroom) -> InboundEmail:
    """A message of 60 MB in the mailbox of which only the headers were taken."""
    inbound = mailroom.receive(letter(subject="Scans of the year"))
    inbound.complete, inbound.size = False, 60_000_000
    inbound.folder, inbound.uidvalidity, inbound.uid, inbound.uidl = "INBOX", 1, 7, None
    db.session.commit()
    return inbound


def test_the_ticket_and_the_message_offer_the_whole_of_it(headers_only, sign_in):
    browser = sign_in("agent")
    for page in (f"/tickets/{headers_only.ticket_id}", f"/mail/inbound/{headers_only.id}"):
        assert "Fetch the whole message, 60 MB" in browser.get(page).text


def test_its_page_does_not_call_it_empty(headers_only, sign_in):
    headers_only.raw_id = keep_raw(b"Subject: Scans of the year\r\n\r\n")
    db.session.commit()
    page = sign_in("agent").get(f"/mail/inbound/{headers_only.id}").text
    assert "Only its headers were taken in." in page
    assert "no words in it" not in page


def test_one_click_asks_for_it_and_the_mailbox_is_looked_into_soon(headers_only, sign_in):
    page = sign_in("agent").post(f"/mail/inbound/{headers_only.id}/fetching", follow_redirects=True).text
    assert "the next look into the mailbox fetches it" in page
    db.session.expire_all()
    assert db.session.get_one(InboundEmail, headers_only.id).fetch_asked_at is not None


def test_what_is_whole_is_not_fetched_again(mailroom, sign_in):
    inbound = mailroom.receive(letter())
    browser = sign_in("agent")
    assert "Fetch the whole" not in browser.get(f"/mail/inbound/{inbound.id}").text
    assert "nothing to fetch" in browser.post(f"/mail/inbound/{inbound.id}/fetching", follow_redirects=True).text
