"""Make all attempts, and write down what each of them got: python -m tests.security."""

from __future__ import annotations

import sys

import pytest

from tests.security.document import PAGE, page


class Notes:
    """Hears from pytest what each attempt got; one that got too far is told as such."""

    def __init__(self) -> None:
        self.got: dict[str, str] = {}
        self.too_far: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties)
        title = report.nodeid.partition("[")[2].removesuffix("]").encode().decode("unicode_escape")
        if report.when == "call" and "got" in told:
            self.got[title] = str(told["got"])
        elif report.failed and title:
            self.got[title] = "**more than it should**"
            self.too_far.append(title)


def main() -> int:
    notes = Notes()
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "tests/security/test_attempts.py", "-k", "gets", *sys.argv[1:]], [notes]
    )
    PAGE.write_text(page(notes.got))
    for title in notes.too_far:
        sys.stdout.write(f"Got too far: {title}\n")
    return 1 if notes.too_far else 0


if __name__ == "__main__":
    sys.exit(main())
