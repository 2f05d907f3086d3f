"""An account on a real SMTP server, and messages in its queue."""

from __future__ import annotations

import pytest

from psa import signing
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import Content, compose
from tests.servers.fixtures import SUPPORT

DANA = "dana@harbor-dental.example"


@pytest.fixture
def account(cast, smtp_server, ca_pem, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.outbound
    account.host, account.port, account.security = "localhost", smtp_server.port, "starttls"
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.commit()
    return account


@pytest.fixture
def queue(account):
    """Queue a message; returns its row."""

    def put(text: str = "Does it light?", to: tuple[str, ...] = (DANA,)) -> OutboundEmail:
        composed = compose(
            Content("Projector", text),
            sender=("Northwind Support", account.address),
            to=[("", one) for one in to],
        )
        outbound_id = outbox.enqueue(
            composed, account_id=account.id, envelope_sender=account.address, recipients=to, purpose="reply"
        )
        db.session.commit()
        return db.session.get_one(OutboundEmail, outbound_id)

    return put
