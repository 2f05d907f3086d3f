"""What can be done with a queue. Mail always needs one to go to, so the last one stays."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError

from psa.clients.models import Client
from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import MailAccount
from psa.projects.models import Project
from psa.rules.models import Rule
from psa.tickets.models import AUTO_REPLIES, CC_PEOPLE, REOPENINGS, Queue, Ticket
from psa.tickets.queries import queues as all_queues

# Ten years: longer is for ever.
MOST_DAYS = 3650


class RefusedQueue(ValueError):
    """What a queue cannot be or suffer; the message says why."""


def add_queue(name: str) -> Queue:
    """A new queue below the others. Raises RefusedQueue when it has no name, or that of another."""
    last = db.session.scalar(db.select(func.max(Queue.position)))
    queue = Queue(position=0 if last is None else last + 1)
    rename_queue(queue, name)
    return queue


def rename_queue(queue: Queue, name: str) -> None:
    """Give the queue its name, the first or a new one. Raises RefusedQueue."""
    name = " ".join(name.split())
    if not name:
        raise RefusedQueue("A queue needs a name.")
    if len(name) > 80:
        raise RefusedQueue("The name of a queue has up to 80 characters.")
    taken = RefusedQueue(f"There is a queue called {name} already.")
    if db.session.scalar(db.select(Queue.id).where(func.lower(Queue.name) == name.lower(), Queue.id != queue.id)):
        raise taken
    queue.name = name
    db.session.add(queue)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise taken from error


def write_from(queue: Queue, address: str) -> None:
    """Let mail about the queue's tickets leave from a sending account; empty: from the address that they came to.

    Raises RefusedQueue when no account sends from there.
    """
    account = accounts.find("outbound", address) if address else None
    if address and account is None:
        raise RefusedQueue(f"No account under Outbound sends from {address}.")
    queue.address = account.address if account is not None else ""
    db.session.flush()


def reopen_by(queue: Queue, reopening: str) -> None:
    """Say what a client's reply to a closed ticket of the queue does: a key of REOPENINGS. Raises RefusedQueue."""
    if reopening not in REOPENINGS:
        raise RefusedQueue("Choose what a reply to a closed ticket does.")
    queue.reopening = reopening
    db.session.flush()


def reopen_within(queue: Queue, days: int) -> None:
    """Say for how many days a reply reopens a closed ticket, where it does so for some. Raises RefusedQueue."""
    if not 1 <= days <= MOST_DAYS:
        raise RefusedQueue(f"A closed ticket is reopened for 1 to {MOST_DAYS:,} days.")
    queue.reopen_days = days
    db.session.flush()


def answer_by_machine(queue: Queue, auto_reply: str) -> None:
    """Say whether who opens a ticket in the queue by mail hears the auto-reply: a key of AUTO_REPLIES.

    Raises RefusedQueue.
    """
    if auto_reply not in AUTO_REPLIES:
        raise RefusedQueue("Choose whether the auto-reply is on, off, or as the mailbox has it.")
    queue.auto_reply = auto_reply
    db.session.flush()


def let_in(queue: Queue, cc_people: str) -> None:
    """Say whom of the people in To and Cc a client's mail brings along: a key of CC_PEOPLE. Raises RefusedQueue."""
    if cc_people not in CC_PEOPLE:
        raise RefusedQueue("Choose who in To and Cc watches a ticket.")
    queue.cc_people = cc_people
    db.session.flush()


def in_words(queue: Queue) -> str:
    """What mail does in the queue, in one line."""
    days = f"{queue.reopen_days:,} day{'' if queue.reopen_days == 1 else 's'}"
    reopening = {
        "always": "a reply reopens a closed ticket",
        "within": f"a reply reopens a closed ticket for {days}",
        "never": "a reply to a closed ticket opens a new one",
    }[queue.reopening]
    auto_reply = {"mailbox": "auto-reply as the mailbox has it", "on": "auto-reply on", "off": "auto-reply off"}
    words = [f"writes from {queue.address}"] if queue.address else []
    words += [reopening, auto_reply[queue.auto_reply], f"in Cc, {CC_PEOPLE[queue.cc_people]} may watch"]
    line = "; ".join(words)
    return line[0].upper() + line[1:]


def move_queue(queue: Queue, steps: int) -> None:
    """Move a queue down by ``steps`` places, or up when negative, as far as there are places."""
    queues = all_queues()
    place = queues.index(queue)
    queues.insert(max(0, min(place + steps, len(queues) - 1)), queues.pop(place))
    for position, one in enumerate(queues):
        one.position = position
    db.session.flush()


def delete_queue(queue: Queue) -> None:
    """Delete an empty queue. Raises RefusedQueue with what depends on it, or when it is the last one."""
    dependents = what_depends_on([queue])[queue.id]
    if dependents:
        raise RefusedQueue(f"{queue.name} is still needed by {' and '.join(dependents)}.")
    if len(all_queues()) == 1:
        raise RefusedQueue(f"{queue.name} is the only queue. New tickets need one to go to.")
    db.session.delete(queue)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise RefusedQueue(f"{queue.name} has just been given a ticket.") from error


def what_depends_on(queues: list[Queue]) -> dict[int, list[str]]:
    """What keeps each queue from being deleted, in words: its tickets, and what leads new ones to it."""
    tickets = dict(db.session.execute(db.select(Ticket.queue_id, func.count()).group_by(Ticket.queue_id)).all())
    mailboxes = db.session.execute(
        db.select(MailAccount.default_queue_id, MailAccount.address)
        .where(MailAccount.default_queue_id.is_not(None))
        .order_by(MailAccount.id)
    ).all()
    with_queue = db.select(Client.default_queue_id, Client.name).where(Client.default_queue_id.is_not(None))
    clients = db.session.execute(with_queue.order_by(Client.name)).all()
    of_projects = db.select(Project.queue_id, Project.name).where(Project.queue_id.is_not(None))
    projects = db.session.execute(of_projects.order_by(Project.name, Project.id)).all()
    rules = db.session.scalars(db.select(Rule).order_by(Rule.position)).all()
    found: dict[int, list[str]] = {}
    for queue in queues:
        number = tickets.get(queue.id, 0)
        words = [f"{number:,} ticket{'' if number == 1 else 's'}"] if number else []
        words += [f"the mailbox {address}" for queue_id, address in mailboxes if queue_id == queue.id]
        words += [f"the client {name}" for queue_id, name in clients if queue_id == queue.id]
        words += [f"the project {name}" for queue_id, name in projects if queue_id == queue.id]
        found[queue.id] = words + [f"the rule {rule.name}" for rule in rules if leads_to(rule, queue)]
    return found


def leads_to(rule: Rule, queue: Queue) -> bool:
    return {"set": "queue", "id": queue.id} in rule.actions
