"""The only file that opens an SMTP connection (RFC 5321).

Flask-Mail's Connection carries the conversation; ours adds what it lacks: checked certificates, time limits, the
account's own credentials, a finished message sent byte for byte, refused recipients told apart, a journal of each step.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import flask_mail

from psa.mail.connect import describe, open_socket
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.settings import ServerSettings, tls_context

# How long a server may think about a message after the dot that ends it (RFC 5321, 4.5.3.2.6): who hangs up sooner does
# not learn what became of it. In seconds.
PATIENCE = 600.0
# A time limit holds for one block, so a large message on a slow line is no failure. In bytes.
BLOCK = 64 * 1024
# What Flask-Mail hears of the envelope: sendmail() below uses the letter's own.
SOMEBODY = "somebody@example.invalid"


class AllRefused(smtplib.SMTPRecipientsRefused):
    """Every recipient was refused; ``recipients`` maps each address to (code, words)."""


class Unconfirmed(Exception):
    """The connection died after the message was ended: the server may have it or not."""


class LoginNeedsTLS(smtplib.SMTPNotSupportedError):
    """The server offers a login only inside TLS, and TLS, and none is wanted."""

    cause = "tls_required"

    def __init__(self) -> None:
        super().__init__("The server offers STARTTLS, and no AUTH before it")


class NotSent(Exception):
    """Whoever was to agree to the end of the message did not: the server has not got it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed over: envelope (RFC 5321) and bytes (RFC 5322), never changed on the way."""

    envelope_sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Transport:
    """One connection to an account's SMTP server that carries many letters.

    Opens at the first letter. Raises OSError, ssl.SSLError and smtplib.SMTPException as they come, UnicodeError for a
    login that is not ASCII; ``journal`` tells the stage. A letter that was refused leaves the connection usable,
    anything worse closes it. ``patience`` in seconds is for the server's answer to a whole message.
    """

    def __init__(self, settings: ServerSettings, journal: Journal | None = None, *, patience: float = PATIENCE) -> None:
        self.settings = settings
        self.patience = patience
        self.journal = journal or Journal()
        self.connection: Connection | None = None

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, letter: Letter, handing_over: Callable[[], bool] = lambda: True) -> dict[str, str]:
        """Hand one letter over; returns the recipients that were refused, each with the server's words.

        ``handing_over`` is called when all of the message has left but the dot that ends it: up to there the server
        must drop it (RFC 5321, 4.1.1.4). When it says no, NotSent is raised. Raises Unconfirmed when the connection
        dies, or nothing that is an answer comes, after the dot.
        """
        if self.connection is None:
            self.connection = Connection(self.settings, self.journal, self.patience).__enter__()
        try:
            return self.connection.send_letter(letter, self.journal, handing_over)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            self.reset()
            raise
        except BaseException:
            self.abandon()
            raise

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
        self.smtp = smtp = SteppedSMTP(open_socket(settings, journal), settings, self.patience)
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

    def send_letter(self, letter: Letter, journal: Journal, handing_over: Callable[[], bool]) -> dict[str, str]:
        self.smtp.begin(letter, journal, handing_over)
        self.send(Prepared(letter))
        return {address: f"{code} {as_text(said)}" for address, (code, said) in self.smtp.refused.items()}


class SteppedSMTP(smtplib.SMTP):
    """smtplib over a socket that is there already, with a step in the journal for each command of a letter."""

    def __init__(self, connection: socket.socket, settings: ServerSettings, patience: float) -> None:
        self.connection = connection
        self.patience = patience
        self.refused: dict[str, tuple[int, bytes]] = {}
        self.refusal: smtplib.SMTPAuthenticationError | None = None
        super().__init__(timeout=settings.timeout, local_hostname=local_name())
        self._host = settings.host  # the name that STARTTLS checks in the certificate
        self.settings = settings

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return self.connection

    def greet(self) -> None:
        """Read the greeting and say EHLO (RFC 5321, 3.1 and 3.2)."""
        code, said = self.connect(self.settings.host, self.settings.port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()

    def sign_in(self, token: AccessToken | None) -> None:
        """With the provider's token (RFC 4954) or, without one, with the password."""
        if token is None:
            self.sign_in_by_password()
            return
        offered = self.esmtp_features.get("auth", "").upper().split()
        sasl.sign_in(self.settings, token, offered, self.authenticate, (smtplib.SMTPAuthenticationError,))

    def sign_in_by_password(self) -> None:
        """smtplib tries one mechanism after the other: a server that refuses and hangs up has answered all the same."""
        if "auth" not in self.esmtp_features and self.settings.security == "none" and self.has_extn("starttls"):
            raise LoginNeedsTLS
        try:
            self.login(self.settings.username, self.settings.password)
        except smtplib.SMTPServerDisconnected:
            if self.refusal is not None:
                raise self.refusal from None
            raise

    def auth(self, mechanism: str, authobject: Any, *, initial_response_ok: bool = True) -> tuple[int, bytes]:
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        except smtplib.SMTPAuthenticationError as error:
            self.refusal = error
            raise

    def authenticate(self, exchange: sasl.Exchange) -> None:
        self.auth(exchange.mechanism, lambda challenge=b"": exchange.answer(challenge).decode())

    def begin(self, letter: Letter, journal: Journal, handing_over: Callable[[], bool]) -> None:
        self.letter, self.journal, self.handing_over, self.refused = letter, journal, handing_over, {}

    def sendmail(self, *_as_flask_mail_has_it: object) -> dict[str, Any]:
        """As smtplib's, but envelope and bytes are the letter's own, untouched, and what was refused is kept."""
        sender, recipients, raw = self.letter.envelope_sender, self.letter.recipients, self.letter.raw
        options = [f"size={len(raw)}"] if self.has_extn("size") else []
        if self.has_extn("8bitmime"):
            options.append("body=8bitmime")
        if not all(address.isascii() for address in (sender, *recipients)):
            options.append("smtputf8")
            self.command_encoding = "utf-8"
        with self.journal.step("mail_from", "Sender") as step:
            step.detail = sender or "the empty sender"
            code, said = self.mail(sender, options)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, said, sender)
            step.title = "Sender accepted"
        with self.journal.step("rcpt_to", "Recipient") as step:
            for address in recipients:
                code, said = self.rcpt(address)
                if code not in (250, 251):
                    self.refused[address] = (code, said)
                if code == 421:
                    self.close()
                    break
            if len(self.refused) == len(recipients) or code == 421:
                raise AllRefused(self.refused)
            step.title, step.detail = "Recipient accepted", ", ".join(a for a in recipients if a not in self.refused)
        with self.journal.step("data", "Message") as step:
            code, said = self.hand_over(raw)
            step.title, step.detail = "Accepted by the server", as_text(said).splitlines()[0] if said else ""
        return self.refused

    def hand_over(self, raw: bytes) -> tuple[int, bytes]:
        """DATA (RFC 5321, 4.1.1.4). Raises SMTPDataError when the server says no, Unconfirmed when it says nothing."""
        code, said = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        self.send_body(dot_stuffed(raw))
        if not self.handing_over():
            raise NotSent
        code, said = self.end_of_message()
        if code != 250:
            raise smtplib.SMTPDataError(code, said)
        return code, said

    def send_body(self, body: bytes) -> None:
        for start in range(0, len(body), BLOCK):
            self.send(body[start : start + BLOCK])

    def end_of_message(self) -> tuple[int, bytes]:
        """Send the dot and wait for what the server makes of the message."""
        try:
            assert self.sock is not None
            self.sock.settimeout(self.patience)
            self.send(b".\r\n")
            code, said = self.getreply()
            self.sock.settimeout(self.settings.timeout)
        except Exception as error:
            raise Unconfirmed(words_of(error)) from error
        if not 200 <= code <= 599:
            self.close()
            raise Unconfirmed(f"The server answered with something that is no reply: {as_text(said)}")
        return code, said


