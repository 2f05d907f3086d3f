"""Installations of ours, each with a database and a key of its own, and what lies between two of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from flask import Flask

from psa.admin.operations import name_firm
from psa.auth.operations import create_user
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents
from psa.mail.inbound.poll import poll
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound.deliver import deliver_due
from psa.mail.raw import raw_bytes
from psa.sandbox.server import MailSandbox
from psa.tickets import notifications, operations
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Actor, Said
from tests.factories import PASSWORD, make_account
from tests.mailroom import letter, words_of

NOTHING = re.compile("(?!)")
Letter = EmailMessage
# What a mail looks like after its way.
Way = Callable[[Letter], Letter]
# Beyond it nothing has stopped by itself.
PATIENCE = 60


@dataclass
class Firm:
    """An installation with a database and a key of its own, that answers whoever writes."""

    app: Flask
    address: str
    carried: set[int] = field(default_factory=set)

    def set_up(self) -> None:
        with self.app.app_context():
            name_firm(self.address)
            create_user(f"tom@{self.address.partition('@')[2]}", "Tom", PASSWORD, "agent")
            account = {"address": self.address, "username": self.address}
            db.session.add(Queue(name="Support", position=0, auto_reply="mailbox"))
            db.session.add(make_account("inbound", protocol="imap", port=143, acknowledge=True, **account))
            db.session.add(make_account("outbound", protocol="smtp", port=25, is_default=True, **account))
            db.session.commit()

    def receive(self, message: Letter) -> str:
        """Take a mail in; returns what became of it."""
        with self.app.app_context():
            account = db.session.scalars(db.select(MailAccount).where(MailAccount.direction == "inbound")).one()
            inbound_id = receive_piped(account, message.as_bytes())
            process(inbound_id)
            return db.session.get_one(InboundEmail, inbound_id, populate_existing=True).status

    def posted(self) -> list[Letter]:
        """What has been queued since the postman was here last."""
        with self.app.app_context():
            rows = db.session.scalars(db.select(OutboundEmail).order_by(OutboundEmail.id)).all()
            fresh = [row for row in rows if row.id not in self.carried and row.purpose != "alert"]
            self.carried |= {row.id for row in fresh}
            return [read(raw_bytes(row.raw_id)) for row in fresh]

    def answer(self, words: str) -> None:
        """An agent answers on the last ticket."""
        with self.app.app_context():
            ticket = db.session.scalars(db.select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
            notifications.reply_added(operations.add_reply(ticket.id, Said(words), Actor(user_id=1)))
            db.session.commit()

    @property
    def incidents(self) -> list[str]:
        with self.app.app_context():
            return [incident.scope for incident in open_incidents()]

    def connect(self, server: MailSandbox) -> None:
        """Let it send and read by a real server from now on."""
        with self.app.app_context():
            for account in db.session.scalars(db.select(MailAccount)):
                account.host = server.host
                account.port = server.imap_port if account.direction == "inbound" else server.smtp_port
            db.session.commit()
            self.look()

    def look(self) -> None:
        """Read the mailbox once, as the poller does."""
        with self.app.app_context():
            looked = poll(db.session.scalars(db.select(MailAccount.id).where(MailAccount.direction == "inbound")).one())
            assert looked.complaint is None, looked.complaint

    def work(self) -> object:
        """Send what is queued and read what is there, once; returns what has become of all mail by now."""
        with self.app.app_context():
            deliver_due()
        self.look()
        return self.arrived, self.left

    @property
    def arrived(self) -> list[tuple[str, str]]:
        """What became of each mail, with the reason, in their order."""
        with self.app.app_context():
            rows = db.session.execute(db.select(InboundEmail.status, InboundEmail.reason).order_by(InboundEmail.id))
            return [(row.status, row.reason) for row in rows]

    @property
    def left(self) -> list[str]:
        """The statuses of what was written to others, alerts and users left out."""
        with self.app.app_context():
            ours = OutboundEmail.purpose.in_(("alert", "notice"))
            return list(db.session.scalars(db.select(OutboundEmail.status).where(~ours).order_by(OutboundEmail.id)))


def read(raw: bytes) -> Letter:
    message = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def bare(message: Letter) -> Letter:
    """A gateway that takes the text out and writes a mail of its own: who, to whom, about what, and nothing else."""
    words = words_of(message).replace("[#", "(").replace("]", ")")
    subject = str(message["Subject"]).partition("[#")[0].strip()
    return letter(words, sender=str(message["From"]), to=str(message["To"]), subject=subject)


def begin(north: Firm, south: Firm) -> None:
    """Somebody at Southwind has a question, and their PSA asks it in their name."""
    first = letter("The projector stays dark.", sender=f"Northwind <{north.address}>", to=south.address)
    assert south.receive(first) == "filed"
    south.posted()
    south.answer("Which projector is it?")
