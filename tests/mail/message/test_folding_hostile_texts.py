"""Folding takes no more than twice the work for twice the text, whatever it says, and ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from psa.mail.message.quoting.forwarded import looks_forwarded, read_forwarded
from psa.mail.message.quoting.html_lines import read_lines
from psa.mail.message.quoting.introductions import MAX_LOOKS, Introductions
from psa.mail.message.quoting.reply import fold, sort_lines
from psa.mail.message.quoting.reply_html import marks_for, without_quotes

PIECES = [
    "On ", "On \n", "> x\n", ">", ">>>>>>>>>>>>>>>>\n", "From: Ann <ann@x.example>\n", "From: a\nTo: b\n",
    "Subject: x\n", "From: Ann <ann@x.example>\nSent: 2 March 2026\nTo: Mia\nSubject: x\n\n", "Ann wrote:\n",
    "x:\n", ":", "：\n", "写：\n", "-", "- ", "-----\n", "| a\n", "AB> a\n",
    "On Mon, 2 Mar 2026 at 17:40, Ann <ann@x.example> wrote:\n",
    "-----Original Message-----\n", "On 2 March 2026 Ann <ann@x.example> wrote:\n> a\n\nb\n", "```\n", "To\tx\n",
    "---------- Forwarded message ---------\n", "2.3.2026 17:40 ", "<", "a@", "Sent from my iPhone\n\n", "-- \n",
    "CAUTION: external email\n", "This e-mail is confidential ", "3c3\n< a\n---\n> b\n", ">>> Ann 1 >>>\n", "Quoting ",
    "\u202b", "a---1.1.1---", "(", "[mailto:", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]  # fmt: skip
MARKUP = [
    "<blockquote>", "<blockquote type=cite>a", '<div class="gmail_quote">', "<div class=signature>a</div>", "<br>",
    "<p>From: a@b.c</p>", "<table><tr><td>", "<div id=appendonsend></div>", "<pre>\n\n", "<div class='x x x x x'>",
    "</div>",
]  # fmt: skip
SIZE = 3_000


def work(done: Callable[[], object]) -> int:
    """How many calls of functions something takes, built-in ones included."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        done()
    finally:
        sys.setprofile(None)
    return calls


def check_doubling(work_on: Callable[[str], object], piece: str) -> None:
    text = piece * (SIZE // len(piece))
    single = work(lambda: work_on(text))
    assert work(lambda: work_on(text + text)) < 3 * single + 1_000


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.timeout(60)
def test_texts(piece):
    check_doubling(fold, piece)
    check_doubling(lambda text: fold(text, is_forward=True), piece)
    check_doubling(lambda text: fold(text, answered=(text[: len(text) // 2],)), piece)
    check_doubling(lambda text: read_forwarded(text, "Fwd: x"), piece)


@pytest.mark.parametrize("piece", MARKUP)
@pytest.mark.timeout(60)
def test_markup(piece):
    check_doubling(lambda markup: without_quotes(read_lines(markup)), piece)
    check_doubling(lambda markup: marks_for(["a", "From: a@b.c"] * 50, read_lines(markup)), piece)


@pytest.mark.parametrize("line", ["Ann wrote:", "Anns printers:", "From: Ann", "To", "写："])
def test_only_so_many_lines_that_look_like_introductions_are_looked_at_closely(line):
    text = Introductions([line, "a"] * MAX_LOOKS)
    sort_lines(text)
    looks_forwarded("", "", text)
    assert text.given_up
    again = text.looks
    assert work(lambda: looks_forwarded("", "", text)) < 60 * again


def test_a_line_of_a_letter_is_looked_at_once_whoever_asks():
    text = Introductions(["The printer on the second floor has been out of toner since this morning."] * 500)
    sort_lines(text)
    assert work(lambda: looks_forwarded("", "", text)) < 6 * 500


def test_a_letter_in_plain_words_has_no_close_looks():
    letter = "Hello Mia,\n\nthe printer is out of toner, as we wrote.\nIt says so.\n\nRegards\nAnn"
    text = Introductions(letter.split("\n"))
    sort_lines(text)
    assert text.looks == 0


@pytest.mark.timeout(60)
def test_a_quarter_of_a_megabyte_of_anything_ends():
    for piece in PIECES:
        fold(piece * (250_000 // len(piece)))
