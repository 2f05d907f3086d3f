"""Run the fault lab and everything that shows a promise, and write down what came of it: python -m tests.lab."""

from __future__ import annotations

import platform
import ssl
import subprocess
import sys

import pytest

from psa import clock
from tests.lab.document import PAGE, Run, page
from tests.lab.promises import PROMISES


class Notes:
    """Hears from pytest what became of each test."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            self.outcomes[report.nodeid] = "xfailed" if hasattr(report, "wasxfail") else report.outcome


def main() -> int:
    notes = Notes()
    files = [name for promise in PROMISES for name in promise.shown_by]
    status = pytest.main(["-q", "-p", "no:cacheprovider", "tests/lab/test_faults.py", *files, *sys.argv[1:]], [notes])
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=False).stdout.split()
    on = (
        f"{clock.now():%Y-%m-%d}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION[:14].strip()}, "
        f"Dovecot {dovecot[0] if dovecot else 'unknown'}"
    )
    PAGE.write_text(page(Run(on, notes.outcomes)))
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
