"""The only file that opens an SMTP connection (RFC 5321).

Flask-Mail's Connection is opened by its own life cycle; ours adds what it lacks: checked certificates, time limits, the
account's own credentials, a finished message sent byte for byte, refused recipients told apart, a journal of each step.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Generator
from types import TracebackType

import flask_mail

from psa.mail.connect import describe, open_socket
from psa.mail.journal import Journal, as_text
from psa.mail.oauth import sign_in as sasl
from psa.mail.outbound.conversation import (
    AllRefused,
    Letter,
    LoginNeedsTLS,
    NotSent,
    Pause,
    SteppedSMTP,
    Unconfirmed,
    capabilities,
    local_name,
)
from psa.mail.settings import ServerSettings, tls_context

__all__ = [
    "PATIENCE",
    "AllRefused",
    "Letter",
    "LoginNeedsTLS",
    "NotSent",
    "Pause",
    "SteppedSMTP",
    "Transport",
    "Unconfirmed",
    "local_name",
]

# How long a server may think about a message after the dot that ends it (RFC 5321, 4.5.3.2.6): who hangs up sooner does
# not learn what became of it. In seconds.
PATIENCE = 600.0


class Transport:
    """One connection to an account's SMTP server that carries many letters.

    Opens at the first letter. Raises OSError, ssl.SSLError and smtplib.SMTPException as they come, UnicodeError for a
    login that is not ASCII; ``journal`` tells the stage. A letter that was refused leaves the connection usable,
    anything worse closes it. ``patience`` in seconds is for the server's answer to a whole message.
    ``sender_refused`` are the words with which the sender of the last letter was refused, when its plain one was taken.
    """

    def __init__(self, settings: ServerSettings, journal: Journal | None = None, *, patience: float = PATIENCE) -> None:
        self.settings = settings
        self.patience = patience
        self.journal = journal or Journal()
        self.connection: Connection | None = None
        self.sender_refused = ""

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> Connection:
        """The connection, which is made now unless it has been."""
        if self.connection is None:
            self.connection = Connection(self.settings, self.journal, self.patience).__enter__()
        return self.connection

    def send(self, letter: Letter, handing_over: Callable[[], bool] = lambda: True) -> dict[str, str]:
        """Hand one letter over, with nothing beside it; ``handing_over`` is asked whether it may be ended."""
        talk = self.sending(letter)
        try:
            pause = next(talk)
            while True:
                pause = talk.send(pause is not Pause.READY or handing_over())
        except StopIteration as end:
            refused: dict[str, str] = end.value
            return refused
        finally:
            talk.close()

    def sending(self, letter: Letter) -> Generator[Pause, bool, dict[str, str]]:
        """Hand one letter over, pausing; returns the recipients that were refused, each with the server's words.

        When it is told at READY that it must not be ended, NotSent is raised. Raises Unconfirmed when the connection
        dies, or nothing that is an answer comes, after the dot.
        """
        self.sender_refused = ""
        smtp = self.open().smtp
        try:
            yield from smtp.converse(letter, self.journal)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            self.reset()
            raise
        except BaseException:
            self.abandon()
            raise
        finally:
            self.sender_refused = smtp.sender_refused
        return {address: f"{code} {as_text(said)}" for address, (code, said) in smtp.refused.items()}

    def reset(self) -> None:
        """Make the connection ready for the next letter, or drop it."""
        try:
            if self.connection is not None and self.connection.smtp.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self.abandon()

    def abandon(self) -> None:
        if self.connection is not None:
            self.connection.smtp.close()
            self.connection = None

    def close(self) -> None:
        """Say goodbye; a server that is gone already is no error."""
        if self.connection is not None:
            try:
                self.connection.smtp.quit()
            except (smtplib.SMTPException, OSError):
                self.connection.smtp.close()
            self.connection = None


class Connection(flask_mail.Connection):
    """Flask-Mail's connection, opened with an account's settings instead of the application's."""

    smtp: SteppedSMTP

    def __init__(self, settings: ServerSettings, journal: Journal, patience: float) -> None:
        self.settings = settings
        self.journal = journal
        self.patience = patience
        super().__init__(
            flask_mail._Mail(  # type: ignore[arg-type]
                server=settings.host,
                username=settings.username,
                password=None,
                port=settings.port,
                use_tls=settings.security == "starttls",
                use_ssl=settings.security == "ssl",
                default_sender=settings.address,
                debug=0,
                max_emails=None,
                suppress=False,
                ascii_attachments=False,
            )
        )

    def configure_host(self) -> SteppedSMTP:
        """Connect, secure and sign in, step by step."""
        settings, journal = self.settings, self.journal
        token = sasl.token_for(settings, journal)
        self.smtp = smtp = SteppedSMTP(open_socket(settings, journal), settings, self.patience, journal)
        try:
            with journal.step("greeting", "Greeting") as step:
                smtp.greet()
                step.detail = capabilities(smtp)
            if settings.security == "starttls":
                with journal.step("tls", "Secure the connection") as step:
                    smtp.starttls(context=tls_context(settings.ca_pem))
                    assert isinstance(smtp.sock, ssl.SSLSocket)
                    describe(smtp.sock, step)
                smtp.ehlo()
            if settings.signs_in:
                with journal.step("auth", "Sign in") as step:
                    step.detail = f"as {settings.username}"
                    smtp.sign_in(token)
                    step.title = "Signed in"
        except BaseException:
            smtp.close()
            raise
        return smtp
