"""What an admin said in a rule, checked part by part: either it can be kept, or a sentence says why not."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from psa.auth.models import User
from psa.clients.models import Client
from psa.clients.operations import FREE_MAIL
from psa.extensions import db
from psa.mail import accounts
from psa.mail.message.languages import NAMES, code_of
from psa.projects.models import Project
from psa.registrable import is_shared
from psa.rules.conditions import NOT, QUESTIONS, size_of
from psa.rules.engine import ENDS
from psa.rules.models import SCOPES
from psa.rules.patterns import BadPattern, checked_pattern
from psa.tickets.models import PRIORITIES, Queue
from psa.tickets.tags import RefusedTag, checked_name

Target = type[Queue] | type[Client] | type[Project] | type[User]
TARGETS: dict[str, Target] = {"queue": Queue, "client": Client, "project": Project, "assignee": User}
KINDS = {"all": "all", "any": "any"}
TAG = re.compile(r"[^\[\]\r\n]{1,60}")
HEADER = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322, 3.6.8
VALUE_MAX = 300
REASON_MAX = 200
NAME_LENGTH_MAX = 120
# More has no place in the editor, where it would be lost with the next change.
CONDITIONS_MAX, GROUPS_MAX = 24, 4
WATCHERS_MAX = 10


class RefusedRule(ValueError):
    """A rule that cannot be meant; the message is a sentence, ``field`` says which part: name, conditions, actions."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition, not yet checked: ``field`` may begin with "not ", ``group`` counts from 0."""

    field: str
    value: str
    group: int = 0


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says, not yet checked. ``targets`` are ids of what to set, ``values`` what else it does.

    ``values``: priority (a key), hold and ignore (the reason), answer ("on", "off"), forward (an address), watcher
    (addresses) and tag (names), both with commas between them.
    """

    name: str
    conditions: Sequence[Asked]
    targets: Sequence[tuple[str, int]] = ()
    values: Sequence[tuple[str, str]] = ()
    groups: Sequence[str] = ("all",)
    scope: str = "new"
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What a rule says, as it is kept."""

    name: str
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    groups: list[str] = field(default_factory=lambda: ["all"])
    scope: str = "new"
    goes_on: bool = False


def check(wording: Wording) -> Checked:
    """Raises RefusedRule for the first part that cannot be kept."""
    asked = wording.conditions
    if not asked:
        raise RefusedRule("conditions", "Say when the rule applies: a Sender Domain, Subject Tags, or something else.")
    conditions, groups = grouped(asked, wording.groups)
    if len(conditions) > CONDITIONS_MAX or len(groups) > GROUPS_MAX:
        raise RefusedRule("conditions", f"Use at most {CONDITIONS_MAX} conditions in {GROUPS_MAX} groups.")
    actions = [checked_target(target, id) for target, id in wording.targets]
    actions += [checked_value(name, value) for name, value in wording.values]
    if not actions:
        raise RefusedRule("actions", "Say what the rule does: choose a queue, a client or something else.")
    refuse_contradictions(actions)
    if wording.scope not in SCOPES:
        raise RefusedRule("scope", "A rule is for new tickets, for replies, or for both.")
    if wording.scope == "replies" and any(action["set"] in ("client", "project") for action in actions):
        raise RefusedRule("actions", "A reply stays with the client and the project of its ticket.")
    refuse_free_mail(conditions, actions)
    name = wording.name.strip() or name_for(asked)
    if len(name) > NAME_LENGTH_MAX:
        raise RefusedRule("name", f"That name has {len(name)} characters. Use at most {NAME_LENGTH_MAX}.")
    return Checked(name, conditions, actions, groups, wording.scope, wording.goes_on)


def takes(field: str) -> str:
    question = QUESTIONS.get(field.removeprefix(NOT))
    return question.takes if question is not None else "unknown"


