"""The sample firm: its people, clients, queues and rules, and the sandbox as its mail server."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import current_app

from psa import clock, signing
from psa.admin.operations import name_firm
from psa.auth import operations as auth
from psa.auth.models import User
from psa.clients import operations as clients
from psa.extensions import db, insert_row
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.message import Address
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.outbound.compose import Content, compose
from psa.projects.models import Project
from psa.rules.models import Rule
from psa.sandbox.books import keep_books
from psa.sandbox.people import CLIENTS, MAILBOX_PASSWORD, STAFF, STRANGERS_MAILBOX, SUPPORT_MAILBOX, email_of, mailboxes
from psa.tickets import notifications
from psa.tickets import operations as tickets
from psa.tickets.models import Comment, Event, Queue, Seen, Ticket
from psa.tickets.operations import Actor, Said
from psa.tickets.queries import last_event

SUPPORT = Address("Northwind Support", SUPPORT_MAILBOX)
QUEUES = (*tickets.FIRST_QUEUES, "Onboarding", "Projects")
STRANGER = Address("Pavel Novak", STRANGERS_MAILBOX)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to get in: ``made`` tells whether the sample firm is new."""

    made: bool
    email: str
    password: str
    mailbox: str


def people() -> list[Address]:
    """The clients' people who have a mailbox in the sandbox; the last one belongs to no client."""
    return [Address(name, f"{local}@{domain}") for _, domain, _, (name, local) in CLIENTS] + [STRANGER]


def directory() -> Path:
    return Path(current_app.config["PSA_DATA"]) / "sandbox"


def ports() -> dict[str, int]:
    """The ports on which the sandbox listens now; empty when it does not run."""
    try:
        return dict(json.loads((directory() / "ports.json").read_text()))
    except FileNotFoundError:
        return {}


def wait_for_sandbox(seconds: float = 120) -> bool:
    """Whether it listens by then: bin/run starts it beside what asks for it."""
    until = time.monotonic() + seconds
    while not ports() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(ports())


def serve_sandbox(*, smtp_port: int, imap_port: int) -> None:
    """Run the sandbox's mail server until a signal ends it."""
    from psa.sandbox.serve import serve  # its servers are 5 MiB that the PSA itself does not need

    serve(directory(), mailboxes(), smtp_port=smtp_port, imap_port=imap_port)


def make() -> SignIn:
    """Make the sample firm where there are no users yet, and point its accounts at the sandbox. Commits."""
    password = kept_password()
    made = not auth.has_users()
    if made:
        make_firm(password)
    point_accounts_at_sandbox(ports())
    db.session.commit()
    return SignIn(made, email_of(STAFF[0][0]), password, SUPPORT.email)


def kept_password() -> str:
    """The demonstration's password, made once for each installation: nobody else's opens this one."""
    path = Path(current_app.config["PSA_DATA"]) / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("-".join(secrets.token_hex(2) for _ in range(3)))
    return path.read_text().strip()


def make_firm(password: str) -> None:
    name_firm("Northwind IT")
    for name, role in STAFF:
        auth.create_user(email_of(name), name, password, role)
    for position, name in enumerate(QUEUES):
        db.session.add(Queue(name=name, position=position))
    db.session.flush()
    for name, domain, project_name, (person, local) in CLIENTS:
        client = clients.add_client(name, domain)
        clients.make_contact(f"{local}@{domain}", person, client.id)
        db.session.add(Project(client=client, name=project_name))
    billing = queue_named("Billing")
    db.session.add(
        Rule(
            position=1,
            name="Billing",
            conditions=[{"field": "subject_tag", "value": "Billing"}],
            actions=[{"set": "queue", "id": billing.id}],
        )
    )
    make_accounts()
    db.session.commit()
    make_tickets()
    keep_books()
    # From here on clients are told that their ticket is open; the sample letters are too old for that.
    db.session.execute(db.update(MailAccount).where(MailAccount.direction == "inbound").values(acknowledge=True))


def make_accounts() -> None:
    common = {
        "address": SUPPORT.email,
        "display_name": SUPPORT.name,
        "host": "127.0.0.1",
        "security": "none",
        "username": SUPPORT.email,
        "sealed_password": signing.seal(MAILBOX_PASSWORD),
        "password_set_at": clock.now(),
    }
    insert_row(MailAccount, direction="outbound", protocol="smtp", port=2525, is_default=True, **common)
    insert_row(
        MailAccount,
        direction="inbound",
        protocol="imap",
        port=1143,
        default_queue_id=queue_named("Support").id,
        since=None,
        **common,
    )


