"""Quotes and signatures are folded in HTML as in the text beside it, by what mail programs name and by their words."""

from __future__ import annotations

import html
import re

import pytest

from psa.mail.message import ParsedEmail, parse
from psa.mail.message.html.html_text import html_to_text
from psa.mail.message.quoting.html_lines import read_lines
from psa.mail.message.quoting.reply_html import without_quotes
from tests.mail.message.html_programs import INTERLEAVED, REPLIES

HEAD = "From: mia@quarry.example\nSubject: Re: Printer\nIn-Reply-To: <a@b.example>\n"


def as_html(body: str) -> ParsedEmail:
    return parse(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{body}".encode())


def beside(text: str, body: str) -> ParsedEmail:
    plain = f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    rich = f"Content-Type: text/html; charset=utf-8\n\n{body}\n"
    head = f"{HEAD}Content-Type: multipart/alternative; boundary=x\n\n"
    return parse(f"{head}--x\n{plain}--x\n{rich}--x--\n".encode())


def folded(markup: str, *, is_answer: bool = True, answered: tuple[str, ...] = ()) -> str:
    """What is left of it, written as it was."""
    events = without_quotes(read_lines(markup), is_answer=is_answer, answered=answered)
    if events is None:
        return markup
    pieces = {
        "text": lambda value, _: html.escape(value, quote=False),
        "close": lambda value, _: f"</{value}>",
        "open": lambda value, said: f"<{value}" + "".join(f' {k}="{html.escape(v)}"' for k, v in said.items()) + ">",
    }
    return "".join(pieces[kind](value, said) for kind, value, said in events)


def words(markup: str | None) -> list[str]:
    return re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", " ", markup or "")))


def check(email: ParsedEmail, body: str) -> None:
    own, shown = words(body), words(email.reply_html)
    assert shown == words(email.reply_text.replace(">", " "))
    assert [w for w in shown if w in ("OWN", "KEPT")] == [w for w in own if w in ("OWN", "KEPT")]
    assert not {"OLD", "SIG", "harbour", "2026", "wrote", "Original"} & set(shown)


@pytest.mark.parametrize("program", REPLIES)
def test_html_alone_is_folded(program):
    check(as_html(REPLIES[program]), REPLIES[program])


@pytest.mark.parametrize("program", REPLIES)
def test_html_and_the_text_beside_it_say_the_same(program):
    check(beside(html_to_text(REPLIES[program]), REPLIES[program]), REPLIES[program])


@pytest.mark.parametrize("program", INTERLEAVED)
def test_answers_between_quotes_keep_the_questions(program):
    check(as_html(INTERLEAVED[program]), INTERLEAVED[program])
    check(beside(html_to_text(INTERLEAVED[program]), INTERLEAVED[program]), INTERLEAVED[program])


def test_what_is_shown_keeps_its_form():
    link = '<a href="https://x.example/?a=1&amp;b=2">link</a>'
    body = f'<div>OWN <b>bold</b> {link}<ul><li>one</li></ul><img src="cid:p"></div>'
    quote = '<blockquote type="cite"><p>OLD <i>words</i></p><img src="cid:q"></blockquote>'
    assert folded(f"{body}<p>On 2 March 2026 Ann Berg wrote:</p>{quote}") == body


def test_a_table_keeps_its_empty_cells_and_loses_the_rows_that_are_folded():
    own = "<tr><td>OWN</td><td></td></tr>"
    rows = f"{own}<tr><td>On 2 March 2026 Ann Berg wrote:</td></tr><tr><td>OLD</td></tr>"
    assert folded(f"<table>{rows}</table>") == f"<table>{own}</table>"


def test_html_without_quotes_is_left_alone():
    for markup in ("<p>OWN</p>", "", "<blockquote>OWN poem</blockquote>", "<p>a < b</p>"):
        assert folded(markup, is_answer=False) == markup


def test_html_that_is_only_a_quote_is_shown():
    markup = '<blockquote type="cite"><p>OLD</p></blockquote>'
    assert folded(markup) == markup


def test_an_indented_paragraph_is_no_quote():
    style = "margin:0 0 0 40px;border:none;padding:0px"
    markup = f'<p>See:</p><blockquote style="{style}"><p>OWN idea</p></blockquote><p>Good?</p>'
    assert folded(markup) == markup


def test_what_was_folded_in_the_text_is_folded_in_the_html():
    question = "Which of the two printers on the third floor is broken?"
    markup = f"<p>It is the red one.</p><p>kwax</p><section><p>{question}</p></section>"
    in_the_text = f"kwax\n\n{question}"
    assert words(folded(markup, answered=(in_the_text,))) == ["It", "is", "the", "red", "one"]


def test_a_rule_that_says_no_more_than_original_folds_what_stands_below():
    rule = "<div>------------------&nbsp;Original&nbsp;------------------</div>"
    email = as_html(f"<div>OWN</div><div><br></div>{rule}<div>Is it on?</div>")
    assert email.reply_text == "OWN"
    assert words(email.reply_html) == ["OWN"]
