"""What a rule can ask about a message. Pure: a question looks at the facts and at the value that it is asked with."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from psa.mail.message.languages import NAMES
from psa.rules.facts import Facts

NOT = "not "


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: how it reads when it holds and when it does not, and the answer.

    ``takes`` says what its value is: domain, tag, address, recipient, words, pattern, client, header, header_words,
    header_pattern, names, types, size, ticket_tag, language, or "" when there is none. ``found`` says for the trace
    what is there instead.
    """

    about: str
    yes: str
    no: str
    takes: str
    holds: Callable[[Facts, str], bool]
    found: Callable[[Facts], str] | None = None


def is_domain(facts: Facts, value: str) -> bool:
    domain = value.lower().lstrip("@")
    return facts.sender_domain == domain or facts.sender_domain.endswith("." + domain)


def has_tag(facts: Facts, value: str) -> bool:
    return value.lower().strip("[] ") in facts.subject_tags


def is_recipient(facts: Facts, value: str) -> bool:
    """An address, or all of a domain when there is nothing before the @."""
    wanted = value.lower()
    if wanted.startswith("@"):
        return any(one.endswith(wanted) for one in facts.recipients)
    return wanted in facts.recipients


def has_words(text: str, value: str) -> bool:
    """Whether one of the words stands in the text, whole and in either case; ``value`` has commas between them."""
    return words_pattern(value).search(text) is not None


@lru_cache(maxsize=512)
def words_pattern(value: str) -> re.Pattern[str]:
    words = [r"\s+".join(map(re.escape, word.split())) for word in value.split(",") if word.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)" if words else r"(?!)", re.IGNORECASE)


def header_of(facts: Facts, value: str) -> tuple[str, str]:
    """What the header that ``value`` ("Name: rest") names says, and the rest."""
    name, _, rest = value.partition(":")
    return facts.headers.get(name.strip().lower(), ""), rest.strip()


def header_has(facts: Facts, value: str) -> bool:
    text, words = header_of(facts, value)
    return has_words(text, words)


def header_matches(facts: Facts, value: str) -> bool:
    text, pattern = header_of(facts, value)
    return facts.allowance.search(pattern, text)


def is_named_like(facts: Facts, value: str) -> bool:
    """With * for any letters and ? for one; several with blanks or commas between them."""
    return any(like(one).match(name) for one in parts(value) for name, _ in facts.files)


def is_of_type(facts: Facts, value: str) -> bool:
    """By ending (.docm) or by type (application/pdf, image/*)."""
    for one in parts(value):
        if "/" in one:
            if any(like(one).match(type) for _, type in facts.files):
                return True
        elif any(name.endswith("." + one.lstrip("*.")) for name, _ in facts.files):
            return True
    return False


@lru_cache(maxsize=512)
def like(name: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(name.replace("[", "[[]")))


@lru_cache(maxsize=512)
def parts(value: str) -> tuple[str, ...]:
    return tuple(value.lower().replace(",", " ").split())


