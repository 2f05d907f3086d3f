"""The number that another help desk gives a matter is a key between us and them, and a weak one."""

from __future__ import annotations

import pytest

from psa.mail.message import parse
from tests.mailroom import letter

DESK = "Harbor Desk <desk@harbor-dental.example>"
COLLEAGUE = "Sam Ito <sam@harbor-dental.example>"


def send(mailroom, subject: str, sender: str = DESK, **headers: str):
    """A mail that refers to nothing."""
    return mailroom.receive(letter(f"About {subject}.", sender=sender, subject=subject, **headers))


def ticket_step(email) -> tuple[str, str]:
    return next((step["verdict"], step["detail"]) for step in email.trace if step["step"] == "Ticket")


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("[OPS-123] Printer", ("[ops-123]",)),
        ("Re: [Vendor Desk #4711] Printer", ("[vendordesk#4711]",)),
        ("AW: Ticket#2026112310000055 — Drucker", ("ticket#2026112310000055",)),
        ("Case: 00123456 Printer", ("case:00123456",)),
        ("Ihre Anfrage Nr. #5512", ("anfragenr.#5512",)),
        ("INC0012345 has been updated", ("inc0012345",)),
        ("Case No. 815: Printer", ("caseno.815",)),
        ("Request: 2026 holidays", ()),
        ("Case: 12 bottles", ()),
        ("[#55] Printer", ()),
        ("Re: Projector [#1]", ()),
        ("[SRV-01] Backup", ()),
        ("[Billing] Invoice 2026-11", ()),
        ("Ticket to Berlin: 2 seats", ()),
        ("Re: " + "[A-1" * 5000, ()),
    ],
)
def test_which_numbers_of_a_subject_are_another_help_desks(subject, numbers):
    assert parse(letter(subject=subject).as_bytes()).numbers_in_subject == numbers


@pytest.mark.parametrize("number", ["Ticket#4711", "[Harbor Desk #4711]", "Case: 00004711", "INC0004711"])
def test_the_same_number_and_subject_from_the_same_desk_is_the_same_ticket(mailroom, number):
    first = send(mailroom, f"{number} Printer jams")
    second = send(mailroom, f"Re: {number} Printer jams")

    assert second.ticket_id == first.ticket_id
    assert "their own number" in ticket_step(second)[1]


def test_a_number_in_a_header_of_theirs_needs_no_subject(mailroom):
    first = send(mailroom, "Printer jams", X_RT_Ticket="harbor #4711")
    assert send(mailroom, "Something has changed", X_RT_Ticket="harbor #4711").ticket_id == first.ticket_id
    assert send(mailroom, "Something has changed", X_RT_Ticket="harbor #4712").ticket_id != first.ticket_id


@pytest.mark.parametrize("subject", ["Ticket#4711 Another subject", "[OPS-4711] Printer jams"])
def test_where_it_is_not_sure_a_person_is_asked(mailroom, subject):
    number = subject.partition(" ")[0]
    first = send(mailroom, f"{number} Printer jams")
    second = send(mailroom, subject)

    assert second.ticket_id != first.ticket_id
    verdict, words = ticket_step(second)
    assert verdict == "In doubt"
    assert f"it may belong to #{first.ticket_id}" in words


def test_a_colleague_who_is_not_on_the_ticket_is_asked_about(mailroom):
    first = send(mailroom, "Ticket#4711 Printer jams")
    second = send(mailroom, "Ticket#4711 Printer jams", COLLEAGUE)

    assert second.ticket_id != first.ticket_id
    assert ticket_step(second)[0] == "In doubt"


def test_the_same_number_from_elsewhere_is_another_matter(mailroom):
    send(mailroom, "Ticket#4711 Printer jams")
    other = send(mailroom, "Ticket#4711 Printer jams", "Ruben <ruben@vega-logistics.example>")
    stranger = send(mailroom, "Ticket#4711 Printer jams", "Eve <eve@evil.example>")

    assert ticket_step(other)[0] == ticket_step(stranger)[0] == "A new one"


def test_their_number_is_never_one_of_ours(mailroom):
    ours = send(mailroom, "Printer jams")
    for subject in (
        f"Ticket#0{ours.ticket_id} Printer",
        f"[Vendor #{ours.ticket_id}] Printer",
        f"[OPS-00{ours.ticket_id}] Printer",
    ):
        assert send(mailroom, subject).ticket_id != ours.ticket_id


def test_their_answer_to_us_teaches_their_number(mailroom):
    """Their help desk confirms our ticket by an answer, and later writes by itself."""
    ours = send(mailroom, "Printer jams")
    answer = mailroom.receive(
        letter("We look into it.", sender=DESK, subject="Ticket#4711 Printer jams", answers=f"<{ours.message_id}>")
    )
    assert answer.ticket_id == ours.ticket_id
    assert send(mailroom, "Ticket#4711 Printer jams").ticket_id == ours.ticket_id