def grouped(asked: Sequence[Asked], kinds: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The conditions with their groups numbered anew: a group without conditions is none."""
    numbers = sorted({one.group for one in asked})
    groups = [kinds[number] if number < len(kinds) and kinds[number] in KINDS else "all" for number in numbers]
    kept = []
    for one in asked:
        condition: dict[str, Any] = {"field": one.field, "value": checked_condition(one.field, one.value)}
        if numbers.index(one.group):
            condition["group"] = numbers.index(one.group)
        kept.append(condition)
    return kept, groups


def checked_condition(field: str, value: str) -> str:
    """The value of one condition as it is kept: a domain in lower case, a tag without its brackets, a client's id."""
    kind = takes(field)
    check_of = CHECKS.get(kind)
    if check_of is None:
        raise RefusedRule("conditions", "A rule cannot ask for that.")
    value = value.strip()
    if kind and not value:
        # Left out, it would let the rule apply to more than was meant.
        raise RefusedRule("conditions", f"“{QUESTIONS[field.removeprefix(NOT)].yes}” lacks its value.")
    if len(value) > VALUE_MAX:
        raise RefusedRule("conditions", f"“{value[:40]}…” has {len(value)} characters. Use at most {VALUE_MAX}.")
    return check_of(value)


def checked_domain(value: str) -> str:
    """What stands behind the @, also when a whole address was typed."""
    domain = value.lower().rpartition("@")[2].rstrip(".")
    if not is_address(f"anybody@{domain}"):
        raise RefusedRule("conditions", f"“{value}” is not a mail domain. Write what stands behind the @.")
    return domain


def is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def checked_tag(value: str) -> str:
    """A tag as people write it into a subject, without its brackets."""
    tag = " ".join(value.removeprefix("[").removesuffix("]").split())
    if not TAG.fullmatch(tag):
        raise RefusedRule(
            "conditions", f"“{value}” is not one Subject Tag. Write one word or a few, such as [Billing]."
        )
    if re.fullmatch(r"#\d+", tag):
        raise RefusedRule("conditions", f"[{tag}] is the number of a ticket: such messages join it before any rule.")
    return tag


def checked_sender(value: str) -> str:
    if not is_address(value):
        raise RefusedRule("conditions", f"“{value}” is not an address. For all of a domain ask for the Sender Domain.")
    return value.lower()


def checked_recipient(value: str) -> str:
    if not is_address(f"anybody{value}" if value.startswith("@") else value):
        raise RefusedRule("conditions", f"“{value}” is not an address. For all of a domain write @ and the domain.")
    return value.lower()


def checked_words(value: str) -> str:
    words = [" ".join(word.split()) for word in value.split(",")]
    kept = ", ".join(word for word in words if word)
    if not kept:
        raise RefusedRule("conditions", "Write the words with commas between them.")
    return kept


def checked_regex(value: str) -> str:
    try:
        return checked_pattern(value)
    except BadPattern as error:
        raise RefusedRule("conditions", str(error)) from error


def checked_client(value: str) -> str:
    """The id of the client that is named, as text."""
    found = db.session.scalar(select(Client.id).where(func.lower(Client.name) == value.lower()))
    if found is None:
        raise RefusedRule("conditions", f"There is no client called “{value}”.")
    return str(found)


def checked_header(value: str) -> str:
    name = value.rstrip(":").strip()
    if not HEADER.fullmatch(name):
        raise RefusedRule("conditions", f"“{value}” is not the name of a header, such as List-Unsubscribe.")
    return name


def checked_header_words(value: str) -> str:
    name, colon, words = value.partition(":")
    if not colon or not words.strip():
        raise RefusedRule("conditions", "Write the header's name, a colon and what it says, such as X-Priority: 1.")
    return f"{checked_header(name)}: {checked_words(words)}"


def checked_header_pattern(value: str) -> str:
    name, colon, pattern = value.partition(":")
    if not colon or not pattern.strip():
        raise RefusedRule("conditions", r"Write the header's name, a colon and a pattern, such as X-Site: ^\d+$.")
    return f"{checked_header(name)}: {checked_regex(pattern.strip())}"


def checked_names(value: str) -> str:
    """File names, with * and ? in them."""
    names = value.replace(",", " ").split()
    if not names or any(fnmatch.translate(name).count(".*") > 5 for name in names):
        raise RefusedRule("conditions", "Write file names with a blank between them, such as invoice*.pdf.")
    return " ".join(names)


def checked_language(value: str) -> str:
    """The code of the language that is named."""
    code = code_of(value)
    if code is None:
        known = ", ".join(sorted(NAMES.values()))
        raise RefusedRule("conditions", f"“{value}” is no language that can be told apart here. These can: {known}.")
    return code


def checked_ticket_tag(value: str) -> str:
    try:
        return checked_name(value)
    except RefusedTag as error:
        raise RefusedRule("conditions", str(error)) from error


def checked_size(value: str) -> str:
    try:
        size_of(value)
    except ValueError:
        raise RefusedRule("conditions", f"“{value}” is not a size. Write a number and KB or MB: 10 MB.") from None
    return value


CHECKS = {
    "": lambda value: "",
    "domain": checked_domain,
    "tag": checked_tag,
    "address": checked_sender,
    "recipient": checked_recipient,
    "words": checked_words,
    "pattern": checked_regex,
    "client": checked_client,
    "header": checked_header,
    "header_words": checked_header_words,
    "header_pattern": checked_header_pattern,
    "names": checked_names,
    "types": checked_names,
    "size": checked_size,
    "ticket_tag": checked_ticket_tag,
    "language": checked_language,
}


def checked_target(target: str, id: int) -> dict[str, Any]:
    model = TARGETS.get(target)
    row = db.session.get(model, id) if model is not None else None
    if row is None:
        raise RefusedRule("actions", "What the rule names has been removed meanwhile. Choose again.")
    if isinstance(row, User) and not row.active:
        raise RefusedRule("actions", f"{row.name} has left: tickets for them would be seen by nobody.")
    return {"set": target, "id": id}


def checked_value(name: str, value: str) -> dict[str, Any]:
    value = value.strip()
    if name in ENDS:
        if name == "ignore" and not value:
            raise RefusedRule("actions", "Say why such mail is ignored: the reason stands at each message.")
        if len(value) > REASON_MAX:
            raise RefusedRule("actions", f"That reason has {len(value)} characters. Use at most {REASON_MAX}.")
        return {"set": name, "value": value}
    if name == "priority" and value in PRIORITIES:
        return {"set": name, "value": value}
    if name == "answer" and value in ("on", "off"):
        return {"set": name, "value": value == "on"}
    if name == "forward":
        return {"set": name, "value": checked_forward(value)}
    if name == "watcher":
        return {"set": name, "value": checked_watchers(value)}
    if name == "tag":
        return {"set": name, "value": checked_tags(value)}
    raise RefusedRule("actions", "A rule cannot do that.")


def checked_forward(value: str) -> str:
    """An address outside of our own mailboxes: what is forwarded to one of those would come in again."""
    if not is_address(value):
        raise RefusedRule("actions", f"“{value}” is not an address that mail can be forwarded to.")
    if value.lower() in {account.address.lower() for account in accounts.in_direction("inbound")}:
        raise RefusedRule("actions", f"{value} is a mailbox that is read here: the message would come in again.")
    return value.lower()


def checked_watchers(value: str) -> str:
    """Addresses of users or of contacts, none of them a mailbox of ours."""
    found = dict.fromkeys(one.strip().lower() for one in value.split(",") if one.strip())
    ours = {account.address.lower() for account in accounts.in_direction("inbound")}
    for one in found:
        if not is_address(one):
            raise RefusedRule("actions", f"“{one}” is not the address of anybody who could follow a ticket.")
        if one in ours:
            raise RefusedRule("actions", f"{one} is a mailbox that is read here: copies to it would come in again.")
    if len(found) > WATCHERS_MAX:
        raise RefusedRule("actions", f"Let at most {WATCHERS_MAX} people follow by one rule.")
    return ", ".join(found)


def checked_tags(value: str) -> str:
    try:
        names = [checked_name(one) for one in value.split(",") if one.strip()] or [checked_name("")]
    except RefusedTag as error:
        raise RefusedRule("actions", str(error)) from error
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return ", ".join(found.values())


def refuse_contradictions(actions: Sequence[dict[str, Any]]) -> None:
    """One of each, and one end: of two the first would count, and the editor has room for one."""
    kinds = ["end" if action["set"] in ENDS else action["set"] for action in actions]
    twice = next((kind for kind in kinds if kinds.count(kind) > 1), "")
    if twice == "end":
        raise RefusedRule("actions", "A rule holds a message or ignores it, not both.")
    if twice:
        raise RefusedRule("actions", f"The rule says twice what to do: {twice}.")


def refuse_free_mail(conditions: Sequence[dict[str, Any]], actions: Sequence[dict[str, Any]]) -> None:
    """A queue for everybody at gmail.com or below co.uk is fine, a client is not."""
    domains = [one["value"] for one in conditions if one["field"] == "sender_domain"]
    free = [domain for domain in domains if domain in FREE_MAIL or is_shared(domain)]
    if free and any(action["set"] in ("client", "project") for action in actions):
        raise RefusedRule(
            "conditions",
            f"{free[0]} is used by the whole world, so it cannot tell whose client somebody is. "
            "Add the person as a contact instead, or let the rule choose a queue.",
        )


def name_for(asked: Sequence[Asked]) -> str:
    """What a rule is called whose maker gave it no name."""
    words = [one.value.strip().strip("[]") or QUESTIONS[one.field.removeprefix(NOT)].yes for one in asked]
    return ", ".join(words)[:NAME_LENGTH_MAX]
