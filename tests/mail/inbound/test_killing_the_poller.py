"""The poller is killed at many random moments: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from psa import signing
from psa.extensions import db
from psa.mail.inbound.reckon import reckon
from psa.mail.models import InboundEmail, RawMessage
from psa.tickets.models import Comment, Event, Ticket
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

pytestmark = [pytest.mark.dovecot, pytest.mark.slow]
MAILS = 300


def test_three_hundred_mails_survive_forty_kills(cast, app, dovecot, ca_pem, database_url, tmp_path, monkeypatch):
    account = cast.inbound
    account.host, account.port, account.security, account.since = "localhost", dovecot.imaps, "ssl", None
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    account.after_filing = "seen"
    db.session.commit()
    for number in range(MAILS):
        dovecot.deliver(SUPPORT[0], letter(subject=f"Mail {number}", text="x" * (number * 97 % 9000)).as_bytes())

    killed = kill_pollers(40, database_url, tmp_path, app.secret_key, ca_pem)

    assert killed >= 10, "hardly any poller was killed while it worked"
    left = db.session.scalars(db.select(InboundEmail.reason).where(InboundEmail.status != "filed")).all()
    assert left == []
    subjects = Counter(db.session.scalars(db.select(Ticket.subject)))
    assert subjects == Counter(f"Mail {number}" for number in range(MAILS))
    for model in (Comment, Event, InboundEmail, RawMessage):
        assert db.session.scalar(db.select(db.func.count()).select_from(model)) == MAILS, model.__name__
    assert db.session.scalars(db.select(InboundEmail).where(InboundEmail.settled.is_(False))).all() == []
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    check = reckon(account.id)
    assert (check.words, check.counted, check.differences, check.unseen) == ("", {"filed": MAILS}, [], [])


def kill_pollers(kills: int, url: str, directory, secret_key: str, ca_pem) -> int:
    (directory / "secret_key").write_text(secret_key)
    environment = os.environ | {"DATABASE_URL": url, "PSA_DATA": str(directory), "SSL_CERT_FILE": str(ca_pem)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.mail.inbound.kill_pollers", str(kills), "20261123"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])
