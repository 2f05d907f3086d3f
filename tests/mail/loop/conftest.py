"""A mail server as the firm has one: what is sent to support@northwind.example lies in its mailbox on Dovecot."""

from __future__ import annotations

from collections import Counter

import pytest

from psa import signing
from psa.clients.models import Contact, ContactAddress
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.journal import Journal
from psa.mail.log.models import MailWords
from psa.mail.loop import story, trial
from psa.mail.loop.story import Loop
from psa.mail.models import (
    ConnectionTest,
    DeliveryAttempt,
    FiledMail,
    OutboundEmail,
    RawMessage,
    ThreadKey,
)
from psa.tickets.models import Attachment, Comment, Event, Ticket
from tests.servers.fixtures import SUPPORT
from tests.servers.smtp import Received, SmtpServer

ADDRESS, PASSWORD = SUPPORT
WHAT_A_LOOP_MAKES = (Ticket, Comment, Event, Attachment, Contact, ContactAddress, OutboundEmail, DeliveryAttempt)
WHAT_IT_STORES = (RawMessage, FiledMail, ThreadKey)
WORDS_OUT = db.select(db.func.count()).select_from(MailWords).where(MailWords.direction == "out")


class Delivering(list[Received]):
    """What the SMTP server receives, and delivers at once unless it is held up; ``rewrite`` changes it on the way."""

    def __init__(self, dovecot) -> None:
        super().__init__()
        self.dovecot = dovecot
        self.is_held_up = False
        self.rewrite = lambda raw: raw

    def append(self, received: Received) -> None:
        super().append(received)
        if not self.is_held_up:
            self.dovecot.deliver(ADDRESS, self.rewrite(received.content))


@pytest.fixture
def post(smtp_server: SmtpServer, dovecot) -> Delivering:
    smtp_server.received = Delivering(dovecot)
    return smtp_server.received


@pytest.fixture
def pair(cast, post, smtp_server, dovecot, ca_pem, monkeypatch):
    """The sending account and the mailbox, on these servers; the patience is a moment."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    monkeypatch.setattr(story, "PAUSE", 0.05)
    for account, port in ((cast.outbound, smtp_server.port), (cast.inbound, dovecot.imap)):
        account.host, account.port, account.security = "localhost", port, "starttls"
        account.username, account.sealed_password, account.since = ADDRESS, signing.seal(PASSWORD), None
    db.session.commit()
    return cast


@pytest.fixture
def begin(pair):
    """A round that has not set off yet; its journal is heard by a ``listener`` for the test's id."""

    def loop(patience: float = 10.0, listener=trial.Listener) -> Loop:
        test = ConnectionTest(
            direction="loop",
            account_id=pair.inbound.id,
            sealed_settings=server.sealed(server.of_account(pair.outbound)),
        )
        db.session.add(test)
        db.session.commit()
        return Loop(test.id, pair.outbound.id, pair.inbound.id, pair.mara.id, Journal(listener(test.id)), patience)

    return loop


@pytest.fixture
def go_round(begin):
    """Go round once, in this thread; returns the test as the page would show it."""

    def go(patience: float = 10.0) -> ConnectionTest:
        loop = begin(patience)
        trial.go_round(loop)
        db.session.expire_all()
        return db.session.get_one(ConnectionTest, loop.test_id)

    return go


def counts() -> Counter[str]:
    models = (*WHAT_A_LOOP_MAKES, *WHAT_IT_STORES)
    there = {model.__name__: db.session.scalar(db.select(db.func.count()).select_from(model)) for model in models}
    # What came in keeps its line in the ledger, and with it its words.
    return Counter(there | {"words of what went out": db.session.scalar(WORDS_OUT)})
