"""Our own mail is known to the letter: a client's answer is told from it, whatever program quoted it and in whatever
language.
"""

from __future__ import annotations

import textwrap
from email.message import EmailMessage

import pytest

from psa.extensions import db
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter, words_of

FIRST = "The projector stays dark. It was fine yesterday, when we met in the hall."
WORDS = """Hello Dana,

thank you for writing. Which of the two projectors is it, the one in the hall or the one on the second floor?
And does the small lamp beside its switch light up when you press it?"""


@pytest.fixture
def ours(mailroom, cast):
    """Tom's answer to Dana as it left, on her ticket."""
    ticket = mailroom.receive(letter(FIRST)).ticket
    notifications.reply_added(operations.add_reply(ticket.id, Said(WORDS), Actor(user_id=cast.tom.id)))
    db.session.commit()
    return mailroom.read(mailroom.outbox[-1])


@pytest.fixture
def answer(mailroom, ours):
    """Take in an answer to Tom's message; returns the comment that it makes."""

    def take_in(message: str | EmailMessage):
        if isinstance(message, str):
            message = letter(message, subject=ours["Subject"], answers=ours["Message-ID"])
        return mailroom.receive(message).ticket.comments[-1]

    return take_in


def test_a_quote_is_folded_though_nobody_knows_the_language_of_its_introduction(answer, ours):
    comment = answer(f"The one in the hall.\n\nDana\n\nQux zorg 23 blap 2026 Northwind kwax:\n\n{words_of(ours)}")
    assert comment.body == "The one in the hall.\n\nDana"
    assert comment.folded.startswith("Qux zorg 23 blap 2026 Northwind kwax:")
    assert "the small lamp beside its switch" in comment.folded


def test_headers_of_an_unknown_program_are_folded_with_the_quote_below_them(answer, ours):
    headers = "Zif: Northwind <support@northwind.example>\nZaf: 23 blap 2026 10:00\nZuf: Dana\nZof: Projector"
    assert answer(f"The one in the hall.\n\n{headers}\n\n{words_of(ours)}").body == "The one in the hall."


def test_a_quote_is_found_again_when_its_lines_are_broken_anew_and_links_have_grown(answer, ours):
    text = words_of(ours).replace("yesterday", "yesterday <https://links.gateway.example/?u=3f2504e0>")
    quoted = "\n".join("\n".join(textwrap.wrap(line, 40)) for line in text.split("\n"))
    assert answer(f"The one in the hall.\n\n{quoted}").body == "The one in the hall."


def test_answers_that_stand_within_our_words_are_shown_with_the_questions(answer, ours):
    first, second = "or the one on the second floor?", "when you press it?"
    text = words_of(ours).replace(first, f"{first}\n\nIn the hall.\n").replace(second, f"{second}\n\nNo.\n")
    head = "From: Northwind Support <support@northwind.example>\nSent: Monday, November 23, 2026 10:00\nTo: Dana"
    comment = answer(f"{head}\nSubject: Re: Projector\n\n{text}")
    for shown in ("Which of the two projectors", "In the hall.", "the small lamp", "No."):
        assert shown in comment.body
    assert "Sent: Monday" in comment.folded and "Sent: Monday" not in comment.body


def test_the_answer_below_our_words_is_all_that_is_shown(answer, ours):
    assert answer(f"{words_of(ours)}\n\nThe one in the hall.").body == "The one in the hall."


def test_words_that_both_of_us_use_stay_the_clients(answer):
    comment = answer("Hello Tom,\n\nthank you for writing. It is the one in the hall.\n\nDana")
    assert (comment.body, comment.folded) == (
        "Hello Tom,\n\nthank you for writing. It is the one in the hall.\n\nDana",
        "",
    )


def test_the_clients_earlier_words_are_known_as_well(answer, ours):
    message = letter(f"It is the one in the hall.\n\n{words_of(ours)}\n\n{FIRST}")
    message["In-Reply-To"], message["References"] = ours["Message-ID"], f"{ours['References']} {ours['Message-ID']}"
    assert answer(message).body == "It is the one in the hall."


def test_a_program_that_sets_no_reference_is_helped_by_the_tag_in_the_subject(mailroom, ours):
    message = letter(f"The one in the hall.\n\n{words_of(ours)}", subject=ours["Subject"])
    assert mailroom.receive(message).ticket.comments[-1].body == "The one in the hall."


def test_the_page_shows_of_html_what_the_text_says(answer, ours, sign_in):
    message = letter(f"The one in the hall.\n\nQux:\n\n{words_of(ours)}", answers=ours["Message-ID"])
    lines = "".join(f"<div>{line or '<br>'}</div>" for line in words_of(ours).split("\n"))
    html = f"<div><b>The one in the hall.</b></div><div>Qux:</div><section>{lines}</section>"
    message.add_alternative(html, subtype="html")
    comment = answer(message)
    page = sign_in().get(f"/comments/{comment.id}/body").text
    assert "<b>The one in the hall.</b>" in page
    assert "small lamp" not in page
