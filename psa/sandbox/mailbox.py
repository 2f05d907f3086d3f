"""The client's mail program on the Sandbox page: reads an inbox by IMAP, sends by SMTP. Nothing waits for ever."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from psa.mail.message import Address, parse

CONNECT_SECONDS = 3
ANSWER_SECONDS = 10


class MailboxError(Exception):
    """What the client's mail program would show: one sentence, with the server's own words where it spoke."""


@dataclass(frozen=True)
class Received:
    """A line of the inbox. `date` is when the server took it, aware; `raw` is the message's header block."""

    uid: int
    from_: Address
    subject: str
    date: datetime
    seen: bool
    raw: bytes


def inbox(host: str, port: int, user: str, password: str, limit: int = 30) -> list[Received]:
    """The newest messages, newest first; reading the list changes nothing. Raises MailboxError."""
    with _inbox(host, port, user, password, readonly=True) as client:
        newest = sorted(client.search())[-limit:]
        fetched = client.fetch(newest, ["FLAGS", "INTERNALDATE", "BODY.PEEK[HEADER]"]) if newest else {}
        return [_received(uid, fetched[uid]) for uid in reversed(newest) if uid in fetched]


def message(host: str, port: int, user: str, password: str, uid: int) -> bytes:
    """The raw message, from now on seen. Raises LookupError when it is not in the inbox, and MailboxError."""
    with _inbox(host, port, user, password, readonly=False) as client:
        fetched = client.fetch([uid], ["BODY[]"])
        if uid not in fetched:
            raise LookupError(f"No message {uid} in the inbox of {user}")
        raw: bytes = fetched[uid][b"BODY[]"]
        return raw


def empty(host: str, port: int, user: str, password: str) -> int:
    """Deletes every message of the inbox for good; returns how many there were. Raises MailboxError."""
    with _inbox(host, port, user, password, readonly=False) as client:
        uids = client.search()
        if uids:
            client.delete_messages(uids)
            client.expunge()
        return len(uids)


def send(host: str, port: int, user: str, password: str, message: EmailMessage) -> None:
    """Sends it to whom it says, as the user. Raises MailboxError, also when any recipient is refused."""
    # RFC 3834, 3.3: an automatic answer has the null sender, so that nothing ever answers it.
    envelope_sender = "" if message.get("Auto-Submitted", "no") != "no" else user
    try:
        with smtplib.SMTP(host, port, timeout=ANSWER_SECONDS) as client:
            client.login(user, password)
            refused = client.send_message(message, from_addr=envelope_sender)
    except smtplib.SMTPRecipientsRefused as none_taken:
        refused = none_taken.recipients
    except smtplib.SMTPResponseException as answer:
        raise MailboxError(f"The server answered {answer.smtp_code} {_words(answer.smtp_error)}") from answer
    except (smtplib.SMTPException, OSError) as failure:
        raise MailboxError(f"The mail server at {host}:{port} could not be reached: {failure}") from failure
    if refused:
        reasons = [f"{address}: {code} {_words(words)}" for address, (code, words) in refused.items()]
        raise MailboxError("The server refused " + "; ".join(reasons))


@contextmanager
def _inbox(host: str, port: int, user: str, password: str, *, readonly: bool) -> Iterator[IMAPClient]:
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    try:
        with IMAPClient(host, port, ssl=False, timeout=timeout) as client:
            client.normalise_times = False
            client.login(user, password)
            client.select_folder("INBOX", readonly=readonly)
            yield client
    except IMAPClientError as answer:
        raise MailboxError(f"The mail server answered: {_words(answer.args[0] if answer.args else '')}") from answer
    except OSError as failure:
        raise MailboxError(f"The mail server at {host}:{port} could not be reached: {failure}") from failure


def _received(uid: int, fetched: dict[bytes, object]) -> Received:
    raw, date, flags = fetched[b"BODY[HEADER]"], fetched[b"INTERNALDATE"], fetched[b"FLAGS"]
    assert isinstance(raw, bytes) and isinstance(date, datetime) and isinstance(flags, tuple)
    headers = parse(raw)
    sender = headers.sender or Address("", "")
    return Received(uid, sender, headers.subject or "(no subject)", date, SEEN in flags, raw)


def _words(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
