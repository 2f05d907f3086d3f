"""What a text repeats of the texts that it answers is found again, whatever mail programs made of it; what is not
found is never folded for that alone.
"""

from __future__ import annotations

import textwrap

import pytest

from psa.mail.message.quoting.own_words import found_again
from psa.mail.message.quoting.reply import fold

ASKED = """Hello Mia,

thank you for your message. Which floor is the printer on? And please tell us which of the two printers it is, the red
one or the blue one.

You find the manual here: https://docs.northwind.example/printers/manual?id=17

Kind regards

Dana Whitfield
Northwind IT"""
OWN = "It is the red one.\n\nMia"


def reply_of(text: str, *answered: str) -> str:
    return fold(text, answered=answered or (ASKED,)).reply


@pytest.mark.parametrize("introduction", [
    "Qux zorg 2 blap 2026 17:40 Dana <dana@northwind.example> kwax:",
    "Quxfrom: Dana <dana@northwind.example>\nQuxdate: 2 blap 2026\nQuxto: Mia\nQuxsub: Printer",
    "----------",
    "",
])  # fmt: skip
def test_no_language_is_needed(introduction):
    assert reply_of(f"{OWN}\n\n{introduction}\n\n{ASKED}") == OWN


def test_lines_may_be_broken_anew_and_links_may_grow():
    narrow = "\n".join("\n".join(textwrap.wrap(line, 40, break_long_words=False)) for line in ASKED.split("\n"))
    assert reply_of(f"{OWN}\n\n{narrow}") == OWN
    grown = ASKED.replace("id=17", "id=17<https://links.gateway.example/?url=https%3A%2F%2Fdocs&data=05>")
    assert reply_of(f"{OWN}\n\n{grown}") == OWN


def test_marks_and_bullets_do_not_matter():
    marked = "\n".join(f"> * {line}" for line in ASKED.split("\n"))
    assert reply_of(f"{OWN}\n\n{marked}") == OWN
    listed = "- Restart the printer now\n- Look at the lamp on its left side"
    assert reply_of(f"{OWN}\n\nQux 2026:\n\n{listed.replace('-', '*')}", listed) == OWN


def test_whoever_answers_in_the_words_of_the_question_is_shown():
    assert reply_of(f"The red one or the blue one?\n\n{ASKED}") == "The red one or the blue one?"
    assert reply_of(f"{ASKED}\n\nThe red one or the blue one?") == "The red one or the blue one?"
    assert (
        reply_of("Thank you for your message.\n\nKind regards\nMia")
        == "Thank you for your message.\n\nKind regards\nMia"
    )


def test_a_sentence_that_is_cited_stays():
    cited = 'You ask: "Which floor is the printer on?"\n\nThe third.'
    assert reply_of(cited) == cited


def test_answers_within_a_quote_without_marks_are_shown_with_the_questions():
    head = "From: Northwind <support@northwind.example>\nSent: Monday, March 2, 2026 5:40 PM\nTo: Mia\nSubject: Re: x"
    text = ASKED.replace("on? And", "on?\n\nThe third.\n\nAnd").replace("blue one.", "blue one.\n\nRed!")
    reply = reply_of(f"Hi Dana,\n\n{head}\n\n{text}")
    assert [reply.find(words) for words in ("Which floor", "The third.", "which of the two", "Red!")] == sorted(
        reply.find(words) for words in ("Which floor", "The third.", "which of the two", "Red!")
    )
    assert "Red!" in reply and "Sent: Monday" not in reply and "Whitfield" not in reply


def test_what_gateways_add_around_the_quote_is_no_answer():
    rule = "_" * 32
    head = f"{rule}\nFrom: Northwind <support@northwind.example>\nSent: Monday\nTo: Mia\nSubject: x"
    for text in (
        f"{head}\n\nCAUTION: This email originated from outside. Do not click links.\n\n{ASKED}",
        f"{head}\n\n{ASKED}\n\nThis mail was relayed by a gateway.",
        f"{head}\n\n{ASKED}\n\nFrom: Mia <mia@quarry.example>\nSent: Sunday\nTo: Northwind\nSubject: x\n\nIt is dark.",
    ):
        assert reply_of(f"{OWN}\n\n{text}") == OWN


def test_few_words_are_enough_when_there_are_no_more():
    assert reply_of("Great!\n\nQux 2026 Dana kwax:\n\nDone.\n\nDana Whitfield", "Done.\n\nDana Whitfield") == "Great!"


def test_scripts_without_blanks_are_compared_sign_by_sign():
    asked = "お世話になっております。プリンターは何階にありますか。赤いほうですか、青いほうですか。\n\nよろしくお願い。"
    assert reply_of("3階です。\n\nQux 2026 kwax:\n\n" + asked.replace("。", "。\n"), asked) == "3階です。"


def test_a_mail_that_repeats_nothing_but_us_says_nothing():
    folded = fold(ASKED, answered=(ASKED,))
    assert (folded.reply, folded.quoted) == ("", ASKED)


def test_nothing_is_found_where_nothing_is_known():
    assert found_again(["Hello", "you"], ()) == [False, False]
    assert found_again(["Hello", "you"], ("",)) == [False, False]
