"""A diagnosis for people at a shell and for programs: what `flask psa mail diagnose` prints."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from psa.mail.diagnosis.causes import Diagnosis, diagnose
from psa.mail.diagnosis.providers import providers

WIDTH = 80
NEEDED = ("protocol", "stage", "wire")


class UnreadableLine(ValueError):
    """A line of wordings that cannot be diagnosed; the message says which and why."""


def as_object(found: Diagnosis, **values: object) -> dict[str, Any]:
    """What programs read: ``remedy`` is all steps in one text, ``because`` what told the cause."""
    cause = found.cause.told(**values)
    return {
        "cause": cause.code,
        "title": cause.title,
        "meaning": cause.meaning,
        "remedy": " ".join(cause.remedies),
        "steps": list(cause.remedies),
        "retry": found.retry,
        "provider": found.provider,
        "known": found.known,
        "because": list(found.because),
    }


def as_page(found: Diagnosis, words: str, **values: object) -> str:
    """What people read: the cause, why, the steps, whether to retry, and the provider."""
    cause = found.cause.told(**values)
    provider = providers().get(found.provider or "")
    steps = [wrapped(step, f"  {number}. ") for number, step in enumerate(cause.remedies, 1)]
    retry = "yes, it is tried again by itself" if found.retry else "no, not before something is changed"
    told_by = f", told by {', '.join(f'“{one}”' for one in found.because[:3])}" if found.because else ""
    facts = [f"Retry: {retry}", f"Provider: {provider.name if provider else 'not recognised'}"]
    facts += [wrapped(f"{cause.code}{told_by}", "Cause: ")]
    if not found.known:
        facts += ["The server’s words:", textwrap.indent(words.strip(), "  ")]
    return "\n".join([cause.title, "", wrapped(cause.meaning), "", "What to do:", *steps, "", *facts])


def wrapped(text: str, first: str = "") -> str:
    """``text`` in lines, those after the first one as far in as ``first`` is long."""
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_long_words=False)


def diagnosed(lines: str) -> Iterator[dict[str, Any]]:
    """A diagnosis for each of ``lines``: a JSON object with protocol, stage and wire; with code, enhanced, provider,
    host and id where they are known. Raises UnreadableLine.
    """
    for number, line in enumerate(lines.splitlines(), 1):
        if line.strip():
            asked = wording_in(line, number)
            found = diagnose(
                protocol=asked["protocol"],
                stage=asked["stage"],
                text=asked["wire"],
                code=asked.get("code"),
                enhanced=asked.get("enhanced") or "",
                provider=asked.get("provider"),
                host=asked.get("host") or "",
            )
            yield ({"id": asked["id"]} if "id" in asked else {}) | as_object(found, host=asked.get("host"))


def wording_in(line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise UnreadableLine(f"Line {number} is not JSON: {error}.") from error
    if not isinstance(asked, dict):
        raise UnreadableLine(f"Line {number} is not a JSON object.")
    missing = [name for name in NEEDED if not isinstance(asked.get(name), str)]
    if missing:
        raise UnreadableLine(f"Line {number} lacks {' and '.join(missing)}, or it is no text.")
    return asked
