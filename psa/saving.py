"""Saving what was entered: the verb does it, or the reason stands in the form and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField

from psa.extensions import db
from psa.refusals import Refusal, Stale
from psa.revisions import mark_of

Made = TypeVar("Made")


class RefusableForm(FlaskForm):  # type: ignore[misc]
    """A form whose fields can be refused by the verb that it is meant for.

    ``parts`` names the field of a part where the verb calls it otherwise. ``is_stale`` after somebody else was faster.
    """

    parts: dict[str, str] = {}
    is_stale = False

    def refuse(self, reason: Refusal) -> None:
        """Show the reason at the field that it is about."""
        self[self.parts.get(reason.field, reason.field)].errors = [str(reason)]


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """Settings that are saved as a whole and have no revision: ``shown`` is a mark of what they were when it was made.

    Settings go by the names of their fields. The page says ``theirs`` above the form (projects/_changed.html).
    """

    shown = HiddenField()

    theirs: tuple[str, ...] = ()

    def take_up(self, settings: Mapping[str, object]) -> None:
        """Let the next Save know of these: whoever saves then has seen them."""
        self.shown.data = mark_of(settings)

    def is_overtaken(self, settings: Mapping[str, object]) -> bool:
        """Whether somebody else has saved them since the form was shown, and what was entered would undo some of it.

        Then it says what they are now, and nothing may be saved until that was seen.
        """
        if self.shown.data in (None, "", mark_of(settings)):
            return False
        self.take_up(settings)
        now = {self[name]: spoken(self[name], value) for name, value in settings.items()}
        self.theirs = tuple(
            f"{field.label.text} is now {f'“{words}”' if words else 'empty'}."
            for field, words in now.items()
            if words != spoken(field, field.data)
        )
        return bool(self.theirs)


def spoken(field: Field, value: object) -> str:
    """The value as the field would show it."""
    words = dict(getattr(field, "choices", None) or ()).get(value, value)
    return "" if words is None else str(words).strip()


def tried(form: RefusableForm, verb: Callable[[], Made]) -> Made | None:
    """What ``verb`` makes of a form that is valid, never None; the caller commits. None when it is not, or cannot be.

    Then the form knows why, and the session is rolled back. Before ``verb`` is called a field may hold anything, so
    what is read of the form is read in it.
    """
    if form.validate_on_submit():
        try:
            return verb()
        except Refusal as reason:
            form.refuse(reason)
        except Stale:
            form.is_stale = True
    db.session.rollback()
    return None


def refusal_of(verb: Callable[[], object]) -> str:
    """Why ``verb`` cannot be, in a sentence, and then the session is rolled back; "" once it is done."""
    try:
        verb()
    except Refusal as reason:
        db.session.rollback()
        return str(reason)
    return ""
