"""Errors say what it is, what it means and what to do, as a page or as a banner."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from psa.errors import WORDS
from psa.extensions import db

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 500, 503])
def test_every_error_has_its_words(tom: FlaskClient, code: int) -> None:
    answer = tom.get(f"/error/{code}")
    assert answer.status_code == code
    assert WORDS[code].title in answer.text


def test_an_error_without_words_of_ours_has_those_of_the_standard(tom: FlaskClient) -> None:
    answer = tom.get("/error/415")
    assert answer.status_code == 415
    assert "Unsupported Media Type" in answer.text


def test_somebody_who_is_signed_in_keeps_the_sidebar(tom: FlaskClient, stranger: FlaskClient) -> None:
    assert 'id="side"' in tom.get("/nowhere").text
    assert 'id="side"' not in stranger.get("/nowhere").text


def test_htmx_gets_a_banner_and_no_page(tom: FlaskClient) -> None:
    answer = tom.get("/nowhere", headers=HTMX)
    assert answer.status_code == 404
    assert answer.text.lstrip().startswith('<div class="banner bad">')
    assert "There is nothing here" in answer.text


def test_a_fault_of_ours_is_500_with_words(shell: Flask, tom: FlaskClient) -> None:
    shell.config["PROPAGATE_EXCEPTIONS"] = False
    answer = tom.get("/fault")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert WORDS[500].title in answer.text


def test_a_locked_database_is_503_and_worth_another_try(tom: FlaskClient) -> None:
    answer = tom.get("/locked")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert WORDS[503].title in answer.text


def test_a_database_that_is_gone_is_503_on_every_page(shell: Flask, tom: FlaskClient) -> None:
    with shell.app_context():
        db.drop_all()
    for path in ("/", "/tickets", "/sign-in", "/nowhere"):
        assert tom.get(path).status_code == 503


def test_the_wrong_method_still_says_which_one_is_right(tom: FlaskClient) -> None:
    answer = tom.get("/upload")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_too_large_an_upload_is_told_the_limit(shell: Flask) -> None:
    shell.config["WTF_CSRF_ENABLED"] = False
    answer = shell.test_client().post("/upload", data=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "up to 1 MB" in answer.text


def test_a_form_from_before_the_sign_in_says_what_to_do(tom: FlaskClient) -> None:
    answer = tom.post("/tickets", data={"csrf_token": "of another session"})
    assert answer.status_code == 400
    assert "Copy what you wrote" in answer.text
