"""Mail that tells no time of its arrival: taken, whatever the start; held for older when it lay there at first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from psa import clock
from psa.extensions import db
from psa.mail.inbound import imap as by_imap
from psa.mail.inbound.poll import poll
from psa.mail.models import InboundEmail, MailFolder, OutboundEmail
from tests.mail.inbound.world import ADDRESS, subjects

pytestmark = pytest.mark.dovecot


@pytest.fixture(params=["imap", "pop3"])
def account(request, cast, dovecot, monkeypatch, app: Flask):
    """Mail of the last day is wanted, who writes is told that the ticket is open, and the server keeps no dates."""
    account = request.getfixturevalue(request.param)
    account.since, account.acknowledge = clock.now() - timedelta(days=1), True
    if account.protocol == "imap":
        account.folders = [MailFolder(name="INBOX", since=account.since)]
        monkeypatch.setattr(by_imap, "in_utc", lambda moment: None)
    db.session.commit()
    return account


def arrives(dovecot, subject: str) -> None:
    head = f"From: dana@harbor-dental.example\r\nMessage-ID: <{subject}@client.example>\r\nSubject: {subject}\r\n"
    dovecot.deliver(ADDRESS, f"{head}\r\nHello\r\n".encode())


def answered() -> list[str]:
    return list(db.session.scalars(db.select(OutboundEmail.subject).order_by(OutboundEmail.id)))


def test_what_lay_there_is_filed_and_not_answered_and_what_comes_later_is(account, dovecot):
    arrives(dovecot, "Lay there")
    assert poll(account.id).fault == ""
    arrives(dovecot, "Came later")
    assert poll(account.id).fault == ""
    assert subjects() == ["Lay there", "Came later"]
    backlog = db.select(InboundEmail.backlog).order_by(InboundEmail.id)
    assert list(db.session.scalars(backlog)) == [True, False]
    assert ["Came later" in subject for subject in answered()] == [True]
