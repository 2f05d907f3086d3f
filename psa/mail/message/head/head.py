"""What the headers of a message say: who wrote it, to whom, when, about what, and what it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from psa.mail.message.charsets.guess import guess_codec
from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.head.dates import read_sent_date
from psa.mail.message.head.recipients import read_delivered_to
from psa.mail.message.head.references import read_former_ids, read_message_ids
from psa.mail.message.head.senders import read_sender, read_stand_ins
from psa.mail.message.head.subjects import base_subject, subject_tags
from psa.mail.message.head.thread_keys import (
    read_foreign_numbers,
    read_numbers_in_subject,
    read_thread_index,
    read_thread_topic,
    without_numbers,
)
from psa.mail.message.model import Address, Fragment, Note, StandIn
from psa.mail.message.structure.headers import decode_words
from psa.mail.message.structure.part import Part


class Notes(dict[str, None]):
    """What was wrong with a message and what was assumed instead: sentences in their order, each once."""

    def add(self, sentence: str) -> None:
        self.setdefault(sentence)


@dataclass(frozen=True, eq=False, repr=False)
class Head:
    """The headers of a message. Every attribute is worked out on first use and kept."""

    raw: bytes
    tree: Part
    trusted_authserv: str | None = None
    own_domains: frozenset[str] = frozenset()
    notes: Notes = field(default_factory=Notes)

    @property
    def _note(self) -> Note:
        return self.notes.add

    # -- who and when
    @cached_property
    def message_id(self) -> str | None:
        ids = read_message_ids(self.tree.headers.first("message-id"))
        return ids[0] if ids else None

    @cached_property
    def in_reply_to(self) -> tuple[str, ...]:
        return read_message_ids(self.tree.headers.first("in-reply-to"))

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Oldest first."""
        return read_message_ids(b" ".join(self.tree.headers.all("references")))

    @cached_property
    def date(self) -> datetime | None:
        """The sender's own date, aware; failing that the time at which the last server received the mail."""
        return read_sent_date(self.tree.headers, self._note)

    @cached_property
    def from_(self) -> tuple[Address, ...]:
        return self._people("from")

    @cached_property
    def reply_to(self) -> tuple[Address, ...]:
        return self._people("reply-to")

    @cached_property
    def to(self) -> tuple[Address, ...]:
        return self._people("to")

    @cached_property
    def cc(self) -> tuple[Address, ...]:
        return self._people("cc")

    @cached_property
    def bcc(self) -> tuple[Address, ...]:
        return self._people("bcc")

    def _people(self, name: str) -> tuple[Address, ...]:
        values = self.tree.headers.all(name)
        people = [a for value in values for a in read_addresses(value, self.body_charset)]
        return tuple(dict.fromkeys(people)) if len(values) > 1 else tuple(people)

    @cached_property
    def body_charset(self) -> str | None:
        """The best guess for raw bytes in headers: the first charset that a text part declares, else what all of them
        and the first lines of the body look like together.
        """
        declared = next((p.parameters["charset"] for p in self.tree.walk() if "charset" in p.parameters), None)
        if declared:
            return declared
        raw = [value for _, value in self.tree.headers.fields if not value.isascii()]
        return guess_codec(b"\n".join([*raw, self.tree.encoded[:2_000]])) if raw else None

    @cached_property
    def sender(self) -> Address | None:
        """From; failing an address there Reply-To, X-Original-Sender, Sender or Return-Path, in this order."""
        return read_sender(self.from_, self._people, self._note)

    @cached_property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """Who may really have written, likeliest first, where From names a mailing list or a web form's machine."""
        return read_stand_ins(self.tree.headers, self.from_, self._people)

    @property
    def original_sender(self) -> Address | None:
        """The likeliest of `stand_ins` whom a list or a form speaks for. None: the sender is who From says."""
        return next((s.address for s in self.stand_ins if s.reason != "name"), None)

    @cached_property
    def delivered_to(self) -> tuple[str, ...]:
        """The mailboxes it went through, as the servers on the way noted them."""
        return read_delivered_to(self.tree.headers)

    @property
    def recipients(self) -> tuple[str, ...]:
        """All addresses that it was for, each once: To, Cc, Bcc, and where servers delivered it."""
        written = (a.email for a in (*self.to, *self.cc, *self.bcc) if "@" in a.email)
        return tuple({email.lower(): email for email in (*self.delivered_to, *written)}.values())

    # -- what about
    @cached_property
    def subject(self) -> str | None:
        value = self.tree.headers.first("subject")
        return None if value is None else decode_words(value, self.body_charset)

    @cached_property
    def base_subject(self) -> str:
        return base_subject(self.subject or "")

    @cached_property
    def subject_tags(self) -> tuple[str, ...]:
        return subject_tags(self.subject or "")

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All headers in order, decoded, names as written."""
        return tuple((name, decode_words(value, self.body_charset)) for name, value in self.tree.headers.fields)

    # -- what it belongs to
    @cached_property
    def former_ids(self) -> tuple[str, ...]:
        """The ids that the mail had before a relay gave it another: replies may name either."""
        return read_former_ids(self.tree.headers)

    @cached_property
    def thread_index(self) -> str | None:
        """The root of Outlook's conversation, 44 hex digits: weak, for programs copy it into what is no answer."""
        return read_thread_index(self.tree.headers)

    @cached_property
    def thread_topic(self) -> str | None:
        return read_thread_topic(self.tree.headers)

    @cached_property
    def foreign_numbers(self) -> tuple[str, ...]:
        """The ticket numbers that another help desk writes into its headers, as "vendor.example x-rt-ticket: 4711"."""
        return read_foreign_numbers(self.tree.headers, self.sender.domain if self.sender else "")

    @cached_property
    def numbers_in_subject(self) -> tuple[str, ...]:
        """The ticket numbers that another help desk writes into its subject, as "[ops-123]" or "ticket#55"."""
        return read_numbers_in_subject(self.subject or "")

    @property
    def unnumbered_subject(self) -> str:
        """What the subject is about, without marks of answers and without such numbers."""
        return without_numbers(self.base_subject)

    @property
    def partial(self) -> Fragment | None:
        """Which piece this is of a message that was sent in several (message/partial)."""
        return self.tree.fragment
