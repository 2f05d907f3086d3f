"""Invitations are summarised: what, when, where, who, whichever program wrote the calendar file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message import Invitation, parse, to_json
from psa.mail.message.cards.invitations import read_calendar
from tests.mail.message.reading import read

ZONE = """BEGIN:VTIMEZONE
TZID:{0}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
CET = timezone(timedelta(hours=1))


def meeting(event: str, method: str = "METHOD:REQUEST\n", zone: str = "") -> Invitation:
    text = f"BEGIN:VCALENDAR\n{method}{zone}BEGIN:VEVENT\nUID:1\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    (found,) = read_calendar(text.replace("\n", "\r\n").encode(), None, "", "2")
    return found


def test_an_invitation_from_outlook_is_summarised():
    email = read("invitation_outlook.eml")
    assert email.text == "Please come to the move of the servers."
    (found,) = email.invitations
    assert (found.method, found.summary, found.location) == ("request", "Move of the servers", "Room 3; ground floor")
    assert found.start == datetime(2026, 11, 23, 10, 0, tzinfo=CET)
    assert found.end == datetime(2026, 11, 23, 11, 30, tzinfo=CET)
    assert found.recurrence == "every 2 weeks on Monday and Thursday, until 18 Dec 2026"
    assert found.online == "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x/0"
    assert found.organiser is not None and (found.organiser.name, found.organiser.email) == (
        "Berg, Mia",
        "mia@harbour.example",
    )
    assert [(a.email, a.answer) for a in found.attendees] == [
        ("support@northwind.example", ""),
        ("otto@quarry.example", "accepted"),
    ]
    assert found.description.startswith("Please come, thanks.")


def test_the_same_invitation_as_alternative_and_as_file_is_one():
    event = "BEGIN:VEVENT\nUID:1\nSUMMARY:Talk\nDTSTART:20261123T090000Z\nEND:VEVENT"
    calendar = f"BEGIN:VCALENDAR\nMETHOD:REQUEST\n{event}\nEND:VCALENDAR"
    email = parse(
        f"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/calendar; method=REQUEST\n\n{calendar}\n"
        f"--a\nContent-Type: application/ics; name=invite.ics\n\n{calendar}\n--a--\n".encode()
    )
    assert [(i.summary, i.part) for i in email.invitations] == [("Talk", "1")]
    assert [a.name for a in email.attachments] == ["invitation.ics", "invite.ics"]
    assert email.text == ""


def test_an_answer_names_who_answers_what():
    found = meeting(
        "SUMMARY:Talk\nDTSTART:20261123T090000Z\nATTENDEE;PARTSTAT=DECLINED;CN=Otto:mailto:otto@quarry.example\n"
        "COMMENT:I am ill.",
        "METHOD:REPLY\n",
    )
    assert (found.method, found.attendees[0].answer, found.description) == ("reply", "declined", "I am ill.")


def test_whole_days_end_on_their_last_day():
    found = meeting("SUMMARY:Closed\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSTATUS:CANCELLED")
    assert (found.method, found.start, found.end) == ("cancel", date(2026, 12, 24), date(2026, 12, 26))
    assert meeting("SUMMARY:One\nDTSTART;VALUE=DATE:20261224").end is None


def test_a_time_without_a_zone_stays_one():
    found = meeting("SUMMARY:Lunch\nDTSTART:20261224T120000\nDURATION:PT1H30M")
    assert (found.start, found.end) == (datetime(2026, 12, 24, 12, 0), datetime(2026, 12, 24, 13, 30))


@pytest.mark.parametrize(
    ("zone", "declared"),
    [
        ("Europe/Berlin", ""),
        ("W. Europe Standard Time", ""),
        ("W. Europe Standard Time", ZONE.format("W. Europe Standard Time")),
        ("Customized Time Zone", ZONE.format("Customized Time Zone")),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern"', ZONE.format("(UTC+01:00) Amsterdam, Berlin, Bern")),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", ""),
        ("GMT+0100", ""),
    ],
)
def test_zones_are_understood_whoever_named_them(zone, declared):
    assert meeting(f"SUMMARY:x\nDTSTART;TZID={zone}:20261123T100000", zone=declared).start == datetime(
        2026, 11, 23, 9, tzinfo=UTC
    )


def test_summer_time_counts():
    found = meeting("SUMMARY:x\nDTSTART;TZID=Home:20260701T100000", zone=ZONE.format("Home"))
    assert found.start == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_zone_that_nobody_knows_is_named_and_leaves_the_time_as_written():
    found = meeting("SUMMARY:x\nDTSTART;TZID=Somewhere/Odd:20261123T100000")
    assert (found.start, found.zone) == (datetime(2026, 11, 23, 10, 0), "Somewhere/Odd")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "every month on the last Friday, 5 times"),
        ("FREQ=MONTHLY;BYDAY=WE;BYSETPOS=2", "every month on the second Wednesday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on day 1 and day 15"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8;UNTIL=20300308", "every year on day 8 in March, until 8 Mar 2030"),
    ],
)
def test_a_series_is_told_in_words(rule, words):
    assert meeting(f"SUMMARY:x\nDTSTART:20261123T100000Z\nRRULE:{rule}").recurrence == words


