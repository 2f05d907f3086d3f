"""The parts of a message are found whatever it says about them."""

from __future__ import annotations

import pytest

from psa.mail.message import parse
from psa.mail.message.model import Fragment
from tests.mail.message.reading import read

HEAD = b"From: Mia Berg <mia@harbour.example>\nSubject: Parts\nMIME-Version: 1.0\n"
PARTS = b"--abc\nContent-Type: text/plain\n\nthe text\n--abc\nContent-Type: text/csv; name=list.csv\n\na,b\n--abc--\n"


def has_both(email) -> bool:
    return (email.text, [a.name for a in email.attachments]) == ("the text", ["list.csv"])


@pytest.mark.parametrize(
    "declared",
    [
        b"multipart/mixed; boundary=abc",
        b'multipart/mixed; boundary="abc "',
        b"multipart/mixed; boundary=abc (a comment)",
        b"multipart/mixed; boundary='abc'",
        b"multipart/mixed; boundary=ABC",
        b'multipart/mixed; boundary="a\n bc"',
        b"multipart/mixed; boundary*0=a; boundary*1=bc",
        b"multipart/mixed boundary=abc",
        b"multipart/mixed; boundary=other",
        b'multipart/mixed; boundary=""',
        b"multipart/mixed",
        b"multipart; boundary=abc",
        b"text/plain; boundary=abc",
        b"application/octet-stream; boundary=abc",
        b"text/plain\nContent-Type: multipart/mixed; boundary=abc",
    ],
)
def test_the_parts_are_found_whatever_the_header_says(declared):
    assert has_both(parse(HEAD + b"Content-Type: " + declared + b"\n\n" + PARTS))


def test_the_parts_are_found_when_no_header_tells_of_them():
    assert has_both(parse(HEAD + b"\n" + PARTS))
    assert has_both(parse(HEAD.replace(b"MIME-Version: 1.0\n", b"") + b"\n" + PARTS))
    assert has_both(parse(PARTS))


@pytest.mark.parametrize("boundary", [b"=?utf-8?Q?abc?=", b"\xe4\xf6\xfc", b"a" * 300, b"a b", b"--", b"(){}[]+'?"])
def test_any_bytes_make_a_boundary(boundary):
    declared = b'multipart/mixed; boundary="' + boundary + b'"'
    assert has_both(parse(HEAD + b"Content-Type: " + declared + b"\n\n" + PARTS.replace(b"--abc", b"--" + boundary)))


@pytest.mark.parametrize(
    "body",
    [
        PARTS.replace(b"--abc--\n", b""),
        PARTS.replace(b"--abc--", b"--abc-- \t"),
        PARTS.replace(b"\n--abc\n", b"\n--abc   \n"),
        b"This is a multi-part message in MIME format.\n" + PARTS,
        PARTS + b"\n\n",
    ],
)
def test_careless_delimiters_do(body):
    assert has_both(parse(HEAD + b"Content-Type: multipart/mixed; boundary=abc\n\n" + body))


def test_boundaries_that_begin_alike_are_kept_apart():
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n"
        b"--a\nContent-Type: multipart/alternative; boundary=aa\n\n"
        b"--aa\n\nthe text\n--aa\nContent-Type: text/html\n\n<p>the text</p>\n--aa--\n"
        b"--a\nContent-Type: text/csv; name=list.csv\n\na,b\n--a--\n"
    )
    assert has_both(parse(raw))


def test_nested_parts_may_share_a_boundary():
    email = read("nested_parts_share_a_boundary.eml")
    assert email.text == "The list is attached."
    assert [a.name for a in email.attachments] == ["list.csv"]
    assert email.defects == ("Two nested parts share one boundary.",)


def test_a_boundary_may_be_folded_in_the_middle():
    email = read("folded_boundary.eml")
    assert (email.text, [a.name for a in email.attachments]) == ("The boundary was folded.", ["list.csv"])


def test_parts_encoded_as_a_whole_are_decoded_first():
    email = read("all_parts_in_base64.eml")
    assert (email.text, [a.name for a in email.attachments]) == ("All of me is in base64.", ["list.csv"])


def test_a_second_content_type_counts_when_the_first_is_wrong():
    email = read("two_content_types.eml")
    assert (email.text, [a.name for a in email.attachments]) == ("The first label is wrong.", ["list.csv"])


def test_text_outside_of_the_parts_is_shown_where_no_part_is_a_text():
    email = read("text_outside_of_the_parts.eml")
    assert (email.text, [a.part for a in email.attachments]) == ("Please print the drawing in A3.", ["1"])


def test_text_behind_the_last_part_is_named():
    email = parse(HEAD + b"Content-Type: multipart/mixed; boundary=abc\n\n" + PARTS + b"A list's footer\n")
    assert has_both(email)
    assert any("A list's footer" in defect for defect in email.defects)


def test_the_first_piece_of_a_message_is_read_as_the_whole():
    email = read("one_of_three_pieces.eml")
    assert email.partial == Fragment("protocol@harbour.example", 1, 3)
    assert (email.subject, email.message_id) == ("The long protocol", "piece-1@mail.harbour.example")
    assert email.text == "The protocol of the first hour."
    assert any("piece 1 of 3" in defect for defect in email.defects)


def test_another_piece_of_a_message_is_shown_as_it_stands():
    email = read("two_of_three_pieces.eml")
    assert email.partial == Fragment("protocol@harbour.example", 2, 3)
    assert email.text == "The protocol of the second hour."


def test_a_piece_from_the_middle_of_a_file_is_a_file():
    email = parse(HEAD + b'Content-Type: message/partial; id="x"; number=2; total=3\n\n' + b"QUJDREVGR0hJ\n" * 20)
    assert email.text == ""
    assert [a.size for a in email.attachments] == [260]


def test_a_file_that_lies_elsewhere_is_named_with_its_place():
    email = read("file_that_lies_elsewhere.eml")
    assert [a.name for a in email.attachments] == ["film.mp4"]
    assert any("https://files.harbour.example/film.mp4" in defect for defect in email.defects)


def test_a_message_in_base64_is_a_file_with_its_own_bytes():
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=abc\n\n--abc\n\nSee below\n--abc\n"
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        b"U3ViamVjdDogSW5uZXIKCldvcmRzCg==\n--abc--\n"
    )
    (file,) = parse(raw).attachments
    assert (file.name, file.data) == ("Inner.eml", b"Subject: Inner\n\nWords\n")


def test_the_parts_beyond_the_limit_are_kept_as_one_file():
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\n\nhello\n" * 1_200
        + b"--x\n\nthe last\n--x--\n"
    )
    email = parse(raw)
    (rest,) = email.attachments
    assert b"the last" in rest.data
    assert any("more than 1000 parts" in defect for defect in email.defects)
