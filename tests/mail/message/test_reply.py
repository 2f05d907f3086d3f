"""What the person wrote now is shown; quotes and signatures are folded, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message import ParsedEmail, parse
from psa.mail.message.quoting.reply import fold
from tests.mail.message.reading import read


def test_a_gmail_reply_is_shown_without_its_quote_in_text_and_html():
    email = read("reply_gmail.eml")
    assert email.reply_text == "Please send it again, we lost it."
    assert email.folded_text.startswith("On Mon, 2 Mar 2026 at 17:40, Northwind Support <\nsupport@")
    assert email.reply_html is not None
    assert "lost it" in email.reply_html and "Here is your invoice" not in email.reply_html
    assert email.references == ("t-1@northwind.example", "t-7@northwind.example")
    assert email.subject_tags == ("Billing",)


def test_an_outlook_reply_in_german_is_cut_at_its_header_block():
    email = read("reply_outlook_german.eml")
    assert email.reply_text == "Danke, das passt so.\n\nJonas"
    assert "Anbei die Rechnung." in email.folded_text


def test_answers_between_quotes_keep_the_questions():
    email = read("reply_interleaved.eml")
    assert email.reply_text == "> Which floor?\n\nThe third.\n\n> Which printer?\n\nThe red one."
    assert email.signature_text == "--\nMia Berg\nHarbour Ltd"


def test_what_a_phone_adds_is_signature():
    email = read("sent_from_phone.eml")
    assert (email.reply_text, email.signature_text) == ("It burns.", "Von meinem iPhone gesendet")


def test_a_forwarded_mail_names_its_author_and_keeps_its_text():
    email = read("forward_by_agent.eml")
    assert email.forwarded is not None
    assert email.forwarded.from_.email == "otto@quarry.example"
    assert email.forwarded.subject == "Quote for cables"
    assert email.forwarded.text == "We need forty metres of cable by Friday."
    assert "forty metres" in email.reply_text and email.reply_text.startswith("Can you open a ticket")


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 2 Mar 2026 at 17:40, Ann <ann@harbour.example> wrote:",
        "Am 02.03.2026 um 17:40 schrieb Ann <ann@harbour.example>:",
        "Le lun. 2 mars 2026 à 17:40, Ann <ann@harbour.example> a écrit :",
        "El lun, 2 mar 2026 a las 17:40, Ann (<ann@harbour.example>) escribió:",
        "Em seg., 2 de mar. de 2026 às 17:40, Ann <ann@harbour.example> escreveu:",
        "Il giorno lun 2 mar 2026 alle ore 17:40 Ann <ann@harbour.example> ha scritto:",
        "Op ma 2 mrt 2026 om 17:40 schreef Ann <ann@harbour.example>:",
        "Den mån 2 mars 2026 kl 17:40 skrev Ann <ann@harbour.example>:",
        "man. 2. mar. 2026 kl. 17.40 skrev Ann <ann@harbour.example>:",
        "ma 2. maalisk. 2026 klo 17.40 Ann (ann@harbour.example) kirjoitti:",
        "pon., 2 mar 2026 o 17:40 Ann <ann@harbour.example> napisał(a):",
        "po 2. 3. 2026 v 17:40 odesílatel Ann <ann@harbour.example> napsal:",
        "Ann <ann@harbour.example> ezt írta (időpont: 2026. márc. 2., H, 17:40):",
        "În lun., 2 mar. 2026 la 17:40, Ann <ann@harbour.example> a scris:",
        "пн, 2 мар. 2026 г. в 17:40, Ann <ann@harbour.example>:",
        "2 марта 2026 г. 17:40 пользователь Ann <ann@harbour.example> написал:",
        "пн, 2 бер. 2026 р. о 17:40 Ann <ann@harbour.example> пише:",
        "Στις Δευ 2 Μαρ 2026 στις 17:40, ο χρήστης Ann <ann@harbour.example> έγραψε:",
        "Ann <ann@harbour.example>, 2 Mar 2026 Pzt, 17:40 tarihinde şunu yazdı:",
        "בתאריך יום ב׳, 2 במרץ 2026 ב-17:40 מאת Ann <ann@harbour.example> כתב:",
        "Pada tanggal Sen, 2 Mar 2026 pukul 17.40 Ann <ann@harbour.example> menulis:",
        "Vào Th 2, 2 thg 3, 2026 vào lúc 17:40 Ann <ann@harbour.example> đã viết:",
        "2026年3月2日(月) 17:40 Ann <ann@harbour.example>:",
        "Ann <ann@harbour.example> 于2026年3月2日周一 17:40写道：",
        "2026년 3월 2일 (월) 오후 5:40, Ann <ann@harbour.example>님이 작성:",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "-------- Message d'origine --------",
        "---- On Mon, 02 Mar 2026 17:40:00 +0100 Ann <ann@harbour.example> wrote ----",
        "##- Please type your reply above this line -##",
    ],
)
def test_introductions_in_many_languages_begin_the_quote(introduction):
    folded = fold(f"My answer.\n\n{introduction}\n\nThe old words.")
    assert folded.reply == "My answer."
    assert folded.quoted.endswith("The old words.")


@pytest.mark.parametrize(
    "text",
    [
        "On the other hand I wrote:\n\nwe should not.",
        "Please note the following:\n\nthe floor is wet.",
        "From: what I saw, it burns.\nTo: be sure, look yourself.",
        "Sent from my desk, which is much easier than a phone.\n\nMia",
    ],
)
def test_a_persons_own_words_are_not_taken_for_a_quote(text):
    folded = fold(text)
    assert (folded.quoted, folded.signature) == ("", "")


def test_an_answer_below_the_quote_is_shown():
    folded = fold("On Mon, 2 Mar 2026, Ann <ann@harbour.example> wrote:\n> Which floor?\n\nThe third.")
    assert folded.reply == "The third."


_LINES = st.sampled_from(
    [
        "Hello",
        "",
        "> quoted",
        ">> deeper",
        "-- ",
        "On Mon, 2 Mar 2026, Ann <a@b.example> wrote:",
        "From: Ann <a@b.example>",
        "Sent: Monday",
        "To: Mia",
        "Subject: x",
        "-----Original Message-----",
        "________________",
        "Sent from my iPhone",
        "| table",
        "wrote:",
        ">:",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(_LINES, max_size=30).map("\n".join)), st.booleans())
def test_folding_never_loses_a_word(text, is_forward):
    folded = fold(text, is_forward=is_forward)
    kept = f"{folded.reply}\n{folded.quoted}\n{folded.signature}".split()
    assert sorted(kept) == sorted(text.split())


def _html(body: str, subject: str = "Re: x") -> ParsedEmail:
    head = f"From: mia@harbour.example\nSubject: {subject}\nContent-Type: text/html; charset=utf-8\n\n"
    return parse((head + body).encode())


@pytest.mark.parametrize("body", [
    '<p>My answer.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Ann</div><p>The old words.</p>',
    '<p>My answer.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">From: Ann</div><p>The old words.</p>',
    '<p>My answer.</p><blockquote type="cite"><p>The old words.</p></blockquote>',
    '<p>My answer.</p><div class="moz-cite-prefix">Ann:</div><blockquote type="cite">The old words.</blockquote>',
    '<p>My answer.</p><div class="yahoo_quoted"><div>On Monday Ann wrote:</div>The old words.</div>',
    "<p>My answer.</p><p>-----Original Message-----</p><p>From: Ann</p><p>The old words.</p>",
    "<p>My answer.</p><p>Am 02.03.2026 um 17:40 schrieb Ann &lt;ann@harbour.example&gt;:</p><p>The old words.</p>",
])  # fmt: skip
def test_html_and_its_text_are_folded_at_the_same_place(body):
    email = _html(body)
    assert email.reply_text == "My answer."
    assert email.reply_html is not None and "My answer." in email.reply_html
    assert "The old words." not in email.reply_html
    assert "The old words." in email.folded_text


def test_answers_between_html_quotes_keep_the_questions():
    email = _html(
        '<blockquote type="cite">One?</blockquote><p>Yes.</p><blockquote type="cite">Two?</blockquote><p>No.</p>'
    )
    assert email.reply_html is not None
    for word in ("One?", "Yes.", "Two?", "No."):
        assert word in email.reply_html


def test_a_letter_that_a_web_form_begins_with_headers_is_shown_whole():
    letter = "From: Otto <otto@quarry.example>\nSubject: Cables\n\nPlease call."
    assert parse(f"From: www@hosting.example\nSubject: Contact\n\n{letter}\n".encode()).reply_text == letter


def test_headers_pasted_into_a_new_letter_fold_nothing():
    letter = "We got this, is it real?\n\nFrom: Bank <bank@evil.example>\nTo: Mia\nSubject: Your account\n\nPay now."
    assert parse(f"From: mia@harbour.example\nSubject: Strange mail\n\n{letter}\n".encode()).reply_text == letter
    answer = f"From: mia@harbour.example\nSubject: Strange mail\nIn-Reply-To: <t-1@northwind.example>\n\n{letter}\n"
    assert parse(answer.encode()).reply_text == "We got this, is it real?"


@pytest.mark.parametrize(
    "line",
    [
        "On 3 March the server wrote:",
        "Am Montag schrieb der Drucker nur leere Seiten:",
        "El lunes la impresora escribió:",
        "On Monday the device wrote this:",
    ],
)
def test_a_sentence_that_tells_of_a_thing_hides_nothing_below_it(line):
    text = f"Hi,\n\n{line}\n\nError 17\n\nCan you help?"
    message = f"In-Reply-To: <y@z.example>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    assert parse(message).reply_text.strip() == text


@pytest.mark.parametrize("line", ["On Monday Ann Berg wrote:", "Am Montag schrieb Thomas Berg:"])
def test_a_weekday_and_a_name_are_enough_to_introduce_a_quote(line):
    message = f"In-Reply-To: <y@z.example>\n\nThanks!\n\n{line}\n\nIs it done?\n".encode()
    assert parse(message).reply_text.strip() == "Thanks!"


@pytest.mark.parametrize("rule", ["------------------ Original ------------------", "-----Original-----"])
def test_a_rule_that_says_no_more_than_original_folds_what_stands_below(rule):
    folded = fold(f"It works.\n\n{rule}\nIs it on?")
    assert (folded.reply, folded.quoted) == ("It works.", f"{rule}\nIs it on?")
    assert fold("Original\n\nIs it on?").quoted == ""
