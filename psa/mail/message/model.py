"""What a message consists of, as frozen values: the words that all floors above use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

# Takes a sentence on what was wrong with a message and what was assumed instead.
Note = Callable[[str], None]

Disposition = Literal["attachment", "inline"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. `email` is as written but for the domain's case, and may be empty."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2].lower() if "@" in self.email else ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who may have written although From names another: whom `header` names, and why that may be: "list" or
    "form" put itself into From, or the "name" there is an address.
    """

    address: Address
    header: str
    reason: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message. `size` (bytes) and `sha256` (hex) are those of the decoded bytes; `part` is the MIME
    path, as "2.1".
    """

    name: str
    type: str
    size: int
    sha256: str
    content_id: str | None
    disposition: Disposition
    part: str
    source: Callable[[], bytes] = field(repr=False, compare=False)

    @property
    def data(self) -> bytes:
        """The decoded bytes, decoded anew on every access so that a parsed message
        holds no second copy of its files.
        """
        return self.source()


@dataclass(frozen=True, slots=True)
class Automatic:
    """Why a message is not a person's: kind is auto-reply, auto-generated, list, bulk or own."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportRecipient:
    """What a delivery report says of one address.

    `status` is RFC 3463's "5.1.1", `code` SMTP's "550"; `hard`: mail to it must stop. `original` is the address that
    was written to, where that was passed on to `email`; "" where it is the same or not told.
    """

    email: str
    action: str
    status: str | None
    code: str | None
    hard: bool
    reason: str
    diagnostic: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report: kind is bounce, delay, delivered or feedback; the latter's type is RFC 5965's ("abuse", …)."""

    kind: str
    recipients: tuple[ReportRecipient, ...]
    original_message_id: str | None
    feedback_type: str = ""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The message that somebody passed on. `date` is aware, or None where it cannot be read."""

    from_: Address
    subject: str | None
    date: datetime | None
    text: str
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthenticationVerdict:
    """What the trusted server `by` found, in RFC 8601's words ("pass", "fail",
    "none", …), or None where it says nothing.
    """

    spf: str | None
    dkim: str | None
    dmarc: str | None
    by: str
    # The domains whose signatures hold, the one of the envelope sender, and the one of From that DMARC was asked for.
    signed_by: tuple[str, ...] = ()
    sent_by: str = ""
    asked_about: str = ""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A message/partial (RFC 2046, 5.2.2): piece `number` of `total` of the message `id`; None: not said."""

    id: str
    number: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited: answer is accepted, declined, tentative, delegated, or "" as long as there is none."""

    name: str
    email: str
    answer: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting that a calendar file in the message is about. What it does not say is "" or None.

    `method` is request, reply, cancel, counter, publish or another one of RFC 5546. `start` and `end` are aware
    moments; naive ones where the file names no zone ("floating", meant wherever the reader is); dates for whole days,
    then `end` is the last day. `zone` is the one that the organiser wrote in. `online` is the address to join at.
    """

    method: str
    summary: str
    start: datetime | date | None
    end: datetime | date | None
    zone: str
    recurrence: str
    location: str
    online: str
    organiser: Address | None
    attendees: tuple[Attendee, ...]
    description: str
    uid: str
    part: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Somebody's card (vCard) in part `part`; emails and phones as written."""

    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    organisation: str
    title: str
    part: str


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects a message: kind is signed or encrypted, method S/MIME or PGP.

    `signer` is who the signature itself says has made it: nothing here verifies that.
    """

    kind: str
    method: str
    signer: str = ""
