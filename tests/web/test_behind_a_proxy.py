"""TLS ends at a proxy in front of us."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from psa.auth.models import LoginAttempt
from psa.extensions import db
from tests.shell import PASSWORD, make_shell, move_in, sign_in, token_of


def furnished(directory: Path, **config: object) -> Flask:
    app = make_shell(directory, **config)
    move_in(app)
    return app


def test_cookies_travel_through_tls_only_where_people_come_by_tls(tmp_path: Path) -> None:
    assert all("Secure" in cookie for cookie in cookies_of(tmp_path / "a", PSA_BASE_URL="https://psa.firm.example"))
    assert not any("Secure" in cookie for cookie in cookies_of(tmp_path / "b", PSA_BASE_URL="http://127.0.0.1:8000"))


def cookies_of(directory: Path, **config: object) -> list[str]:
    """What a sign-in that is to be remembered sets."""
    directory.mkdir()
    client = furnished(directory, **config).test_client()
    secure = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/sign-in"}}
    token = token_of(client.get("/sign-in", base_url="https://localhost"))
    fields = {"csrf_token": token, "email": "tom@northwind.example", "password": PASSWORD, "remember": "y"}
    cookies = client.post("/sign-in", data=fields, **secure).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"session", "remember_token"}
    return cookies


def test_each_browser_behind_the_proxy_has_its_own_address(tmp_path: Path) -> None:
    assert attempts_from(furnished(tmp_path, PSA_PROXIES=1)) == ["192.0.2.7"]


def test_without_a_proxy_nobody_can_make_up_an_address(tmp_path: Path) -> None:
    assert attempts_from(furnished(tmp_path)) == ["198.51.100.1"]


def attempts_from(app: Flask) -> list[str]:
    """Where a wrong password came from, when the browser claims one address and the proxy adds another."""
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 192.0.2.7", "REMOTE_ADDR": "198.51.100.1"}
    sign_in(app.test_client(), "tom@northwind.example", "wrong", **forwarded)
    with app.app_context():
        return list(db.session.scalars(select(LoginAttempt.ip)))
