"""A forwarded mail names who wrote it, to whom, when and about what, in whatever program and language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest

from psa.mail.message import parse
from psa.mail.message.model import Forwarded
from psa.mail.message.quoting.forwarded import looks_forwarded, read_forwarded
from tests.mail.message.quoting_programs import (
    ADDRESS,
    ATTRIBUTIONS,
    FORWARDS,
    HEADER_LABELS,
    NAME,
    ORIGINALS,
    header_block,
)

TEXT = "Please restart the printer\nand tell us whether it prints.\n\nAnn"
# How Outlook and others begin the subject of what they forward.
MARKS = {
    "de": "WG:", "fr": "TR:", "es": "RV:", "pt": "ENC:", "it": "I:", "nl": "Doorst:", "sv": "VB:", "da": "VS:",
    "nb": "VS:", "fi": "VL:", "pl": "PD:", "hu": "Továbbítás:", "tr": "İLT:", "zh": "转发：", "ja": "転送:",
    "ko": "전달:", "el": "ΠΡΘ:",
}  # fmt: skip


def check(found: Forwarded | None, text: str = TEXT) -> None:
    assert found is not None
    assert (found.from_.name, found.from_.email) == (NAME, ADDRESS)
    assert found.subject == "RE: Printer"
    assert found.date == datetime(2026, 3, 2, 17, 40, tzinfo=UTC)
    assert found.text == text
    assert [(to.name, to.email) for to in found.to] == [("Mia Holm", "mia@quarry.example")]
    assert [cc.email for cc in found.cc] == ["otto@quarry.example"]


@pytest.mark.parametrize("tag", HEADER_LABELS)
def test_the_subject_announces_what_outlook_forwards(tag):
    subject = f"{MARKS.get(tag, 'FW:')} RE: Printer"
    for labels in HEADER_LABELS[tag]:
        block = header_block(labels)
        check(read_forwarded(f"Please help.\n\n{block}\n\n{TEXT}", subject))
        check(read_forwarded(f"________________________________\n{block}\n\n{TEXT}", subject))
        check(read_forwarded(f"Please help.\n\n{header_block(labels, star='*')}\n\n{TEXT}", subject))
        for original in ORIGINALS.get(tag, ()):
            check(read_forwarded(f"-----{original}-----\n{block}\n\n{TEXT}", subject))


@pytest.mark.parametrize("tag", FORWARDS)
def test_a_line_announces_what_others_forward(tag):
    block = header_block(HEADER_LABELS[tag][0])
    for line in FORWARDS[tag]:
        check(read_forwarded(f"Please help.\n\n{line}\n{block}\n\n\n{TEXT}", "Printer"))
        marked = "\n".join(f"> {part}".rstrip() for part in f"{line}\n\n{block}\n\n{TEXT}".split("\n"))
        check(read_forwarded(f"Please help.\n\n{marked}", "Printer"))
        assert looks_forwarded(f"{line}\n{block}\n\n{TEXT}", "Printer")


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_a_sentence_may_stand_above_what_is_forwarded(tag):
    for line in ATTRIBUTIONS[tag]:
        if ADDRESS not in line or line.startswith("> "):
            continue
        found = read_forwarded(f"Please help.\n\n{line}\n\n{TEXT}", "Fwd: Printer")
        assert found is not None and found.from_.email == ADDRESS and found.text == TEXT
        if NAME in line:
            assert found.from_.name == NAME


@pytest.mark.parametrize("tag", ATTRIBUTIONS)
def test_an_answer_to_what_was_forwarded_is_no_forward(tag):
    inner = (
        "> ---------- Forwarded message ---------\n> From: Otto <otto@quarry.example>\n> Date: 2 Mar 2026\n>\n> Help."
    )
    for line in ATTRIBUTIONS[tag]:
        text = f"Thanks\n\n{line}\n{inner}"
        for subject in ("Re: Fwd: Printer", "Fwd: Printer"):
            assert not looks_forwarded(text, subject) and read_forwarded(text, subject) is None


def test_the_outermost_of_several_is_told():
    inner = "---------- Forwarded message ---------\nFrom: Otto <otto@quarry.example>\nDate: 1 Mar 2026\n\nHelp."
    text = f"{TEXT}\n\n{inner}"
    check(read_forwarded(f"See below.\n\n{header_block(HEADER_LABELS['en'][0])}\n\n{text}", "FW: Printer"), text)


def test_vs_is_a_forward_in_danish_and_an_answer_in_finnish():
    danish, finnish = header_block(HEADER_LABELS["da"][0]), header_block(HEADER_LABELS["fi"][0])
    assert looks_forwarded(f"{danish}\n\n{TEXT}", "VS: Printer")
    assert not looks_forwarded(f"Kiitos\n\n{finnish}\n\n{TEXT}", "VS: Printer")


@pytest.mark.parametrize(("written", "name", "email"), [
    ("Ann Berg [mailto:ann@harbour.example]", "Ann Berg", "ann@harbour.example"),
    ("Ann Berg <ann@harbour.example<mailto:ann@harbour.example>>", "Ann Berg", "ann@harbour.example"),
    ("ann@harbour.example <mailto:ann@harbour.example>", "", "ann@harbour.example"),
    ('"Ann Berg" <mailto:ann@harbour.example>', "Ann Berg", "ann@harbour.example"),
    ("*Ann Berg* <ann@harbour.example>", "Ann Berg", "ann@harbour.example"),
    ("Office <office@harbour.example> on behalf of Ann Berg <ann@harbour.example>", "Ann Berg", "ann@harbour.example"),
    ("Büro <office@harbour.example> im Auftrag von Ann Berg <ann@harbour.example>", "Ann Berg", "ann@harbour.example"),
    ('"Ann Berg"<ann@harbour.example>;', "Ann Berg", "ann@harbour.example"),
])  # fmt: skip
def test_authors_are_written_in_many_ways(written, name, email):
    found = read_forwarded(f"From: {written}\nSent: 2 March 2026 17:40\nTo: Mia\nSubject: x\n\n{TEXT}", "FW: x")
    assert found is not None and (found.from_.name, found.from_.email) == (name, email)


def test_the_time_is_that_of_whoever_forwards_unless_it_names_its_zone():
    head = "From: mia@quarry.example\nSubject: FW: x\nDate: Tue, 3 Mar 2026 09:00:00 +0200\n\n"
    block = "From: Ann <ann@harbour.example>\nSent: Monday, March 2, 2026 5:40 PM{}\nTo: Mia\nSubject: x\n\nHelp."
    there, named = (parse((head + block.format(zone)).encode()).forwarded for zone in ("", " GMT-05:00"))
    assert there is not None and there.date == datetime(2026, 3, 2, 17, 40, tzinfo=timezone(timedelta(hours=2)))
    assert named is not None and named.date == datetime(2026, 3, 2, 22, 40, tzinfo=UTC)


def test_a_message_that_is_attached_is_told_as_well():
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "Ann Berg <ann@harbour.example>", "mia@quarry.example", "RE: Printer"
    inner["Date"] = "Mon, 2 Mar 2026 17:40:00 +0100"
    inner.set_content(TEXT)
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "mia@quarry.example", "Fwd: RE: Printer"
    outer.set_content("Please help.")
    outer.add_attachment(inner)
    email = parse(outer.as_bytes())
    assert email.reply_text == "Please help."
    found = email.forwarded
    assert found is not None
    assert (found.from_.name, found.from_.email, found.subject) == (NAME, ADDRESS, "RE: Printer")
    assert found.text == TEXT and found.date is not None and found.date.isoformat() == "2026-03-02T17:40:00+01:00"
    assert [to.email for to in found.to] == ["mia@quarry.example"]
    del outer["Subject"]
    outer["Subject"], outer["In-Reply-To"] = "Re: Printer", "<a@b.example>"
    assert parse(outer.as_bytes()).forwarded is None