def point_accounts_at_sandbox(listening: dict[str, int]) -> None:
    """Bring the ports of the sample firm's accounts up to date, unless an admin has pointed them elsewhere.

    What failed before is forgotten, and with it the pause that follows: the server has just been started.
    """
    if not listening:
        return
    query = db.select(MailAccount).where(MailAccount.host == "127.0.0.1", MailAccount.address == SUPPORT.email)
    for account in db.session.scalars(query):
        port = listening["smtp" if account.protocol == "smtp" else "imap"]
        if account.port != port or account.failures:
            account.port, account.revision, account.failures = port, account.revision + 1, 0
            account.next_poll_at = account.paused_until = None
    db.session.flush()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the sample firm and what the agents have done with it; ``age`` is how long ago it came."""

    sender: Address
    subject: str
    text: str
    age: timedelta
    assignee: str = ""
    queue: str = ""
    priority: str = "normal"
    answer: str = ""


def make_tickets() -> None:
    """A handful of conversations, each of them a message that came in the ordinary way, the oldest first."""
    dana, ruben, payable, aiko, helen, _ = people()
    letters = (
        Letter(
            ruben,
            "VPN drops for drivers’ tablets after ten minutes",
            "Only the newer ones, and only on mobile data. On the depot’s Wi-Fi they stay connected all day.\n\nRuben",
            timedelta(days=2, hours=3),
            assignee="Tom Okafor",
            answer="Hi Ruben, could you send me the model number from the back of one of the newer tablets?",
        ),
        Letter(
            aiko,
            "New starter on Monday: Felix Brandt, warehouse office",
            "Hi,\n\nlaptop, Microsoft 365 licence, badge printer access, please. He starts on Monday at 7:30.\n\nAiko",
            timedelta(days=1, hours=5),
            assignee="Jonas Weber",
            queue="Onboarding",
        ),
        Letter(
            helen,
            "Can’t open encrypted email from the court",
            "Outlook says: the underlying security system cannot find your digital ID name.\n"
            "The hearing is on Thursday, so I need to read it by Wednesday evening.\n\nHelen Marsh",
            timedelta(hours=4),
            assignee="Mara Lindqvist",
            priority="high",
        ),
        Letter(
            payable,
            "[Billing] Invoice 2026-0417 shows 12 seats, we have 11",
            "Please correct it before we release the payment run on Monday. The leaver was Jo Finch, 31 October.",
            timedelta(hours=2),
            assignee="Priya Nair",
        ),
        Letter(
            dana,
            "Scanner in room 3 won’t send to email",
            "Hi all,\n\nthe big scanner in treatment room 3 stopped sending scans to our mailbox this morning. Copying "
            "still works, and the one at the front desk is fine.\n\nWe need it for the insurance forms, at the latest "
            "tomorrow noon.\n\n-- \nDana Whitfield\nPractice manager, Harbor Dental",
            timedelta(minutes=20),
        ),
    )
    for letter in letters:
        ticket_id = receive_letter(letter)
        if letter.assignee:
            work_on(ticket_id, letter)
        date_back(ticket_id, letter.age)
        db.session.commit()


def receive_letter(letter: Letter) -> int:
    account = db.session.scalars(db.select(MailAccount).where(MailAccount.direction == "inbound")).first()
    assert account is not None
    composed = compose(
        Content(letter.subject, letter.text),
        sender=(letter.sender.name, letter.sender.email),
        to=[(SUPPORT.name, SUPPORT.email)],
    )
    # Written by a client's mail program: without our signature in its Message-ID, which would make it our own.
    theirs = f"{secrets.token_hex(8)}@{letter.sender.domain}"
    inbound_id = receive_piped(account, composed.raw.replace(composed.message_id.encode(), theirs.encode()))
    disposition = process(inbound_id)
    assert disposition is not None and disposition.ticket_id is not None, disposition
    return disposition.ticket_id


def work_on(ticket_id: int, letter: Letter) -> None:
    """What the agent has done with the ticket since: taken it, perhaps moved it, perhaps answered."""
    agent = db.session.scalars(db.select(User).where(User.email == email_of(letter.assignee))).one()
    by = Actor(user_id=agent.id)
    tickets.assign(ticket_id, agent.id, agent.name, by)
    tickets.set_status(ticket_id, "open", by)
    if letter.queue:
        tickets.move(ticket_id, queue_named(letter.queue), by)
    tickets.set_priority(ticket_id, letter.priority, by)
    if letter.answer:
        notifications.reply_added(tickets.add_reply(ticket_id, Said(letter.answer), by, then="waiting"))
    for user_id in db.session.scalars(db.select(User.id)):
        db.session.add(Seen(user_id=user_id, ticket_id=ticket_id, event_id=last_event(ticket_id)))


def date_back(ticket_id: int, age: timedelta) -> None:
    """Let the conversation have happened a while ago."""
    then = clock.now() - age
    for model, key in ((Comment, Comment.ticket_id), (Event, Event.ticket_id)):
        db.session.execute(db.update(model).where(key == ticket_id).values(created_at=then))
    db.session.execute(db.update(Ticket).where(Ticket.id == ticket_id).values(created_at=then, changed_at=then))
    db.session.execute(
        db.update(InboundEmail)
        .where(InboundEmail.ticket_id == ticket_id)
        .values(kept_at=then, arrived_at=then, processed_at=then)
    )


def queue_named(name: str) -> Queue:
    queue: Queue = db.session.scalars(db.select(Queue).where(Queue.name == name)).one()
    return queue
