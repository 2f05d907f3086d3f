"""Where a new ticket goes: the client, its project and the queue, by the rules and by what we know of the sender."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from psa.clients.models import Client
from psa.clients.operations import ClientOfDomain, Person, default_queue_of, find_client
from psa.extensions import db
from psa.mail.blocking.operations import is_anybody_blocked
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.ties import Before
from psa.mail.inbound.to_projects import Naming
from psa.mail.inbound.trust_policy import TrustPolicy
from psa.mail.models import InboundEmail, MailAccount
from psa.projects.operations import NamedProject, project_at, project_of, project_tagged, queue_of
from psa.rules.engine import FrozenRule, Outcome
from psa.rules.operations import all_rules, frozen
from psa.tickets.models import Queue
from psa.tickets.operations import make_first_queues


@dataclass(frozen=True, slots=True)
class Desk:
    """What an account's mail is dealt with by: its switches, its default queue, the rules. Loaded once for a chunk."""

    account_id: int
    address: str
    create_tickets: bool
    takes_anything: bool
    unknown_senders: str
    acknowledges: bool
    leaves_mail: bool
    default_queue_id: int
    queues: dict[int, str]
    rules: tuple[FrozenRule, ...]
    own_domains: frozenset[str]
    # Those that we send from and read, in lower case.
    own_addresses: frozenset[str] = frozenset()
    # Whether there is a list of blocked senders to look into, and what becomes of spam: file, hold or ignore.
    blocks_somebody: bool = False
    spam: str = "file"
    # The queues whose auto-reply is not the mailbox's affair: on or off.
    auto_replies: dict[int, str] = field(default_factory=dict)
    trusts: TrustPolicy = field(default_factory=TrustPolicy)
    # Our own check of the sender is made now, whoever it is, and not after the mail is filed.
    checks_everybody: bool = False
    # The Default Template that tells of a new ticket, where the desk acknowledges.
    answers_with: str = "ticket_opened"
    # The ticket that a message is filed on whatever its keys say, since a person has decided so.
    onto: int | None = None
    # All of it will be rolled back: it shows what would happen to a message that comes in now.
    rehearses: bool = False
    # Each is asked about once, not for each mail of the chunk.
    client_of_domain: Callable[[str], ClientOfDomain | None] = field(default_factory=lambda: cache(find_client))
    project_of_client: Callable[[int], tuple[int, str] | None] = field(default_factory=lambda: cache(project_of))
    queue_of_client: Callable[[int], int | None] = field(default_factory=lambda: cache(default_queue_of))
    queue_of_project: Callable[[int], int | None] = field(default_factory=lambda: cache(queue_of))
    project_tagged: Callable[[str], NamedProject | None] = field(default_factory=lambda: cache(project_tagged))
    project_at: Callable[[str], NamedProject | None] = field(default_factory=lambda: cache(project_at))
    # The name of the person who has it take anything.
    converted_by: str = ""
    # What the domains that were asked about pretend to be.
    looks: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, account: MailAccount) -> Desk:
        """The desk of a mailbox. Makes the first queues when there is none at all, and commits them."""
        desk = cls.as_it_is(account)
        if desk.queues:
            return desk
        desk = desk.with_first_queues()
        db.session.commit()
        return desk

    @classmethod
    def as_it_is(cls, account: MailAccount) -> Desk:
        """The desk of a mailbox, which writes nothing: there may be no queue, and then 0 is the default one."""
        queues = queue_names()
        chosen = account.default_queue_id
        default = chosen if chosen is not None and chosen in queues else next(iter(queues), 0)
        return cls(
            account_id=account.id,
            address=account.address,
            create_tickets=account.create_tickets,
            takes_anything=False,
            unknown_senders=account.unknown_senders,
            acknowledges=account.acknowledge,
            leaves_mail=account.after_filing == "leave",
            default_queue_id=default,
            queues=queues,
            rules=frozen(all_rules()),
            own_domains=own_domains(account),
            trusts=TrustPolicy.of(account),
            own_addresses=own_addresses(),
            blocks_somebody=is_anybody_blocked(),
            spam=account.spam,
            auto_replies=dict(
                db.session.execute(db.select(Queue.id, Queue.auto_reply).where(Queue.auto_reply != "mailbox")).all()
            ),
        )

    @classmethod
    def of_message(cls, inbound_id: int) -> Desk:
        account = db.session.scalars(
            db.select(MailAccount)
            .join(InboundEmail, InboundEmail.account_id == MailAccount.id)
            .where(InboundEmail.id == inbound_id)
        ).one()
        return cls.of(account)

    def with_first_queues(self) -> Desk:
        """The same desk, where there was no queue yet; the caller commits or takes them back."""
        make_first_queues()
        queues = queue_names()
        return replace(self, queues=queues, default_queue_id=next(iter(queues)))

    def converting(self, name: str = "") -> Desk:
        """The same desk when a person, perhaps of this name, has decided that the message becomes a ticket."""
        return replace(self, create_tickets=True, takes_anything=True, converted_by=name)

    def vouching(self, name: str) -> Desk:
        """The same desk when the person of this name says that the message is really from whom it says."""
        return replace(self, trusts=replace(self.trusts, vouched_by=name))

    def number_to_rehearse(self) -> int | None:
        """A number that no ticket has: PostgreSQL takes none back that a transaction without success has used."""
        return -secrets.randbelow(2**31 - 1) - 1 if self.rehearses else None


