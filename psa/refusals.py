"""Why what somebody has entered is not kept: it cannot be so, or somebody else was faster."""

from __future__ import annotations


class Refusal(ValueError):
    """What cannot be so; the message is a sentence, ``field`` says which part of what was entered it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Stale(ValueError):
    """Somebody else has saved it since it was shown; nothing was overwritten."""
