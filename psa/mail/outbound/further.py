"""A further connection to a server, opened beside the mail that leaves already: who hangs there holds nothing."""

from __future__ import annotations

import smtplib
import threading
from typing import TYPE_CHECKING, cast

import structlog
from flask import current_app

from psa.mail.accounts import without_secret
from psa.mail.journal import words_of
from psa.mail.outbound.transport import Transport
from psa.mail.settings import ServerSettings

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger()

# So long it is worth waiting for, in seconds; a server that takes longer is looked at again when more mail has left.
WORTH_WAITING = 1.0


class Opening:
    """A connection on its way. Whoever began it asks is_over() and takes the ``transport``, or leaves it.

    ``transport`` has no connection when it was refused; what for is nobody's trouble, and only logged.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.transport = Transport(settings)
        self.done = threading.Event()
        self.is_left = False
        self.lock = threading.Lock()
        app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
        threading.Thread(target=self.open, args=(app,), name=f"further to {settings.host}", daemon=True).start()

    def is_over(self) -> bool:
        return self.done.wait(WORTH_WAITING)

    def leave(self) -> None:
        """Nobody wants it any more: it is closed now, or as soon as it is there."""
        with self.lock:
            self.is_left = True
        if self.done.is_set():
            self.transport.close()

    def open(self, app: Flask) -> None:
        settings = self.transport.settings
        try:
            # A provider's token is kept in the database.
            with app.app_context():
                self.transport.open()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            words = without_secret(words_of(error), settings.password)
            log.info("no further connection", host=settings.host, words=words)
        except Exception:
            log.exception("a further connection failed in our own code", host=settings.host)
        with self.lock:
            is_wanted = not self.is_left
            if is_wanted:
                self.done.set()
        if not is_wanted:
            self.transport.close()
