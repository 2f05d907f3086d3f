"""What changed in a template, line by line, and who changed it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psa.mail.templates.catalogue import Wording
from psa.mail.templates.models import EmailTemplateVersion

PARTS = {"subject": "Subject", "html": "HTML", "text": "Text"}
AROUND = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: ``kind`` is same, gone, new, or gap for lines that are left out."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change: who made it and when, what it did to each part, and the version that it replaced."""

    at: datetime
    by: str
    parts: dict[str, list[Line]]
    version: EmailTemplateVersion


def changes_of(versions: Sequence[EmailTemplateVersion], current: Wording) -> list[Change]:
    """The changes, the latest first. ``versions`` are what was replaced, the latest first; ``current`` came last."""
    found, after = [], current
    for version in versions:
        before = Wording(version.subject, version.html, version.text)
        parts = {title: lines_between(getattr(before, part), getattr(after, part)) for part, title in PARTS.items()}
        by = version.user.name if version.user is not None else "Somebody"
        found.append(
            Change(version.replaced_at, by, {title: lines for title, lines in parts.items() if lines}, version)
        )
        after = before
    return found


def lines_between(before: str, after: str) -> list[Line]:
    """The lines that differ, with those beside them; nothing when they are the same."""
    one, other = before.split("\n"), after.split("\n")
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, one, other, autojunk=False).get_grouped_opcodes(AROUND):
        if found:
            found.append(Line("gap", "…"))
        for tag, begin, end, other_begin, other_end in group:
            if tag == "equal":
                found += [Line("same", text) for text in one[begin:end]]
            else:
                found += [Line("gone", text) for text in one[begin:end]]
                found += [Line("new", text) for text in other[other_begin:other_end]]
    return found
