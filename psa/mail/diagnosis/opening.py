"""A mailbox opened for as long as somebody looks into it; what it refuses comes with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psa.mail.diagnosis.causes import Diagnosis
from psa.mail.diagnosis.refusal import diagnose_error
from psa.mail.inbound.mailbox import NETWORK_ERRORS, Mailbox, open_mailbox
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings


class MailboxRefuses(Exception):
    """What the server or the network refused: at which ``stage``, in words without the password, and why."""

    def __init__(self, stage: str, words: str, found: Diagnosis) -> None:
        super().__init__(words)
        self.stage, self.words, self.found = stage, words, found


@contextmanager
def opened(settings: ServerSettings, journal: Journal) -> Iterator[Mailbox]:
    """The mailbox, signed in to and closed at the end. Raises MailboxRefuses, also for what fails while it is open."""
    try:
        mailbox = open_mailbox(settings, journal)
        try:
            yield mailbox
        finally:
            mailbox.close()
    except NETWORK_ERRORS as error:
        words, found = diagnose_error(
            error,
            settings.password,
            protocol=settings.protocol,
            stage=journal.stage,
            host=settings.host,
            port=settings.port,
        )
        raise MailboxRefuses(journal.stage, words, found) from error
