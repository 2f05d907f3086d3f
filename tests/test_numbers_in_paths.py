"""What stands as a number in a path."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter


def test_a_number_that_no_key_can_have_leads_nowhere(app: Flask, sign_in) -> None:
    browser = sign_in("admin")
    with_numbers = [
        rule
        for rule in app.url_map.iter_rules()
        if any(isinstance(one, IntegerConverter) for one in rule._converters.values())
    ]
    assert len(with_numbers) > 50
    for rule in with_numbers:
        for number in ("2147483648", "9" * 30):
            path = "/".join(number if "<int:" in part else part for part in rule.rule.split("/"))
            method = "POST" if "POST" in rule.methods else "GET"
            # Where the path has another method as well, Werkzeug speaks of that.
            assert browser.open(path, method=method).status_code in (404, 405), path
