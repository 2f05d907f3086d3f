"""Whatever program quotes in whatever language and layout: the person's own words are shown, the rest is folded."""

from __future__ import annotations

import textwrap

import pytest

from psa.mail.message.quoting.attribution import is_group_wise
from psa.mail.message.quoting.reply import fold
from tests.mail.message.quoting_programs import (
    ADDRESS,
    ANN,
    ATTRIBUTIONS,
    HEADER_LABELS,
    NAME,
    ORIGINALS,
    header_block,
)

OWN = "Thank you, that works now.\n\nMia"
OLD = "Please restart the printer\nand tell us whether it prints.\n\nAnn"
MARKED = "\n".join(f"> {line}".rstrip() for line in OLD.split("\n"))
DASHES = (
    "-----{}-----",
    "-------- {} --------",
    "‐‐‐‐‐‐‐ {} ‐‐‐‐‐‐‐",
    "_____ {} _____",
    "――――― {} ―――――",
    "===== {} =====",
)


def reply_of(text: str) -> str:
    folded = fold(text)
    kept = "\n".join((folded.reply, folded.quoted, folded.signature))
    assert sorted(kept.split()) == sorted(text.split())
    return folded.reply


def sentences(tag: str) -> list[str]:
    return [line for line in ATTRIBUTIONS[tag] if not line.startswith("> ")]


def test_the_tables_hold_forty_languages():
    assert len(ATTRIBUTIONS) >= 40 and len(HEADER_LABELS) >= 35 and len(ORIGINALS) >= 35


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_a_marked_quote_is_folded_with_its_introduction(tag):
    for line in sentences(tag):
        assert reply_of(f"{OWN}\n\n{line}\n\n{MARKED}") == OWN
        assert reply_of(f"{OWN}\n\n{line}\n{MARKED}") == OWN


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_an_introduction_may_be_wrapped(tag):
    for line in sentences(tag):
        if is_group_wise(line):  # which never is
            continue
        wrapped = "\n".join(textwrap.wrap(line, 40, break_long_words=False, break_on_hyphens=False))
        assert reply_of(f"{OWN}\n\n{wrapped}\n\n{MARKED}") == OWN


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_an_unmarked_quote_is_folded_from_its_introduction_on(tag):
    for line in sentences(tag):
        if line != f"{NAME} wrote:":  # without a date, a name introduces only what is marked
            assert reply_of(f"{OWN}\n\n{line}\n\n{OLD}") == OWN
            assert reply_of(f"{OWN}\n{line}\n{OLD}") == OWN


def test_an_introduction_may_be_marked_as_quoted_itself():
    for line in (line for lines in ATTRIBUTIONS.values() for line in lines if line.startswith("> ")):
        assert reply_of(f"{OWN}\n\n{line}\n>\n{MARKED}") == OWN


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_an_answer_below_the_quote_is_shown(tag):
    for line in sentences(tag):
        assert reply_of(f"{line}\n{MARKED}\n\n{OWN}") == OWN
        assert reply_of(f"Hi Ann,\n\n{line}\n{MARKED}\n\n{OWN}") == f"Hi Ann,\n\n{OWN}"


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_answers_between_quotes_keep_the_questions(tag):
    talk = "> Which floor?\n\nThe third.\n\n> Which printer?\n\nThe red one."
    for line in sentences(tag):
        assert reply_of(f"{line}\n{talk}\n") == talk


@pytest.mark.parametrize("tag", HEADER_LABELS)
@pytest.mark.parametrize("star", ["", "*", "**"])
def test_a_header_block_begins_the_quote(tag, star):
    for labels in HEADER_LABELS[tag]:
        block = header_block(labels, star=star)
        spread = block.replace("\n", "\n\n")
        assert reply_of(f"{OWN}\n\n{block}\n\n{OLD}") == OWN
        assert reply_of(f"{OWN}\n________________________________\n{block}\n{OLD}") == OWN
        assert reply_of(f"{OWN}\n\n{spread}\n\n{OLD}") == OWN


