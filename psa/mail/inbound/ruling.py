"""What the Auto-Assignment Rules say about one message, and carrying it out on its ticket."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psa.auth.models import User
from psa.clients.models import Client
from psa.clients.operations import Person, find_person
from psa.extensions import db
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.forwarding import forward
from psa.mail.inbound.people import known_contact
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.trust import Trust
from psa.mail.message import Address, ParsedEmail
from psa.projects.models import Project
from psa.rules.engine import Outcome, evaluate
from psa.rules.facts import Facts
from psa.rules.hits import note_hit
from psa.tickets import operations
from psa.tickets.models import Queue
from psa.tickets.operations import Actor
from psa.tickets.tags import add_tag, tags_of
from psa.tickets.watchers import copy_in, watch

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

# What a rule that ends a message's way makes of it.
STATUSES = {"hold": "held", "ignore": "ignored"}


def ask_rules(
    kept: Kept,
    email: ParsedEmail,
    person: Person,
    kind: Kind,
    trust: Trust,
    desk: Desk,
    trace: Trace,
    ticket_id: int | None,
    author: Address | None = None,
) -> Outcome:
    """Ask the rules that are for such a message; each leaves its line, and those that matched are counted.

    ``ticket_id`` is the ticket that it answers; None when it opens one. ``author`` is whoever wrote what is passed on.
    """
    if not desk.rules:
        return Outcome()
    outcome = evaluate(desk.rules, facts_of(kept, email, person, kind, trust, ticket_id, author))
    for considered in outcome.considered:
        verdict = "Matched" if considered.matched else "Not matched"
        trace.note_rule(considered.rule_id, considered.name, verdict, considered.words)
        if considered.matched:
            note_hit(considered.rule_id, kept.id)
    for address in outcome.forward_to:
        forward(address, email, kept, desk, trace)
    if outcome.end is not None and desk.takes_anything:
        # A person has decided that it becomes a ticket: that is the last word.
        outcome.end = None
    return still_there(outcome, desk, trace)


def facts_of(
    kept: Kept,
    email: ParsedEmail,
    person: Person,
    kind: Kind,
    trust: Trust,
    ticket_id: int | None,
    author: Address | None = None,
) -> Facts:
    return Facts(
        email=email,
        size=kept.size,
        contact_id=person.contact_id,
        client_id=person.client_id,
        client_name=person.client_name,
        author=author,
        trust=trust.verdict,
        is_automatic=kind is Kind.AUTOMATIC,
        is_reply=ticket_id is not None,
        find_ticket_tags=tuple if ticket_id is None else partial(tags_of, ticket_id),
    )


def ending(outcome: Outcome) -> tuple[str, str]:
    """The status and the reason of a message that a rule holds or ignores."""
    because = f": {outcome.reason}" if outcome.reason else ""
    assert outcome.end is not None
    return STATUSES[outcome.end], f"Rule “{outcome.by['end']}” {outcome.end}s it{because}"


def still_there(outcome: Outcome, desk: Desk, trace: Trace) -> Outcome:
    """Leave out what a rule names and somebody has deleted since: the message is filed all the same."""
    if outcome.queue_id is not None and outcome.queue_id not in desk.queues:
        trace.note("Queue", "Gone", "the rule names a queue that does not exist any more")
        outcome.queue_id = None
    if outcome.client_id is not None and db.session.get(Client, outcome.client_id) is None:
        trace.note("Client", "Gone", "the rule names a client that does not exist any more")
        outcome.client_id = None
    if outcome.project_id is not None and db.session.get(Project, outcome.project_id) is None:
        trace.note("Project", "Gone", "the rule names a project that does not exist any more")
        outcome.project_id = None
    if outcome.assignee_id is not None and not is_active(outcome.assignee_id):
        trace.note("Assignee", "Gone", "the rule names a user who has left")
        outcome.assignee_id = None
    return outcome


def is_active(user_id: int) -> bool:
    return bool(db.session.scalar(db.select(User.active).where(User.id == user_id)))


def carry_out(outcome: Outcome, ticket_id: int, trace: Trace, *, is_reply: bool) -> None:
    """Do to the ticket what the rules say; a new one was opened in its place already, a reply's is moved there."""
    machine = Actor()
    if outcome.assignee_id is not None:
        user = db.session.get_one(User, outcome.assignee_id)
        operations.assign(ticket_id, user.id, user.name, machine)
        trace.note("Assignee", user.name, by_rule(outcome, "assignee_id"))
    if outcome.priority is not None:
        operations.set_priority(ticket_id, outcome.priority, machine)
        trace.note("Priority", outcome.priority.capitalize(), by_rule(outcome, "priority"))
    if is_reply and outcome.queue_id is not None:
        queue = db.session.get_one(Queue, outcome.queue_id)
        operations.move(ticket_id, queue, machine)
        trace.note("Queue", queue.name, by_rule(outcome, "queue_id"))
    added = [name for name in outcome.tags if add_tag(ticket_id, name, machine)]
    if added:
        trace.note("Tags", ", ".join(added), "by a rule")
    followers = [address for address in outcome.watchers if let_follow(ticket_id, address)]
    if followers:
        trace.note("Watchers", ", ".join(followers), "by a rule")


def let_follow(ticket_id: int, address: str) -> bool:
    """Let the user or the contact who has the address follow the ticket; False when they do already."""
    user = db.session.execute(db.select(User.id, User.name).where(User.email == address, User.active)).one_or_none()
    if user is not None:
        return watch(ticket_id, user_id=user.id, name=user.name, because="a rule wants it", by=Actor())
    person = find_person(address)
    contact_id = known_contact(Address("", address), person, person.client_id)
    if contact_id is None:
        return False
    return copy_in(ticket_id, contact_id=contact_id, name=address, because="a rule wants it", by=Actor())


def by_rule(outcome: Outcome, what: str) -> str:
    return f"by rule {outcome.by[what]}"
