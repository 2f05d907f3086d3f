"""A browser's way to the provider and back."""

from __future__ import annotations

import re
from typing import Any

import requests
from flask.testing import FlaskClient


def leave(
    browser: FlaskClient, form: dict[str, Any], *, direction: str = "inbound", account_id: int | None = None
) -> str:
    """Press Connect on a form; returns the provider's page that one is sent to."""
    at = f"&account_id={account_id}" if account_id is not None else ""
    response = browser.post(f"/admin/email/oauth/sign-ins?direction={direction}{at}", data=form)
    assert response.status_code == 200, response.text
    return re.fullmatch(r"0; url=(.+)", response.headers["Refresh"]).group(1)


def come_back(browser: FlaskClient, page: str) -> str:
    """Agree (or not) at the provider; returns the page on which one ends up."""
    back = requests.get(page, allow_redirects=False, timeout=30).headers["Location"]
    return arrive(browser, back)


def arrive(browser: FlaskClient, address: str) -> str:
    response = browser.get(address.removeprefix("http://localhost"), follow_redirects=True)
    assert response.status_code == 200, response.text
    return response.text


def connect(browser: FlaskClient, form: dict[str, Any], **where: Any) -> str:
    return come_back(browser, leave(browser, form, **where))


def banner(page: str) -> str:
    """What came of it, in plain words."""
    found = re.search(r'<div class="banner (\w+)" role="(?:alert|status)">(.*?)</div>\s*</div>', page, re.DOTALL)
    assert found, page
    words = re.sub(r"<details.*?</details>|<[^>]+>", " ", found.group(2), flags=re.DOTALL)
    return f"{found.group(1)}: {' '.join(words.split())}"
