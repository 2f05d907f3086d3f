"""Nothing invisible decides: each built-in step stands on the rules page with what it decided, and leads to it."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import psa
from psa.extensions import db
from psa.mail import steps
from psa.mail.models import InboundEmail
from tests.mailroom import letter

PSA = Path(psa.__file__).parent


def names_in_traces() -> set[str]:
    """Every name of a step that the code can write into a trace; of f-strings what stands before the first value."""
    found = set()
    for path in (PSA / "mail").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                on_trace = isinstance(node.func.value, ast.Name) and node.func.value.id == "trace"
                found |= {text_of(node.args[0], path)} if on_trace and node.args else set()
            if isinstance(node, ast.Dict):
                keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
                if "step" in keys and "verdict" in keys:
                    found.add(text_of(node.values[keys.index("step")], path))
    return found - {""}


def text_of(node: ast.expr, path: Path) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return str(node.values[0].value).strip()
    if isinstance(node, ast.Name) and node.id.isupper():
        module = import_module(".".join(path.relative_to(PSA.parent).with_suffix("").parts))
        return str(getattr(module, node.id)).strip()
    assert isinstance(node, ast.Name), ast.dump(node)  # the parameter of Trace.note itself
    return ""


def test_every_step_that_a_trace_can_hold_is_listed():
    written = names_in_traces()
    assert {"Read", "Ticket", "Rule", "Person"} <= written
    assert written <= steps.NAMES


def test_each_step_is_listed_once_and_in_one_part():
    keys = [step.key for step in steps.STEPS]
    assert len(set(keys)) == len(keys)
    assert {step.part for step in steps.STEPS} == {"first", "rules", "last", "after"}


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (letter(), "client"),
        (letter(sender="kim@elsewhere.example"), "queue"),
        (letter(subject="[Billing] Two seats fewer"), "rule"),
        (b"X-Nothing: at all\r\n\r\n", "nothing"),
        ("bounce_postfix.eml", "report"),
    ],
)
def test_what_made_the_difference_is_kept(mailroom, message, key):
    assert mailroom.receive(message).decided_by == key


def test_replies_copies_and_our_own_mail_are_told_apart(mailroom, cast):
    first = mailroom.receive(letter())
    assert mailroom.receive(letter("Still dark", answers=f"<{first.message_id}>")).decided_by == "thread"
    again = letter("Twice", message_id="<twice@client.example>")
    mailroom.receive(again)
    assert mailroom.receive(again).decided_by == "copy"


def test_switches_of_the_mailbox_are_told_apart(mailroom, cast):
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    assert mailroom.receive(letter(sender="kim@elsewhere.example")).decided_by == "stranger"
    cast.inbound.create_tickets = False
    db.session.commit()
    assert mailroom.receive(letter()).decided_by == "creation"


def test_the_page_counts_each_step_and_leads_to_its_messages(sign_in, mailroom, cast):
    mailroom.receive(letter(subject="Projector"))
    mailroom.receive(letter(subject="[Billing] Two seats fewer"))
    mailroom.receive(letter(subject="Away", Auto_Submitted="auto-replied"))
    browser = sign_in("admin")
    page = browser.get("/admin/email/rules").text
    for step in steps.STEPS:
        assert step.part == "rules" or step.title in page
    counted = dict(re.findall(r'href="/mail\?[^"]*by=([a-z-]+)[^"]*"[^>]*>([\d,]+|never)', page))
    assert counted["client"] == "2"
    assert counted["automatic"] == "1"
    assert counted["copy"] == "never"
    log = browser.get("/mail?by=client").text
    assert "Projector" in log
    assert "Two seats fewer" not in log
    assert "Sender Domain of a client" in log
    assert "Two seats fewer" in browser.get("/mail?by=nonsense").text


def test_what_defeats_us_is_counted_too(mailroom, monkeypatch):
    monkeypatch.setattr("psa.mail.inbound.process.classify", lambda *_: 1 / 0)
    mailroom.receive(letter())
    assert db.session.scalar(db.select(InboundEmail.decided_by)) == "failure"
