"""What holds for every mail, not only for those that we thought of."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from hypothesis import example, given, settings
from hypothesis import strategies as st

from psa.mail.message import parse, to_json
from psa.mail.message.charsets.charset import decode
from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.head.dates import read_date
from psa.mail.message.head.references import read_message_ids
from psa.mail.message.head.subjects import base_subject, subject_tags
from psa.mail.message.structure.header_text import decode_words
from psa.mail.message.structure.parameters import read_value
from psa.mail.message.structure.transfer import decode_base64, decode_quoted_printable

THOROUGHLY = settings(max_examples=200, deadline=None)

printable = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
words = st.lists(st.text(printable, min_size=1, max_size=12), min_size=1, max_size=8).map(" ".join)
atoms = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=12)
emails = st.builds(
    "{}@{}.example".format, atoms, st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1)).map(lambda d: d.replace(microsecond=0))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@THOROUGHLY
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "koi8-r", "gb2312", "utf-16", "nonsense"]))
def test_any_bytes_make_a_header_of_one_line(value, fallback):
    text = decode_words(value, fallback)
    assert not any(ord(c) < 32 for c in text)
    text.encode("utf-8")


@THOROUGHLY
@example("¡", "b", [1, 1, 1, 1], " ")
@given(words, st.sampled_from("bq"), st.lists(st.integers(0, 200), max_size=4), st.sampled_from([" ", "\n ", "\t", ""]))
def test_a_text_is_found_again_however_its_encoded_words_are_cut(text, kind, cuts, between):
    data = text.encode()
    stops = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in zip(stops, stops[1:], strict=False)]
    header = between.join(f"=?utf-8?{kind}?{encoded(piece, kind)}?=" for piece in pieces)
    assert decode_words(header.encode()) == text


def encoded(piece: bytes, kind: str) -> str:
    if kind == "b":
        return base64.b64encode(piece).decode()
    return "".join(f"={byte:02X}" if byte != 32 else "_" for byte in piece)


@THOROUGHLY
@given(st.lists(st.tuples(words, emails), min_size=1, max_size=5, unique_by=lambda p: p[1]))
def test_people_are_found_again_as_the_standard_library_writes_them(people):
    header = ", ".join(formataddr(person) for person in people)
    names = [" ".join(name.strip("'\"").split()) for name, _ in people]
    found = read_addresses(header.encode())
    assert [a.email for a in found] == [email for _, email in people]
    assert [a.name for a in found] == names or any(c in header for c in "\\?<>@\"'")


@THOROUGHLY
@given(st.text(st.sampled_from('ab@<>,;:()"\\ =?[].\n'), max_size=60))
def test_any_signs_make_an_address_list(written):
    for address in read_addresses(written.encode()):
        assert address.name == " ".join(address.name.split())
        assert "\n" not in address.email


@THOROUGHLY
@given(moments, offsets)
def test_a_date_is_the_same_moment_again(moment, offset):
    when = moment.replace(tzinfo=offset)
    found = read_date(format_datetime(when))
    assert found == when


@THOROUGHLY
@given(st.text(max_size=80))
def test_any_text_is_a_date_or_none(value):
    found = read_date(value)
    assert found is None or found.tzinfo is not None


@THOROUGHLY
@given(
    st.lists(st.builds("{}@{}".format, atoms, atoms), unique=True, max_size=8),
    st.sampled_from([" ", ",", "\r\n ", "", "\t"]),
)
def test_ids_are_found_again_whatever_stands_between_them(ids, between):
    assert read_message_ids(between.join(f"<{i}>" for i in ids).encode()) == tuple(ids)


@THOROUGHLY
@given(st.text(max_size=100))
def test_a_subject_loses_its_marks_once_and_for_all(subject):
    base = base_subject(subject)
    assert base_subject(base) == base or "[" in subject or "(" in subject or "*" in subject
    assert bool(base) == bool(subject.strip())
    assert subject_tags(subject) is not None


@THOROUGHLY
@given(st.binary(max_size=400))
def test_bytes_are_found_again_behind_their_encodings(data):
    assert decode_base64(base64.encodebytes(data)) == data
    escaped = "".join(f"={byte:02X}" + ("=\n" if n % 20 == 19 else "") for n, byte in enumerate(data))
    assert decode_quoted_printable(escaped.encode()) == data


@THOROUGHLY
@given(
    st.binary(max_size=300), st.sampled_from([None, "utf-8", "us-ascii", "iso-2022-jp", "utf-16", "big5", "zip", ""])
)
def test_any_bytes_are_a_text(data, declared):
    text, assumed = decode(data, declared)
    text.encode("utf-8", "surrogatepass")
    assert assumed is None or assumed.endswith(".")


@THOROUGHLY
@given(words, st.sampled_from(["utf-8", "utf-16", "gb18030"]), st.sampled_from(["base64", "quoted-printable"]))
def test_a_body_is_found_again_behind_charset_and_encoding(text, charset, encoding):
    message = EmailMessage(policy=SMTP)
    message["From"] = "mia@harbour.example"
    if charset == "utf-8":
        message.set_content(text, charset=charset, cte=encoding)
        raw = message.as_bytes()
    else:
        code = base64.encodebytes(text.encode(charset))
        raw = f"From: mia@harbour.example\nContent-Type: text/plain; charset={charset}\n".encode()
        raw += b"Content-Transfer-Encoding: base64\n\n" + code
    assert parse(raw).text.split() == text.split()


@THOROUGHLY
@given(st.binary(max_size=200))
def test_any_bytes_are_a_parameter_list(value):
    kind, parameters = read_value(value)
    assert kind == kind.lower()
    assert all(isinstance(text, str) for text in parameters.values())


trees = st.recursive(
    st.binary(max_size=40),
    lambda below: st.tuples(
        st.sampled_from(["mixed", "related", "alternative"]), st.lists(below, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@THOROUGHLY
@given(trees)
def test_the_leaves_of_any_tree_are_found_again(tree):
    raw = b"From: mia@harbour.example\nMIME-Version: 1.0\n" + written(tree, "b")
    root = parse(raw).tree
    found = [part.data for part in root.walk() if not part.children]
    assert found == leaves(tree)


def written(tree: bytes | tuple[str, list], name: str) -> bytes:
    """The tree as MIME, each leaf in base64 behind a boundary of its own."""
    if isinstance(tree, bytes):
        return b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(tree)
    kind, below = tree
    parts = b"".join(b"--" + name.encode() + b"\n" + written(t, f"{name}.{n}") + b"\n" for n, t in enumerate(below))
    return f"Content-Type: multipart/{kind}; boundary={name}\n\n".encode() + parts + b"--" + name.encode() + b"--\n"


def leaves(tree: bytes | tuple[str, list]) -> list[bytes]:
    return [tree] if isinstance(tree, bytes) else [leaf for below in tree[1] for leaf in leaves(below)]


quoted_lines = st.lists(
    st.one_of(
        words,
        words.map("> {}".format),
        words.map("-- \n{}".format),
        words.map("On Tue, 3 Mar 2026 at 09:15, Mia Berg <mia@harbour.example> wrote:\n> {}".format),
        words.map("-----Original Message-----\nFrom: Mia\nSent: Tuesday\nTo: Otto\nSubject: x\n\n{}".format),
        st.just(""),
    ),
    max_size=12,
).map("\n".join)


@THOROUGHLY
@given(quoted_lines)
def test_folding_keeps_every_word(text):
    email = parse(b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode())
    folded = " ".join((email.reply_text, email.folded_text, email.signature_text))
    assert sorted(folded.split()) == sorted(email.text.split())
    json.dumps(to_json(email, "x.eml"))
