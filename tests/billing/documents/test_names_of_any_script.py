"""Names on a document in the letters of their people: each has a font that has it, in the order in which it is read."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from psa.billing.documents.document import Cell
from psa.billing.documents.fonts import CHARSETS, FILES, MISSING, REGULAR, STRONG, font, marked_up, runs_of
from psa.billing.documents.pdf import pdf_of
from psa.billing.documents.reading_order import lines_as_drawn
from tests.billing.documents.test_the_pdf import INVOICE

CLIENTS = [
    ("Invoice for 東京 GmbH", ["Inter", "STSong-Light", "Inter"]),
    ("さくら工業 Ltd", ["HeiseiKakuGo-W5", "Inter"]),
    ("株式会社アクメ", ["HeiseiKakuGo-W5"]),
    ("서울상사 & Söhne", ["HYSMyeongJo-Medium", "Inter"]),
    ("深圳市华强 <b>", ["STSong-Light", "Inter"]),
]
# As they are typed, and as they are drawn from left to right.
FROM_RIGHT = [
    ("שלום בע״מ", "מ״עב םולש"),
    ("Acme – שלום בע״מ", "Acme – מ״עב םולש"),
    ("שלום Acme 24 בע״מ", "מ״עב Acme 24 םולש"),
    ("שלום (צפון)", "(ןופצ) םולש"),
    ("חברת (Harbor) Ltd", "Ltd (Harbor) תרבח"),
    ("Acme (שלום) <3>", "Acme (םולש) <3>"),
    ("דרך בגין 132, תל אביב", "ביבא לת ,132 ןיגב ךרד"),
]


def drawn(text: str) -> list[str]:
    return list(lines_as_drawn(text, inf, len))


@pytest.mark.parametrize(("name", "fonts"), CLIENTS)
def test_each_piece_of_a_mixed_name_is_set_in_a_font_that_has_it(name, fonts):
    runs = runs_of(name, REGULAR)
    assert "".join(letters for _, letters in runs) == name
    assert [used for used, _ in runs] == fonts


@pytest.mark.parametrize(("name", "order"), FROM_RIGHT)
def test_what_is_read_from_right_to_left_is_drawn_in_that_order(name, order):
    assert drawn(name) == [order]


def test_arabic_letters_are_joined_and_keep_their_vowels():
    # meem initial, hah medial, meem medial, dal final; the last one is drawn first.
    assert drawn("محمد") == ["\ufeaa\ufee4\ufea4\ufee3"]
    # A vowel is drawn before its letter: the font has it hang over what follows.
    assert drawn("مُحمد")[0].endswith("\u064f\ufee3")
    assert drawn("شركة النور LLC 5") == ["LLC 5 \ufead\ufeee\ufee8\ufedf\ufe8d \ufe94\ufedb\ufeae\ufeb7"]


def test_a_line_is_broken_before_it_is_put_in_order():
    assert list(lines_as_drawn("אחת שתיים שלוש", 9, len)) == ["םייתש תחא", "שולש"]


def test_a_word_that_no_line_holds_is_broken_from_its_beginning_on_the_right():
    assert list(lines_as_drawn("אבגדהו", 4, len)) == ["דגבא", "וה"]
    assert list(lines_as_drawn("כן אבגדהו לא", 4, len)) == ["ןכ", "דגבא", "וה", "אל"]
    # A point stays with its letter.
    assert [len(line) for line in lines_as_drawn("אבג\u05bcד", 3, len)] == [4, 1]


def test_each_word_of_a_long_text_is_measured_once():
    measured = []
    words = "שלום עולם " * 200
    lines = list(lines_as_drawn(words, 400, lambda word: measured.append(word) or len(word)))
    assert len(lines) == 5
    assert sum(map(len, measured)) <= len(words)


def test_a_text_from_the_right_goes_on_over_pages_and_loses_nothing():
    lines = replace(INVOICE.parts[0], rows=((Cell("שלום " * 4000), Cell("1"), Cell("1.00")),))
    pages = PdfReader(BytesIO(pdf_of(replace(INVOICE, parts=(lines,))))).pages
    assert len(pages) > 2
    assert sum(page.extract_text().count("ש") for page in pages) == 4000


# Letters that people's names are made of.
NAMES = st.text(
    st.one_of(
        st.sampled_from(" -–.,'\"()&/0123456789"),
        *(
            st.integers(first, last).map(chr).filter(str.isalpha)
            for first, last in (
                (0x41, 0x24F),
                (0x386, 0x3CE),
                (0x400, 0x4FF),
                (0x5D0, 0x5EA),
                (0x621, 0x63A),
                (0x641, 0x64A),
                (0x3041, 0x3093),
                (0x30A1, 0x30F6),
                (0x4E00, 0x9FA5),
                (0xAC00, 0xD7A3),
            )
        ),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(NAMES, st.sampled_from([REGULAR, STRONG]))
def test_no_letter_of_a_name_is_missing_or_lost(name, looks):
    for line in drawn(name):
        for used, letters in runs_of(line, looks):
            assert MISSING not in letters
            if used in FILES:
                assert all(font(used).face.charToGlyph.get(ord(letter), 0) for letter in letters)
            else:
                letters.encode(CHARSETS[used])
        assert unescape(re.sub(r"<[^>]+>", "", marked_up(line, looks))) == "".join(
            letters for _, letters in runs_of(line, looks)
        )


def test_what_no_font_has_leaves_a_sign_that_something_is_missing():
    assert runs_of("ก𠮷", REGULAR) == [(REGULAR, MISSING * 2)]


def test_a_whole_document_of_such_names_is_drawn_over_two_pages():
    words = " ".join(name for name, _ in FROM_RIGHT) + " شركة النور 東京 서울상사 "
    told = replace(
        INVOICE,
        letterhead=replace(INVOICE.letterhead, name="שלום בע״מ", address="דרך בגין 132", footer="شركة النور"),
        addressee=("東京商事", "مُحمد"),
        facts=(("Project", "שלום Acme"),),
        words=words * 60,
    )
    assert len(PdfReader(BytesIO(pdf_of(told))).pages) > 1
