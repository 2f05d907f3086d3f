"""What is wrong with a template, for the person who wrote it."""

from __future__ import annotations


class TemplateFault(ValueError):
    """A template that cannot be rendered: the line, 0 for the whole, and what is wrong, with what to do.

    ``part`` is subject, html or text, once it is known.
    """

    def __init__(self, line: int, words: str, *, hint: str = "") -> None:
        super().__init__(words)
        self.line = line
        self.words = words
        self.hint = hint
        self.part = ""

    @property
    def place(self) -> str:
        """Where it is: “HTML, line 6”."""
        name = {"subject": "Subject", "html": "HTML", "text": "Text"}.get(self.part, "")
        line = f"line {self.line}" if self.line and self.part != "subject" else ""
        return ", ".join(filter(None, (name, line)))

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.words}{' ' + self.hint if self.hint else ''}"
