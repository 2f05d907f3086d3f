"""Signing in, signing out, and what guessing costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from psa.auth import throttle
from psa.auth.models import LoginAttempt
from psa.auth.operations import UserRefused, create_user, user_by_email
from psa.extensions import db
from tests.shell import PASSWORD, sign_in, token_of

MARA = "mara@northwind.example"
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_the_right_password_opens_and_is_noted(shell: Flask) -> None:
    client = shell.test_client()
    answer = sign_in(client, " Mara@Northwind.Example ")
    assert answer.status_code == 302
    assert client.get("/tickets").status_code == 200
    with shell.app_context():
        mara = user_by_email(MARA)
        assert mara and mara.login_count == 1 and mara.current_login_at
        assert mara.current_login_at.tzinfo is not None


def test_a_wrong_password_and_an_unknown_address_look_the_same(shell: Flask) -> None:
    answers = [sign_in(shell.test_client(), address, "wrong") for address in (MARA, "eve@elsewhere.example")]
    for answer in answers:
        assert answer.status_code == 422
        assert "do not belong together. 4 more tries, then a pause of one minute." in answer.text
        assert "not your password" not in answer.text and "does not exist" not in answer.text


def test_an_empty_form_says_what_is_missing_and_costs_no_try(shell: Flask) -> None:
    answer = sign_in(shell.test_client(), "", "")
    assert answer.status_code == 422
    assert "Type your address." in answer.text and "Type your password." in answer.text
    with shell.app_context():
        assert db.session.query(LoginAttempt).count() == 0


def test_five_wrong_passwords_cost_a_minute_even_for_the_right_one(shell: Flask) -> None:
    client = shell.test_client()
    with time_machine.travel(TEN, tick=False) as clock:
        pages = [sign_in(client, MARA, "wrong").text for _ in range(5)]
        assert "1 more try, then" in pages[3]
        assert "Wait a minute before the next try" in pages[4]
        waiting = sign_in(client, MARA)
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "60")
        clock.shift(timedelta(seconds=61))
        assert sign_in(client, MARA).status_code == 302


def test_being_turned_away_does_not_make_the_pause_longer(shell: Flask) -> None:
    client = shell.test_client()
    with time_machine.travel(TEN, tick=False) as clock:
        for _ in range(5):
            sign_in(client, MARA, "wrong")
        clock.shift(timedelta(seconds=50))
        assert sign_in(client, MARA).status_code == 429
        clock.shift(timedelta(seconds=11))
        assert sign_in(client, MARA).status_code == 302


def test_the_right_password_wipes_the_slate(shell: Flask) -> None:
    for _ in range(4):
        sign_in(shell.test_client(), MARA, "wrong")
    sign_in(shell.test_client(), MARA)
    assert "4 more tries" in sign_in(shell.test_client(), MARA, "wrong").text


def test_one_place_that_tries_many_addresses_is_stopped_too(shell: Flask) -> None:
    client = shell.test_client()
    codes = [sign_in(client, f"guess{n}@northwind.example", "wrong", REMOTE_ADDR="192.0.2.7") for n in range(21)]
    assert [answer.status_code for answer in codes] == [422] * 20 + [429]
    assert sign_in(shell.test_client(), MARA, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_tries_are_forgotten_after_ten_minutes(shell: Flask) -> None:
    with time_machine.travel(TEN, tick=False) as clock, shell.app_context():
        assert throttle.note_attempt(MARA, "192.0.2.7")
        clock.shift(timedelta(minutes=11))
        assert throttle.note_attempt("tom@northwind.example", "192.0.2.7")
        assert [attempt.email for attempt in db.session.query(LoginAttempt)] == ["tom@northwind.example"]


def test_many_tries_at_once_see_each_other(shell: Flask) -> None:
    def attempt(_: int) -> bool:
        with shell.app_context():
            return throttle.note_attempt(MARA, "192.0.2.7")

    with ThreadPoolExecutor(12) as pool:
        allowed = sum(pool.map(attempt, range(24)))
    assert 1 <= allowed <= throttle.LIMIT_PER_EMAIL


def test_signing_out_takes_a_button_and_ends_the_session(shell: Flask) -> None:
    client = shell.test_client()
    sign_in(client, MARA)
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/tickets"))})
    assert client.get("/tickets").status_code == 303


def test_changing_the_password_takes_the_old_one_and_signs_out_elsewhere(shell: Flask) -> None:
    here, elsewhere = shell.test_client(), shell.test_client()
    sign_in(here, MARA)
    sign_in(elsewhere, MARA)
    new = "a much better sentence"
    fields = {"password": "wrong", "new_password": new, "new_password_confirm": new}

    token = token_of(here.get("/account/password"))
    refused = here.post("/account/password", data=fields | {"csrf_token": token})
    assert refused.status_code == 422 and "That is not your password." in refused.text
    short = {"password": PASSWORD, "new_password": "short", "new_password_confirm": "short"}
    assert "at least 12 characters" in here.post("/account/password", data=short | {"csrf_token": token}).text

    changed = here.post("/account/password", data=fields | {"password": PASSWORD, "csrf_token": token})
    assert changed.status_code == 302
    assert "The new password is in force." in here.get(changed.location).text
    assert elsewhere.get("/tickets").status_code == 303
    assert sign_in(shell.test_client(), MARA, new).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "MARA@northwind.example"}, "email"),
        ({"name": "  "}, "name"),
        ({"password": "eleven char"}, "password"),
        ({"role": "boss"}, "role"),
    ],
)
def test_a_user_who_cannot_be_made_is_refused_with_the_field_that_is_wrong(
    shell: Flask, changes: dict[str, str], field: str
) -> None:
    jonas = {"email": "jonas@northwind.example", "name": "Jonas Weber", "password": PASSWORD, "role": "agent"}
    with shell.app_context(), pytest.raises(UserRefused) as refusal:
        create_user(**jonas | changes)
    assert refusal.value.field == field


def test_a_password_that_nobody_can_have_opens_nothing(shell: Flask) -> None:
    client = shell.test_client()
    assert sign_in(client, "mara@northwind.example", "correct horse " * 500).status_code == 422