def own_domains(account: MailAccount) -> frozenset[str]:
    """In lower case: whose senders are taken for us when a message is read."""
    return frozenset({account.domain.lower()})


def own_addresses() -> frozenset[str]:
    """Every address of an account, in either direction, in lower case."""
    return frozenset(db.session.scalars(db.select(db.func.lower(MailAccount.address)).distinct()))


def queue_names() -> dict[int, str]:
    """All queues in their order: id and name."""
    return dict(db.session.execute(db.select(Queue.id, Queue.name).order_by(Queue.position, Queue.id)).all())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new ticket goes."""

    queue_id: int
    queue_name: str
    client_id: int | None
    project_id: int | None


def route(
    outcome: Outcome,
    person: Person,
    desk: Desk,
    trace: Trace,
    before: Before | None = None,
    naming: Naming | None = None,
) -> Place:
    """What the rules say comes first, then what we know ourselves.

    ``before`` is where a closed ticket stands that this one goes on from, or what it is about; ``naming`` is the
    project that the message names.
    """
    client_id = choose_client(outcome, person, before, trace)
    project_id = outcome.project_id
    if project_id is None and before is not None and before.client_id == client_id and before.project is not None:
        project_id, name = before.project
        trace.note("Project", name, before.words)
    if project_id is None and naming is not None:
        project_id = heeded(naming, client_id, trace)
    if project_id is None and client_id is not None:
        found = desk.project_of_client(client_id)
        if found is not None:
            project_id = found[0]
            trace.note("Project", found[1], "the client's existing project")
    queue_id, why = choose_queue(outcome, client_id, project_id, desk, before)
    name = desk.queues[queue_id]
    trace.note("Queue", name, why)
    return Place(queue_id, name, client_id, project_id)


def choose_client(outcome: Outcome, person: Person, before: Before | None, trace: Trace) -> int | None:
    """Whose the ticket is: what we wrote about a client stays that client's, also when somebody of another answers."""
    client_id, because = person.client_id, ""
    if outcome.client_id is not None:
        client_id, because = outcome.client_id, f"by rule {outcome.by['client_id']}"
    elif before is not None and before.because and before.client_id is not None:
        client_id, because = before.client_id, before.because
    elif client_id is None and before is not None:
        return before.client_id
    if because and client_id is not None and client_id != person.client_id:
        trace.note("Client", db.session.get_one(Client, client_id).name, because)
    return client_id


def heeded(naming: Naming, client_id: int | None, trace: Trace) -> int | None:
    """The project that a message names, unless its sender is of another client; a stranger may name any."""
    project = naming.project
    if client_id is not None and client_id != project.client_id:
        trace.note("Named project", "Not heeded", f"it {naming.words}, and {project.name} is another client’s project")
        return None
    trace.note("Named project", project.name, f"it {naming.words}")
    return project.id


def choose_queue(
    outcome: Outcome, client_id: int | None, project_id: int | None, desk: Desk, before: Before | None
) -> tuple[int, str]:
    """The queue, and why in words. One that was made or deleted this very moment is left for the mailbox's own."""
    if outcome.queue_id:
        return outcome.queue_id, "by a rule"
    if before is not None and before.queue_id is not None and before.queue_id in desk.queues:
        return before.queue_id, before.words
    of_project = desk.queue_of_project(project_id) if project_id is not None else None
    if of_project is not None and of_project in desk.queues:
        return of_project, "the project’s queue"
    of_client = desk.queue_of_client(client_id) if client_id is not None else None
    if of_client is not None and of_client in desk.queues:
        return of_client, "the client’s default queue"
    return desk.default_queue_id, f"the default queue of {desk.address}"
