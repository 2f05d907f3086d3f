"""Reading a whole mail takes no more than twice the work for twice the size, whatever stands in it."""

from __future__ import annotations

import sys

import pytest

from psa.mail.message import parse, render_html, to_json

HEAD = "From: Ann Berg <ann@harbour.example>\nSubject: Re: Printer\nIn-Reply-To: <1@northwind.example>\n"
PLAIN = f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n"
HTML = f"{HEAD}Content-Type: text/html; charset=utf-8\n\n"
SIZE = 6_000

STORMS = {
    "quote marks": (PLAIN, ">" * 50 + "\n", ""),
    "labels": (PLAIN, "From: Ann\nSent: x\n", ""),
    "rules": (PLAIN, "----- \n", ""),
    "verbs": (PLAIN, "a " * 55 + ":\n", ""),
    "blanks": (PLAIN, " " * 400 + "x:\n", ""),
    "long words": (PLAIN, "a" * 590 + ":\n", ""),
    "files": (PLAIN, "begin 644 x\n", ""),
    "yEnc": (PLAIN, "=ybegin line=1 size=9 name=x\n", ""),
    "signs": (PLAIN, "写：\n", ""),
    "phones": (PLAIN, "Sent from my iPhone\n\n", ""),
    "nested elements": (HTML, "<div>", ""),
    "cells": (HTML, "<td>x", ""),
    "nested tables": (HTML, "<table><tr><td>", ""),
    "open links": (HTML, "<a href=http://a.example/>x", ""),
    "lines": (HTML, "<hr>", ""),
    "nested quotes": (HTML, "<q><blockquote>x", ""),
    "lists": (HTML, "<dl><dt>x<dd>y", ""),
    "ampersands": (HTML, "&", ""),
    "comments": (HTML, "<!--", ""),
    "sheets": (HTML, "<style>a{}</style>", ""),
    "braces": (f"{HTML}<style>", "{}", "</style>x"),
    "a style": (f'{HTML}<p style="', "color:red;", '">x</p>'),
    "an address": (f'{HTML}<a href="java', "\t", 'script:x">x</a>'),
    "a defended address": (f'{HTML}<a href="https://urldefense.com/', "__http://a", '">x</a>'),
    "parameters": (f"{HEAD}Content-Type: text/plain; ", 'a="', "\n\nx"),
    "words": (f"{HEAD}X-A: ", "=?utf-8?Q?a", "\n\nx"),
}


def work(mail: str) -> int:
    """How many calls of functions it takes to read a mail in full, built-in ones included."""
    raw = mail.encode()
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        to_json(parse(raw), "x.eml")
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("storm", STORMS)
@pytest.mark.timeout(60)
def test_a_storm_costs_no_more_than_its_length(storm):
    before, piece, behind = STORMS[storm]
    single, double = (before + piece * (size // len(piece)) + behind for size in (SIZE, 2 * SIZE))
    assert work(double) < 2.2 * work(single) + 2_000


def test_of_a_page_with_more_tags_than_any_has_the_rest_is_read_as_words_row_by_row():
    rows = "".join(f"<tr><td>{n}</td><td>word{n}</td></tr>" for n in range(6_000))
    rest = "<script>no</script><!-- no --><p>Mia <mia@harbour.example> &amp; Ann < 3</p>"
    email = parse(f"{HTML}<table>{rows}</table>{rest}".encode())
    *lines, last = email.text.split("\n")
    assert last == "Mia <mia@harbour.example> & Ann < 3"
    assert lines[0] == "0 | word0"
    assert [word for line in lines for word in line.replace("|", " ").split()] == [
        word for n in range(6_000) for word in (f"{n}", f"word{n}")
    ]
    assert "word5999" in (email.html or "")
    assert len(lines) > 5_000
    assert any("more than" in defect and "tags" in defect for defect in email.defects)


def test_an_ordinary_page_is_read_to_its_last_tag():
    rows = "".join(f"<tr><td>{n}</td><td>word{n}</td></tr>\n" for n in range(1_500))
    email = parse(f"{HTML}<table>{rows}</table>".encode())
    assert email.text.split("\n")[-1] == "1499 | word1499"
    assert email.defects == ()


def test_a_text_of_many_ampersands_is_shown_with_all_of_them():
    email = parse(f"{HTML}<p>{'&amp;' * 5_000}</p>".encode())
    assert email.text == "&" * 5_000
    assert render_html(email, cid_url=str) == f"<p>{'&amp;' * 5_000}</p>"


def test_what_is_beyond_the_lines_that_are_sorted_is_named_in_the_defects_and_shown():
    email = parse((PLAIN + "word\n" * 6_000).encode())
    assert email.reply_text.count("word") == 6_000
    assert any("more than 5000 lines" in defect for defect in email.defects)
