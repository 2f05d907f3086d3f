"""What sends each of the Default Templates, and whether it does at present, in a sentence for the admin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from psa.extensions import db
from psa.mail import accounts
from psa.mail.templates.catalogue import Template
from psa.notifications import choices
from psa.notifications.kinds import NAMED
from psa.notifications.models import Hearing
from psa.rules.models import Rule
from psa.tickets.models import Queue
from psa.words import counted


@dataclass(frozen=True, slots=True)
class Sender:
    """Who or what sends a template: whether it does at present, in words, and the endpoint where that is chosen."""

    is_on: bool
    words: str
    place: str = ""
    endpoint: str = ""


def sender_of(template: Template, queue_id: int | None) -> Sender:
    """What sends the template for a queue, or for all of them with None."""
    if template.name in NAMED:
        return switched(template.name, queue_id)
    if template.name in OTHERS:
        return OTHERS[template.name]()
    return Sender(True, "It is always on.")


def switched(kind: str, queue_id: int | None) -> Sender:
    place, endpoint = "Notifications", "notifications.index"
    if not choices.is_on(kind, queue_id):
        return Sender(False, "It is switched off.", place, endpoint)
    if kind in BY_HAND:
        return BY_HAND[kind]()
    if kind != "ticket_opened":
        return Sender(True, "It is switched on.", place, endpoint)
    mailboxes = [one.address for one in accounts.in_direction("inbound") if one.acknowledge]
    if not mailboxes:
        return Sender(False, "It is switched on, but no mailbox acknowledges.", "Inbound", "email.inbound")
    return Sender(True, f"It is switched on, for mail to {' and '.join(mailboxes)}.", place, endpoint)


def strangers() -> Sender:
    answering = [one.address for one in accounts.in_direction("inbound") if one.unknown_senders == "answer"]
    if not answering:
        return Sender(False, "No mailbox answers strangers.", "Inbound", "email.inbound")
    return Sender(True, f"Strangers who write to {' and '.join(answering)} get it.", "Inbound", "email.inbound")


def rules_that(action: str) -> Sender:
    """The rules that do it; ``off`` is what a rule says that keeps the auto-reply back."""
    rules = db.session.scalars(db.select(Rule).where(Rule.active).order_by(Rule.position))
    names = [
        f"“{rule.name}”"
        for rule in rules
        if any(one["set"] == action and one.get("value") != "off" for one in rule.actions)
    ]
    words = f"It is sent by {'the rule' if len(names) == 1 else 'the rules'} {' and '.join(names)}."
    return Sender(bool(names), words if names else "No rule sends it.", "Auto-Assignment Rules", "rules.index")


def auto_replies() -> Sender:
    """The queues that want it, or the rules."""
    wanting = db.session.scalars(db.select(Queue.name).where(Queue.auto_reply == "on").order_by(Queue.position)).all()
    rules = rules_that("answer")
    if not wanting:
        return rules if rules.is_on else Sender(False, "Neither a queue nor a rule sends it.", "Queues", "admin.queues")
    words = f"It is sent for {' and '.join(wanting)}."
    return Sender(True, f"{words} {rules.words}" if rules.is_on else words, "Queues", "admin.queues")


def digests() -> Sender:
    number = db.session.scalar(db.select(db.func.count()).select_from(Hearing).where(Hearing.rhythm != "single")) or 0
    if not number:
        words = "Nobody has chosen it; who would get too many mails within an hour gets it too."
    else:
        words = f"{counted(number, 'user has', 'users have')} chosen it."
    return Sender(True, words, "Notifications", "notifications.index")


def by_hand(place: str, endpoint: str) -> Callable[[], Sender]:
    """What a person sends, from the page of one of the ``place``."""
    return lambda: Sender(True, f"A person sends it, from {place.lower()}.", place, endpoint)


# Kinds of notices of which each is sent by a person.
BY_HAND = {
    "welcome": by_hand("Clients", "clients.index"),
    "project_update": by_hand("Projects", "projects.index"),
    "invoice": by_hand("Invoices", "invoices.index"),
}
OTHERS: dict[str, Callable[[], Sender]] = {
    "credit_note": by_hand("Invoices", "invoices.index"),
    "statement": by_hand("Clients", "clients.index"),
    "unknown_sender": strangers,
    "auto_reply": auto_replies,
    "forwarded": partial(rules_that, "forward"),
    "user_digest": digests,
    "alert": lambda: Sender(True, "It is always on.", "Alerts", "alerts.index"),
}
