"""The trace of a message as people read it: ``{"step", "verdict", "detail"}`` in, lines with a state out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# Steps whose verdict alone is the sentence, or nearly.
SENTENCES = {
    ("Read", "Text"): "Read, text only",
    ("Kind", "Person"): "Written by a person",
    ("Kind", "Automatic"): "Automatic mail",
    ("Kind", "Delivery report"): "A delivery report",
    ("Kind", "Our own"): "Our own mail",
    ("Client", "Unknown"): "No client",
    ("Sender", "Proven"): "The sender is proven",
    ("Sender", "Unproven"): "The sender is not proven",
    ("Sender", "Doubtful"): "Look twice at the sender",
    ("Sender", "Failed"): "The sender seems to be forged",
    ("Sender", "Unknown"): "Nobody has checked the sender",
    ("Agent", "Held"): "An agent’s mail that does not act",
    ("Agent", "Does not act"): "From a user’s address",
    ("Reply-To", "Counts"): "Whoever Reply-To names is the sender",
    ("Reply-To", "Shown only"): "Reply-To counts for nothing",
    ("Ticket", "A new one"): "Answers no ticket",
    ("Ticket", "A new linked one"): "Answers a closed ticket, and opens a new one",
    ("Ticket", "In doubt"): "May belong to a ticket",
    ("Ticket", "Not needed"): "Needs no ticket",
    ("Seen before", "Yes"): "Seen before",
    ("Full-loop test", "Ended"): "A full-loop test that has ended",
    ("Nothing to read", "Held"): "There is nothing to read",
    ("Ticket creation", "Off"): "Automatic Ticket Creation is off",
    ("Stranger", "Held"): "An unknown sender",
    ("Blocked", "Yes"): "The sender is blocked",
    ("Blocked", "Not heeded"): "The sender is blocked",
    ("Spam filter", "Spam"): "A filter calls it spam",
    ("Spam filter", "Clean"): "A filter has passed it",
    ("Auto-reply", "On"): "Hears the auto-reply",
    ("Answer", "None"): "No answer was sent",
    ("Answer", "Queued"): "Answered",
    ("Forward", "Not forwarded"): "Not forwarded",
    ("Person", "Had it filed"): "A person had it filed",
    ("Person", "Ignored for good"): "A person ended it",
    ("Person", "Taken up again"): "A person took it up again",
    ("Disposition", "Filed"): "Filed",
    ("Disposition", "Held"): "Held for a person",
    ("Disposition", "Ignored"): "Ignored",
    ("Disposition", "Reported"): "Noted where it belongs",
    ("Disposition", "Failed"): "Failed",
}
# What is said of the ticket where that alone decides.
CHOSEN = ("In doubt", "A new linked one", "Not needed")
# What makes the difference, the strongest first.
DECIDING: tuple[Callable[[str, str], bool], ...] = (
    lambda step, verdict: (step, verdict) == ("Blocked", "Yes"),
    lambda step, verdict: step == "Seen before" or (step == "Kind" and verdict in ("Our own", "Delivery report")),
    lambda step, verdict: step == "Agent" and verdict != "Does not act",
    lambda step, verdict: step in ("Full-loop test", "Nothing to read", "Ticket creation", "Stranger"),
    lambda step, verdict: step == "Ticket" and (verdict.startswith("#") or verdict in CHOSEN),
    lambda step, verdict: step == "Disposition" and verdict in ("Held", "Failed"),
    lambda step, verdict: step.startswith("Rule ") and verdict == "Matched",
    lambda step, verdict: step == "Client" and verdict not in ("Unknown", "Gone"),
    lambda step, verdict: step == "Queue",
)
ICONS = {
    "done": "circle-check",
    "passed": "circle",
    "warns": "alert-circle",
    "fail": "circle-x",
    "held": "player-pause",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step: what was found, why, how it looks (done, passed, warns, fail), and whether it decided.

    ``rule_id`` is the rule that the step is about, None for a built-in step and a rule that is only being tried.
    """

    title: str
    detail: str
    state: str
    icon: str
    decided: bool
    rule_id: int | None = None


def lines(steps: Sequence[dict[str, Any]]) -> list[Line]:
    """The steps in words, the deciding one marked."""
    deciding = deciding_step(steps)
    return [line(step, index == deciding) for index, step in enumerate(steps)]


def line(step: dict[str, Any], decided: bool) -> Line:
    name, verdict, detail = (str(step.get(key, "")) for key in ("step", "verdict", "detail"))
    state = state_of(name, verdict, detail)
    if (name, verdict) == ("Forward", "Forwarded"):
        return Line(f"Forwarded {detail}", "", state, ICONS[state], decided)
    icon = ICONS["held"] if (name, verdict) == ("Disposition", "Held") else ICONS[state]
    # That of a rule which is only being tried is below 0 (dry_run).
    rule_id = int(step.get("rule", 0))
    return Line(title_of(name, verdict), sentence(detail), state, icon, decided, rule_id if rule_id > 0 else None)


def sentence(words: str) -> str:
    """With a capital, unless an address or a server's name comes first."""
    first = words.partition(" ")[0]
    return words if "@" in first or "." in first.rstrip(".") else words[:1].upper() + words[1:]


def title_of(name: str, verdict: str) -> str:
    if (name, verdict) in SENTENCES:
        return SENTENCES[name, verdict]
    if name == "Ticket" and verdict.startswith("#"):
        return f"Belongs to ticket {verdict}"
    if name == "Read":
        return f"Read, {verdict.lower()}"
    if name.startswith("Rule "):
        return f"Rule “{name[5:]}” " + ("matches" if verdict == "Matched" else "does not match")
    if name in ("Client", "Project", "Queue"):
        return f"{name} {verdict}"
    return f"{name}: {verdict}" if verdict else name


def state_of(name: str, verdict: str, detail: str) -> str:
    if (name, verdict) == ("Disposition", "Failed"):
        return "fail"
    if verdict == "Not matched" or (name == "Sender" and verdict in ("Unknown", "Unproven")):
        return "passed"
    if name == "Sender" and verdict in ("Doubtful", "Failed"):
        return "warns"
    if verdict in ("Gone", "Held", "Not forwarded", "In doubt") or (name == "Read" and detail):
        return "warns"
    return "done"


def deciding_step(steps: Sequence[dict[str, Any]]) -> int:
    """Which step made the difference: a person, what stopped it, the ticket it joined, a rule that matched, the sender.

    Of what people did the last word counts.
    """
    if steps and steps[-1].get("step") == "Person":
        return len(steps) - 1
    named = [(str(step.get("step", "")), str(step.get("verdict", ""))) for step in steps]
    # Of a hundred rules most do not match, and those never decide.
    asked = [(index, *one) for index, one in enumerate(named) if one[1] != "Not matched"]
    for decides in DECIDING:
        for index, name, verdict in asked:
            if decides(name, verdict):
                return index
    return len(steps) - 1
