"""Words that tickets are marked with: by hand, for several at once, and to find them again."""

from __future__ import annotations

import re

import pytest

from psa.extensions import db
from psa.tickets import tags
from psa.tickets.models import Event, Tag
from psa.tickets.operations import Actor
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}


def test_a_tag_is_one_whatever_the_case(mailroom):
    mailroom.receive(letter())
    mailroom.receive(letter("Another one"))
    assert tags.add_tag(1, " Straße  West ", Actor())
    assert not tags.add_tag(1, "STRASSE west", Actor())
    assert tags.add_tag(2, "strasse west", Actor())
    assert tags.tags_of(1) == tags.tags_of(2) == ["Straße West"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Tag)) == 1


@pytest.mark.parametrize("name", ["", "  ", "[]", "x" * 61, "a\x07b"])
def test_what_is_no_tag_is_refused(name):
    with pytest.raises(tags.RefusedTag):
        tags.checked_name(name)


def test_a_tag_is_added_and_taken_off_beside_the_ticket(sign_in, mailroom):
    mailroom.receive(letter())
    browser = sign_in()
    answer = browser.post("/tickets/1/tags", data={"name": "vip, contract"}, headers=HTMX)
    assert answer.status_code == 200
    assert tags.tags_of(1) == ["contract", "vip"]
    vip = db.session.scalars(db.select(Tag).where(Tag.name == "vip")).one()
    assert browser.post(f"/tickets/1/tags/{vip.id}/removal").status_code == 303
    assert tags.tags_of(1) == ["contract"]
    told = [event.detail for event in db.session.scalars(db.select(Event).where(Event.kind == "tag"))]
    assert [(one["from"], one["to"]) for one in told] == [("", "vip"), ("", "contract"), ("vip", "")]
    page = browser.get("/tickets/1").text
    assert "took off the tag vip" in page
    # Nobody has it any more, so it is offered to nobody.
    assert '<option value="vip">' not in page
    assert '<option value="contract">' in page


def test_a_refused_tag_says_why_and_stays_in_its_field(sign_in, mailroom):
    mailroom.receive(letter())
    answer = sign_in().post("/tickets/1/tags", data={"name": "x" * 61}, headers=HTMX)
    assert answer.status_code == 422
    assert "at most 60 characters" in answer.text
    assert "x" * 61 in answer.text
    assert tags.tags_of(1) == []


def test_the_list_shows_tags_and_is_narrowed_by_one(sign_in, mailroom):
    mailroom.receive(letter(subject="Projector"))
    mailroom.receive(letter(subject="Printer"))
    tags.add_tag(2, "vip", Actor())
    db.session.commit()
    browser = sign_in()
    page = browser.get("/tickets").text
    assert '<span class="label-tag">vip</span>' in page
    tag = re.search(r'href="/tickets\?view=open&amp;tag=(\d+)"', page)
    assert tag
    narrowed = browser.get(f"/tickets?tag={tag[1]}").text
    assert "Printer" in narrowed
    assert "Projector" not in narrowed
    assert "Projector" not in browser.get("/tickets?tag=99").text
    assert "Projector" in browser.get("/tickets?tag=nonsense").text


def test_several_tickets_are_tagged_at_once(sign_in, mailroom):
    for subject in ("Projector", "Printer", "Phone"):
        mailroom.receive(letter(subject, subject=subject))
    browser = sign_in()
    browser.post("/tickets/changes", data={"ticket": ["1", "3"], "do": "tag", "new_tag": "move"})
    browser.post("/tickets/changes", data={"ticket": ["2"], "do": "tag:Move"})
    assert [tags.tags_of(number) for number in (1, 2, 3)] == [["move"]] * 3
    assert browser.post("/tickets/changes", data={"ticket": ["1"], "do": "tag", "new_tag": ""}).status_code == 303


def test_enter_in_the_bulk_bar_does_nothing(sign_in, mailroom):
    mailroom.receive(letter())
    rows = sign_in().get("/tickets").text
    rows = rows[rows.index('<form id="rows"') :]
    assert re.search(r"<button[^>]*>", rows)[0] == '<button type="submit" disabled hidden>'
