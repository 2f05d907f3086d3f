"""How many messages a start would import: counted before a new mailbox is saved that begins with older mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import request

from psa import signing
from psa.mail import setup
from psa.mail.diagnosis.survey import Survey
from psa.mail.forms import InboundForm
from psa.mail.views.folders import look_over


@dataclass(frozen=True, slots=True)
class Counted:
    """What each start would import; ``problem`` is why nobody could count.

    ``marks`` travel with the form and prove that its settings have been counted. ``since`` is None for a day that was
    not asked for.
    """

    everything: int | None = None
    since: dict[str, Any] | None = None
    problem: str = ""
    marks: list[str] = field(default_factory=list)
    save_again: bool = False


def of_findings(findings: dict[str, Any]) -> Counted:
    """The count that a test has made."""
    if "everything" not in findings:
        return Counted()
    asked, since = findings["asked"], findings.get("since")
    where = (asked["protocol"].lower(), asked["host"], asked["username"], asked["folders"])
    marks = [mark(*where, None)] + ([mark(*where, date.fromisoformat(since["day"]))] if since else [])
    return Counted(findings["everything"], since, marks=marks)


def needs_count(form: InboundForm) -> bool:
    """Whether a new mailbox begins with older mail that nobody has counted with these settings."""
    if form.account is not None or form.start.data == "now":
        return False
    return mark_of(form) not in request.form.getlist("counted")


def count(form: InboundForm) -> Counted:
    """Ask the server now; somebody waits for the page."""
    settings = replace(form.settings_to_test(), timeout=setup.PATIENCE)
    findings, problem = look_over(settings, Survey(day_of(form)))
    if problem:
        return Counted(problem=problem)
    return Counted(findings["everything"], findings.get("since"), marks=[mark_of(form)], save_again=True)


def mark_of(form: InboundForm) -> str:
    settings = form.settings()
    return mark(settings.protocol, settings.host, settings.username, settings.folders, day_of(form))


def day_of(form: InboundForm) -> date | None:
    return form.since.data if form.start.data == "since" else None


def mark(protocol: str, host: str, username: str, folders: Iterable[str], day: date | None) -> str:
    return signing.sign("counted", repr((protocol, host, username, list(folders), day.isoformat() if day else "all")))