class Prepared(flask_mail.Message):
    """A finished message: Flask-Mail asks it for its bytes and changes nothing."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        super().__init__(sender=SOMEBODY, recipients=[SOMEBODY])
        self.date = time.time()

    @property
    def send_to(self) -> list[str]:  # type: ignore[override]
        # Flask-Mail rewrites what it is told here, and stumbles over letters that only SMTPUTF8 carries (RFC 6531).
        return [SOMEBODY]

    def as_bytes(self) -> bytes:
        return self.letter.raw

    def has_bad_headers(self) -> bool:
        # compose() built them with the standard library, which refuses line breaks in a header.
        return False


def dot_stuffed(raw: bytes) -> bytes:
    """Lines that begin with a dot get a second one, and the last one is ended (RFC 5321, 4.5.2)."""
    raw = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..")


def capabilities(smtp: smtplib.SMTP) -> str:
    offers = []
    if smtp.has_extn("starttls"):
        offers.append("STARTTLS")
    if smtp.has_extn("auth"):
        offers.append("login")
    size = smtp.esmtp_features.get("size", "")
    if size.isdecimal() and int(size):
        offers.append(f"size up to {int(size) // 1_000_000} MB")
    return f"The server offers {', '.join(offers)}" if offers else "The server offers no extensions that we use"


def local_name() -> str:
    """The name that EHLO gives: a full one, or an address literal (RFC 5321, 4.1.3): some servers refuse others."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
