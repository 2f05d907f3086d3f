"""The firm's mailbox on a real Dovecot, by IMAP and by POP3, with a person beside us and a meddler in between."""

from __future__ import annotations

import pytest
from imapclient import IMAPClient

from psa import signing
from psa.extensions import db
from psa.mail.models import MailFolder
from tests.servers.fixtures import SUPPORT
from tests.servers.proxy import Meddler

ADDRESS, PASSWORD = SUPPORT


@pytest.fixture
def imap(cast, dovecot):
    """The mailbox by IMAP without encryption; all mail is wanted."""
    return point(cast.inbound, "imap", dovecot.imap)


@pytest.fixture
def pop3(cast, dovecot):
    """The mailbox by POP3 without encryption; all mail is wanted."""
    return point(cast.inbound, "pop3", dovecot.pop3)


@pytest.fixture
def meddler(imap, dovecot):
    """Somebody between us and the IMAP server who changes what is said."""
    with Meddler(dovecot.imap) as between:
        imap.port = between.port
        db.session.commit()
        yield between


@pytest.fixture
def pop3_meddler(pop3, dovecot):
    """Somebody between us and the POP3 server who changes what is said."""
    with Meddler(dovecot.pop3) as between:
        pop3.port = between.port
        db.session.commit()
        yield between


@pytest.fixture
def person(dovecot):
    """Somebody with a mail program in the same mailbox."""
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False) as client:
        client.login(ADDRESS, PASSWORD)
        client.select_folder("INBOX")
        yield client


def point(account, protocol, port):
    account.protocol, account.security, account.host, account.port = protocol, "none", "127.0.0.1", port
    account.username, account.sealed_password, account.since = ADDRESS, signing.seal(PASSWORD), None
    db.session.commit()
    return account


def read_folders(account, *names):
    """Read these folders, the first one being listened to."""
    account.folders = [MailFolder(name=name, since=None) for name in names]
    db.session.commit()
