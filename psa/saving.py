"""Saving what was entered: the verb does it, or the reason stands in the form and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask_wtf import FlaskForm

from psa.extensions import db
from psa.refusals import Refusal, Stale

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
