"""Whoever is blocked is ignored, with who said so and when; a person may decide otherwise, and is warned beforehand."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.blocking.models import BlockedSender
from psa.mail.blocking.operations import NotBlockable, block, blocked_among, find_block, read
from psa.mail.inbound import process
from psa.mail.inbound.explain import explain
from psa.tickets.models import Ticket
from tests.mailroom import letter

OFFERS = "Offers <offers@mail.shop.example>"


@pytest.fixture
def shop_is_blocked(cast) -> None:
    block("shop.example", cast.tom.id, "sells lamps")
    db.session.commit()


def tickets() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Ticket))


def blocked() -> list[str]:
    return list(db.session.scalars(db.select(BlockedSender.value).order_by(BlockedSender.id)))


def test_mail_of_a_blocked_domain_and_of_those_below_it_is_ignored_with_who_when_and_why(mailroom, shop_is_blocked):
    email = mailroom.receive(letter(sender=OFFERS))

    entry = db.session.scalars(db.select(BlockedSender)).one()
    assert email.status == "ignored"
    day = f"{entry.blocked_at.day} {entry.blocked_at:%b %Y}"
    assert email.reason == f"Blocked: shop.example was blocked by Tom Okafor on {day}: sells lamps"
    assert {"step": "Blocked", "verdict": "Yes", "detail": email.reason.removeprefix("Blocked: ")} in email.trace
    assert (entry.hits, entry.last_hit_at is not None) == (1, True)
    assert (tickets(), mailroom.outbox) == (0, [])


def test_mail_from_the_blocked_address_of_one_of_us_is_held(mailroom, cast):
    block("northwind.example", cast.mara.id, "somebody writes in our name")
    db.session.commit()
    email = mailroom.receive(letter(sender="Tom Okafor <tom@northwind.example>"))

    assert email.status == "held"
    assert email.reason.endswith("but it is the address of one of us")
    assert mailroom.receive(letter(sender="nobody@northwind.example")).status == "ignored"


def test_a_domain_that_only_ends_alike_is_another_one(mailroom, shop_is_blocked):
    assert mailroom.receive(letter(sender="post@workshop.example")).status == "filed"


def test_of_several_entries_the_most_specific_one_is_named(cast):
    block("shop.example", cast.tom.id)
    block("offers@mail.shop.example", cast.mara.id)
    assert find_block("Offers@Mail.Shop.example").value == "offers@mail.shop.example"
    assert find_block("a@b.c.d.e.f.g.shop.example").value == "shop.example"
    assert find_block("dana@harbor-dental.example") is None


def test_a_person_can_make_a_ticket_of_it_all_the_same(mailroom, shop_is_blocked):
    email = mailroom.receive(letter(sender=OFFERS))

    assert process.process_again(email.id).status == "ignored"
    assert process.convert(email.id).status == "filed"
    assert any(step["verdict"] == "Not heeded" for step in email.trace)


def test_explaining_says_it_and_counts_nothing(cast, shop_is_blocked):
    assert explain(letter(sender=OFFERS).as_bytes(), cast.inbound).disposition == "ignored"
    assert db.session.scalars(db.select(BlockedSender.hits)).one() == 0


def test_what_is_neither_an_address_nor_a_domain_is_refused_and_common_ways_to_write_one_are_read(app):
    assert read(" <Offers@Shop.example> ") == "offers@shop.example"
    assert read("*@shop.example") == read("@shop.example.") == read("*.shop.example") == "shop.example"
    for nonsense in ("", "shop", "a b@shop.example", "@", "offers@", "a@b@c.example"):
        with pytest.raises(NotBlockable):
            read(nonsense)


def test_one_click_on_a_held_message_blocks_its_sender_and_ends_it(mailroom, cast, sign_in):
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    held = mailroom.receive(letter(sender=OFFERS))
    agent = sign_in("agent")
    assert "Block mail.shop.example" in agent.get("/tickets/held").text

    form = {"value": "mail.shop.example", "message": held.id, "back": "/tickets/held"}
    response = agent.post("/mail/blocked", data=form)

    assert (response.status_code, response.location) == (303, "/tickets/held")
    db.session.expire_all()
    assert (held.status, blocked()) == ("ignored", ["mail.shop.example"])
    assert "by Tom Okafor" in held.reason


def test_the_page_lists_them_with_hits_and_lets_them_in_again(mailroom, sign_in, shop_is_blocked):
    mailroom.receive(letter(sender=OFFERS))
    agent = sign_in("agent")
    page = agent.get("/mail/blocked").text
    assert "shop.example" in page
    assert "sells lamps" in page
    assert "1 message" in page

    entry_id = db.session.scalars(db.select(BlockedSender.id)).one()
    agent.post(f"/mail/blocked/{entry_id}/removal")

    assert blocked() == []
    assert mailroom.receive(letter(sender=OFFERS, subject="Lamps")).status == "filed"


def test_an_entry_is_typed_on_the_page_and_nonsense_comes_back_with_the_reason(sign_in):
    agent = sign_in("agent")
    assert agent.post("/mail/blocked", data={"value": "lamps.example"}).status_code == 303
    refused = agent.post("/mail/blocked", data={"value": "lamps"})
    assert (refused.status_code, blocked()) == (422, ["lamps.example"])
    assert "or a domain such as shop.example" in refused.text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("harbor-dental.example", "belongs to your client Harbor Dental"),
        ("dana@harbor-dental.example", "belongs to your client Harbor Dental"),
        ("tom@northwind.example", "is one of us"),
        ("northwind.example", "Mail of the firm itself"),
        ("gmail.com", "Many people have their mail at gmail.com"),
    ],
)
def test_a_client_one_of_us_and_free_mail_are_blocked_only_by_who_was_warned(sign_in, value, words):
    agent = sign_in("agent")

    asked = agent.post("/mail/blocked", data={"value": value})
    assert (asked.status_code, blocked()) == (422, [])
    assert words in asked.text

    assert agent.post("/mail/blocked", data={"value": value, "anyway": "1"}).status_code == 303
    assert blocked() == [value]


def test_the_way_back_leads_nowhere_else(sign_in):
    response = sign_in("agent").post("/mail/blocked", data={"value": "lamps.example", "back": "//lamps.example"})
    assert response.location == "/mail/blocked"


def test_the_sender_is_blocked_from_a_ticket_and_from_any_message_of_the_mail_log(mailroom, sign_in):
    email = mailroom.receive(letter(sender="Spammer <x@spam.example>"))
    agent = sign_in("agent")
    for page in (f"/tickets/{email.ticket_id}", f"/mail/inbound/{email.id}"):
        text = agent.get(page).text
        assert 'value="x@spam.example"' in text
        assert 'value="spam.example"' in text
        assert "Block spam.example" in text


def test_of_free_mail_only_the_address_is_offered(mailroom, sign_in):
    email = mailroom.receive(letter(sender="Somebody <somebody@gmail.com>"))
    text = sign_in("agent").get(f"/mail/inbound/{email.id}").text
    assert "Block somebody@gmail.com" in text
    assert "Block gmail.com" not in text


def test_of_many_addresses_the_same_ones_are_blocked_as_of_each(cast):
    for value in ("shop.example", "kim@harbor-dental.example"):
        block(value, cast.tom.id)
    many = ["Kim@Harbor-Dental.example", "a@b.shop.example", "a@workshop.example", "dana@harbor-dental.example", ""]
    assert blocked_among(many) == {one.lower() for one in many if find_block(one) is not None}
    assert blocked_among(many) == {"kim@harbor-dental.example", "a@b.shop.example"}
    assert blocked_among([]) == set()
