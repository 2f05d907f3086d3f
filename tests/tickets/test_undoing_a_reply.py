"""For a few seconds a reply can be taken back: it never left, and its text is in the composer again."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.deliver import deliver_due
from psa.tickets import queries
from psa.tickets.models import Comment, Event, Ticket
from tests.mailroom import letter


@pytest.fixture
def ticket(app, mailroom):
    app.config["PSA_UNDO_SECONDS"] = 15
    return mailroom.receive(letter(subject="Projector")).ticket_id


@pytest.fixture
def replied(ticket, sign_in):
    """Tom's browser, after he answered."""
    browser = sign_in("agent")
    browser.post(f"/tickets/{ticket}/replies", data=answer(ticket))
    return browser


def answer(ticket: int) -> dict[str, str]:
    return {
        "body": "Have you tried a new lamp?",
        "then": "waiting",
        "seen_event": str(queries.last_event(ticket)),
    }


def reply() -> Comment:
    return db.session.scalars(db.select(Comment).order_by(Comment.id.desc())).first()


def test_the_reply_waits_and_says_for_how_long(replied, ticket):
    page = replied.get(f"/tickets/{ticket}").text
    assert "Leaves in 15 s" in page or "Leaves in 14 s" in page
    assert deliver_due() == 0


def test_undone_it_is_gone_and_its_text_is_back(replied, ticket):
    answer = replied.post(f"/comments/{reply().id}/undo")
    assert "Have you tried a new lamp?" in answer.text
    db.session.expire_all()
    email = db.session.scalars(db.select(OutboundEmail)).one()
    assert (email.status, email.comment_id) == ("cancelled", None)
    assert reply().body == "The projector stays dark."
    after = db.session.get(Ticket, ticket)
    assert (after.status, after.preview_is_ours) == ("new", False)
    assert db.session.scalars(db.select(Event.kind).order_by(Event.id)).all() == ["opened"]


def test_with_htmx_the_composer_comes_back_and_the_comment_leaves_the_page(replied):
    comment_id = reply().id
    answer = replied.post(f"/comments/{comment_id}/undo", headers={"HX-Request": "true"}).text
    assert f'id="comment-{comment_id}" hx-swap-oob="delete"' in answer
    assert "Have you tried a new lamp?" in answer


def test_what_is_already_leaving_stays(replied, ticket):
    email = db.session.scalars(db.select(OutboundEmail)).one()
    db.session.execute(db.update(OutboundEmail).values(status="sending"))
    db.session.commit()
    answer = replied.post(f"/comments/{reply().id}/undo")
    assert "It was too late" in answer.text
    assert not outbox.cancel(email.id, "Tom")
    db.session.expire_all()
    assert reply().body == "Have you tried a new lamp?"


def test_split_off_it_is_all_that_its_ticket_says_and_stays(replied, ticket, mailroom):
    comment_id = reply().id
    number = int(replied.post(f"/comments/{comment_id}/split", data={"what": "this"}).location.rpartition("/")[2])
    for headers in ({}, {"HX-Request": "true"}):
        answer = replied.post(f"/comments/{comment_id}/undo", headers=headers).text
        assert f"The reply has opened #{number}, so it stays." in answer
        assert 'hx-swap-oob="delete"' not in answer
    assert [comment.id for comment in mailroom.ticket(number).comments] == [comment_id]
    assert [email.status for email in mailroom.outbox] == ["queued"]


def test_what_happened_since_stays_as_it_is(replied, ticket, mailroom):
    replied_id = reply().id
    mailroom.receive(letter("Still dark.", subject=f"Re: Projector [#{ticket}]", in_reply_to=first_id()))
    replied.post(f"/comments/{replied_id}/undo")
    db.session.expire_all()
    after = db.session.get(Ticket, ticket)
    assert (after.status, after.preview) == ("open", "Still dark.")


def first_id() -> str:
    return f"<{db.session.scalars(db.select(InboundEmail.message_id).order_by(InboundEmail.id)).first()}>"


def test_only_its_writer_can_take_it_back(replied, sign_in):
    replied.post("/sign-out")
    assert sign_in("admin").post(f"/comments/{reply().id}/undo").status_code == 404
