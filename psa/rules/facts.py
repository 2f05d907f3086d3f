"""What is known about a message when the rules are asked. Worked out when a condition first wants it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from psa.mail.message import Address, ParsedEmail
from psa.mail.message.head.spam import read_spam
from psa.mail.message.languages import code_of, language_of
from psa.rules.patterns import Allowance

# Nobody's own words are longer, and a rule must not cost more for a log file that somebody pasted.
TEXT_MAX = 20_000
# What a server on the way found about the sender (RFC 8601). A claim that it is false costs nothing to believe.
FAILS = re.compile(r"\b(?:dmarc|spf)\s*=\s*(?:fail|softfail)\b", re.IGNORECASE)
PASSES = re.compile(r"\bdmarc\s*=\s*pass\b", re.IGNORECASE)


@dataclass(frozen=True)
class Facts:
    """A message, and what the PSA knows of its sender: ids of the contact and the client. ``size`` is in bytes."""

    email: ParsedEmail
    size: int
    contact_id: int | None = None
    client_id: int | None = None
    client_name: str = ""
    # Whoever wrote what one of us passes on; None: the sender is the one of the mail.
    author: Address | None = None
    # Whether the sender is who they seem to be (psa/mail/inbound/trust.py); None where nobody was asked.
    trust: str | None = None
    is_automatic: bool = False
    is_reply: bool = False
    # Asked only when a rule wants it: the names of the tags of the ticket that is answered.
    find_ticket_tags: Callable[[], Iterable[str]] = tuple
    allowance: Allowance = field(default_factory=Allowance, compare=False)

    @property
    def writer(self) -> Address | None:
        return self.author or self.email.sender

    @cached_property
    def sender_email(self) -> str:
        return self.writer.email.lower() if self.writer is not None else ""

    @cached_property
    def sender_domain(self) -> str:
        return self.writer.domain if self.writer is not None else ""

    @cached_property
    def sender(self) -> str:
        """Name and address."""
        one = self.writer
        return f"{one.name} <{one.email}>" if one is not None else ""

    @cached_property
    def subject(self) -> str:
        return (self.email.subject or "")[:TEXT_MAX]

    @cached_property
    def subject_tags(self) -> frozenset[str]:
        return frozenset(tag.lower() for tag in self.email.subject_tags)

    @cached_property
    def own_words(self) -> str:
        """What the sender wrote now, without quotes and signature."""
        return self.email.reply_text[:TEXT_MAX]

    @cached_property
    def language(self) -> str | None:
        """The code of the language that the sender wrote in now; None where that cannot be told.

        The words count before Content-Language: Exchange writes there what its own menus are in, whatever the text.
        """
        told = self.headers.get("content-language", "")
        return language_of(f"{self.subject}\n{self.own_words}") or (code_of(told) if "," not in told else None)

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        return tuple(one.lower() for one in self.email.recipients)

    @cached_property
    def headers(self) -> dict[str, str]:
        """By their names in lower case; those of one name as lines below each other."""
        found: dict[str, str] = {}
        for name, value in self.email.headers:
            key = name.lower()
            found[key] = f"{found[key]}\n{value}" if key in found else value
        return found

    @cached_property
    def ticket_tags(self) -> frozenset[str]:
        """The tags of the ticket that is answered, without regard to case; a ticket that is opened has none yet."""
        return frozenset(name.casefold() for name in self.find_ticket_tags())

    @cached_property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Name and type of each attachment, in lower case."""
        return tuple((one.name.lower(), one.type.lower()) for one in self.email.attachments)

    @cached_property
    def came_through_list(self) -> bool:
        return self.email.automatic is not None and self.email.automatic.kind == "list"

    @cached_property
    def is_called_spam(self) -> bool:
        """Whether a filter in front of the mailbox says so."""
        verdict = read_spam(self.email.tree.headers)
        return verdict is not None and verdict.is_spam

    @cached_property
    def fails_authentication(self) -> bool:
        return fails_authentication(self.email) if self.trust is None else self.trust == "failed"


def fails_authentication(email: ParsedEmail) -> bool:
    """Whether the server that received it says that the sender is not who it seems to be.

    Only the topmost verdict counts: servers write theirs above what is there (RFC 8601, 2.2), and what stands below it
    the sender may have written himself.
    """
    verdict = email.authentication
    if verdict is not None and verdict.dmarc is not None:
        return verdict.dmarc == "fail"
    said = next((value for name, value in email.headers if name.lower() == "authentication-results"), "")
    return FAILS.search(said) is not None and PASSES.search(said) is None
