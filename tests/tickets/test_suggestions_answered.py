"""A message that may belong to another ticket: accepted it moves there, refused it stays, in one click each."""

from __future__ import annotations

import html
import re

import pytest

from psa.extensions import db
from psa.mail.models import MailAccount
from psa.tickets import merging, operations
from psa.tickets.models import Comment
from psa.tickets.operations import Actor, Said
from psa.tickets.relations import Suggestion
from tests.mailroom import letter

FIRST, ODD = "<first@client.example>", "<odd@evil.example>"


@pytest.fixture
def dana(mailroom):
    """Dana's ticket."""
    return mailroom.receive(letter(message_id=FIRST)).ticket_id


@pytest.fixture
def odd(dana, mailroom):
    """Dana writes from an address that nobody knows, in answer to her own mail."""
    return mailroom.receive(letter("From home.", sender="dw@home.example", answers=FIRST, message_id=ODD))


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def answer(browser, inbound_id: int, what: str):
    return browser.post(f"/mail/inbound/{inbound_id}/suggestion", data={"answer": what})


def state(inbound_id: int) -> tuple[str, int | None]:
    db.session.expire_all()
    asked = db.session.get_one(Suggestion, inbound_id)
    return asked.state, asked.user_id


def bodies(number: int) -> list[str]:
    query = db.select(Comment.body).where(Comment.ticket_id == number).order_by(Comment.id)
    return [body.strip() for body in db.session.scalars(query)]


def test_both_tickets_show_the_question(dana, odd, sign_in):
    browser = sign_in("agent")
    shown = plain(browser.get(f"/tickets/{odd.ticket_id}"))
    assert f"Does this belong to #{dana} , “Projector”?" in shown
    assert "but dw@home.example is neither on that ticket nor of its client." in shown
    assert "A message may belong here. Projector from dw@home.example." in plain(browser.get(f"/tickets/{dana}"))


def test_accepted_it_moves_there_and_its_empty_ticket_is_closed_as_merged(dana, odd, sign_in, mailroom, cast):
    own = odd.ticket_id
    moved_to = answer(sign_in("agent"), odd.id, "accept")
    assert (moved_to.status_code, moved_to.location) == (303, f"/tickets/{dana}")
    assert bodies(dana) == ["The projector stays dark.", "From home."]
    left = mailroom.ticket(own)
    assert (left.status, left.merged_into_id) == ("closed", dana)
    assert state(odd.id) == ("accepted", cast.tom.id)
    later = mailroom.receive(letter("Again from home.", sender="dw@home.example", subject="x", answers=ODD))
    assert later.ticket_id == dana


def test_refused_it_stays_and_nobody_is_asked_again(dana, odd, sign_in, mailroom, cast):
    browser = sign_in("agent")
    assert answer(browser, odd.id, "refuse").location == f"/tickets/{odd.ticket_id}"
    assert bodies(dana) == ["The projector stays dark."]
    assert state(odd.id) == ("refused", cast.tom.id)
    for number in (dana, odd.ticket_id):
        assert "No, leave it" not in browser.get(f"/tickets/{number}").text
    answer(browser, odd.id, "accept")
    assert state(odd.id)[0] == "refused"


def test_what_was_said_on_the_new_ticket_meanwhile_stays_there(dana, odd, sign_in, cast, mailroom):
    operations.add_note(odd.ticket_id, Said("Who is that?"), Actor(user_id=cast.tom.id))
    db.session.commit()
    own, browser = odd.ticket_id, sign_in("agent")
    answer(browser, odd.id, "accept")
    assert bodies(dana)[-1] == "From home."
    left = mailroom.ticket(own)
    assert (bodies(left.id), left.status, left.merged_into_id) == (["Who is that?"], "new", None)
    shown = plain(browser.get(f"/tickets/{own}"))
    assert f"moved a message to #{dana}" in shown


def test_the_ticket_may_have_been_merged_meanwhile(dana, odd, sign_in, cast, mailroom):
    other = mailroom.receive(letter("Lamp.", subject="Lamp")).ticket_id
    merging.merge(dana, other, Actor(user_id=cast.tom.id))
    db.session.commit()
    assert answer(sign_in("agent"), odd.id, "accept").location == f"/tickets/{other}"
    assert "From home." in bodies(other)


def test_a_held_message_is_filed_by_it(dana, mailroom, cast, sign_in):
    db.session.get_one(MailAccount, cast.inbound.id).unknown_senders = "hold"
    db.session.commit()
    email = mailroom.receive(letter("From home.", sender="dw@home.example", answers=FIRST))
    assert email.status == "held"
    browser = sign_in("agent")
    assert f"Yes, move it to #{dana}" in plain(browser.get(f"/mail/inbound/{email.id}"))
    assert answer(browser, email.id, "accept").location == f"/tickets/{dana}"
    db.session.expire_all()
    assert (email.status, email.ticket_id, bodies(dana)[-1]) == ("filed", dana, "From home.")
    assert next(step["detail"] for step in email.trace if step["step"] == "Ticket") == "a person has said so"
    assert state(email.id) == ("accepted", cast.tom.id)


def test_one_that_came_to_its_ticket_in_another_way_is_asked_about_no_more(dana, odd, sign_in, cast):
    merging.merge(odd.ticket_id, dana, Actor(user_id=cast.tom.id))
    db.session.commit()
    assert "No, leave it" not in sign_in("agent").get(f"/tickets/{dana}").text


def test_nonsense_is_no_answer(odd, sign_in):
    browser = sign_in("agent")
    assert answer(browser, odd.id, "perhaps").status_code == 400
    assert answer(browser, 99, "accept").status_code == 404
