"""Who may open which page and press which button: every route of the PSA is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from flask import Flask
from flask.testing import FlaskClient

# What stands open to everybody: the door itself, the way in of a new installation, what a mail links to, monitors.
OPEN = ("/sign-", "/static/", "/first-run", "/unsubscribe/", "/health")
# Settings are the administrators'. What stands above every page is not a setting, though its path begins like one.
SETTINGS, FOR_EVERYBODY = "/admin", {"/admin/alerts/open"}
# Evidence tells of servers and accounts.
ELSEWHERE = {"/mail/inbound/<int:inbound_id>/evidence", "/mail/outbound/<int:outbound_id>/evidence"}


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Each route as method, rule, and a path that fits it: with the number of something that is not there."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "2147483647", rule.rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield method, rule.rule, re.sub(r"<[^>]+>", "x", path)


def is_for_admins(rule: str) -> bool:
    return rule in ELSEWHERE or (rule.startswith(SETTINGS) and rule not in FOR_EVERYBODY)


def test_nothing_but_the_door_opens_to_who_is_not_signed_in(app: Flask, cast, browser: FlaskClient) -> None:
    asked = 0
    for method, rule, path in routes(app):
        if not rule.startswith(OPEN) and rule != "/":
            answer = browser.open(path, method=method)
            assert answer.status_code in (302, 303), (method, rule, answer.status_code)
            assert "/sign-in" in answer.location, (method, rule, answer.location)
            asked += 1
    assert asked > 300


def test_settings_are_for_administrators(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    agent = sign_in()
    for method, rule, path in routes(app):
        if is_for_admins(rule):
            assert agent.open(path, method=method).status_code == 403, (method, rule)


def test_agents_see_every_client_invoice_and_export(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    agent = sign_in()
    refused = [
        (method, rule)
        for method, rule, path in routes(app)
        if method == "GET" and not rule.startswith(OPEN) and not is_for_admins(rule)
        if agent.get(path).status_code in (401, 403)
    ]
    assert refused == []
