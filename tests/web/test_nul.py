"""The character NUL, which no database text can hold, is refused at the door and not in the middle of a page."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from tests.shell import token_of


@pytest.mark.parametrize("path", ["/tickets?q=printer%00", "/rooms/one%00two"])
def test_an_address_that_holds_it_is_not_understood(tom: FlaskClient, path: str) -> None:
    assert tom.get("/tickets?q=printer").status_code == 200
    answer = tom.get(path)
    assert answer.status_code == 400
    assert "We do not understand this request" in answer.text


def test_a_form_that_holds_it_is_not_understood(tom: FlaskClient) -> None:
    token = token_of(tom.get("/tickets"))
    assert tom.post("/tickets", data={"csrf_token": token, "name": "Harbor"}).status_code == 200
    assert tom.post("/tickets", data={"csrf_token": token, "name": ["Harbor", "Har\0bor"]}).status_code == 400


def test_a_file_may_hold_it_but_not_its_name(tom: FlaskClient) -> None:
    token = token_of(tom.get("/tickets"))
    for name, expected in (("plan.bin", 200), ("pl\0an.bin", 400)):
        form = {"csrf_token": token, "file": (io.BytesIO(b"\0\1\2"), name)}
        assert tom.post("/tickets", data=form).status_code == expected