@pytest.mark.parametrize("tag", HEADER_LABELS)
def test_header_blocks_come_in_many_layouts(tag):
    for labels in HEADER_LABELS[tag]:
        for layout in layouts(labels):
            assert reply_of(f"{OWN}\n\n{layout}\n\n{OLD}") == OWN


def layouts(labels: tuple[str, str, str, str, str, str]) -> list[str]:
    block = header_block(labels)
    lines = block.split("\n")
    return [
        header_block(labels, mail=NAME),
        header_block(labels, mail=f"{NAME} [mailto:{ADDRESS}]"),
        header_block(labels, colon="："),
        header_block(labels, colon=":\t"),
        " ".join(lines),
        block.replace(": ", ":\n"),
        "\n".join(lines[n] for n in (1, 4, 0, 2)),
        "\n".join(lines[n] for n in (2, 0, 1, 4)),
        block.replace("<otto", "\n<otto"),
        f"{block}\nImportance: High\nAttachments: plan.pdf",
    ]


@pytest.mark.parametrize("tag", ORIGINALS)
def test_a_line_between_dashes_begins_the_quote(tag):
    for words in ORIGINALS[tag]:
        for dashes in DASHES:
            assert reply_of(f"{OWN}\n\n{dashes.format(words)}\n{OLD}") == OWN


def test_headers_in_the_columns_of_lotus_notes_begin_the_quote():
    stacked = f"{NAME}/Harbour\n02.03.2026 17:40\n\nTo\nMia Holm/Quarry@Quarry\ncc\n\nSubject\nRe: Printer"
    tabbed = f"{ANN}\n02.03.2026 17:40\n\nAn\tMia Holm\nKopie\t\nThema\tRe: Drucker"
    for block in (stacked, tabbed):
        assert reply_of(f"{OWN}\n\n{block}\n\n{OLD}") == OWN


def test_initials_and_bars_mark_quotes_below_an_introduction_only():
    assert reply_of(f"{OWN}\n\nOn 02.03.2026, {NAME} wrote:\n\nAB> Which floor?\nAB> Which printer?") == OWN
    assert reply_of(f"{OWN}\n\nOn 02.03.2026, {NAME} wrote:\n| Which floor?\n| Which printer?") == OWN
    session = "Here it hangs:\n\nSQL> SELECT 1;\nSQL> COMMIT;\n\n| a | b |\n| 1 | 2 |"
    assert reply_of(session) == session


def test_long_quoted_lines_that_were_wrapped_on_their_way_stay_quoted():
    line = "> we could replace the drum, the fuser and the tray of the printer on the third floor if you\nlike\n> so."
    assert reply_of(f"{OWN}\n\nOn 02.03.2026, {NAME} wrote:\n{line}") == OWN


def test_who_says_that_the_answers_stand_within_is_shown_with_all_of_it():
    block = header_block(HEADER_LABELS["en"][0])
    text = f"Hi Ann, see my answers in red below.\n\n{block}\n\nWhich floor?\nThe third.\n"
    assert reply_of(text) == "Hi Ann, see my answers in red below.\n\nWhich floor?\nThe third."


def test_a_mail_that_is_only_a_quote_shows_it():
    assert reply_of("> Which floor?\n> Which printer?") == "> Which floor?\n> Which printer?"


MARKERS = """
    ##- Please type your reply above this line -##
    ----- Reply above this line -----
    === WRITE YOUR REPLY ABOVE THIS LINE ===
    -- Bitte antworten Sie oberhalb dieser Linie --
    Veuillez répondre au-dessus de cette ligne
    Por favor, responda por encima de esta línea
    Responda acima desta linha
    Si prega di rispondere sopra questa riga
    Gelieve te antwoorden boven deze lijn
    -- Svara ovanför denna rad --
    Odpowiedz powyżej tej linii
    Odpovězte prosím nad tento řádek
    Пожалуйста, введите ответ выше этой линии
    この行より上に返信を入力してください
    请在此行上方回复
    이 줄 위에 회신해 주세요
"""


@pytest.mark.parametrize("marker", [line.strip() for line in MARKERS.strip().splitlines()])
def test_what_helpdesks_write_above_their_mail_begins_the_quote(marker):
    assert reply_of(f"{OWN}\n\n{marker}\n\nYour ticket is open.") == OWN
