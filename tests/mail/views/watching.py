"""Pressing a button that starts something in the background, and watching its fragment until it falls silent."""

from __future__ import annotations

import re
import time
from typing import Any

from flask.testing import FlaskClient

HTMX = {"HX-Request": "true"}


def watch(browser: FlaskClient, form: dict[str, Any], url: str = "/admin/email/connection-tests") -> str:
    """Press Test Connection; returns what the fragment shows at last."""
    return watch_on(browser, browser.post(url, data=form, headers=HTMX).text)


def save_and_watch(browser: FlaskClient, account_id: int, form: dict[str, Any]) -> str:
    """Save the form of an account; returns what its page, or the fragment of the trial, shows at last."""
    answer = browser.post(f"/admin/email/accounts/{account_id}", data=form)
    assert answer.status_code == 303, answer.text
    return watch_on(browser, browser.get(answer.location).text)


def watch_on(browser: FlaskClient, shown: str) -> str:
    """Follow a fragment, or a page that has one, for as long as it asks again by itself."""
    until = time.monotonic() + 60
    while asks_again := re.search(r'hx-get="([^"]+)" hx-trigger="load delay:500ms"', shown):
        assert time.monotonic() < until, shown
        time.sleep(0.05)
        shown = browser.get(asks_again.group(1).replace("&amp;", "&"), headers=HTMX).text
    return shown
