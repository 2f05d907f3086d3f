"""``flask psa mail test``: the tests of the settings pages at a shell, with an exit status for programs."""

from __future__ import annotations

import json

import pytest

from psa import signing
from psa.extensions import db
from psa.mail.models import ConnectionTest, OutboundEmail
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

pytestmark = pytest.mark.dovecot
ADDRESS, PASSWORD = SUPPORT


@pytest.fixture
def accounts(cast, smtp_server, dovecot, ca_pem, monkeypatch):
    """Both accounts of support@northwind.example, on servers that are well."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    for account, port in ((cast.outbound, smtp_server.port), (cast.inbound, dovecot.imap)):
        account.host, account.port, account.security = "localhost", port, "starttls"
        account.username, account.sealed_password = ADDRESS, signing.seal(PASSWORD)
    db.session.commit()
    return cast


@pytest.fixture
def run(app):
    def call(*words: str, status: int = 0) -> str:
        result = app.test_cli_runner().invoke(args=["psa", "mail", "test", *words])
        assert result.exit_code == status, result.output
        db.session.expire_all()
        return result.output

    return call


def objects(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_both_accounts_of_an_address_are_tested_and_nothing_is_sent(run, accounts, smtp_server, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    sending, reading = objects(run(ADDRESS, "--json"))
    assert [step["stage"] for step in sending["steps"]] == ["resolve", "connect", "greeting", "tls", "auth"]
    assert (sending["direction"], sending["state"], reading["direction"], reading["state"]) == (
        "outbound",
        "passed",
        "inbound",
        "passed",
    )
    assert reading["findings"]["everything"] == 1
    assert smtp_server.received == []
    assert db.session.scalar(db.select(db.func.count()).select_from(OutboundEmail)) == 0


def test_with_an_address_the_test_email_goes_through_the_outbox(run, accounts, smtp_server):
    printed = run(ADDRESS, "--only", "outbound", "--to", "mara@northwind.example")
    assert "✓ Accepted by the server" in printed
    assert "Passed in" in printed
    assert [letter.recipients for letter in smtp_server.received] == [("mara@northwind.example",)]
    assert db.session.scalars(db.select(OutboundEmail.purpose)).all() == ["test"]
    assert db.session.scalars(db.select(ConnectionTest.state)).all() == ["passed"]


@pytest.mark.parametrize("to", [(), ("--to", "mara@northwind.example")])
def test_a_wrong_password_is_told_with_what_to_do_and_without_the_password(run, accounts, to):
    accounts.outbound.sealed_password = signing.seal("a short summer")
    db.session.commit()
    printed = run(ADDRESS, "--only", "outbound", *to, status=1)
    assert "✗ Login refused" in printed
    assert "Failed: The server refused the user name or the password" in printed
    assert "What to do:\n  1. " in printed
    assert "a short summer" not in printed
    [told] = objects(run(ADDRESS, "--only", "outbound", "--json", *to, status=1))
    assert (told["state"], told["cause"]) == ("failed", "auth_wrong_password")
    assert told["remedies"] and "535" in told["words"]


def test_a_mailbox_that_cannot_be_opened_is_told_too(run, accounts):
    accounts.inbound.port = 1
    db.session.commit()
    [told] = objects(run(ADDRESS, "--only", "inbound", "--json", status=1))
    assert (told["cause"], told["steps"][1]["state"]) == ("connect_refused", "failed")


def test_an_address_that_nobody_knows_and_one_that_is_none_are_said(run, accounts):
    assert f"Known: {ADDRESS}" in run("nobody@northwind.example", status=1)
    assert "--to" in run(ADDRESS, "--to", "mara at home", status=2)


def test_a_password_that_no_key_opens_is_said(run, accounts):
    accounts.outbound.sealed_password = "v1:not ours"
    db.session.commit()
    assert "again" in run(ADDRESS, "--only", "outbound", status=1)
