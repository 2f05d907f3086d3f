"""The built-in steps of a message's way, in their order: what the page of the rules lists, and what can be counted.

Each leaves lines in the trace under its names. Nothing decides that is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psa.mail.trace import deciding_step


@dataclass(frozen=True, slots=True)
class Step:
    """``names`` are those that it has in a trace; ``part`` is first (before the rules), rules, last, or after.

    ``decides``: it can be what made the difference, and then stands as ``key`` in InboundEmail.decided_by.
    """

    key: str
    names: tuple[str, ...]
    part: str
    title: str
    words: str
    icon: str
    decides: bool = True


STEPS = (
    Step("read", ("Read",), "first", "Reading", "takes a message apart, whatever it is made of", "file-search", False),
    Step(
        "loop-test", ("Full-loop test",), "first", "A full-loop test", "that has ended leaves nothing behind", "refresh"
    ),
    Step(
        "copy",
        ("Seen before",),
        "first",
        "The same mail in two mailboxes",
        "is filed once, by Message-ID and content",
        "copy",
    ),
    Step("own", ("Kind",), "first", "Our own mail that comes back", "is ignored, so nothing can loop", "refresh-off"),
    Step(
        "report",
        ("Kind", "Report"),
        "first",
        "Delivery reports",
        "are shown at the message that they are about, and open no ticket",
        "mail-x",
    ),
    Step("automatic", ("Kind",), "first", "Automatic mail", "is filed but never answered", "robot"),
    Step("blocked", ("Blocked",), "first", "Blocked senders", "are ignored, as somebody has entered", "hand-stop"),
    Step(
        "spam", ("Spam filter",), "first", "The spam filter in front", "is heeded as the mailbox wants it", "shield-x"
    ),
    Step(
        "nothing",
        ("Nothing to read",),
        "first",
        "Nothing to read",
        "no sender, no subject and no date: it is held for a person",
        "eye",
    ),
    Step(
        "sender",
        ("Sender", "Reply-To"),
        "first",
        "Who really wrote",
        "is checked; who is not proven acts for nobody else",
        "shield-check",
        False,
    ),
    Step(
        "client",
        ("Client", "Project"),
        "first",
        "Sender Domain of a client",
        "sets the client, and its project, without any rule",
        "building",
    ),
    Step(
        "thread",
        ("Ticket",),
        "first",
        "Replies",
        "join their ticket, by the messages they refer to; by [#123] only from a participant",
        "message-reply",
    ),
    Step(
        "agent",
        ("Agent",),
        "first",
        "Mail of our own users",
        "answers, notes and commands, when it is proven",
        "headset",
    ),
    Step(
        "creation",
        ("Ticket creation",),
        "first",
        "Automatic Ticket Creation",
        "when it is off for a mailbox, what is no reply is held for a person",
        "hand-stop",
    ),
    Step("rule", ("Rule", "Assignee", "Priority", "Tags", "Forward"), "rules", "Your rules", "", "route"),
    Step(
        "project",
        ("Named project",),
        "last",
        "A project’s address or Subject Tag",
        "puts a new ticket into it, unless the sender is of another client",
        "folders",
        False,
    ),
    Step("queue", ("Queue",), "last", "Default queue", "where nothing else says so", "stack-2"),
    Step("stranger", ("Stranger",), "last", "Unknown senders", "as their mailbox has it", "user-question"),
    Step(
        "watchers",
        ("Watchers",),
        "last",
        "People in To and Cc",
        "follow the ticket, as its queue has it",
        "users",
        False,
    ),
    Step(
        "answer",
        ("Answer", "Auto-reply"),
        "last",
        "The answer by machine",
        "leaves once, and never to a machine",
        "mail-forward",
        False,
    ),
    Step(
        "failure",
        ("Disposition",),
        "after",
        "What could not be filed",
        "is kept, and can be processed again",
        "alert-triangle",
    ),
    Step(
        "person",
        ("Person", "Fetched again"),
        "after",
        "A person",
        "has it filed, ends it, takes it up again, or fetches all of it",
        "user",
        False,
    ),
)
BY_KEY = {step.key: step for step in STEPS}
KEY_OF = {name: step.key for step in reversed(STEPS) for name in step.names}
NAMES = frozenset(KEY_OF)
KINDS = {"Our own": "own", "Delivery report": "report", "Automatic": "automatic"}
# What comes between a decision to end a message's way and its end.
BESIDE = ("Disposition", "Answer", "Forward", "Watchers")


def decided_by(trace: Sequence[dict[str, Any]]) -> str:
    """The key of the step that made the difference; "" where none did."""
    if not trace:
        return ""
    place = deciding_step(trace)
    step = trace[place]
    if step["step"] == "Disposition" and step["verdict"] in ("Held", "Ignored"):
        # What ended it stands right before its end.
        step = next((one for one in reversed(trace[:place]) if one["step"] not in BESIDE), step)
    return key_of(str(step["step"]), str(step["verdict"]))


def key_of(name: str, verdict: str) -> str:
    if name == "Kind":
        return KINDS.get(verdict, "")
    wanted = "Rule" if name.startswith("Rule ") else name
    return KEY_OF.get(wanted, "")
