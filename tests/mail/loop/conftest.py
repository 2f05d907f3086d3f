"""A mail server as the firm has one: what is sent to support@northwind.example lies in its mailbox on Dovecot."""

from __future__ import annotations

import pytest

from psa import signing
from psa.extensions import db
from psa.mail.loop import story
from tests.servers.fixtures import SUPPORT
from tests.servers.smtp import Received, SmtpServer

ADDRESS, PASSWORD = SUPPORT


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
