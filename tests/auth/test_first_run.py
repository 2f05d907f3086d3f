"""The first page of an empty installation makes its administrator."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from psa.admin.models import Firm
from psa.auth.operations import user_by_email
from psa.extensions import db
from tests.shell import token_of

MARA = {
    "firm": "Northwind IT",
    "name": "Mara Lindqvist",
    "email": "Mara@Northwind.example",
    "password": "correct horse battery",
}


def begin(client: FlaskClient, **changes: str) -> TestResponse:
    token = token_of(client.get("/first-run"))
    return client.post("/first-run", data=MARA | changes | {"csrf_token": token})


def test_every_page_leads_to_the_first_run_while_there_is_nobody(empty_shell: Flask) -> None:
    client = empty_shell.test_client()
    for path in ("/", "/tickets", "/sign-in", "/nowhere"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/first-run")


def test_the_first_visitor_becomes_the_administrator_and_is_signed_in(empty_shell: Flask) -> None:
    client = empty_shell.test_client()
    answer = begin(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Northwind IT" in client.get("/tickets").text
    assert client.get("/admin/email/outbound").status_code == 200
    with empty_shell.app_context():
        mara = user_by_email("mara@northwind.example")
        assert mara and mara.is_admin and mara.name == "Mara Lindqvist"
        assert "correct horse" not in mara.password
        firm = db.session.get(Firm, 1)
        assert firm and firm.name == "Northwind IT"


def test_the_page_is_gone_afterwards(empty_shell: Flask) -> None:
    second = empty_shell.test_client()
    token = token_of(second.get("/first-run"))
    begin(empty_shell.test_client())
    assert second.get("/first-run").status_code == 404
    answer = second.post("/first-run", data=MARA | {"email": "eve@elsewhere.example", "csrf_token": token})
    assert answer.status_code == 404
    with empty_shell.app_context():
        assert user_by_email("eve@elsewhere.example") is None


def test_a_short_password_is_refused_at_its_field_and_the_rest_is_kept(empty_shell: Flask) -> None:
    answer = begin(empty_shell.test_client(), password="too short")
    assert answer.status_code == 422
    assert "Use at least 12" in answer.text
    assert 'value="Northwind IT"' in answer.text
    assert "too short" not in answer.text
    with empty_shell.app_context():
        assert db.session.get(Firm, 1) is None


def test_an_address_of_the_firms_own_network_will_do_and_nonsense_will_not(empty_shell: Flask) -> None:
    client = empty_shell.test_client()
    assert "is not an email address" in begin(client, email="mara at home").text
    assert begin(client, email="admin@localhost").status_code == 303


def test_a_form_without_its_token_makes_nobody(empty_shell: Flask) -> None:
    assert empty_shell.test_client().post("/first-run", data=MARA).status_code == 400
    with empty_shell.app_context():
        assert user_by_email("mara@northwind.example") is None


def test_a_password_that_is_too_long_to_be_kept_is_refused_at_its_field(empty_shell: Flask) -> None:
    answer = begin(empty_shell.test_client(), password="correct horse " * 500)
    assert answer.status_code == 422 and "Use at most 4,096 characters." in answer.text
