"""The Mail log: every message in and out, found again by whatever somebody remembers of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.diagnosis.causes import CAUSES
from psa.mail.log import queries
from psa.mail.log.queries import Key, Wanted
from psa.mail.models import InboundEmail, OutboundEmail
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

ANSWER = "Re: Projector in room 3 [#1]"


@pytest.fixture
def answered(mailroom, cast):
    """Dana wrote about the projector, and Tom answered."""
    inbound = mailroom.receive(letter(subject="Projector in room 3"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)
    db.session.commit()
    return inbound


def subjects(**wanted: object) -> list[str]:
    return [entry.subject for entry in queries.page_of(Wanted(**wanted))[0]]


def test_what_came_in_and_what_goes_out_stand_in_one_list(answered):
    entries, more = queries.page_of(Wanted())
    assert [(entry.direction, entry.status) for entry in entries] == [("out", "queued"), ("in", "filed")]
    assert not more


def test_the_page_names_the_sender_what_became_of_it_and_its_ticket(answered, sign_in):
    page = sign_in("agent").get("/mail").text
    assert "Dana Whitfield" in page
    assert "Opened ticket #" in page
    assert f"/tickets/{answered.ticket_id}" in page


@pytest.mark.parametrize(
    "typed", ["projector", "PROJ", "dana@harbor-dental.example", "harbor", "Whitfield dana", "room 3"]
)
def test_a_message_is_found_by_any_of_its_words(answered, typed):
    assert "Projector in room 3" in subjects(words=typed, direction="in")


def test_accents_and_case_do_not_matter(mailroom, cast):
    mailroom.receive(letter(subject="Überfällige Łódź-Rechnung"))
    for typed in ("uberfallig", "ÜBERFÄLLIGE", "lodz", "Łódź"):
        assert subjects(words=typed) == ["Überfällige Łódź-Rechnung"]


@pytest.mark.parametrize("typed", ['"', "* OR", "a AND NOT b", "')--", "&|!:*", "NEAR(", "%", "\\"])
def test_whatever_is_typed_is_searched_for_and_never_an_error(answered, sign_in, typed):
    assert sign_in("agent").get("/mail", query_string={"q": typed}).status_code == 200


def test_a_message_that_goes_out_is_found_by_its_recipient(answered):
    assert subjects(words="dana@harbor-dental.example", direction="out") == [ANSWER]


def test_the_message_id_finds_a_message(mailroom, cast):
    mailroom.receive(letter(subject="By its id", message_id="<CAF-77.x@harbor-dental.example>"))
    assert subjects(words="CAF-77.x@harbor-dental.example") == ["By its id"]


def test_filters_narrow_by_direction_disposition_account_and_time(answered, mailroom, cast):
    mailroom.receive("vacation_notice.eml")
    assert subjects(direction="out") == [ANSWER]
    assert ANSWER not in subjects(became="filed")
    assert subjects(account_id=cast.outbound.id) == [ANSWER]
    old = db.session.scalars(db.select(InboundEmail).order_by(InboundEmail.id)).first()
    old.kept_at = clock.now() - timedelta(days=20)
    db.session.commit()
    assert "Projector in room 3" not in subjects(period="week")
    assert "Projector in room 3" in subjects(period="month")


def test_what_only_a_person_can_bring_further_is_one_click_away(mailroom, cast, sign_in):
    cast.inbound.create_tickets = False
    db.session.commit()
    mailroom.receive(letter(subject="Held back"))
    assert "Needs a person" in sign_in("agent").get("/mail").text
    assert subjects(became="person") == ["Held back"]


def test_pages_follow_each_other_without_gap_or_overlap(mailroom, cast, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 4)
    now = clock.now()
    for number in range(9):
        inbound = mailroom.receive(letter(subject=f"In {number}"))
        # All in the same moment: only the number tells them apart.
        inbound.kept_at = now
    db.session.commit()
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="Yes."), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)
    db.session.execute(db.update(OutboundEmail).values(queued_at=now))
    db.session.commit()
    seen: list[str] = []
    before = None
    for _ in range(5):
        entries, more = queries.page_of(Wanted(), before)
        seen += [f"{entry.direction}{entry.id}" for entry in entries]
        before = Key.read(str(entries[-1].key))
        assert before == entries[-1].key
        if not more:
            break
    assert len(seen) == len(set(seen)) == 10


def test_what_came_after_the_page_was_drawn_waits_behind_a_line(answered, mailroom, sign_in):
    browser = sign_in("agent")
    top = queries.page_of(Wanted())[0][0].key
    assert "newer message" not in browser.get("/mail/sums", query_string={"top": str(top)}).text
    mailroom.receive(letter(subject="Just now"))
    assert "1 newer message" in browser.get("/mail/sums", query_string={"top": str(top)}).text


def test_a_filter_that_is_chosen_after_a_search_keeps_its_words(answered, sign_in):
    """Filters and sums stand outside of the list that a search replaces."""
    found = sign_in("agent").get("/mail?q=projector", headers={"HX-Request": "true"}).text
    assert re.search(r'id="filters"[^>]*hx-swap-oob="true"', found)
    assert re.search(r'id="sums" hx-swap-oob="true" hx-get="/mail/sums[^"]*q=projector', found)
    assert '<a href="/mail?became=filed&amp;q=projector"' in found


def test_several_failed_messages_are_processed_again_at_once(mailroom, cast, sign_in, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(operations, "open_ticket", lambda **_: 1 / 0)
        failed = [mailroom.receive(letter(subject=f"Number {number}")) for number in range(3)]
    assert {email.status for email in failed} == {"failed"}
    browser = sign_in("agent")
    answer = browser.post("/mail/runs?became=failed", data={"all": "1"}, follow_redirects=True)
    assert "Processed again: 3 filed." in answer.text
    db.session.expire_all()
    assert {db.session.get(InboundEmail, email.id).status for email in failed} == {"filed"}


def test_only_the_ticked_messages_are_converted(mailroom, cast, sign_in):
    cast.inbound.create_tickets = False
    db.session.commit()
    first, second = (mailroom.receive(letter(subject=subject)) for subject in ("First", "Second"))
    sign_in("agent").post("/mail/runs?became=held", data={"message": [str(second.id)], "do": "convert"})
    db.session.expire_all()
    assert (db.session.get(InboundEmail, first.id).status, db.session.get(InboundEmail, second.id).status) == (
        "held",
        "filed",
    )


def test_a_message_that_goes_out_has_a_page_with_its_attempts_and_its_bytes(answered, sign_in):
    browser = sign_in("agent")
    email = db.session.scalars(db.select(OutboundEmail)).one()
    page = browser.get(f"/mail/outbound/{email.id}").text
    assert "Nobody has tried to send it yet" in page
    assert "Message-ID" in browser.get(f"/mail/outbound/{email.id}?show=headers").text
    raw = browser.get(f"/mail/outbound/{email.id}/raw")
    assert raw.mimetype == "message/rfc822"
    assert b"On my way." in raw.data


def test_the_log_is_for_those_who_are_signed_in(app, browser):
    assert browser.get("/mail").status_code == 303


def test_a_row_says_the_cause_and_leaves_the_servers_words_to_its_page(answered, sign_in):
    words = "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)"
    failed = {"status": "failed", "cause": "tls_port_mismatch", "reason": words}
    db.session.execute(db.update(OutboundEmail).values(failed))
    db.session.commit()
    browser, email_id = sign_in("agent"), db.session.scalar(db.select(OutboundEmail.id))
    page = browser.get("/mail").text
    assert CAUSES["tls_port_mismatch"].title in page
    assert words not in page
    assert words in browser.get(f"/mail/outbound/{email_id}").text
