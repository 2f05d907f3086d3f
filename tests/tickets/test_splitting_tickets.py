"""A message becomes a ticket of its own, alone or with what was said after it; answers to it arrive there."""

from __future__ import annotations

import html
import re

import pytest

from psa.extensions import db
from psa.mail.outbound.signed_addresses import reply_address
from psa.tickets import merging, notifications, operations
from psa.tickets.links import linked_tickets
from psa.tickets.models import Comment
from psa.tickets.operations import Actor, Said
from tests.mailroom import SUPPORT, letter

FIRST, SECOND, THIRD = "<1@client.example>", "<2@client.example>", "<3@client.example>"


@pytest.fixture
def long(mailroom, cast):
    """A ticket of three messages by Dana, the second about another thing, and our answer to it."""
    number = mailroom.receive(letter("The projector is dark.", message_id=FIRST)).ticket_id
    mailroom.receive(letter("And the printer jams.", message_id=SECOND, answers=FIRST))
    comment_id = operations.add_reply(number, Said("Which tray?"), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)
    db.session.commit()
    mailroom.receive(letter("Tray two.", message_id=THIRD, answers=SECOND))
    return number


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def comments(number: int) -> list[Comment]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Comment).where(Comment.ticket_id == number).order_by(Comment.id)))


def bodies(number: int) -> list[str]:
    return [comment.body.strip() for comment in comments(number)]


def split(browser, comment: Comment, what: str, subject: str = "Printer") -> int:
    answer = browser.post(f"/comments/{comment.id}/split", data={"what": what, "subject": subject})
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def test_one_message_goes_and_what_follows_stays(long, sign_in, mailroom):
    number = split(sign_in("agent"), comments(long)[1], "this")
    assert bodies(long) == ["The projector is dark.", "Which tray?", "Tray two."]
    assert bodies(number) == ["And the printer jams."]
    ticket = mailroom.ticket(number)
    assert (ticket.subject, ticket.queue.name, ticket.client.name, ticket.requester.name, ticket.preview) == (
        "Printer",
        "Support",
        "Harbor Dental",
        "Dana Whitfield",
        "And the printer jams.",
    )
    assert [event.kind for event in ticket.events] == ["opened", "linked"]


def test_with_what_follows_the_rest_goes_too(long, sign_in):
    number = split(sign_in("agent"), comments(long)[1], "following")
    assert bodies(long) == ["The projector is dark."]
    assert bodies(number) == ["And the printer jams.", "Which tray?", "Tray two."]
    assert [(one.ticket.id, one.words) for one in linked_tickets(long)] == [(number, "Split off from here")]


def test_answers_arrive_where_the_message_is_that_they_answer(long, sign_in, mailroom):
    ours = mailroom.read(mailroom.outbox[-1])["Message-ID"]
    number = split(sign_in("agent"), comments(long)[1], "following")
    for answered, arrives in [(FIRST, long), (SECOND, number), (THIRD, number), (ours, number)]:
        assert mailroom.receive(letter("Yes.", subject="x", answers=answered)).ticket_id == arrives, answered


def test_the_address_of_the_old_ticket_gives_way_to_the_message_that_is_answered(long, sign_in, mailroom):
    ours = mailroom.read(mailroom.outbox[-1])["Message-ID"]
    number = split(sign_in("agent"), comments(long)[1], "following")
    address = reply_address(SUPPORT, long)
    assert mailroom.receive(letter("Two.", subject="x", to=address, answers=ours)).ticket_id == number
    assert mailroom.receive(letter("Lamp.", subject="x", to=address, answers=FIRST)).ticket_id == long
    assert mailroom.receive(letter("Both?", subject="x", to=address)).ticket_id == long


def test_the_first_message_stays_for_nothing_would_be_left(long, sign_in):
    browser, first = sign_in("agent"), comments(long)[0]
    answer = browser.post(f"/comments/{first.id}/split", data={"what": "following"})
    assert (answer.status_code, "The ticket was opened with this message." in plain(answer)) == (422, True)
    assert len(bodies(long)) == 4
    page = browser.get(f"/tickets/{long}").text
    assert f"/comments/{first.id}/split" not in page and f"/comments/{comments(long)[1].id}/split" in page


def test_a_strangers_message_leaves_the_client_of_the_ticket_behind(long, sign_in, mailroom, cast):
    eves = mailroom.receive(letter("Who are you?", sender="eve@evil.example", subject="x")).ticket_id
    merging.merge(eves, long, Actor(user_id=cast.tom.id))
    db.session.commit()
    ticket = mailroom.ticket(split(sign_in("agent"), comments(long)[-1], "this", subject=""))
    assert (ticket.client, ticket.project, ticket.requester.email) == (None, None, "eve@evil.example")
    assert ticket.subject == "Projector"


def test_the_page_asks_what_moves_and_can_be_used_without_a_mouse(long, sign_in):
    shown = sign_in("agent").get(f"/comments/{comments(long)[1].id}/split")
    assert "This message and all that was said after it" in shown.text
    assert "And the printer jams." in shown.text
