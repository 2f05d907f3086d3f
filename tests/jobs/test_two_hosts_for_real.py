"""Two instances on one PostgreSQL, real mailboxes, and one of the two is switched off in the middle of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from psa import signing
from psa.extensions import db
from psa.jobs.models import Host
from psa.mail.models import InboundEmail, MailAccount
from psa.tickets.models import Ticket
from tests.conftest import ON_POSTGRES
from tests.factories import make_account
from tests.jobs.instances import Instance, wait_for
from tests.mailroom import letter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.dovecot,
    pytest.mark.skipif(not ON_POSTGRES, reason="several hosts share a PostgreSQL, never a SQLite"),
]
BOXES = [f"box{number}@northwind.example" for number in range(4)]


@pytest.fixture
def mailboxes(cast, dovecot):
    """Four mailboxes on Dovecot, all of their mail wanted."""
    db.session.delete(cast.inbound)
    for address in BOXES:
        dovecot.add_user(address, "a long winter")
        settings = {"host": "localhost", "port": dovecot.imaps, "security": "ssl", "username": address, "since": None}
        sealed = signing.seal("a long winter")
        account = make_account("inbound", address=address, protocol="imap", sealed_password=sealed, **settings)
        # So long that what lies there must be told by the server or by taking a mailbox over.
        account.interval = 600
        db.session.add(account)
    db.session.commit()
    yield BOXES
    for address in BOXES:
        dovecot.forget(address)


@pytest.fixture
def instances(app, mailboxes, database_url, ca_pem, tmp_path) -> Iterator[list[Instance]]:
    started = []
    for name in ("alder", "birch"):
        directory = tmp_path / name
        directory.mkdir(mode=0o700)
        # What hosts have in common besides the database: the keys.
        for key in ("secret_key", "sealing_keys"):
            text = app.secret_key if key == "secret_key" else (tmp_path / key).read_text()
            (directory / key).write_text(text)
        started.append(Instance(directory, database_url, SSL_CERT_FILE=str(ca_pem)))
    try:
        for instance in started:
            wait_for(instance.leads)
        yield started
    finally:
        for instance in started:
            if instance.process.poll() is None:
                instance.stop()


def owners() -> Counter[str | None]:
    """How many mailboxes each host looks after."""
    db.session.rollback()
    query = db.select(MailAccount.host_id).where(MailAccount.direction == "inbound")
    return Counter(db.session.scalars(query))


def tickets() -> int:
    db.session.rollback()
    return db.session.scalar(db.select(db.func.count()).select_from(Ticket))


def test_the_mailboxes_of_a_host_that_is_switched_off_go_on_elsewhere(instances, dovecot):
    wait_for(lambda: sorted(owners().values()) == [2, 2] and None not in owners())
    for number in range(40):
        dovecot.deliver(BOXES[number % 4], letter(subject=f"Before {number}").as_bytes())
    # In the middle of it.
    wait_for(lambda: tickets() >= 5)
    instances[0].kill()
    for number in range(40):
        dovecot.deliver(BOXES[number % 4], letter(subject=f"After {number}").as_bytes())
    wait_for(lambda: tickets() == 80)
    assert len(owners()) == 1
    assert Counter(db.session.scalars(db.select(InboundEmail.status))) == {"filed": 80}
    subjects = Counter(db.session.scalars(db.select(Ticket.subject)))
    assert set(subjects.values()) == {1}


def test_a_host_that_is_stopped_properly_says_goodbye(instances):
    wait_for(lambda: sorted(owners().values()) == [2, 2] and None not in owners())
    instances[0].stop()
    wait_for(lambda: list(owners().values()) == [4])
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count()).select_from(Host)) == 1
