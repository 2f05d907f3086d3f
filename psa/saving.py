"""Saving what was entered: the verb does it, or the reason stands in the form and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField

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
        if was_shown(self.shown.data, settings):
            return False
        self.take_up(settings)
        self.theirs = said_otherwise(self, settings)
        return bool(self.theirs)


def was_shown(mark: str | None, settings: Mapping[Any, object]) -> bool:
    """Whether a page with this mark has shown these settings; one that carries none is no page of ours."""
    return mark in (None, "", mark_of(settings))


def said_otherwise(form: FlaskForm, settings: Mapping[str, object]) -> tuple[str, ...]:
    """A sentence for each of the saved ``settings``, by the names of their fields, where something else was entered."""
    fields = [(form[name], value) for name, value in settings.items()]
    return tuple(
        now_is(field.label.text, spoken(field, value))
        for field, value in fields
        if spoken(field, value) != spoken(field, field.data)
    )


def now_is(what: str, words: str) -> str:
    """What somebody else has saved of ``what``, in a sentence."""
    return f"{what} is now {f'“{words}”' if words else 'empty'}."


def spoken(field: Field, value: object) -> str:
    """The value as the field would show it, each by its name where it is chosen among several."""
    if isinstance(field, PasswordField):
        # What is kept is shown to nobody; whoever enters another one hears that there is one.
        return "another one" if value and field.data and value != field.data else ""
    if isinstance(value, bool):
        return "on" if value else "off"
    names = {key: name for key, name, *_ in field.iter_choices()} if getattr(field, "choices", None) else {}
    every = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(names.get(one, one)) for one in every if one is not None).strip()


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
