"""Headers in every state are found, and what stands beside them is not lost."""

from __future__ import annotations

import pytest

from psa.mail.message import Address, parse
from tests.mail.message.reading import read

MIA = Address("Mia Berg", "mia@harbour.example")
LETTER = (
    b"Received: from desk.harbour.example by mail.northwind.example; Tue, 3 Mar 2026 09:15:02 +0100\n"
    b"From: Mia Berg <mia@harbour.example>\n"
    b"To: support@northwind.example\n"
    b"Subject: Printer on fire\n"
    b"Date: Tue, 03 Mar 2026 09:15:00 +0100\n"
    b"Message-ID: <fire-1@harbour.example>\n"
    b"\n"
    b"It burns.\n"
)


def is_read_whole(raw: bytes) -> bool:
    email = parse(raw)
    return (email.sender, email.subject, email.message_id, email.text) == (
        MIA,
        "Printer on fire",
        "fire-1@harbour.example",
        "It burns.",
    )


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_message_saved_as_unicode_is_read(codec):
    raw = LETTER.decode().encode(codec)
    assert is_read_whole(raw)
    assert parse(raw).raw == raw


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_any_line_ends_do(end):
    assert is_read_whole(LETTER.replace(b"\n", end))


@pytest.mark.parametrize(
    "before",
    [
        b"From mia@harbour.example Tue Mar  3 09:15:00 2026\n",
        b">From mia@harbour.example Tue Mar  3 09:15:00 2026\n",
        b"\n\n",
        b"\0\0",
        b"+OK 1234 octets\n",
        b"* 12 FETCH (BODY[] {1234}\n",
        b"\tby mx.harbour.example with ESMTP; Tue, 3 Mar 2026\n",
        b"*****\nscanned and clean\n*****\n",
        b"This mail was released from quarantine.\nBy: nobody\n\n",
        b" ",
    ],
)
def test_junk_before_the_headers_does_not_hide_them(before):
    assert is_read_whole(before + LETTER)


def test_words_before_the_headers_are_kept_in_the_defects():
    email = read("gateway_notice_before_the_headers.eml")
    assert (email.sender, email.text) == (MIA, "The scanner put its notice on top.")
    assert any("has passed the gateway of Harbour" in defect for defect in email.defects)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"Subject:", b"Subject :"),
        (b"Message-ID:", b"Message ID:"),
        (b"To:", b"a line that is no header\nTo:"),
        (b"To:", b"From mia@harbour.example Tue Mar  3 09:15:00 2026\nTo:"),
        (b"To:", b": without a name\nTo:"),
        (b"To:", b"X-Folded: one\n\ttwo\n \n three\nTo:"),
        (b"\n\nIt", b"\n \nIt"),
        (b"\n\nIt", b"\n\t \nIt"),
        (b"\n\nIt", b"\r\n\nIt"),
        (b"\n\nIt", b"\nIt"),
        (b"Subject:", b"Subject:\nSubject:"),
    ],
)
def test_one_broken_line_costs_no_header(good, bad):
    assert is_read_whole(LETTER.replace(good, bad, 1))


def test_headers_with_a_blank_line_between_each_two_are_read():
    assert is_read_whole(LETTER.replace(b"\n", b"\n\n"))


def test_headers_that_a_script_split_in_two_are_read_to_the_end():
    email = read("headers_split_by_a_blank_line.eml")
    assert email.text == "Two toner cartridges, please."
    assert email.html is not None and "<b>toner" in email.html
    assert any("blank line" in defect for defect in email.defects)


def test_a_quoted_mail_at_the_top_of_the_text_is_no_second_half_of_the_headers():
    email = parse(LETTER.replace(b"It burns.", b"From: Otto <otto@quarry.example>\nSubject: Other\n\nWords"))
    assert email.subject == "Printer on fire"
    assert email.text.startswith("From: Otto")


def test_parameters_without_indentation_belong_to_their_header():
    raw = LETTER.replace(b"\n\n", b'\nContent-Type: multipart/mixed;\nboundary="x"\n\n--x\n\n').rstrip() + b"\n--x--\n"
    assert is_read_whole(raw)


def test_a_text_without_headers_is_all_text():
    email = parse(b"Hello team\n\nFrom: a@b.example\nTo: c@d.example\nSubject: x\n\nquoted\n")
    assert (email.sender, email.subject) == (None, None)
    assert email.text.startswith("Hello team") and email.text.endswith("quoted")


def test_the_important_headers_count_behind_a_hundred_thousand_others():
    email = parse(b"X-Foo: bar\n" * 100_000 + LETTER)
    assert (email.sender, email.text) == (MIA, "It burns.")
    assert any("2000 headers" in defect for defect in email.defects)


def test_the_headers_behind_one_of_ten_megabytes_count():
    email = parse(b"X-Foo: " + b"a" * 10_000_000 + b"\n" + LETTER)
    assert (email.sender, email.text) == (MIA, "It burns.")
    assert any("X-Foo" in defect for defect in email.defects)


def test_names_that_lost_their_quotes_stay_whole():
    email = read("names_without_quotes.eml")
    assert email.sender == Address("Berg, Mia", "mia@harbour.example")
    assert email.to == (
        Address("Northwind Support, Field Service", "support@northwind.example"),
        Address("Otto Falk (Quarry)", "otto@quarry.example"),
    )
    assert [a.name for a in email.cc] == ["Anna Lind", "Lars", "Ida"]
    assert email.bcc == ()
    assert email.message_id == "names-1@mail.harbour.example"
    assert email.date is not None and email.date.isoformat() == "2026-03-03T09:15:00+00:00"
