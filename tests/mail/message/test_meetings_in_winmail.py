"""A meeting that Outlook sends inside winmail.dat is an invitation like any other."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime

import pytest

from psa.mail.message import Address
from tests.mail.message.winmail import attribute, properties, sent, wide, winmail

SET, MEETING = 0x0006_2002 << 16, 0x6ED8_DA90 << 16
LONG_AGO = datetime(1601, 1, 1, tzinfo=UTC)
NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def at(moment: datetime) -> bytes:
    return struct.pack("<Q", int((moment - LONG_AGO).total_seconds()) * 10_000_000)


def meeting(kind: str, *more: tuple[int, int, bytes], begins: datetime = NINE, ends: datetime = TEN):
    said = properties(
        (0x1F, 0x001A, wide(kind)),
        (0x1F, 0x0037, wide("Printer, second floor")),
        (0x1F, 0x0042, wide("Mia Berg")),
        (0x1F, 0x5D02, wide("mia@harbour.example")),
        (0x1F, 0x0E04, wide("Support; Nils Berg")),
        (0x1F, 0x1000, wide("Bring the toner.")),
        (0x40, SET | 0x820D, at(begins)),
        (0x40, SET | 0x820E, at(ends)),
        (0x1F, SET | 0x8208, wide("Quay 4")),
        (0x102, MEETING | 0x0023, bytes.fromhex("040000008200e000")),
        *more,
    )
    return sent(winmail(attribute(1, 0x9003, said)))


def test_a_request_says_what_when_where_and_who():
    email = meeting("IPM.Schedule.Meeting.Request")
    (asked,) = email.invitations
    assert (asked.method, asked.summary, asked.location) == ("request", "Printer, second floor", "Quay 4")
    assert (asked.start, asked.end, asked.description) == (NINE, TEN, "Bring the toner.")
    assert asked.organiser == Address("Mia Berg", "mia@harbour.example")
    assert [a.name for a in asked.attendees] == ["Support", "Nils Berg"]
    assert asked.uid == "040000008200E000"
    assert email.text == "Bring the toner."


def test_the_meeting_is_there_as_a_file_that_calendars_open():
    email = meeting("IPM.Microsoft Schedule.MtgReq")
    assert [(a.name, a.type) for a in email.attachments[1:]] == [("invitation.ics", "text/calendar")]
    assert email.attachments[1].data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert max(map(len, email.attachments[1].data.split(b"\r\n"))) <= 75


@pytest.mark.parametrize(
    ("kind", "method", "answer"),
    [
        ("IPM.Schedule.Meeting.Canceled", "cancel", None),
        ("IPM.Schedule.Meeting.Resp.Pos", "reply", "accepted"),
        ("IPM.Schedule.Meeting.Resp.Neg", "reply", "declined"),
        ("IPM.Microsoft Schedule.MtgRespA", "reply", "tentative"),
    ],
)
def test_an_answer_and_a_cancellation_are_told_apart(kind, method, answer):
    (told,) = meeting(kind).invitations
    assert told.method == method
    if answer:
        assert [(a.email, a.answer) for a in told.attendees] == [("mia@harbour.example", answer)]


def test_whole_days_are_the_days_where_it_was_written():
    in_berlin = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    day_after = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
    whole = (0x0B, SET | 0x8215, struct.pack("<I", 1))
    (told,) = meeting("IPM.Schedule.Meeting.Request", whole, begins=in_berlin, ends=day_after).invitations
    assert (told.start, told.end) == (date(2026, 3, 3), date(2026, 3, 3))


def test_a_series_is_told_in_outlooks_words():
    weekly = (0x1F, SET | 0x8232, wide("every Tuesday from 10:00 AM to 11:00 AM"))
    (told,) = meeting("IPM.Schedule.Meeting.Request", weekly).invitations
    assert told.description.startswith("every Tuesday")


def test_a_letter_in_winmail_dat_is_no_meeting():
    email = meeting("IPM.Note")
    assert email.invitations == ()
    assert [a.name for a in email.attachments] == ["winmail.dat"]
