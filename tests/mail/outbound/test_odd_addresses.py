"""Addresses that the standard breaks its head over: who can be written to is answered, and who cannot is said."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.outbound.compose import Content, Unwritable, compose
from psa.mail.raw import raw_bytes
from psa.tickets.models import Event
from tests.mailroom import letter

PHONES = {
    "abc..def@docomo.ne.jp": '"abc..def"@docomo.ne.jp',
    "abc.@docomo.ne.jp": '"abc."@docomo.ne.jp',
    ".abc@docomo.ne.jp": '".abc"@docomo.ne.jp',
}
UNWRITABLE = ["jürgen@example.de", "nobody", "@example.de", "nobody@", "a@b@", "a@x..de", "a\x00b@x.de"]


def answer(browser, ticket_id: int, **more):
    seen = db.session.scalar(db.select(db.func.max(Event.id)))
    return browser.post(f"/tickets/{ticket_id}/replies", data={"body": "Try it now.", "seen_event": seen}, **more)


@pytest.mark.parametrize(("address", "quoted"), PHONES.items())
def test_a_phone_with_two_dots_in_its_address_gets_its_reply(sign_in, cast, mailroom, address, quoted):
    ticket = mailroom.receive(letter(sender="dana@harbor-dental.example")).ticket
    ticket.requester.addresses[0].email = address
    db.session.commit()
    assert answer(sign_in(cast.tom), ticket.id).status_code == 303
    (email,) = mailroom.outbox
    assert email.recipients == [quoted]
    assert f"To: Dana Whitfield <{quoted}>".encode() in raw_bytes(email.raw_id)


def test_a_letter_before_the_at_that_servers_cannot_take_is_said_at_the_reply(sign_in, cast, mailroom):
    ticket = mailroom.receive(letter()).ticket
    ticket.requester.addresses[0].email = "jürgen@example.de"
    db.session.commit()
    response = answer(sign_in(cast.tom), ticket.id, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert "jürgen@example.de has letters before the @" in response.text
    assert "Try it now." in response.text
    assert mailroom.outbox == []


@pytest.mark.parametrize(
    ("sender", "step"),
    [("<abc..def@docomo.ne.jp>", "Queued"), ("=?utf-8?q?J=C3=BCrgen?= <jürgen@example.de>", "None")],
)
def test_with_confirmation_on_every_mail_becomes_a_ticket_whoever_sent_it(cast, mailroom, sender, step):
    cast.inbound.acknowledge = True
    db.session.commit()
    raw = f"From: {sender}\r\nSubject: Help\r\nMessage-ID: <1@phone.example>\r\n\r\nIt is dark.\r\n".encode()
    kept = mailroom.receive(raw)
    assert kept.status == "filed"
    assert [entry["verdict"] for entry in kept.trace if entry["step"] == "Answer"] == [step], kept.trace


def test_a_domain_with_an_umlaut_leaves_as_servers_know_it(app):
    composed = compose(
        Content("Hi", ""),
        sender=("", "support@northwind.example"),
        to=[("", "info@müller.example")],
    )
    assert b"To: info@xn--mller-kva.example\r\n" in composed.raw


def test_a_long_list_of_odd_addresses_keeps_its_quotes_over_the_fold(app):
    many = [(f"Person Number {number}", f"abc..def{number}@docomo.ne.jp") for number in range(9)]
    composed = compose(
        Content("Hi", ""),
        sender=("", "support@northwind.example"),
        to=many,
    )
    head = composed.raw.partition(b"To: ")[2].partition(b"\r\nSubject")[0].decode()
    assert all(len(line) <= 78 for line in head.splitlines())
    assert head.split() == [
        word for n in range(9) for word in ("Person", "Number", str(n), f'<"abc..def{n}"@docomo.ne.jp>' + "," * (n < 8))
    ]


@pytest.mark.parametrize("address", UNWRITABLE)
def test_what_is_no_address_is_said_in_a_sentence(app, address):
    with pytest.raises(Unwritable, match=r"\.$"):
        compose(
            Content("Hi", ""),
            sender=("", "support@northwind.example"),
            to=[("", address)],
        )
