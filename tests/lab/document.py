"""docs/reliability.md: the promises and the faults as a page, with what the last run found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.fault import Fault
from tests.lab.promises import PROMISES, Promise
from tests.lab.registry import CHAPTERS, FAULTS, NOT_INJECTED

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
INTRODUCTION = (
    "`python -m tests.lab` makes every fault below for real, with sockets and servers, against the code of production,",
    "and writes this page. Each story asserts which cause is named, what becomes of the mail, that no password gets to",
    "the database or the log and, once the fault is gone, that each mail has arrived exactly once. What happens when",
    "the process dies, the disk is full or the database is locked is among the promises.",
)


@dataclass(slots=True)
class Run:
    """What a run found: the outcome (passed, failed, xfailed) of each test by its name; ``on`` what, and when."""

    on: str
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def of_fault(self, fault: Fault) -> str:
        test = "test_sending" if fault.sends else "test_reading"
        return self.outcomes.get(f"tests/lab/test_faults.py::{test}[{escaped(fault.name)}]", "not run")

    def of_promise(self, promise: Promise) -> list[str]:
        return [
            outcome
            for name, outcome in self.outcomes.items()
            if any(name.startswith(shown_by) for shown_by in promise.shown_by)
        ]


def escaped(name: str) -> str:
    """As pytest writes the names of its parameters."""
    return name.encode("unicode_escape").decode("ascii")


def page(run: Run) -> str:
    """The whole document."""
    return "\n".join([*introduction(run), *promises(run), *faults(run), *what_is_missing()]) + "\n"


def introduction(run: Run) -> Iterator[str]:
    held = sum(run.of_fault(fault) == "passed" for fault in FAULTS)
    owed = sum(bool(fault.owed) for fault in FAULTS)
    yield "# What happens when something goes wrong"
    yield ""
    yield from INTRODUCTION
    yield ""
    yield f"Last run: {run.on}. {held} of {len(FAULTS)} faults went as told here" + (
        f"; {owed} are not yet met." if owed else "."
    )
    yield ""


def promises(run: Run) -> Iterator[str]:
    yield "## Promises"
    yield ""
    yield "| Promise | Shown by | Result |"
    yield "|---|---|---|"
    for promise in PROMISES:
        files = "<br>".join(f"`{name}`" for name in promise.shown_by)
        yield f"| {promise.sentence} | {files} | {verdict(run.of_promise(promise))} |"
    yield ""


def verdict(outcomes: list[str]) -> str:
    if not outcomes:
        return "not run"
    failed = sum(outcome == "failed" for outcome in outcomes)
    return f"**{failed} of {len(outcomes)} failed**" if failed else f"holds: {len(outcomes)} shown"


def faults(run: Run) -> Iterator[str]:
    for chapter in CHAPTERS:
        yield f"## {chapter.title}"
        yield ""
        yield "| | Fault | How it is made | Over | Cause | What becomes of the mail | Result |"
        yield "|---|---|---|---|---|---|---|"
        for alike in rows(list(chapter)):
            yield row(alike, run)
        yield ""


def rows(chapter: list[Fault]) -> Iterator[list[Fault]]:
    """Protocols for which everything is the same share a row."""
    told: set[int] = set()
    for fault in chapter:
        if id(fault) in told:
            continue
        alike = [other for other in chapter if facts(other) == facts(fault)]
        told |= {id(other) for other in alike}
        yield alike


def facts(fault: Fault) -> tuple[object, ...]:
    return fault.number, fault.what, fault.how, fault.causes, fault.then, fault.owed


def row(alike: list[Fault], run: Run) -> str:
    fault = alike[0]
    over = ", ".join(one.protocol.upper() for one in alike)
    causes = " or ".join(f"`{code}`" for code in fault.causes) or "–"
    outcomes = {run.of_fault(one) for one in alike}
    result = "as told" if outcomes == {"passed"} else ", ".join(sorted(outcomes))
    if fault.owed:
        result = f"**not yet**: {fault.owed}"
    cells = (fault.number, fault.what, fault.how, over, causes, fault.then, result)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def what_is_missing() -> Iterator[str]:
    yield "## Not made here"
    yield ""
    yield "| | Fault | Why | Instead |"
    yield "|---|---|---|---|"
    for one in NOT_INJECTED:
        yield f"| {one.number} | {one.what} | {one.why} | {one.instead} |"