@pytest.mark.parametrize(
    ("event", "address"),
    [
        ("X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij", "https://meet.google.com/abc-defg-hij"),
        ("LOCATION:https://harbour.zoom.us/j/123?pwd=x", "https://harbour.zoom.us/j/123?pwd=x"),
        ("DESCRIPTION:Join here: <https://harbour.webex.com/meet/mia>\\n", "https://harbour.webex.com/meet/mia"),
        (
            "DESCRIPTION:https://eu1.safelinks.protection.outlook.com/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2Fx&data=1",
            "https://teams.microsoft.com/l/meetup-join/x",
        ),
        ("LOCATION:Room 3", ""),
        ("DESCRIPTION:See https://harbour.example/agenda", ""),
        ("X-GOOGLE-CONFERENCE:javascript:alert(1)", ""),
    ],
)
def test_the_address_of_an_online_meeting_is_found(event, address):
    assert meeting(f"SUMMARY:x\nDTSTART:20261123T100000Z\n{event}").online == address


def test_a_calendar_of_the_nineties_is_read():
    text = (
        "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nSUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Gr=FC=\n=DFe\n"
        "DTSTART:20261123T090000Z\nRRULE:W1 MO #0\nEND:VEVENT\nEND:VCALENDAR"
    )
    (found,) = read_calendar(text.encode(), None, "", "2")
    assert (found.summary, found.start) == ("Grüße", datetime(2026, 11, 23, 9, tzinfo=UTC))


def test_one_broken_event_does_not_hide_the_others():
    text = (
        "BEGIN:VCALENDAR\nrubbish\nBEGIN:VEVENT\nDTSTART:tomorrow\nSUMMARY:Some day\nEND:VEVENT\n"
        'BEGIN:VEVENT\nDTSTART:20261123T090000Z\nSUMMARY:Sound\nATTENDEE;CN="open:mailto:a@b.example\nBEGIN:VALARM\nEND:VEVENT\n'
    )
    found = read_calendar(text.encode(), None, "request", "2")
    assert [(i.summary, i.start, i.method) for i in found] == [
        ("Some day", None, "request"),
        ("Sound", datetime(2026, 11, 23, 9, tzinfo=UTC), "request"),
    ]


def test_a_series_with_changed_dates_is_one_meeting():
    event = "BEGIN:VEVENT\nUID:7\nSUMMARY:Weekly\nDTSTART:20261123T090000Z\n{}END:VEVENT\n"
    text = (
        "BEGIN:VCALENDAR\n"
        + event.format("RRULE:FREQ=WEEKLY\n")
        + event.format("RECURRENCE-ID:20261130T090000Z\n")
        + "END:VCALENDAR"
    )
    assert len(read_calendar(text.encode(), None, "", "2")) == 1


def test_of_many_calendars_only_the_first_are_read_and_that_is_said():
    event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{}\nDTSTART:20260303T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    parts = "".join(f"--b\nContent-Type: text/calendar\n\n{event.format(n)}" for n in range(30))
    email = parse(f"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--".encode())
    assert len(email.invitations) == 20
    assert any("more than 20 calendars" in defect for defect in email.defects)


def test_the_summary_is_handed_to_programs():
    answer = to_json(read("invitation_outlook.eml"), "x")["invitations"][0]
    json.dumps(answer)
    assert (answer["start"], answer["all_day"], answer["organiser"]["email"]) == (
        "2026-11-23T10:00:00+01:00",
        False,
        "mia@harbour.example",
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "BEGIN:VEVENT\n" * 20_000,
        "BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000Z\n" + "ATTENDEE:mailto:a@b\n" * 30_000,
        "BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=x:20261123T090000\nEND:VEVENT\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\n"
        "DTSTART:00010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE",
        "BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000Z\nRRULE:FREQ=SECONDLY;COUNT=999999999\n",
        "BEGIN:VEVENT\nSUMMARY:" + "x" * 3_000_000,
        "A;B=" * 200_000,
        'ATTENDEE;CN="' * 100_000,
        "X" + ";A=1,2" * 100_000 + ":x",
    ],
    ids=range(8),
)
@pytest.mark.timeout(30)
def test_a_hostile_calendar_takes_no_longer_than_its_size(hostile):
    read_calendar(f"BEGIN:VCALENDAR\n{hostile}\nEND:VCALENDAR".encode(), None, "", "2")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_makes_it_raise(data):
    raw = (read("invitation_outlook.eml")).raw
    whole = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 10))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.sampled_from(b"\n:;=\"',TZ0129\xff "))
    to_json(parse(bytes(whole)), "x")
