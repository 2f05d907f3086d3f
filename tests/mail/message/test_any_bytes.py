"""No bytes make the reader raise, none of the text is lost, and hostile size meets a named cap."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message import parse, print_parsed, to_json
from tests.mail.message.reading import EMAILS

FIXTURES = sorted(EMAILS.glob("*.eml"))
_HEAD = b"From: a@b.example\nMIME-Version: 1.0\n"


def _letters(text: str) -> list[str]:
    return sorted(c for c in text if c.isalnum())


def _read_all(raw: bytes) -> dict[str, object]:
    email = parse(raw, trusted_authserv="mx.example", own_domains=frozenset({"b.example"}))
    answer = to_json(email, "x.eml")
    json.dumps(answer, ensure_ascii=False).encode()
    kept = email.reply_text + email.folded_text + email.signature_text
    assert _letters(email.text) == _letters(kept)
    assert len(email.content_hash) == len(email.raw_sha256) == 64
    assert email.base_subject is not None and email.headers is not None and email.delivered_to is not None
    return answer


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read(raw):
    _read_all(raw)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=x\n",
                b"--x\n",
                b"--x--\n",
                b"\n",
                b"text\n",
                b"From: =?utf-8?q?=C3?= <a@b>\n",
                b"\r",
                b"\xff\xfe",
                b"Content-Transfer-Encoding: base64\n",
                b"begin 644 f\n",
                b"=ybegin name=f\n",
                b"Content-Type: text/html\n",
                b"<blockquote type=cite>",
                b"Content-Type: message/delivery-status\n",
                b"Final-Recipient: rfc822; <>\n",
                b"Subject: Undelivered\n",
                b"> quoted\n",
                b"Content-Type: application/ms-tnef\n",
                b"\x78\x9f\x3e\x22",
                b"Content-Disposition: attachment; filename*0*=x''%FF\n",
            ]
        ),
        max_size=25,
    ).map(b"".join)
)
def test_any_pieces_of_mail_in_any_order_are_read(raw):
    _read_all(raw)


def test_mutated_fixtures_are_read():
    chance = random.Random(7)
    raws = [path.read_bytes() for path in FIXTURES]
    for _ in range(400):
        data = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data) or 1)
            if chance.random() < 0.5:
                data[at : at + 1] = bytes([chance.randrange(256)])
            else:
                del data[at : at + chance.randrange(60)]
        _read_all(bytes(data))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_each_fixture_is_read_alike_with_any_line_ends(path):
    raw = path.read_bytes().replace(b"\r\n", b"\n")
    plain, dos = _read_all(raw), _read_all(raw.replace(b"\n", b"\r\n"))
    for key in ("from", "subject", "text", "reply_text", "automatic", "forwarded"):
        assert plain[key] == dos[key]
    mac = _read_all(raw.replace(b"\n", b"\r"))
    assert (mac["subject"], mac["text"]) == (plain["subject"], plain["text"])


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (
            _HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)),
            "nested",
        ),
        (_HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhello\n" * 10_000, "parts"),
        (_HEAD + b"X-Foo: bar\n" * 100_000 + b"\nhi\n", "headers"),
        (_HEAD + b"X-Foo: " + b"a" * 10_000_000 + b"\n\nhi\n", "bytes"),
    ],
    ids=["10,000 nested parts", "10,000 parts", "100,000 headers", "a header of 10 MB"],
)
def test_bombs_meet_a_cap_that_is_named(raw, named):
    assert any(named in defect for defect in parse(raw).defects)


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b'"\\' * 45_000 + b"\n\nx",
        b"To: x" + b" " * 90_000 + b"y\n\nx",
        b"To: " + b"(" * 90_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?q?a" * 9_000 + b"\n\nx",
        b"\n" + b"On " * 100_000,
        b"\n" + b"On Mon 2026 a@b.example:\nx wrote:\n" * 5_000,
        b"\n" + b"> q\n\na\n" * 20_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"hi",
        b"Content-Type: text/html\n\n" + b"<" * 200_000,
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nA: b\n" * 50_000,
    ],
    ids=range(10),
)
@pytest.mark.timeout(20)
def test_hostile_repetition_takes_no_longer_than_its_size(raw):
    _read_all(raw)


def test_the_lines_printed_are_one_json_object_each_in_the_order_given(tmp_path):
    first, second = FIXTURES[0], FIXTURES[1]
    lines: list[str] = []
    assert not print_parsed([str(second), str(tmp_path / "missing.eml"), str(first)], True, lines.append)
    answers = [json.loads(line) for line in lines]
    assert [a["file"] for a in answers] == [str(second), str(tmp_path / "missing.eml"), str(first)]
    assert "cannot be read" in answers[1]["defects"][0]
    assert all("\n" not in line for line in lines)


def test_the_page_for_people_names_what_was_found():
    pages: list[str] = []
    assert print_parsed([str(EMAILS / "bounce_postfix.eml")], False, pages.append)
    (page,) = pages
    assert "gone@harbour.example" in page and "user-unknown" in page
