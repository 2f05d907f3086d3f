"""Who follows a ticket beside those who must: users and contacts, how they come to it and how they leave it."""

from __future__ import annotations

from psa.extensions import db
from psa.tickets import watchers
from psa.tickets.models import Event
from psa.tickets.operations import Actor
from tests.mailroom import letter


def test_a_user_who_watches_is_one_of_those_to_be_told(mailroom, cast):
    mailroom.receive(letter())
    assert watchers.watch(1, user_id=cast.mara.id, name="Mara", because="by hand", by=Actor(user_id=cast.mara.id))
    assert not watchers.watch(1, user_id=cast.mara.id, name="Mara", because="by hand", by=Actor(user_id=cast.mara.id))
    assert watchers.watching_users(1) == [cast.mara.id]
    cast.mara.active = False
    db.session.commit()
    assert watchers.watching_users(1) == []


def test_a_contact_who_was_taken_out_comes_back_by_a_person_only(mailroom, cast):
    mailroom.receive(letter())
    tom, ruben = Actor(user_id=cast.tom.id), {"contact_id": cast.ruben.id, "name": "Ruben"}
    assert watchers.copy_in(1, **ruben, because="in Cc", by=Actor())
    assert watchers.is_watcher(1, cast.ruben.id)
    watchers.unwatch(watchers.watchers_of(1)[0], tom)
    assert not watchers.is_watcher(1, cast.ruben.id)
    assert not watchers.copy_in(1, **ruben, because="in Cc", by=Actor())
    assert watchers.copy_in(1, **ruben, because="by hand", by=tom)
    assert [one.email for one in watchers.watching_contacts(1)] == ["ruben@vega-logistics.example"]
    told = [event.detail for event in db.session.scalars(db.select(Event).where(Event.kind == "watcher"))]
    assert [(one["from"], one["to"]) for one in told] == [
        ("", "Ruben"),
        ("Ruben Castellanos", ""),
        ("", "Ruben"),
    ]


def test_the_requester_gets_no_second_copy(mailroom, cast):
    mailroom.receive(letter())
    watchers.copy_in(1, contact_id=cast.dana.id, name="Dana", because="in Cc", by=Actor())
    assert watchers.watching_contacts(1) == []
