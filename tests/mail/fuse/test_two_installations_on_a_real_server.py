"""Two installations of ours, each with its own database, write to each other by SMTP and read by IMAP: it stops."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from psa.alerts.operations import open_alerts
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents
from psa.sandbox import server as sandbox
from psa.sandbox.server import MailSandbox
from psa.sandbox.smtp import Deliver, SmtpService
from tests.factories import PASSWORD
from tests.mail.fuse.installations import NOTHING, PATIENCE, Firm, bare, begin, read
from tests.mailroom import letter

SECRET = "a long winter"
AT_REST = 4
SOMEBODY = "quinn@southwind.example"


@pytest.fixture
def mail_server(tmp_path: Path, firms: tuple[Firm, Firm]) -> Iterator[MailSandbox]:
    """One that has the mailboxes of both, and of the people there."""
    addresses = [
        SOMEBODY,
        *(address for firm in firms for address in (firm.address, firm.address.replace("support", "tom"))),
    ]
    with MailSandbox(tmp_path / "mail", dict.fromkeys(addresses, SECRET)) as running:
        for firm in firms:
            firm.connect(running)
        yield running


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server writes each mail anew with nothing but who, to whom, about what, and the words."""

    async def pass_on(deliver: Deliver, user: str, raw: bytes, folder: str) -> None:
        message = read(raw)
        if message["From"] is not None and "support@" in user:
            raw = bare(message).as_bytes()
        await deliver(user, raw, folder)

    monkeypatch.setattr(
        sandbox, "SmtpService", lambda deliver, *others: SmtpService(partial(pass_on, deliver), *others)
    )
    # And both take what the other's machine writes for a person's.
    monkeypatch.setattr("psa.mail.message.automatic.automatic.words_of.ACKNOWLEDGEMENTS", NOTHING)


def until_it_is_quiet(*firms: Firm) -> int:
    """Let them work until nothing moves any more; returns how many rounds that took.

    On a busy machine a mail may be on its way for a while: they have to be found at rest again and again.
    """
    before: list[object] = []
    at_rest = 0
    for rounds in range(PATIENCE):
        now = [firm.work() for firm in firms]
        at_rest = at_rest + 1 if now == before else 0
        if at_rest == AT_REST:
            return rounds
        if at_rest:
            time.sleep(0.3)
        before = now
    raise AssertionError("it never stops")


def write(server: MailSandbox, message: EmailMessage) -> None:
    with smtplib.SMTP(server.host, server.smtp_port, timeout=60) as client:
        client.login(SOMEBODY, SECRET)
        client.send_message(message, SOMEBODY)


def test_as_their_mail_is_it_arrives_and_nothing_is_answered_by_machine(firms, mail_server):
    north, south = firms
    begin(north, south)
    until_it_is_quiet(north, south)

    # The confirmation that the question has arrived, and the question of an agent.
    assert [status for status, _ in north.arrived] == ["filed", "filed"]
    assert north.left == []
    assert north.incidents + south.incidents == []


def test_taken_for_people_they_stop_after_a_handful_and_the_filing_goes_on(firms, gateway, mail_server):
    north, south = firms
    begin(north, south)
    until_it_is_quiet(north, south)

    # All that was sent has arrived and is filed.
    assert {status for firm in firms for status, _ in firm.arrived} == {"filed"}
    assert set(north.left + south.left) == {"sent"}
    assert 3 <= len(north.arrived) <= 8
    assert 3 <= len(south.arrived) <= 8
    # Whichever answers one more than it may stops; it may be both.
    stopped = next(firm for firm in firms if firm.incidents)
    assert stopped.incidents == ["words"]

    # Whoever is signed in there sees it above every page.
    browser = stopped.app.test_client()
    browser.post("/sign-in", data={"email": stopped.address.replace("support", "tom"), "password": PASSWORD})
    assert "Automatic answers to the same words are stopped" in browser.get("/tickets").get_data(as_text=True)

    # Others are answered as ever, and what comes from the loop is filed.
    sent, filed = len(stopped.left), len(stopped.arrived)
    write(mail_server, letter("The coffee is cold again today.", sender=f"Quinn <{SOMEBODY}>", to=stopped.address))
    until_it_is_quiet(stopped)
    assert (len(stopped.left), len(stopped.arrived)) == (sent + 1, filed + 1)
    assert stopped.arrived[-1][0] == "filed"

    # One click, and it counts anew.
    with stopped.app.app_context():
        incident_id = open_incidents()[0].id
        db.session.rollback()
    assert browser.post(f"/mail/incidents/{incident_id}/resumption").status_code == 303
    assert stopped.incidents == []
    with stopped.app.app_context():
        assert [alert for alert in open_alerts() if (alert.open_key or "").startswith("loop:")] == []
