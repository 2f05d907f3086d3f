"""What a form was shown with, so that who saves an older one is told: the revision of a row, or a mark of settings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import IntegerField
from wtforms.widgets import HiddenInput


def read_revision(typed: object) -> int:
    """The number that a form carries; 0, which no row ever has, for what a page of ours never sent."""
    text = str(typed or "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def mark_of(settings: Mapping[Any, object]) -> str:
    """By which a page is known that has shown these settings: another one as soon as any differs."""
    return hashlib.sha256(repr(sorted(settings.items(), key=str)).encode()).hexdigest()[:16]


class RevisionField(IntegerField):  # type: ignore[misc]
    """A hidden field with the revision; ``data`` is always a number that the database can take."""

    widget = HiddenInput()

    def take_up(self, revision: int) -> None:
        """Let the next Save know of this one: whoever saves again has seen it."""
        self.data, self.raw_data = revision, None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = read_revision(valuelist[0] if valuelist else "")
