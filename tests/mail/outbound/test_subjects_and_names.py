"""Subjects and names in any script arrive as they were written, blank by blank."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from psa.extensions import db
from psa.mail.message import parse
from psa.mail.outbound.compose import Content, compose
from psa.mail.raw import raw_bytes
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

SUBJECTS = [
    "Rechnung über 1.234,56 € – Überprüfung nötig (151)",
    "printer invoice 4711 nötig (151) (151) € größer für –",
    "Straße – gesperrt für 4711 für the Straße Straße später für invoice über",
    "プリンターが動きません。至急ご対応をお願いいたします。何度も電源を入れ直しましたが、同じです",
    "الطابعة لا تعمل في الطابق الثاني INV-4711 والموظفون ينتظرون منذ الصباح",
    "🙂" * 40,
    "plain words " * 12 + "and ü",
    "x" * 200,
]
NAMES = [
    "Łukasz später Rechnung Straße – Müller über",
    "größer Müller Überprüfung KG Straße – über",
    'Gebrüder "Öl" Müller, Nachfolger (Köln) <sic>',
    "Smith, Bob",
]


def decoded(value: str) -> str:
    """By the reader of RFC 2047 in the standard library that knows nothing of phrases."""
    return str(make_header(decode_header(value.replace("\n", ""))))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_subject_of_a_reply_is_the_one_that_was_asked_under(mailroom, cast, subject):
    inbound = mailroom.receive(letter())
    inbound.ticket.subject = subject
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)
    db.session.commit()
    (email,) = mailroom.outbox
    raw = raw_bytes(email.raw_id)
    assert parse(raw).subject == f"Re: {subject} [#{inbound.ticket_id}]"
    written = message_from_bytes(raw)["Subject"]
    # With an encoded word a line may have 76 (RFC 2047, 2).
    assert max(len(line) for line in f"Subject: {written}".splitlines()) <= 76


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_before_its_address_as_it_was_written(app, name):
    others = [("", "abc..def@docomo.ne.jp"), ("Ada Byron", "ada@lovelace.example")]
    content = Content("Hello", "Hello")
    raw = compose(content, sender=(name, "a@b.example"), to=[(name, "c@d.example"), *others]).raw
    message = message_from_bytes(raw)
    read = [
        (decoded(one), address)
        for one, address in getaddresses([message["From"].replace("\n", ""), message["To"].replace("\n", "")])
    ]
    assert read == [
        (name, "a@b.example"),
        (name, "c@d.example"),
        ("", '"abc..def"@docomo.ne.jp'),
        ("Ada Byron", "ada@lovelace.example"),
    ]
