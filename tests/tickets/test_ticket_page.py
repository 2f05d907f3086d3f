"""One ticket: what its page shows, how it grows, and what is changed beside the conversation."""

from __future__ import annotations

import re

from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.tickets import operations
from psa.tickets.models import Event
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def newest_event() -> int:
    return db.session.scalar(db.select(db.func.max(Event.id))) or 0


def test_a_ticket_that_does_not_exist_is_404(sign_in):
    browser = sign_in()
    assert browser.get("/tickets/7").status_code == 404
    assert browser.get("/tickets/99999999999999999999").status_code == 404


def test_the_page_shows_what_was_said_by_whom_and_to_which_mailbox(sign_in, mailroom):
    mailroom.receive(letter("The projector stays dark.\n\nSee https://harbor-dental.example/room3?x=1&y=2."))
    page = sign_in().get("/tickets/1").text
    assert "<p>The projector stays dark.</p>" in page
    assert 'href="https://harbor-dental.example/room3?x=1&amp;y=2" target="_blank" rel="noopener' in page
    assert "to support@northwind.example" in plain(page)
    assert "Managed service 2026" in page


def test_quotes_and_signature_are_folded_and_named(sign_in, mailroom):
    quoted = "On Monday, Tom Okafor wrote:\n> Is it\n> plugged in?\n"
    mailroom.receive(letter(f"It works now.\n\n-- \nDana Whitfield\nPractice manager\n\n{quoted}"))
    page = sign_in().get("/tickets/1").text
    fold = re.search(r'<details class="fold">(.*?)</details>', page, re.DOTALL)
    assert fold
    assert "quoted line" in plain(fold[1])
    assert "plugged in?" in fold[1]
    assert "plugged in?" not in page.replace(fold[1], "")


def test_markup_in_a_message_is_only_text(sign_in, mailroom):
    mailroom.receive(letter('<script>alert(1)</script>\njavascript:alert(2) https://x.example/"onmouseover=alert(3)'))
    page = sign_in().get("/tickets/1").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript' not in page
    assert not re.search(r"<a [^>]*\sonmouseover", page)


def test_why_a_ticket_is_here_is_told_step_by_step(sign_in, mailroom):
    mailroom.receive(letter(subject="[Billing] Two seats fewer"))
    page = plain(sign_in().get("/tickets/1").text)
    assert "Why this ticket is in Billing" in page
    assert "Rule “Billing” matches" in page
    assert "Client Harbor Dental" in page


def test_what_happened_is_told_in_words(sign_in, cast, mailroom):
    first = mailroom.receive(letter())
    tom, mara = Actor(user_id=cast.tom.id), Actor(user_id=cast.mara.id)
    operations.assign(1, cast.tom.id, cast.tom.name, tom)
    operations.assign(1, cast.tom.id, cast.tom.name, mara)
    operations.assign(1, cast.mara.id, cast.mara.name, tom)
    operations.move(1, cast.billing, tom)
    operations.set_priority(1, "urgent", tom)
    operations.set_status(1, "closed", tom)
    db.session.commit()
    mailroom.receive(letter("Not yet", answers=f"<{first.message_id}>"))
    page = plain(sign_in().get("/tickets/1").text)
    for words in (
        "Tom Okafor took the ticket",
        "Tom Okafor gave the ticket to Mara Lindqvist",
        "Tom Okafor moved the ticket from Support to Billing",
        "Tom Okafor set the priority from Normal to Urgent",
        "Tom Okafor closed the ticket",
        "Status from Closed to Open , because Dana Whitfield wrote",
    ):
        assert words in page, words


def test_the_watch_of_a_ticket_brings_only_what_is_new(sign_in, cast, mailroom):
    first = mailroom.receive(letter("First words"))
    browser, before = sign_in(), newest_event()
    assert browser.get(f"/tickets/1/fresh?after={before}", headers=HTMX).status_code == 204
    mailroom.receive(letter("Second words", answers=f"<{first.message_id}>"))
    answer = browser.get(f"/tickets/1/fresh?after={before}", headers=HTMX).text
    assert "Second words" in answer
    assert "First words" not in answer
    assert 'id="composer"' not in answer
    assert f"after={newest_event()}" in answer


def test_the_panel_is_left_alone_unless_somebody_else_changed_it(sign_in, second_browser, cast, mailroom):
    mailroom.receive(letter())
    tom, mara, before = sign_in(cast.tom), second_browser(cast.mara), newest_event()
    tom.post("/tickets/1/facts", data={"priority": "high"})
    assert 'id="facts"' not in tom.get(f"/tickets/1/fresh?after={before}", headers=HTMX).text
    assert 'id="facts"' in mara.get(f"/tickets/1/fresh?after={before}", headers=HTMX).text


