"""An address with a signature names a mail or a ticket, and nobody else can make one."""

from __future__ import annotations

import pytest

from psa.mail.outbound.signed_addresses import (
    first_mail_of,
    mail_of_address,
    reply_address,
    return_address,
    ticket_of_address,
)

SUPPORT = "support@northwind.example"


@pytest.fixture(autouse=True)
def keys(app):
    """Signatures are made with the application's key."""


def test_it_names_what_it_was_made_for_and_nothing_else():
    assert mail_of_address(return_address(SUPPORT, 12)) == 12
    assert ticket_of_address(reply_address(SUPPORT, 7)) == 7
    assert ticket_of_address(return_address(SUPPORT, 12)) is None
    assert mail_of_address(reply_address(SUPPORT, 7)) is None


def test_one_kind_cannot_be_made_from_the_other():
    assert ticket_of_address(return_address(SUPPORT, 7).replace("+b", "+t")) is None


@pytest.mark.parametrize(
    "changed",
    [
        lambda signed: signed.replace("+b12.", "+b13."),
        lambda signed: signed.replace("+b12.", "+b012."),
        lambda signed: signed.replace("+b12.", "+b."),
        lambda signed: signed.replace("@", "x@"),
        lambda signed: signed[: signed.index(".") + 1] + "a" * 16 + "@northwind.example",
        lambda signed: signed.partition("@")[0],
        lambda signed: SUPPORT,
        lambda signed: "",
        lambda signed: "+" * 100_000,
    ],
)
def test_a_forged_one_counts_for_nothing(changed):
    assert mail_of_address(changed(return_address(SUPPORT, 12))) is None


def test_servers_on_the_way_may_change_the_case_and_write_something_before_it():
    signed = return_address(SUPPORT, 12)
    assert mail_of_address(signed.upper()) == 12
    assert mail_of_address(f"prvs=1234abcdef={signed}") == 12


def test_of_several_addresses_the_first_that_is_ours_counts():
    assert first_mail_of([SUPPORT, "dana@harbor-dental.example", return_address(SUPPORT, 12)]) == 12
    assert first_mail_of([SUPPORT]) is None


def test_where_there_is_no_room_the_address_stays_as_it_is():
    long = f"{'a' * 50}@northwind.example"
    assert return_address(long, 12) == long
    assert return_address('"two words"@northwind.example', 12) == '"two words"@northwind.example'
