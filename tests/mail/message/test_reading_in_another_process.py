"""What another process has read of a message is what is read here, down to the order of the defects."""

from __future__ import annotations

import gc
import io
import pickle
import weakref

import pytest

from psa.mail.message import parse, to_json
from psa.mail.message.reader import WORKED_OUT, Asked, Opener, everything_asked, sealed
from tests.mail.message.reading import EMAILS

BARE_LINES = b"From: dana@harbor-dental.example\nSubject: A bare line end\n\nIt prints again.\n"


def handed_over(raw: bytes):
    return Opener(io.BytesIO(sealed(Asked(raw))), raw).load()


@pytest.mark.parametrize("path", sorted(EMAILS.glob("*.eml")), ids=lambda path: path.stem)
def test_what_is_handed_over_says_the_same(path):
    says_the_same(path.read_bytes())


@pytest.mark.parametrize("raw", [BARE_LINES, b"", b"\x00\n" * 40])
def test_so_does_what_is_hardly_a_message(raw):
    says_the_same(raw)


def says_the_same(raw: bytes) -> None:
    email, here = handed_over(raw), parse(raw)
    for name in WORKED_OUT:
        assert getattr(email, name) == getattr(here, name), name
    assert to_json(email, "") == to_json(here, "")
    assert [one.data for one in email.attachments] == [one.data for one in here.attachments]
    assert email.raw is raw


def test_what_it_answers_is_folded_as_if_it_were_read_anew():
    raw = (EMAILS / "reply_interleaved.eml").read_bytes()
    texts = [parse(raw).text[:200], parse(raw).text[-200:]]
    known, anew = handed_over(raw).answering(texts), parse(raw).answering(texts)
    assert (known.reply_text, known.folded_text) == (anew.reply_text, anew.folded_text)
    assert known.defects == anew.defects
    assert to_json(known, "") == to_json(anew, "")


def test_who_is_killed_while_asking_ends_it_quietly():
    whole = pickle.dumps(Asked(BARE_LINES))
    assert list(everything_asked(io.BytesIO(whole + whole[:20]))) == [Asked(BARE_LINES)]
    assert list(everything_asked(io.BytesIO(whole))) == [Asked(BARE_LINES)]


def test_a_message_that_cannot_be_handed_over_is_left_to_who_asks(monkeypatch):
    def too_deep(_asked):
        raise RecursionError

    monkeypatch.setattr("psa.mail.message.reader.work_out", too_deep)
    assert handed_over(BARE_LINES) is None


def test_a_message_that_was_handed_over_leaves_the_memory_when_nobody_needs_it():
    email = handed_over(BARE_LINES)
    gone = weakref.ref(email)
    del email
    gc.collect()
    assert gone() is None
