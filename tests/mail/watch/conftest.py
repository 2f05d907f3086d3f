"""Mailboxes that are watched: on a real server, and in a ledger that tests fill by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from psa import clock, signing
from psa.extensions import db, insert_row
from psa.mail.models import InboundEmail, MailAccount
from tests.servers.fixtures import SUPPORT


@pytest.fixture
def real_mailbox(cast, dovecot, ca_pem, monkeypatch) -> MailAccount:
    """support@ on the test server; nobody has looked into it yet."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.inbound
    account.host, account.port, account.security, account.since = "localhost", dovecot.imaps, "ssl", None
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.commit()
    return account


@pytest.fixture
def came(cast) -> Callable[..., int]:
    """``came(ago=timedelta(hours=3), status="held")``: a message in the ledger of support@, in the order of time."""

    def came(*, ago: timedelta = timedelta(), at: datetime | None = None, **values: object) -> int:
        moment = at or clock.now() - ago
        row = {"account_id": cast.inbound.id, "kept_at": moment, "arrived_at": moment, "status": "filed"} | values
        inbound_id = insert_row(InboundEmail, **row)
        db.session.commit()
        return inbound_id

    return came
