"""What is said to an SMTP server (RFC 5321), step by step in a journal, with a transcript that holds no secrets.

Where the server takes commands in one go (RFC 2920), envelope and DATA leave together: one answer is waited for instead
of three.
"""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from psa.mail.connect import await_greeting
from psa.mail.journal import Journal, Step, as_text, words_of
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.pace import Paced
from psa.mail.settings import ServerSettings

# In seconds, for an answer that should be there.
LAST_LOOK = 1.0
# More recipients are asked for one by one: answers that nobody reads yet must fit into the buffers on their way.
MOST_AT_ONCE = 100
# What a transcript keeps of one line, and of one step.
LONGEST_LINE, MOST_LINES = 500, 60
HIDDEN = "(hidden)"


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
    """What is handed over: envelope (RFC 5321) and bytes (RFC 5322), never changed on the way.

    ``plain_sender`` takes the place of an envelope sender that the server refuses, where there is another one.
    """

    envelope_sender: str
    recipients: tuple[str, ...]
    raw: bytes
    plain_sender: str = ""


class Pause(Enum):
    """Where a conversation about a letter stops, so that others can go on beside it: before it waits for an answer.

    At READY all of the message has left but the dot that ends it: up to there the server must drop it (RFC 5321,
    4.1.1.4). Whoever lets it go on says there whether it may be ended.
    """

    ASKED = auto()
    READY = auto()
    ENDED = auto()


