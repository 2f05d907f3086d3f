"""Sign in to a sending account's server and leave again: what can be tested without sending anything."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psa.mail.diagnosis.causes import Diagnosis
from psa.mail.diagnosis.refusal import diagnose_error
from psa.mail.diagnosis.steps import expected, with_waiting
from psa.mail.journal import Journal, Step
from psa.mail.outbound import outcomes
from psa.mail.outbound.transport import Connection
from psa.mail.settings import ServerSettings

# What a delivery leads to and a login does not.
SENDING = ("mail_from", "rcpt_to", "data")


@dataclass(frozen=True, slots=True)
class Knocked:
    """How far it came: ``steps`` as in ConnectionTest; without a ``diagnosis`` all went well."""

    steps: list[dict[str, Any]]
    diagnosis: Diagnosis | None
    words: str = ""


def knock(settings: ServerSettings, heard: Callable[[Step], object] | None = None) -> Knocked:
    """Connect, secure and sign in by the code that deliveries use. ``heard`` hears of each step that has ended."""
    journal = Journal(Listener(settings, heard) if heard is not None else None)
    try:
        with Connection(settings, journal, settings.timeout):
            pass
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        words, found = diagnose_error(
            error,
            settings.password,
            protocol="smtp",
            stage=journal.stage,
            host=settings.host,
            port=settings.port,
        )
        return Knocked(steps_of(journal, settings), found, words)
    return Knocked(steps_of(journal, settings), None)


class Listener:
    """Tells of each step once, when it has ended, without the password."""

    def __init__(self, settings: ServerSettings, heard: Callable[[Step], object]) -> None:
        self.settings = settings
        self.heard = heard
        self.told = 0

    def __call__(self, journal: Journal) -> None:
        ended = [step for step in journal.steps if step.state != "live"]
        for step in steps_of(journal, self.settings)[self.told : len(ended)]:
            self.heard(Step(**step))
        self.told = len(ended)


def steps_of(journal: Journal, settings: ServerSettings) -> list[dict[str, Any]]:
    stages = [stage for stage in expected(settings) if stage not in SENDING]
    return with_waiting(outcomes.without_secret(journal.as_list(), settings.password), stages)
