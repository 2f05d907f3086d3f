"""How fast the Auto-Assignment Rules are: the engine alone, and a dry run over messages that are here.

    python -m bench.routing [--rules 100] [--mails 500]

The engine is given messages that are read already, so its figure is that of the rules: (rules × messages) a second. The
dry run is the whole of it, as the page does it: each message is read and dealt with by the code of production, in a
transaction that is rolled back. Absolute figures move from machine to machine; compare within one run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import flask_migrate

from bench.letters import letters
from psa import create_app
from psa.mail.inbound.dry_run import DRAFT, Progress, dry_run, rules_with
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.message import ParsedEmail, parse
from psa.rules.engine import FrozenRule, evaluate, groups_of
from psa.rules.facts import Facts
from tests.conftest import configuration
from tests.factories import make_cast

# What firms ask for most, and what costs most.
ASKED: tuple[tuple[str, str], ...] = (
    ("sender_domain", "client{}.example"),
    ("subject_tag", "Tag {}"),
    ("subject_words", "licence {}, seats {}, renewal {}"),
    ("body_words", "invoice {}, reminder {}, overdue {}"),
    ("subject_pattern", r"order\s+no\.?\s*{}\d+"),
    ("body_pattern", r"\bticket-{}-[a-z]+\b"),
    ("attachment_name", "scan{}*.pdf"),
    ("header", "X-Monitor-{}"),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rules", type=int, default=100)
    options.add_argument("--mails", type=int, default=500)
    told = options.parse_args()
    rules = tuple(rule(number, *ASKED[number % len(ASKED)]) for number in range(told.rules))
    raws = [raw for raw, _ in letters(told.mails)]
    emails = [parse(raw) for raw in raws]
    engine(rules, emails)
    with tempfile.TemporaryDirectory() as directory:
        app = create_app(configuration(Path(directory), f"sqlite:///{directory}/psa.sqlite3"))
        with app.app_context():
            flask_migrate.upgrade()
            account = make_cast().inbound
            for raw in raws:
                process(receive_piped(account, raw))
            rehearse("a new rule that matches nothing", rules, rule(DRAFT, "subject_tag", "never"), None)
            everything = rule(DRAFT, "not subject_tag", "never", actions=({"set": "priority", "value": "high"},))
            rehearse("a new rule that matches everything", rules, everything, None)


def rule(number: int, field: str, value: str, actions: tuple[dict[str, Any], ...] = ()) -> FrozenRule:
    conditions = [{"field": field, "value": value.replace("{}", str(number))}]
    return FrozenRule(number, f"Rule {number}", groups_of(conditions, ["all"], {}), actions)


def engine(rules: tuple[FrozenRule, ...], emails: list[ParsedEmail]) -> None:
    """Rules and messages a second, the text of each message taken out of it beforehand."""
    facts = [Facts(email=email, size=len(email.raw)) for email in emails]
    for one in facts:
        evaluate(rules, one)
    began = time.perf_counter()
    for one in facts:
        one.allowance.left = 10.0
        evaluate(rules, one)
    seconds = time.perf_counter() - began
    asked = len(rules) * len(facts)
    print(f"{'engine alone':36}{asked:8} rules × messages in {seconds:6.2f} s: {asked / seconds:10,.0f} a second")


def rehearse(name: str, rules: tuple[FrozenRule, ...], draft: FrozenRule, place: int | None) -> None:
    """A dry run as the page does it, but in one go."""
    came = dry_run(rules, rules_with(draft, rules, place), Progress())
    asked = came.looked_at * (len(rules) + 1)
    print(
        f"{name:36}{asked:8} rules × messages in {came.seconds:6.2f} s: {asked / came.seconds:10,.0f} a second,"
        f" {came.seconds / came.looked_at * 1000:.1f} ms a message, {came.changed} changed"
    )


if __name__ == "__main__":
    main()