def test_each_fact_saves_itself(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    for fact, value in {
        "status": "waiting",
        "assignee": str(cast.mara.id),
        "queue": str(cast.billing.id),
        "priority": "urgent",
    }.items():
        answer = browser.post("/tickets/1/facts", data={fact: value}, headers=HTMX)
        assert answer.status_code == 200
        assert f'<option value="{value}" selected>' in answer.text
        assert answer.headers["HX-Trigger"] == "told"
    ticket = mailroom.ticket(1)
    assert (ticket.status, ticket.assignee_id, ticket.queue_id, ticket.priority) == (
        "waiting",
        cast.mara.id,
        cast.billing.id,
        "urgent",
    )


def test_saving_all_facts_at_once_undoes_nothing_that_others_changed_meanwhile(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    operations.move(1, cast.billing, Actor(user_id=cast.mara.id))
    db.session.commit()
    support = str(cast.support.id)
    stale = {"queue": support, "was_queue": support, "priority": "high", "was_priority": "normal"}
    assert browser.post("/tickets/1/facts", data=stale).status_code == 303
    ticket = mailroom.ticket(1)
    assert (ticket.queue_id, ticket.priority) == (cast.billing.id, "high")


def test_a_ticket_is_given_to_nobody(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    browser.post("/tickets/1/facts", data={"assignee": str(cast.tom.id)})
    browser.post("/tickets/1/facts", data={"assignee": ""})
    assert mailroom.ticket(1).assignee_id is None


def test_facts_that_do_not_exist_change_nothing(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    browser.post("/tickets/1/facts", data={"status": "exploded", "priority": "meh", "queue": "x"})
    assert browser.post("/tickets/1/facts", data={"queue": "999"}).status_code == 404
    assert browser.post("/tickets/1/facts", data={"assignee": "999"}).status_code == 404
    ticket = mailroom.ticket(1)
    assert (ticket.status, ticket.priority, ticket.queue_id) == ("new", "normal", cast.support.id)


def test_a_ticket_is_closed_and_opened_again(sign_in, mailroom):
    mailroom.receive(letter())
    browser = sign_in()
    assert browser.post("/tickets/1/closure").headers["Location"] == "/tickets/1"
    assert mailroom.ticket(1).status == "closed"
    assert "Reopen ticket" in browser.get("/tickets/1").text
    browser.post("/tickets/1/opening")
    assert mailroom.ticket(1).status == "open"


def test_earlier_tickets_of_the_requester_stand_beside(sign_in, mailroom):
    mailroom.receive(letter(subject="The first"))
    mailroom.receive(letter(subject="The second"))
    page = sign_in().get("/tickets/2").text
    assert "Earlier from Dana Whitfield" in page
    assert 'href="/tickets/1">The first</a>' in page


def test_a_message_without_a_sender_can_be_looked_at(sign_in, mailroom):
    inbound = mailroom.receive(b"Subject: who am I\r\n\r\nHello\r\n")
    assert inbound.status == "filed", inbound.reason
    page = sign_in().get(f"/tickets/{inbound.ticket_id}")
    assert page.status_code == 200
    assert "Unknown sender" in page.text


def test_how_a_reply_travels_is_asked_only_while_it_is_on_its_way(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    browser.post("/tickets/1/replies", data={"body": "On it", "seen_event": newest_event()})
    (email,) = mailroom.outbox
    states = {
        "queued": ("Queued", True),
        "sending": ("Sending", True),
        "sent": ("Accepted by 127.0.0.1 at", False),
        "failed": ("Failed", False),
        "bounced": ("Bounced", False),
        "unconfirmed": ("Unconfirmed", False),
    }
    for status, (words, asks) in states.items():
        values = {"status": status, "reason": "mailbox <full>", "sent_at": email.queued_at}
        db.session.execute(db.update(OutboundEmail).values(**values))
        db.session.commit()
        fragment = browser.get(f"/comments/{email.comment_id}/delivery").text
        assert words in plain(fragment), status
        assert ("hx-get" in fragment) == asks, status
        if status in ("failed", "bounced", "unconfirmed"):
            assert "mailbox &lt;full&gt;" in fragment


def test_an_inactive_colleague_still_stands_as_the_assignee(sign_in, cast, mailroom):
    mailroom.receive(letter())
    operations.assign(1, cast.mara.id, cast.mara.name, Actor(user_id=cast.tom.id))
    cast.mara.active = False
    db.session.commit()
    assert re.search(r"<option value=\"\d+\" selected>Mara Lindqvist", sign_in(cast.tom).get("/tickets/1").text)


def test_notes_say_that_only_we_see_them(sign_in, cast, mailroom):
    mailroom.receive(letter())
    operations.add_note(1, Said(body="Between us"), Actor(user_id=cast.mara.id))
    db.session.commit()
    page = plain(sign_in().get("/tickets/1").text)
    assert "Mara Lindqvist left a note" in page
    assert "Only we see this" in page
