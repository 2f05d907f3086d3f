"""Who may come in."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.shell import PASSWORD, sign_in, token_of

HTMX = {"HX-Request": "true"}


def test_a_stranger_signs_in_and_arrives_where_they_wanted(stranger: FlaskClient) -> None:
    answer = stranger.get("/tickets?view=mine")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/tickets?view%3Dmine")
    page = stranger.get(answer.location)
    fields = {"csrf_token": token_of(page), "email": "tom@northwind.example", "password": PASSWORD}
    assert stranger.post("/sign-in", data=fields | {"next": "/tickets?view=mine"}).location == "/tickets?view=mine"


def test_nobody_is_sent_to_another_house_after_signing_in(stranger: FlaskClient) -> None:
    fields = {"csrf_token": token_of(stranger.get("/sign-in")), "email": "tom@northwind.example", "password": PASSWORD}
    answer = stranger.post("/sign-in", data=fields | {"next": "https://elsewhere.example/"})
    assert "elsewhere" not in (answer.location or "")


def test_a_fragment_that_a_stranger_asks_for_sends_the_page_to_the_sign_in(stranger: FlaskClient) -> None:
    answer = stranger.get("/tickets", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_what_a_stranger_has_typed_is_not_thrown_away_by_a_redirect(shell: Flask, stranger: FlaskClient) -> None:
    shell.config["WTF_CSRF_ENABLED"] = False
    answer = stranger.post("/tickets", headers=HTMX)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert "Copy what you wrote" in answer.text


def test_an_agent_finds_the_settings_closed_and_an_admin_open(tom: FlaskClient, mara: FlaskClient) -> None:
    assert tom.get("/admin/email/outbound").status_code == 403
    assert mara.get("/admin/email/outbound").status_code == 200


def test_the_sidebar_offers_only_what_exists_and_may_be_entered(tom: FlaskClient, mara: FlaskClient) -> None:
    assert "Admin" not in tom.get("/tickets").text
    page = mara.get("/admin/email/outbound").text
    assert 'aria-current="page"' in page
    assert "Outbound" in page and "Inbound" not in page and "Sandbox" not in page


def test_an_account_that_is_switched_off_is_out_at_once(shell: Flask, tom: FlaskClient) -> None:
    from psa.auth.operations import user_by_email
    from psa.extensions import db

    with shell.app_context():
        user = user_by_email("tom@northwind.example")
        assert user
        user.active = False
        db.session.commit()
    assert tom.get("/tickets").status_code == 303
    assert "switched off" in sign_in(shell.test_client(), "tom@northwind.example").text
