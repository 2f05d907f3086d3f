"""A real browser for the tests that need one."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

# As long as Playwright waits for everything else. In milliseconds.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Where there is no Chromium its tests are skipped, but fail with CI=true."""
    executable = os.environ.get("PSA_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        assert os.environ.get("CI") != "true", "with CI=true nothing may be left out: install chromium"
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@contextmanager
def serving(app: Flask, host: str = "127.0.0.1") -> Iterator[str]:
    """``app`` answers real browsers, at the address that is yielded."""
    server = make_server(host, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in, and be in: whoever goes elsewhere before the answer has come is not."""
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation(url=lambda url: not url.endswith("/sign-in")):
        page.get_by_role("button", name="Sign in").click()
