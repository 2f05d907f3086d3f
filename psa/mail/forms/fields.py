"""Fields that WTForms does not have, and how a check of ours speaks at a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import Field, IntegerField, ValidationError

from psa.mail.settings import SettingsError


class PortField(IntegerField):  # type: ignore[misc]
    """A port; what is no number is said in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist or [""])[0].strip()
        self.raw_data = [text]
        if not text.isdecimal():
            self.data = None
            raise ValueError("Write the port as a number, such as 587." if text else "Which port?")
        self.data = int(text)


class NumberField(IntegerField):  # type: ignore[misc]
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = valuelist[0].strip()
        self.raw_data, self.data = [text], None
        if text and not text.isdecimal():
            raise ValueError("Write it as a whole number.")
        self.data = int(text) if text else None


class FoldersField(Field):  # type: ignore[misc]
    """Names of mailbox folders, each once: those that are ticked and those that are typed, all under one name."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = tuple(dict.fromkeys(name.strip() for name in valuelist if name.strip()))

    def process_data(self, value: Any) -> None:
        self.data = tuple(value or ())


def meant(check: Callable[[Any], Any], typed: Any) -> Any:
    """What ``check`` makes of it; what cannot be meant is said at the field."""
    try:
        return check(typed)
    except SettingsError as error:
        raise ValidationError(str(error)) from error
