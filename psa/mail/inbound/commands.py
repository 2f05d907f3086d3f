"""Commands in an agent's mail: lines of their own at the very top, such as ``#close`` or ``#assign me``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from psa.mail.inbound.trust_policy import Staff
from psa.mail.message import ParsedEmail
from psa.tickets.models import PRIORITIES

# Invisible signs that mail programs and phones put before a line.
BLANK = "\u200b\u200c\u200d\ufeff\xa0 \t"
COMMAND = re.compile(r"#([A-Za-z]{2,30})(?:[ \t\xa0]+(\S.{0,200}?))?[ \t\xa0]*")
Key = TypeVar("Key", int, str)
INTERNAL_TAG = re.compile(r"\[internal\]", re.IGNORECASE)
MOST_COMMANDS = 20
KNOWN = "#close, #open, #waiting, #assign me, #assign name@…, #priority high, #queue Billing, #internal, #public"


class NotUnderstood(ValueError):
    """A command that cannot be carried out; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What an agent's mail asks for, and ``words``: what is left to be said. None where nothing is asked.

    ``internal``: whether it is to be a note, None where it depends on what it answers. ``done`` names the commands for
    the trace.
    """

    words: str
    internal: bool | None = None
    status: str | None = None
    assignee: Staff | None = None
    priority: str | None = None
    queue_id: int | None = None
    done: tuple[str, ...] = ()


def read_orders(
    email: ParsedEmail, own_words: str, user: Staff, users: Mapping[str, Staff], queues: Mapping[int, str]
) -> Orders:
    """The commands at the top of ``own_words``, which are taken out. Raises NotUnderstood.

    They count only where the mail itself begins with them: below, a quotation might not have been recognised as one.
    """
    orders = Orders(own_words, internal=True if INTERNAL_TAG.search(email.subject or "") else None)
    if not email.text.lstrip("\r\n" + BLANK).startswith("#"):
        return orders
    lines = own_words.split("\n")
    for number, line in enumerate(lines):
        text = line.strip(BLANK + "\r")
        command = COMMAND.fullmatch(text)
        if text and (command is None or len(orders.done) >= MOST_COMMANDS):
            return replace(orders, words="\n".join(lines[number:]))
        if command is not None:
            orders = ordered(orders, command[1].lower(), command[2] or "", user, users, queues)
            orders = replace(orders, done=(*orders.done, text))
    return replace(orders, words="")


def ordered(
    orders: Orders, name: str, value: str, user: Staff, users: Mapping[str, Staff], queues: Mapping[int, str]
) -> Orders:
    """``orders`` with one more command. Raises NotUnderstood."""
    if name in ("note", "internal"):
        return replace(bare(orders, name, value), internal=True)
    if name in ("reply", "public"):
        return replace(bare(orders, name, value), internal=False)
    if name in STATUSES:
        return replace(bare(orders, name, value), status=STATUSES[name])
    if name == "assign":
        return replace(orders, assignee=user if value.lower() == "me" else named(value, users))
    if name == "priority":
        return replace(orders, priority=one_of(value, {key: key for key in PRIORITIES}, "priority"))
    if name == "queue":
        return replace(orders, queue_id=one_of(value, {name.lower(): id for id, name in queues.items()}, "queue"))
    raise NotUnderstood(f"There is no command #{name}. Those that there are: {KNOWN}.")


STATUSES = {"close": "closed", "open": "open", "waiting": "waiting"}


def bare(orders: Orders, name: str, value: str) -> Orders:
    if value:
        raise NotUnderstood(f"#{name} stands alone on its line; “{value[:60]}” is too much.")
    return orders


def named(value: str, users: Mapping[str, Staff]) -> Staff:
    """A user by address, or by a name that only one of them has."""
    address = value.strip("<>").lower()
    found = [one for key, one in users.items() if key == address or one.name.lower() == value.lower()]
    if len(found) != 1:
        raise NotUnderstood(f"#assign {value[:60]}: there is no such user." if value else "#assign: to whom?")
    return found[0]


def one_of(value: str, choices: Mapping[str, Key], what: str) -> Key:
    try:
        return choices[value.lower()]
    except KeyError:
        raise NotUnderstood(f"There is no {what} “{value[:60]}”." if value else f"#{what}: which one?") from None
