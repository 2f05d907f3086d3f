"""The application behind gunicorn, as an instance with a data directory of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class Instance:
    """Gunicorn with two workers; ``address`` is where it answers, ``log`` what it says."""

    def __init__(self, directory: Path, database_url: str, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.log = directory / "gunicorn.log"
        settings = {
            "DATABASE_URL": database_url,
            "PSA_DATA": str(directory),
            "PSA_DEMO": "0",
            "PORT": str(port),
            "WEB_CONCURRENCY": "2",
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | settings | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def leads(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=30) as answer:
                return bool(json.load(answer)["leader"])
        except OSError:
            return False

    def stop(self) -> int:
        """End it as an administrator does; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def kill(self) -> None:
        """Switch it off: all of its processes at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(120)


def wait_for(condition: Callable[[], object], seconds: float = 120) -> float:
    """Wait until ``condition()`` holds; returns how long it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited in vain"
        time.sleep(0.1)
    return time.monotonic() - started
