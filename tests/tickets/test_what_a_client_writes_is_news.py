"""What comes from a client's side makes its ticket unread and waits to be told of; it does so on either database."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.notifications.models import Untold
from psa.tickets import operations
from psa.tickets.models import Event, Ticket
from psa.tickets.operations import Actor, Said
from tests.factories import make_cast


@pytest.fixture
def database_url(either_database) -> str:
    return either_database


def test_a_clients_words_are_news_and_ours_are_not(app):
    cast = make_cast()
    ticket_id, first_id = operations.open_ticket(
        subject="No dial tone", queue_id=cast.support.id, said=Said("Help"), by=Actor(contact_id=cast.dana.id)
    )
    opened = events()[-1]
    assert (opened.kind, opened.comment_id, opened.contact_id, opened.detail) == ("opened", first_id, cast.dana.id, {})
    assert news_of(ticket_id) == opened.id

    operations.add_reply(ticket_id, Said("On our way"), Actor(user_id=cast.mara.id), then="keep")
    assert news_of(ticket_id) == opened.id

    last_id = operations.add_reply(ticket_id, Said("Thank you"), Actor(contact_id=cast.dana.id), then="keep")
    thanked = events()[-1]
    assert (thanked.kind, thanked.comment_id) == ("commented", last_id)
    assert news_of(ticket_id) == thanked.id
    # Ours too: the client's other people hear of it.
    assert db.session.scalars(db.select(Untold.event_id).order_by(Untold.event_id)).all() == [e.id for e in events()]


def events() -> list[Event]:
    return list(db.session.scalars(db.select(Event).order_by(Event.id)))


def news_of(ticket_id: int) -> int:
    return int(db.session.scalars(db.select(Ticket.news_id).where(Ticket.id == ticket_id)).one())
