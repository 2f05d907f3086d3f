"""docs/reliability.md tells of all faults and promises as they stand in the lab, and of none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from psa.mail.diagnosis.catalogue import CAUSES
from tests.lab.document import PAGE, Run, escaped, page
from tests.lab.promises import PROMISES
from tests.lab.registry import FAULTS, NOT_INJECTED, NUMBERS

# What differs from run to run.
VARIES = re.compile(r"^Last run: .*$|holds: \d+ shown|\*\*\d+ of \d+ failed\*\*", re.MULTILINE)


def as_it_should_be() -> Run:
    outcomes = {name: "passed" for promise in PROMISES for name in promise.shown_by}
    for fault in FAULTS:
        test = "test_sending" if fault.sends else "test_reading"
        outcomes[f"tests/lab/test_faults.py::{test}[{escaped(fault.name)}]"] = "xfailed" if fault.owed else "passed"
    return Run("a day", outcomes)


def test_the_page_is_that_of_the_lab():
    assert VARIES.sub("", PAGE.read_text()) == VARIES.sub("", page(as_it_should_be())), "run python -m tests.lab"


def test_every_fault_of_the_list_is_made_or_it_is_said_why_not():
    told = {fault.number for fault in FAULTS} | {one.number for one in NOT_INJECTED}
    assert told == set(NUMBERS)
    assert not {fault.number for fault in FAULTS} & {one.number for one in NOT_INJECTED}


def test_no_two_faults_have_one_name():
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_its_causes_are_in_the_catalogue(fault):
    assert set(fault.causes) <= CAUSES.keys()


def test_what_shows_a_promise_is_there():
    root = Path(__file__).parents[2]
    for promise in PROMISES:
        for name in promise.shown_by:
            assert (root / name).is_file(), name
