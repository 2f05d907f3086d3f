"""A sandbox with the support desk of the firm and one of its clients."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from imapclient import IMAPClient

from psa.sandbox.server import MailSandbox

SUPPORT = "support@northwind.example"
DANA = "dana@harbor-dental.example"
USERS = {SUPPORT: "a long winter", DANA: "and a short summer"}

Open = Callable[[str], AbstractContextManager[IMAPClient]]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[MailSandbox]:
    with MailSandbox(tmp_path / "mail", USERS) as sandbox:
        yield sandbox


@pytest.fixture
def smtp(sandbox: MailSandbox) -> Iterator[smtplib.SMTP]:
    """A connection on which Dana is signed in."""
    with smtplib.SMTP(sandbox.host, sandbox.smtp_port, timeout=30) as client:
        client.login(DANA, USERS[DANA])
        yield client


@pytest.fixture
def open_inbox(sandbox: MailSandbox) -> Open:
    """open_inbox(user) is a connection on which the user is signed in and has selected INBOX."""

    @contextmanager
    def open_it(user: str) -> Iterator[IMAPClient]:
        with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
            client.login(user, USERS[user])
            client.select_folder("INBOX")
            yield client

    return open_it
