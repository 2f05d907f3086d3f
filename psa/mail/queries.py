"""Counts over mail, as the settings pages and the sidebar show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, extract, func
from sqlalchemy.orm import InstrumentedAttribute

from psa import clock
from psa.clients.models import Domain
from psa.extensions import db
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.rules.models import Rule
from psa.tickets.models import Queue

# An interval that is over by this much means that nobody looks.
LATE = timedelta(minutes=2)


def sent_today() -> dict[int | None, int]:
    """Messages that left since midnight, by account; test emails are none of them."""
    return dict(
        db.session.execute(
            db.select(OutboundEmail.account_id, func.count())
            .where(OutboundEmail.sent_at >= clock.midnight(clock.today()), OutboundEmail.purpose != "test")
            .group_by(OutboundEmail.account_id)
        ).all()
    )


def kept_today() -> dict[int, int]:
    """Messages that came in since midnight, by mailbox."""
    # Mailbox by mailbox, each by a range of its index: grouped, SQLite would walk through all of it.
    number = (
        db.select(func.count())
        .where(InboundEmail.account_id == MailAccount.id, InboundEmail.kept_at >= clock.midnight(clock.today()))
        .correlate(MailAccount)
        .scalar_subquery()
    )
    query = db.select(MailAccount.id, number).where(MailAccount.direction == "inbound")
    return dict(db.session.execute(query).all())


def by_hour(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    since: datetime,
    *which: ColumnElement[bool],
) -> dict[int, int]:
    """How many messages have their ``moment`` in each hour after ``since``, the first of which is 0.

    Hours without any are left out.
    """
    seconds = extract("epoch", moment).cast(db.Numeric) - int(since.timestamp())
    # What is beyond the hour goes first: a cast rounds on PostgreSQL.
    hour = (seconds - seconds % 3600).cast(db.BigInteger) // 3600
    rows = db.session.execute(
        db.select(hour.label("hour"), func.count().label("number")).where(moment >= since, *which).group_by("hour")
    )
    return {int(row.hour): int(row.number) for row in rows}


def is_late(account: MailAccount) -> bool:
    """Whether the mailbox should have been looked into some time ago: then nobody does."""
    return account.next_poll_at is not None and clock.now() - account.next_poll_at > LATE


def uses_of_senders() -> dict[int, list[str]]:
    """What leaves from each sending account, in words; nothing leaves from one that is left out."""
    senders = db.session.execute(
        db.select(MailAccount.id, MailAccount.address, MailAccount.is_default).where(
            MailAccount.direction == "outbound"
        )
    ).all()
    mailboxes = set(
        db.session.scalars(db.select(func.lower(MailAccount.address)).where(MailAccount.direction == "inbound"))
    )
    named = db.select(Queue.name, func.lower(Queue.address)).where(Queue.address != "")
    queues = db.session.execute(named.order_by(Queue.position, Queue.id)).all()
    uses: dict[int, list[str]] = {}
    for account_id, address, is_default in senders:
        words = ["Everything that has no account of its own"] if is_default else []
        words += [f"Queue {name}" for name, of_queue in queues if of_queue == address.lower()]
        if address.lower() in mailboxes and not is_default:
            words.append(f"Answers to mail that came to {address}")
        uses[account_id] = words
    return uses


@dataclass(frozen=True, slots=True)
class RulesSummary:
    """What decides where new tickets go: ``tags`` are pairs of a subject tag and the name of its queue."""

    domains: int
    clients: int
    tags: list[tuple[str, str]]
    others: int


def rules_summary() -> RulesSummary:
    domains, clients = db.session.execute(
        db.select(func.count(), func.count(Domain.client_id.distinct())).select_from(Domain)
    ).one()
    queues = dict(db.session.execute(db.select(Queue.id, Queue.name)).all())
    rules = list(db.session.scalars(db.select(Rule).where(Rule.active).order_by(Rule.position, Rule.id)))
    tags = [(tag, queues[queue_id]) for rule in rules for tag, queue_id in tag_to_queue(rule) if queue_id in queues]
    return RulesSummary(domains, clients, tags, len(rules) - len(tags))


def tag_to_queue(rule: Rule) -> list[tuple[str, int]]:
    """The tag and the queue of a rule that is nothing but that; else nothing."""
    if len(rule.conditions) != 1 or len(rule.actions) != 1:
        return []
    condition, action = rule.conditions[0], rule.actions[0]
    if condition["field"] != "subject_tag" or action["set"] != "queue":
        return []
    return [(condition["value"].strip("[]"), action["id"])]
