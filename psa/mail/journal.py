"""The steps of one conversation with a mail server: what was tried, how long it took, what the server said.

Polls, deliveries and connection tests all talk through the same code and all keep a journal. A test shows it live; the
others keep it only to say where they failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Step:
    """One step. ``state`` is live, done or failed; ``ms`` its duration; ``words`` what the server said to it.

    ``said`` is its transcript where one is kept, line by line, "C: " before ours and "S: " before the server's; no
    secrets stand in it.
    """

    stage: str
    title: str
    detail: str = ""
    state: str = "live"
    ms: int = 0
    words: str = ""
    said: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "stage": self.stage,
            "title": self.title,
            "detail": self.detail,
            "state": self.state,
            "ms": self.ms,
            "words": self.words,
        }
        return values | {"said": list(self.said)} if self.said else values


@dataclass(slots=True)
class Journal:
    """A list of steps. ``listener`` hears of every change; it may write it down for a page that waits."""

    listener: Callable[[Journal], None] | None = None
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, stage: str, title: str) -> Iterator[Step]:
        """Run one step. What it raises marks it as failed, with the words of the error, and is passed on."""
        step = Step(stage, title)
        self.steps.append(step)
        self.tell()
        started = time.monotonic()
        try:
            yield step
            step.state = "done"
        except Exception as error:
            step.state = "failed"
            step.words = step.words or words_of(error)
            raise
        finally:
            step.ms = round((time.monotonic() - started) * 1000)
            self.tell()

    def tell(self) -> None:
        if self.listener is not None:
            self.listener(self)

    @property
    def stage(self) -> str:
        """Where the conversation stands, or stood when it ended; empty before the first step."""
        return self.steps[-1].stage if self.steps else ""

    def as_list(self) -> list[dict[str, Any]]:
        return [step.as_dict() for step in self.steps]


def words_of(error: BaseException) -> str:
    """What the server said, or else the network or TLS library, without Python around it.

    smtplib keeps code and bytes apart, imaplib hands out ``b'…'`` inside its text, OSError has a number and a sentence.
    """
    if isinstance(error, UnicodeError):
        # Its own text quotes a letter of what it could not encode, which may be a letter of the password.
        return "The user name or the password has letters that this server's login cannot take"
    code, said = getattr(error, "smtp_code", None), getattr(error, "smtp_error", None)
    if code is not None:
        return f"{code} {as_text(said)}"
    refused = getattr(error, "recipients", None)
    if isinstance(refused, dict) and refused:
        return "\n".join(f"{code} {as_text(said)}" for code, said in refused.values())
    if error.args and isinstance(error.args[0], bytes):
        return as_text(error.args[0])
    text = str(error)
    if text[:2] in ("b'", 'b"') and text[-1:] == text[1:2]:
        return text[2:-1]
    return text or type(error).__name__


def as_text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
