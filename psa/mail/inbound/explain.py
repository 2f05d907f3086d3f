"""What would become of a message: the very engine of production, in a transaction that is rolled back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import structlog
from sqlalchemy import bindparam
from sqlalchemy.exc import OperationalError

from psa.auth.models import User
from psa.clients.models import Client
from psa.clients.operations import Person, find_person
from psa.extensions import change_rows, db, insert_row, rows_of, run
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.classify import classify
from psa.mail.inbound.disposition import AlreadyProcessed, failure, steps_of_failure
from psa.mail.inbound.match import match_ticket
from psa.mail.inbound.process import deal_with, is_away, said_in
from psa.mail.inbound.receive import Kept, kept_message
from psa.mail.inbound.routing import Desk
from psa.mail.inbound.ruling import facts_of
from psa.mail.inbound.trust import Trust, weigh
from psa.mail.message import ParsedEmail
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.raw import keep_raw
from psa.prepared import Prepared
from psa.projects.models import Project
from psa.rules.engine import Considered, FrozenRule, evaluate
from psa.rules.models import RuleHit
from psa.tickets.models import PRIORITIES, Queue, Ticket

log = structlog.get_logger()

# The id of a message that is not in the ledger.
UNKEPT = 0
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
FORGET_HITS = Prepared(HITS.delete().where(HITS.c.inbound_id == bindparam("of_inbound")))
HITS_OF = Prepared(db.select(HITS.c.rule_id).where(HITS.c.inbound_id == bindparam("inbound_id")))


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
    unkept = Kept(UNKEPT, 0, raw, len(raw), backlog=False, complete=True)
    desk = replace(Desk.as_it_is(account), checks_everybody=True)
    explanation, _ = rehearse(unkept, rehearsing(desk, rules))
    assert explanation is not None
    return explanation


def explain_kept(inbound_id: int, rules: tuple[FrozenRule, ...] | None = None) -> Explanation | None:
    """Decide once more about a message that is here, and change nothing; None when its bytes are not."""
    return Rehearsal().of(inbound_id, rules)[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """A message that has been read: that costs as much as deciding about it, and is the same whatever the rules are."""

    kept: Kept
    email: ParsedEmail
    trust: Trust

    @classmethod
    def of(cls, kept: Kept, desk: Desk) -> Reading:
        email = read_answer(kept.raw, desk.own_domains)
        # Before the first statement, as in process: what is read once is at hand afterwards.
        said_in(kept, email)
        return cls(kept, email, weigh(kept, email, desk))


class Rehearsal:
    """Decides about many messages that are here, one after the other, and changes nothing."""

    def __init__(self) -> None:
        self.desks: dict[int, Desk] = {}
        self.latest: Reading | None = None

    def of(
        self, inbound_id: int, rules: tuple[FrozenRule, ...] | None = None
    ) -> tuple[Explanation | None, frozenset[int]]:
        """What would become of the message now, and the ids of the rules that match it.

        ``rules`` stand in for those in force. None when the message's bytes are not here, or somebody deals with it.
        """
        latest = self.latest if self.latest is not None and self.latest.kept.id == inbound_id else None
        kept = latest.kept if latest is not None else kept_message(inbound_id, statuses=ANY_STATUS)
        if kept is None:
            return None, frozenset()
        return rehearse(kept, rehearsing(self.desk_of(inbound_id), rules), latest)

    def may_match(self, inbound_id: int, rules: tuple[FrozenRule, ...]) -> bool:
        """Whether one of ``rules`` matches, should the message get as far. Writes nothing, so it is quick."""
        kept = kept_message(inbound_id, statuses=ANY_STATUS)
        if kept is None:
            return False
        desk = self.desk_of(inbound_id)
        try:
            considered = self.considered(kept, desk, rules)
        except Exception:
            # What defeats us here does so in earnest: that is for the rehearsal to tell.
            db.session.rollback()
            return True
        return any(one.matched for one in considered)

    def considered(self, kept: Kept, desk: Desk, rules: tuple[FrozenRule, ...]) -> list[Considered]:
        """What each of ``rules`` says to the message."""
        self.latest = Reading.of(kept, desk)
        email, trust = self.latest.email, self.latest.trust
        address = email.sender.email if email.sender is not None else ""
        person = find_person(address, desk.client_of_domain) if address else Person(None, None)
        ticket_id = match_ticket(email, person).ticket_id
        kind = classify(email, desk.own_addresses).kind
        facts = facts_of(kept, email, person, kind, trust, ticket_id)
        return evaluate([replace(rule, goes_on=True) for rule in rules], facts).considered

    def desk_of(self, inbound_id: int) -> Desk:
        account_id = run(ACCOUNT_OF, {"inbound_id": inbound_id}).scalar_one()
        if account_id not in self.desks:
            self.desks[account_id] = Desk.as_it_is(db.session.get_one(MailAccount, account_id))
        return self.desks[account_id]


def rehearsing(desk: Desk, rules: tuple[FrozenRule, ...] | None) -> Desk:
    return replace(desk, rehearses=True, rules=desk.rules if rules is None else rules)


def rehearse(kept: Kept, desk: Desk, reading: Reading | None = None) -> tuple[Explanation | None, frozenset[int]]:
    """Deal with a message as process does, and take all of it back: what becomes of it, and which rules match it."""
    try:
        reading = reading or Reading.of(kept, desk)
        email = reading.email
        if not desk.queues:
            desk = desk.with_first_queues()
        if kept.id == UNKEPT:
            kept = put_into_ledger(kept, desk)
        change_rows(FORGET_HITS, of_inbound=kept.id)
        deal_with(kept, email, said_in(kept, email), reading.trust, desk)
        return ended(kept.id), frozenset(rule_id for (rule_id,) in rows_of(HITS_OF, inbound_id=kept.id))
    except AlreadyProcessed:
        return None, frozenset()
    except Exception as error:
        if isinstance(error, OperationalError) and is_away(error):
            raise
        log.exception("rehearsal failed", inbound=kept.id)
        reason = failure(error)
        return Explanation("failed", reason, None, None, None, steps_of_failure(reason)), frozenset()
    finally:
        db.session.rollback()


def put_into_ledger(kept: Kept, desk: Desk) -> Kept:
    raw_id = keep_raw(kept.raw)
    inbound_id = insert_row(
        InboundEmail, account_id=desk.account_id, uidl="explained", size=kept.size, raw_id=raw_id, trace=[]
    )
    return replace(kept, id=inbound_id, raw_id=raw_id)


def ended(inbound_id: int) -> Explanation:
    """How a message ended, as it stands in the transaction. A ticket of the rehearsal has a number below 0."""
    row = run(ENDED, {"inbound_id": inbound_id}).one()
    number = row.ticket_id
    is_new = number is not None and number < 0
    its_name, steps = f"ticket #{number}", row.trace
    if is_new:
        steps = [step | {"detail": step["detail"].replace(its_name, "a new ticket")} for step in steps]
    return Explanation(
        disposition=row.status,
        reason=row.reason.replace(its_name, "a new ticket") if is_new else row.reason,
        ticket="new" if is_new else number,
        client=row.client,
        queue=row.queue,
        steps=steps,
        project=row.project,
        assignee=row.assignee,
        priority=PRIORITIES.get(row.priority),
    )
