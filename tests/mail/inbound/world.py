"""What the stories about reading ask of the world."""

from __future__ import annotations

from sqlalchemy import func

from psa.extensions import db
from psa.mail.models import InboundEmail, MailAccount
from psa.tickets.models import Ticket
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

ADDRESS, PASSWORD = SUPPORT


def deliver(dovecot, *subjects: str, folder: str = "INBOX", **parts: str) -> None:
    """Letters with these subjects arrive."""
    for subject in subjects:
        dovecot.deliver(ADDRESS, letter(subject=subject, **parts).as_bytes(), folder)


def subjects() -> list[str]:
    """Of all tickets, in the order in which they were opened."""
    return list(db.session.scalars(db.select(Ticket.subject).order_by(Ticket.id)))


def statuses() -> list[str]:
    """Of all messages in the ledger."""
    return list(db.session.scalars(db.select(InboundEmail.status).order_by(InboundEmail.id)))


def count(model) -> int:
    return db.session.scalar(db.select(func.count()).select_from(model))


def the(model):
    """The only row there is, as the database has it."""
    db.session.expire_all()
    return db.session.scalars(db.select(model)).one()


def refreshed(account: MailAccount) -> MailAccount:
    db.session.refresh(account)
    return account


def on_server(dovecot, folder: str = "INBOX") -> list[str]:
    """The subjects of what lies in the folder."""
    lines = [line for raw in dovecot.messages(ADDRESS, folder) for line in raw.split(b"\r\n")]
    return [line[9:].decode() for line in lines if line.startswith(b"Subject: ")]