class SteppedSMTP(smtplib.SMTP):
    """smtplib over a socket that is there already, with a step in the journal for each command of a letter."""

    def __init__(self, connection: socket.socket, settings: ServerSettings, patience: float, journal: Journal) -> None:
        self.connection = connection
        self.patience = patience
        self.journal = journal
        self.signs_in = False
        # What has been sent and not been answered yet.
        self.ahead: list[str] = []
        self.refused: dict[str, tuple[int, bytes]] = {}
        # The words with which the letter's own sender was refused and its plain one taken.
        self.sender_refused = ""
        self.refusal: smtplib.SMTPAuthenticationError | None = None
        super().__init__(timeout=settings.timeout, local_hostname=local_name())
        self._host = settings.host  # the name that STARTTLS checks in the certificate
        self.settings = settings

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return self.connection

    def greet(self) -> None:
        """Read the greeting and say EHLO (RFC 5321, 3.1 and 3.2)."""
        await_greeting(self.connection, self.settings)
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
        self.signs_in = True
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        except smtplib.SMTPAuthenticationError as error:
            self.refusal = error
            raise
        finally:
            self.signs_in = False

    def authenticate(self, exchange: sasl.Exchange) -> None:
        self.auth(exchange.mechanism, lambda challenge=b"": exchange.answer(challenge).decode())

    def converse(self, letter: Letter, journal: Journal) -> Generator[Pause, bool]:
        """As smtplib's sendmail(), but envelope and bytes stay untouched, and what was refused is kept in ``refused``.

        See Transport.sending().
        """
        self.journal, self.refused, self.sender_refused = journal, {}, ""
        addresses = (letter.envelope_sender, *letter.recipients)
        self.command_encoding = "ascii" if all(address.isascii() for address in addresses) else "utf-8"
        with journal.step("mail_from", "Sender") as step:
            self.begin(letter.envelope_sender, letter)
            yield Pause.ASKED
            self.ask_for_sender(letter, step)
        with journal.step("rcpt_to", "Recipient") as step:
            self.ask_for_recipients(letter.recipients)
            taken = [address for address in letter.recipients if address not in self.refused]
            step.title, step.detail = "Recipient accepted", ", ".join(taken)
        with journal.step("data", "Message") as step:
            self.send_text(letter.raw)
            if not (yield Pause.READY):
                raise NotSent
            said = yield from self.end_message()
            step.title, step.detail = "Accepted by the server", as_text(said).splitlines()[0] if said else ""

    def ask_for_sender(self, letter: Letter, step: Step) -> None:
        """MAIL (RFC 5321, 4.1.1.2), and once more with the plain sender where only that is taken."""
        sender, plain = letter.envelope_sender, letter.plain_sender
        step.detail = sender or "the empty sender"
        code, said = self.next_answer()
        if code not in (250, 421) and plain:
            refused, words = code, f"{code} {as_text(said)}"
            self.leave_the_rest()
            sender, step.detail = plain, f"{plain}, for {sender} was refused: {words}"
            self.begin(plain, letter)
            code, said = self.next_answer()
            # Only what is refused for good says something about the next letters.
            self.sender_refused = words if code == 250 and refused >= 500 else ""
        if code != 250:
            self.leave_the_rest()
            raise smtplib.SMTPSenderRefused(code, said, sender)
        step.title = "Sender accepted"

    def begin(self, sender: str, letter: Letter) -> None:
        """Send the envelope, as much of it as the server takes at once."""
        commands = [f"MAIL FROM:<{sender}>{self.parameters(letter)}"]
        if self.has_extn("pipelining") and len(letter.recipients) <= MOST_AT_ONCE:
            # DATA comes last in a group (RFC 2920, 3.1).
            commands += [*(rcpt(address) for address in letter.recipients), "DATA"]
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("an address with a line break in it")
        self.send("".join(f"{command}\r\n" for command in commands))
        self.ahead = commands

    def parameters(self, letter: Letter) -> str:
        """What MAIL says beside the sender (RFC 1870, RFC 6152, RFC 6531)."""
        said = f" SIZE={len(letter.raw)}" if self.has_extn("size") else ""
        said += " BODY=8BITMIME" if self.has_extn("8bitmime") else ""
        return said + (" SMTPUTF8" if self.command_encoding == "utf-8" else "")

    def ask_for_recipients(self, recipients: tuple[str, ...]) -> None:
        """RCPT (RFC 5321, 4.1.1.3). Raises AllRefused when nobody is left, or the server ends the conversation."""
        for address in recipients:
            code, said = self.answer_to(rcpt(address))
            if code not in (250, 251):
                self.refused[address] = (code, said)
            if code == 421:
                self.close()
                raise AllRefused(self.refused)
        if len(self.refused) == len(recipients):
            self.leave_the_rest()
            raise AllRefused(self.refused)

    def send_text(self, raw: bytes) -> None:
        """DATA (RFC 5321, 4.1.1.4) and the message without its end. Raises SMTPDataError when the server says no."""
        code, said = self.answer_to("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        self.send(dot_stuffed(raw))
        self.note(f"C: ({len(raw):,} bytes of message)")

    def end_message(self) -> Generator[Pause, bool, bytes]:
        """Send the dot; returns what the server says to the message, for which its time runs from the dot on.

        Others may have been waited for meanwhile: all that left side by side share that time. Raises SMTPDataError when
        that is no, Unconfirmed when it is nothing.
        """
        try:
            assert self.sock is not None
            self.send(b".\r\n")
            ends = time.monotonic() + self.patience
            self.note("C: .")
            yield Pause.ENDED
            # What has come by now is read all the same.
            self.sock.settimeout(max(ends - time.monotonic(), LAST_LOOK))
            code, said = self.getreply()
            self.sock.settimeout(self.settings.timeout)
        except Exception as error:
            raise Unconfirmed(words_of(error)) from error
        if not 200 <= code <= 599:
            self.close()
            raise Unconfirmed(f"The server answered with something that is no reply: {as_text(said)}")
        if code != 250:
            raise smtplib.SMTPDataError(code, said)
        return said

    def answer_to(self, command: str) -> tuple[int, bytes]:
        """The answer to a command, which is sent now unless it has been."""
        if not self.ahead:
            self.send(f"{command}\r\n")
            self.ahead = [command]
        return self.next_answer()

    def next_answer(self) -> tuple[int, bytes]:
        self.note(f"C: {self.ahead.pop(0)}")
        return self.getreply()

    def leave_the_rest(self) -> None:
        """Read the answers to what was sent ahead, of which nothing comes any more.

        A server that wants a message all the same gets none: a dot at once, to nobody (RFC 2920, 3.1).
        """
        try:
            while self.ahead:
                code, _ = self.next_answer()
                if code == 354:
                    self.send(b".\r\n")
                    self.note("C: .")
                    self.getreply()
        except (smtplib.SMTPException, OSError):
            # What it said before it went is what counts.
            self.close()

    def putcmd(self, cmd: str, args: str = "") -> None:
        if not self.signs_in:
            self.note(f"C: {cmd} {args}".rstrip())
        elif cmd == "AUTH":
            self.note(f"C: AUTH {args.partition(' ')[0]} {HIDDEN}")
        else:
            self.note(f"C: {HIDDEN}")
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        if isinstance(self.sock, Paced):
            # What was asked in one go is answered one by one.
            self.sock.await_answer()
        code, said = super().getreply()
        if self.signs_in and code == 334:
            # Challenges hold what an answer can be guessed from.
            self.note(f"S: 334 {HIDDEN}")
        else:
            *lines, last = as_text(said).splitlines() or [""]
            for line in lines:
                self.note(f"S: {code}-{line}")
            self.note(f"S: {code} {last}")
        return code, said

    def note(self, line: str) -> None:
        """Write down what was said in the transcript of the step that is under way."""
        if self.journal.steps and len(self.journal.steps[-1].said) < MOST_LINES:
            self.journal.steps[-1].said.append(line[:LONGEST_LINE])


def rcpt(address: str) -> str:
    return f"RCPT TO:<{address}>"


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
