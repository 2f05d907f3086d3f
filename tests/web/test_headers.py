"""What every answer carries."""

from __future__ import annotations

import html
import json
import re

from flask import Flask, Response
from flask.testing import FlaskClient


def test_scripts_run_only_with_the_nonce_of_their_own_answer(tom: FlaskClient) -> None:
    answers = [tom.get("/tickets"), tom.get("/tickets")]
    nonces = []
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "strict-dynamic" not in policy
        found = re.search(r"script-src 'nonce-([\w-]+)'", policy)
        assert found
        tags = re.findall(r"<script[^>]*>", answer.text)
        assert tags and all(f'nonce="{found[1]}"' in tag for tag in tags)
        nonces.append(found[1])
    assert nonces[0] != nonces[1]


def test_a_view_that_sets_a_policy_of_its_own_keeps_it(shell: Flask) -> None:
    @shell.get("/letter")
    def letter() -> Response:
        return Response("<p>Hello</p>", headers={"Content-Security-Policy": "sandbox; default-src 'none'"})

    answer = shell.test_client().get("/letter")
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_fragment_is_never_mistaken_for_its_page(tom: FlaskClient) -> None:
    assert "HX-Request" in tom.get("/tickets").vary


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(tom: FlaskClient) -> None:
    sheet = re.search(r'href="(/static/\w{12}/css/base\.css)"', tom.get("/tickets").text)
    assert sheet
    kept = tom.get(sheet[1]).headers["Cache-Control"]
    assert "immutable" in kept and "max-age=31536000" in kept and "no-cache" not in kept
    assert tom.get("/static/000000000000/css/base.css").status_code == 404


def test_pages_are_not_kept(tom: FlaskClient) -> None:
    assert tom.get("/tickets").headers["Cache-Control"] == "private, no-cache"


def test_what_htmx_swaps_in_gets_no_style_attribute_which_the_policy_forbids(tom: FlaskClient) -> None:
    found = re.search(r'name="htmx-config" content="([^"]+)"', tom.get("/tickets").text)
    assert found
    assert "style" not in json.loads(html.unescape(found[1]))["attributesToSettle"]
