"""The product as a newcomer starts it, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import sign_in

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Product:
    """A running ``bin/run``: what it printed, and where it keeps its data."""

    url: str
    email: str
    password: str
    data: Path


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, ca_pem: Path) -> Iterator[Product]:
    """``bin/run`` in an empty data directory, with the sample firm. Ends with Ctrl-C, which must end all of it."""
    data = tmp_path_factory.mktemp("product")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "PSA_DATA": str(data), "SSL_CERT_FILE": str(ca_pem), "PSA_DEMO": "1"}
    environment.pop("DATABASE_URL", None)
    log = data / "run.log"
    with log.open("w") as output:
        running = subprocess.Popen(
            ["bin/run"], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        printed = wait_until_ready(running, log)
        found = re.search(r"^Sign in  (\S+) / (\S+)$", printed, re.MULTILINE)
        assert found is not None, printed
        yield Product(f"http://127.0.0.1:{port}", found[1], found[2], data)
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(120)
        assert still_running(data) == [], "Ctrl-C left something running"


def wait_until_ready(running: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(2400):
        printed = log.read_text()
        if "Ctrl-C ends it." in printed:
            return printed
        assert running.poll() is None, printed
        time.sleep(0.1)
    raise AssertionError(f"bin/run was not ready within four minutes: {log.read_text()}")


def still_running(data: Path) -> list[str]:
    """Command lines of processes that work in the data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"PSA_DATA={data}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def page(chromium: Browser, product: Product) -> Iterator[Page]:
    """Mara, signed in. Whatever the browser complains about on the way makes the test fail."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=product.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, product.email, product.password)
    yield page
    context.close()
    # A refused form is answered with 422, which Chromium reports as a failed resource.
    assert [complaint for complaint in complaints if "422" not in complaint] == []
