"""Mail that waits for a person, and the page of one message."""

from __future__ import annotations

import re

from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.mail.raw import raw_bytes
from tests.mailroom import letter


def hold(cast, mailroom, **values: str) -> InboundEmail:
    cast.inbound.create_tickets = False
    db.session.commit()
    return mailroom.receive(letter(**values))


def test_held_mail_says_why_and_what_can_be_done(sign_in, cast, mailroom):
    hold(cast, mailroom, subject="Bank <details>")
    page = sign_in().get("/tickets/held").text
    assert "Bank &lt;details&gt;" in page
    assert "Automatic Ticket Creation is off for this mailbox" in page
    assert "Process again" in page
    assert "Convert anyway" in page


def test_convert_anyway_makes_a_ticket(sign_in, cast, mailroom):
    held = hold(cast, mailroom, subject="Projector")
    browser = sign_in()
    response = browser.post(f"/mail/inbound/{held.id}/ticket")
    assert response.headers["Location"] == "/tickets/1"
    assert "Projector" in browser.get("/tickets/1").text
    assert "Nothing is held" in browser.get("/tickets/held").text


def test_the_trace_of_a_converted_message_names_who_decided_that(sign_in, cast, mailroom):
    one, other = hold(cast, mailroom).id, hold(cast, mailroom, subject="Keyboard").id
    browser = sign_in(cast.tom)
    assert "A person had it filed" not in browser.get(f"/mail/inbound/{one}").text
    browser.post(f"/mail/inbound/{one}/ticket")
    browser.post("/mail/runs", data={"message": other, "do": "convert"})
    for converted in (one, other):
        page = browser.get(f"/mail/inbound/{converted}").text
        assert "A person had it filed" in page
        assert f"By {cast.tom.name}, whatever held it back" in page


def test_the_files_of_held_mail_are_looked_at_before_it_is_decided_about(sign_in, cast, mailroom):
    cast.inbound.create_tickets = False
    db.session.commit()
    email = letter(subject="Invoice")
    email.add_attachment(b"%PDF-1.4 first", maintype="application", subtype="pdf", filename="Übersicht März.pdf")
    email.add_attachment(b"second", maintype="text", subtype="plain", filename="second.txt")
    held = mailroom.receive(email)
    agent = sign_in()
    page = agent.get(f"/mail/inbound/{held.id}").text
    first, second = re.findall(r'href="(/mail/inbound/[^"]+/files/[^"]+)"', page)
    answer = agent.get(first)
    assert answer.data == b"%PDF-1.4 first"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert agent.get(second).data == b"second"
    assert agent.get(f"/mail/inbound/{held.id}/files/99/none.txt").status_code == 404


def test_files_of_held_mail_are_for_staff_only(browser, mailroom, cast):
    held = hold(cast, mailroom)
    assert browser.get(f"/mail/inbound/{held.id}/files/2/a.txt").status_code == 303


def test_process_again_goes_by_the_rules_of_today(sign_in, cast, mailroom):
    held = hold(cast, mailroom)
    browser = sign_in()
    assert browser.post(f"/mail/inbound/{held.id}/runs").headers["Location"] == f"/mail/inbound/{held.id}"
    cast.inbound.create_tickets = True
    db.session.commit()
    assert browser.post(f"/mail/inbound/{held.id}/runs").headers["Location"] == "/tickets/1"


def test_processing_again_what_is_held_as_before_says_that_it_was_done(sign_in, cast, mailroom):
    held_id = hold(cast, mailroom).id
    browser = sign_in()
    assert "Processed again" not in browser.get(f"/mail/inbound/{held_id}").text
    browser.post(f"/mail/inbound/{held_id}/runs")
    assert "Processed again just now: it is held." in browser.get(f"/mail/inbound/{held_id}").text


def test_what_is_ended_in_the_list_of_held_mail_is_said_there_with_the_way_back(sign_in, cast, mailroom):
    held_id = hold(cast, mailroom).id
    browser = sign_in()
    ended = {"message": held_id, "back": "/tickets/held"}
    assert browser.post("/mail/dismissals", data=ended).headers["Location"] == "/tickets/held"
    page = browser.get("/tickets/held").text
    assert "1 message needs nobody any more." in page
    assert 'name="back" value="/tickets/held?"' in page
    browser.post("/mail/dismissals", data=ended)
    assert "Nothing was ended: none of it waits for a person any more." in browser.get("/tickets/held").text
    browser.post("/mail/dismissals/undoing", data=ended)
    page = browser.get("/tickets/held").text
    assert "It waits for a person again." in page
    assert "Convert anyway" in page


def test_the_page_of_a_message_tells_its_fate_its_headers_and_its_words(sign_in, cast, mailroom):
    held = hold(cast, mailroom, text="Words of the message <script>alert(1)</script>", subject="Projector")
    browser = sign_in()
    page = browser.get(f"/mail/inbound/{held.id}").text
    assert "This message did not become a ticket. It is held for a person." in page
    assert "Words of the message" in page
    assert "<script>alert" not in page
    headers = browser.get(f"/mail/inbound/{held.id}?show=headers").text
    assert "<b>Message-ID:</b>" in headers


def test_a_filed_message_leads_to_its_ticket(sign_in, mailroom):
    inbound = mailroom.receive(letter())
    page = sign_in().get(f"/mail/inbound/{inbound.id}").text
    assert 'href="/tickets/1">#1</a>' in page
    assert 'href="/tickets/1">Ticket #1</a>' in page
    assert "Convert anyway" not in page


def test_the_very_bytes_can_be_downloaded(sign_in, mailroom):
    inbound = mailroom.receive(letter(subject='Pro/jec"tor'))
    response = sign_in().get(f"/mail/inbound/{inbound.id}/raw")
    assert response.data == raw_bytes(inbound.raw_id)
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_message_whose_bytes_we_never_got_has_a_page_too(sign_in, cast, mailroom):
    row = InboundEmail(account_id=cast.inbound.id, uidl="x", status="ignored", reason="Lay there before the start")
    db.session.add(row)
    db.session.commit()
    browser = sign_in()
    page = browser.get(f"/mail/inbound/{row.id}")
    assert "The server did not hand over its text." in page.text
    assert browser.get(f"/mail/inbound/{row.id}/raw").status_code == 404


def test_messages_that_do_not_exist_are_404(sign_in):
    browser = sign_in()
    assert browser.get("/mail/inbound/9").status_code == 404
    assert browser.post("/mail/inbound/9/runs").status_code == 404
    assert browser.post("/mail/inbound/9/ticket").status_code == 404


def test_older_held_mail_is_a_page_away(sign_in, cast, mailroom):
    cast.inbound.create_tickets = False
    for number in range(52):
        db.session.add(
            InboundEmail(account_id=cast.inbound.id, uidl=str(number), status="held", subject=f"Held {number}")
        )
    db.session.commit()
    browser = sign_in()
    first = browser.get("/tickets/held").text
    assert "Held 51<" in first
    assert "Held 1<" not in first
    assert "Held 1<" in browser.get("/tickets/held?before=3").text
