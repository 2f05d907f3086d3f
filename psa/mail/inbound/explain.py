"""What would become of a message: the very engine of production, in a transaction that is rolled back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import bindparam

from psa.auth.models import User
from psa.clients.models import Client
from psa.clients.operations import Person, find_person
from psa.extensions import db, insert_row, run
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.classify import classify
from psa.mail.inbound.match import match_ticket
from psa.mail.inbound.process import decide_and_store
from psa.mail.inbound.receive import kept_message
from psa.mail.inbound.routing import Desk
from psa.mail.inbound.ruling import facts_of
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.raw import keep_raw
from psa.projects.models import Project
from psa.rules.engine import FrozenRule, evaluate
from psa.rules.models import RuleHit
from psa.tickets.models import PRIORITIES, Queue, Ticket

ANY_STATUS = ("new", "filed", "held", "ignored", "reported", "failed")
MAILS, HITS = InboundEmail.__table__, RuleHit.__table__
TICKETS, QUEUES, CLIENTS, PROJECTS, USERS = (model.__table__ for model in (Ticket, Queue, Client, Project, User))
ENDED = (
    db.select(
        MAILS.c.status,
        MAILS.c.reason,
        MAILS.c.trace,
        MAILS.c.ticket_id,
        TICKETS.c.priority,
        QUEUES.c.name.label("queue"),
        CLIENTS.c.name.label("client"),
        PROJECTS.c.name.label("project"),
        USERS.c.name.label("assignee"),
    )
    .select_from(
        MAILS.outerjoin(TICKETS, TICKETS.c.id == MAILS.c.ticket_id)
        .outerjoin(QUEUES, QUEUES.c.id == TICKETS.c.queue_id)
        .outerjoin(CLIENTS, CLIENTS.c.id == TICKETS.c.client_id)
        .outerjoin(PROJECTS, PROJECTS.c.id == TICKETS.c.project_id)
        .outerjoin(USERS, USERS.c.id == TICKETS.c.assignee_id)
    )
    .where(MAILS.c.id == bindparam("inbound_id"))
)
ACCOUNT_OF = db.select(MAILS.c.account_id).where(MAILS.c.id == bindparam("inbound_id"))
FORGET_HITS = HITS.delete().where(HITS.c.inbound_id == bindparam("of_inbound"))
HITS_OF = db.select(HITS.c.rule_id).where(HITS.c.inbound_id == bindparam("inbound_id"))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The keys of ``flask psa mail explain --json``. ``ticket`` is a number for an existing ticket, "new", or None."""

    disposition: str
    reason: str
    ticket: int | str | None
    client: str | None
    queue: str | None
    steps: list[dict[str, Any]]
    project: str | None = None
    assignee: str | None = None
    priority: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def said(self, step: str, verdict: str) -> list[str]:
        """The details of a step that ended so."""
        return [one["detail"] for one in self.steps if (one["step"], one["verdict"]) == (step, verdict)]


def explain(raw: bytes, account: MailAccount, rules: tuple[FrozenRule, ...] | None = None) -> Explanation:
    """Decide as if ``raw`` had arrived in the mailbox of ``account``, and change nothing.

    ``rules`` stand in for those that are in force.
    """
    desk = rehearsing(Desk.of(account), rules)
    highest = highest_ticket()
    try:
        inbound_id = insert_row(
            InboundEmail, account_id=account.id, uidl="explained", size=len(raw), raw_id=keep_raw(raw), trace=[]
        )
        decide_and_store(inbound_id, None, desk)
        return ended(inbound_id, highest)
    finally:
        db.session.rollback()


def explain_kept(inbound_id: int, rules: tuple[FrozenRule, ...] | None = None) -> Explanation | None:
    """Decide once more about a message that is here, and change nothing; None when its bytes are not."""
    return Rehearsal().of(inbound_id, rules)[0]


class Rehearsal:
    """Decides about many messages that are here, one after the other, and changes nothing."""

    def __init__(self) -> None:
        self.highest = highest_ticket()
        self.desks: dict[int, Desk] = {}

    def of(
        self, inbound_id: int, rules: tuple[FrozenRule, ...] | None = None
    ) -> tuple[Explanation | None, frozenset[int]]:
        """What would become of the message now, and the ids of the rules that match it.

        ``rules`` stand in for those in force. None when the message's bytes are not here.
        """
        kept = kept_message(inbound_id, statuses=ANY_STATUS)
        if kept is None:
            return None, frozenset()
        try:
            run(FORGET_HITS, {"of_inbound": inbound_id})
            decide_and_store(inbound_id, kept, rehearsing(self.desk_of(inbound_id), rules))
            hits = frozenset(run(HITS_OF, {"inbound_id": inbound_id}).scalars())
            return ended(inbound_id, self.highest), hits
        finally:
            db.session.rollback()

    def may_match(self, inbound_id: int, rules: tuple[FrozenRule, ...]) -> bool:
        """Whether one of ``rules`` matches, should the message get as far. Writes nothing, so it is quick."""
        kept = kept_message(inbound_id, statuses=ANY_STATUS)
        if kept is None:
            return False
        desk = self.desk_of(inbound_id)
        email = read_answer(kept.raw, desk.own_domains)
        address = email.sender.email if email.sender is not None else ""
        person = find_person(address, desk.client_of_domain) if address else Person(None, None)
        is_reply = match_ticket(email, person.contact_id).ticket_id is not None
        facts = facts_of(kept, email, person, classify(email).kind, is_reply=is_reply)
        considered = evaluate([replace(rule, goes_on=True) for rule in rules], facts).considered
        return any(one.matched for one in considered)

    def desk_of(self, inbound_id: int) -> Desk:
        account_id = run(ACCOUNT_OF, {"inbound_id": inbound_id}).scalar_one()
        if account_id not in self.desks:
            self.desks[account_id] = Desk.of(db.session.get_one(MailAccount, account_id))
        return self.desks[account_id]


def rehearsing(desk: Desk, rules: tuple[FrozenRule, ...] | None) -> Desk:
    return replace(desk, rehearses=True, rules=desk.rules if rules is None else rules)


def highest_ticket() -> int:
    return db.session.scalar(db.select(db.func.max(Ticket.id))) or 0


def ended(inbound_id: int, highest: int) -> Explanation:
    """How a message ended, as it stands in the transaction."""
    row = run(ENDED, {"inbound_id": inbound_id}).one()
    number = row.ticket_id
    return Explanation(
        disposition=row.status,
        reason=row.reason,
        ticket=None if number is None else ("new" if number > highest else number),
        client=row.client,
        queue=row.queue,
        steps=row.trace,
        project=row.project,
        assignee=row.assignee,
        priority=PRIORITIES.get(row.priority),
    )
