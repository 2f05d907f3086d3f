"""From words to bytes: a message that any mail program threads, and whose answers find their ticket."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from psa import clock, signing
from psa.mail.outbound import dkim_keys, plus_addressing
from psa.mail.outbound.folding import Folding

# t<ticket>.<nonce>.<signature>@<domain>: who invents one must know our key.
SIGNED_ID = re.compile(r"t(\d{1,18})\.([0-9a-z]{8,16})\.([0-9a-z]{16})@[^@\s]+", re.IGNORECASE)
# Says the Message-ID once more, for relays that write one of their own: our mail that comes back is known by it.
TOKEN_HEADER = "X-PSA-Message"
SUBJECT_TAG = re.compile(r"\[#(\d{1,18})\]")
# 998 octets is the limit of a line (RFC 5322, 2.1.1); servers with SMTPUTF8 or without, quoted-printable always fits.
POLICY = Folding(linesep="\r\n", max_line_length=78, cte_type="7bit")
MOST_REFERENCES = 20
# RFC 5322, 3.2.3 and 3.2.4
DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
QUOTED = re.compile(r'"(?:[ -!#-\[\]-~]|\\[ -~])*"')
TO_ESCAPE = re.compile(r'[\\"]')


class Unwritable(ValueError):
    """An address that no message can be sent to; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person attached."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the HTML shows as ``cid:NAME``: it travels with the message, so nothing is fetched to read it."""

    content_id: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says. ``html`` is a whole document that says the same as ``text`` and shows the ``pictures``."""

    subject: str
    text: str
    html: str = ""
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished message: its bytes with CRLF and its Message-ID without angle brackets."""

    raw: bytes
    message_id: str
    subject: str


def compose(
    content: Content,
    *,
    sender: tuple[str, str],
    to: Sequence[tuple[str, str]],
    cc: Sequence[tuple[str, str]] = (),
    reply_to: str = "",
    ticket_id: int = 0,
    about: tuple[str, int] | None = None,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    automatic: str | None = None,
    files: Sequence[Upload] = (),
    headers: Sequence[tuple[str, str]] = (),
    nonce: str = "",
) -> Composed:
    """Build one message. Names and addresses are (display name, address) pairs.

    ``reply_to`` is an address where answers go instead; where the account writes under signed addresses, answers about
    the ticket go to one of these, or those about what mail without a ticket is ``about``, as in
    signed_addresses.matter_of_address.
    ``references`` are the Message-IDs of the conversation, oldest first; ``automatic`` is a keyword of RFC 3834, 5
    (auto-generated, auto-replied) and left out for what a person wrote. ``headers`` are further fields, each a name and
    a value in ASCII that is not folded. ``nonce`` is as in new_message_id.
    Raises Unwritable for an address that cannot stand in a header.
    """
    message = EmailMessage(policy=POLICY)
    message_id = new_message_id(ticket_id, sender[1].rpartition("@")[2] or "localhost", nonce)
    message["From"] = Mailbox(*sender)
    message["To"] = [Mailbox(*one) for one in to]
    if cc:
        message["Cc"] = [Mailbox(*one) for one in cc]
    if answers_to := plus_addressing.answers_to(sender[1], reply_to, ticket_id, about):
        message["Reply-To"] = Mailbox("", answers_to)
    message["Subject"] = subject = one_line(content.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message[TOKEN_HEADER] = f"<{message_id}>"
    if in_reply_to:
        chain = list(dict.fromkeys([*references, in_reply_to]))
        kept = chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[-MOST_REFERENCES + 1 :]]
        message["In-Reply-To"] = f"<{in_reply_to}>"
        message["References"] = " ".join(f"<{one}>" for one in kept)
    if automatic:
        message["Auto-Submitted"] = automatic
        # What Exchange heeds instead of RFC 3834.
        message["X-Auto-Response-Suppress"] = "All"
    if automatic == "auto-replied":
        # For answering machines older than RFC 3834 (its 3.1.8); not on notices, which it would make look like bulk.
        message["Precedence"] = "auto_reply"
    message.set_content(content.text, subtype="plain", charset="utf-8")
    if content.html:
        add_html(message, content.html, content.pictures)
    for file in files:
        maintype, _, subtype = file.type.partition("/")
        message.add_attachment(
            file.data,
            maintype=maintype if subtype else "application",
            subtype=subtype or "octet-stream",
            filename=one_line(file.name) or "attachment",
        )
    # As they are: the standard library would fold a long address, and write it as encoded words.
    further = b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in headers)
    # Last of all: whatever is changed after it breaks the signature, which covers these too (RFC 8058, 4).
    raw = dkim_keys.signed(further + message.as_bytes(), sender[1].rpartition("@")[2])
    return Composed(raw, message_id, subject)


def add_html(message: EmailMessage, html: str, pictures: Sequence[Picture]) -> None:
    """Put the HTML beside the text, and its pictures inside of it (RFC 2387): alternative(text, related(html, …))."""
    message.add_alternative(html, subtype="html", charset="utf-8")
    part = list(message.iter_parts())[-1]
    assert isinstance(part, EmailMessage)
    for picture in pictures:
        maintype, _, subtype = picture.type.partition("/")
        part.add_related(
            picture.data, maintype=maintype, subtype=subtype, cid=f"<{picture.content_id}>", disposition="inline"
        )


def new_message_id(ticket_id: int, domain: str, nonce: str = "") -> str:
    """A Message-ID (RFC 5322, 3.6.4) that only we can make, naming the ticket (0 for none).

    ``nonce`` (8 to 16 letters and digits in lower case) makes it the same each time, for what must leave only once.
    """
    nonce = nonce or secrets.token_hex(6)
    return f"t{ticket_id}.{nonce}.{signing.sign('message-id', f'{ticket_id}.{nonce}')}@{domain}"


def ticket_of(message_id: str) -> int | None:
    """The ticket that a Message-ID of ours names (0 for none), or None when it is not ours."""
    match = SIGNED_ID.fullmatch(message_id)
    if match is None:
        return None
    number, nonce, signature = match.groups()
    return int(number) if signing.is_signed("message-id", f"{number}.{nonce.lower()}", signature) else None


class Mailbox(Address):
    """One mailbox for a header, with a name that breaks no line. Raises Unwritable."""

    def __init__(self, name: str, address: str) -> None:
        self.spec = addr_spec(address)
        try:
            super().__init__(display_name=one_line(name), addr_spec=self.spec)
        except (ValueError, IndexError, HeaderParseError) as error:
            raise Unwritable(f"{address} is not an address that mail can be sent to.") from error

    @property
    def addr_spec(self) -> str:
        # The standard library takes the quotes off and puts them back for some signs only, not for two dots.
        return self.spec


def addr_spec(address: str) -> str:
    """The address as it stands in a header and on the envelope, in ASCII (RFC 5322, 3.4.1; RFC 5890, 2.3.2.1).

    The local part is quoted where it must be: phones in Japan have addresses such as ``abc..def@docomo.ne.jp``.
    Raises Unwritable.
    """
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise Unwritable(f"{address} has letters before the @ that most mail servers cannot take.")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Unwritable(f"{domain} is not a domain that mail can be sent to.") from error
    if not local or not domain or not local.isprintable():
        raise Unwritable(f"{address} is not a whole email address.")
    if not DOT_ATOM.fullmatch(local) and not QUOTED.fullmatch(local):
        escaped = TO_ESCAPE.sub(r"\\\g<0>", local)
        local = f'"{escaped}"'
    return f"{local}@{domain}"


def one_line(text: str) -> str:
    """Line breaks and other controls out: what stands in a header must not become a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