UNITS = {"b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000}


@lru_cache(maxsize=64)
def size_of(value: str) -> int:
    """“10 MB” in bytes. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*([kmg]?b)\s*", value, re.IGNORECASE)
    if found is None:
        raise ValueError(value)
    return int(float(found[1]) * UNITS[found[2].lower()])


def sender_domain_found(facts: Facts) -> str:
    return facts.sender_domain or "missing"


QUESTIONS: dict[str, Question] = {
    "sender_domain": Question(
        "Sender Domain", "Sender Domain is", "Sender Domain is not", "domain", is_domain, sender_domain_found
    ),
    "subject_tag": Question("Subject Tags", "Subject Tags contain", "Subject Tags do not contain", "tag", has_tag),
    "sender": Question(
        "Sender",
        "Sender is",
        "Sender is not",
        "address",
        lambda facts, value: facts.sender_email == value.lower(),
        lambda facts: facts.sender_email or "missing",
    ),
    "sender_words": Question(
        "Sender",
        "Sender has one of the words",
        "Sender has none of the words",
        "words",
        lambda facts, value: has_words(facts.sender, value),
    ),
    "sender_pattern": Question(
        "Sender",
        "Sender matches the pattern",
        "Sender does not match the pattern",
        "pattern",
        lambda facts, value: facts.allowance.search(value, facts.sender),
    ),
    "contact": Question(
        "Sender",
        "Sender is a contact we know",
        "Sender is no contact we know",
        "",
        lambda facts, _: facts.contact_id is not None,
    ),
    "authentication": Question(
        "Sender",
        "Sender fails authentication (SPF, DMARC)",
        "Sender does not fail authentication (SPF, DMARC)",
        "",
        lambda facts, _: facts.fails_authentication,
    ),
    "client": Question(
        "Client",
        "Client is",
        "Client is not",
        "client",
        lambda facts, value: facts.client_id is not None and str(facts.client_id) == value,
        lambda facts: facts.client_name or "unknown",
    ),
    "client_known": Question(
        "Client", "Client is known", "Client is not known", "", lambda facts, _: facts.client_id is not None
    ),
    "subject_words": Question(
        "Subject",
        "Subject has one of the words",
        "Subject has none of the words",
        "words",
        lambda facts, value: has_words(facts.subject, value),
    ),
    "subject_pattern": Question(
        "Subject",
        "Subject matches the pattern",
        "Subject does not match the pattern",
        "pattern",
        lambda facts, value: facts.allowance.search(value, facts.subject),
    ),
    "body_words": Question(
        "Body",
        "Body has one of the words",
        "Body has none of the words",
        "words",
        lambda facts, value: has_words(facts.own_words, value),
    ),
    "body_pattern": Question(
        "Body",
        "Body matches the pattern",
        "Body does not match the pattern",
        "pattern",
        lambda facts, value: facts.allowance.search(value, facts.own_words),
    ),
    "language": Question(
        "Language",
        "Language is",
        "Language is not",
        "language",
        lambda facts, value: facts.language == value,
        lambda facts: NAMES.get(facts.language or "", "not to be told"),
    ),
    "recipient": Question("Recipient", "Recipient is", "Recipient is not", "recipient", is_recipient),
    "recipient_words": Question(
        "Recipient",
        "Recipient has one of the words",
        "Recipient has none of the words",
        "words",
        lambda facts, value: any(has_words(one, value) for one in facts.recipients),
    ),
    "recipient_pattern": Question(
        "Recipient",
        "Recipient matches the pattern",
        "Recipient does not match the pattern",
        "pattern",
        lambda facts, value: any(facts.allowance.search(value, one) for one in facts.recipients),
    ),
    "header": Question(
        "Header",
        "Header is there:",
        "Header is not there:",
        "header",
        lambda facts, value: value.lower() in facts.headers,
    ),
    "header_words": Question(
        "Header", "Header has one of the words", "Header has none of the words", "header_words", header_has
    ),
    "header_pattern": Question(
        "Header",
        "Header matches the pattern",
        "Header does not match the pattern",
        "header_pattern",
        header_matches,
    ),
    "attachment": Question(
        "Attachment", "Attachment is there", "Attachment is not there", "", lambda facts, _: bool(facts.files)
    ),
    "attachment_name": Question(
        "Attachment", "Attachment is named like", "Attachment is not named like", "names", is_named_like
    ),
    "attachment_type": Question(
        "Attachment", "Attachment is of type", "Attachment is not of type", "types", is_of_type
    ),
    "size": Question(
        "Size",
        "Size is over",
        "Size is not over",
        "size",
        lambda facts, value: facts.size > size_of(value),
    ),
    "ticket_tag": Question(
        "Ticket",
        "Ticket has the tag",
        "Ticket does not have the tag",
        "ticket_tag",
        lambda facts, value: value.casefold() in facts.ticket_tags,
    ),
    "automatic": Question("Automatic", "Automatic mail", "No automatic mail", "", lambda facts, _: facts.is_automatic),
    "spam": Question(
        "Spam filter",
        "Spam filter says that it is spam",
        "Spam filter does not say that it is spam",
        "",
        lambda facts, _: facts.is_called_spam,
    ),
    "mailing_list": Question(
        "Automatic",
        "Mail through a mailing list",
        "No mail through a mailing list",
        "",
        lambda facts, _: facts.came_through_list,
    ),
}


@lru_cache(maxsize=4096)
def question_of(field: str) -> tuple[Question, bool]:
    """What a condition's field (``subject_tag``, ``not subject_tag``) asks, and whether it wants a No.

    Raises KeyError.
    """
    negated = field.startswith(NOT)
    return QUESTIONS[field.removeprefix(NOT)], negated


def shown(takes: str, value: str) -> str:
    """A value as it is written into a sentence."""
    if takes == "language":
        return NAMES.get(value, value)
    return f"[{value.strip('[] ')}]" if takes == "tag" else value
