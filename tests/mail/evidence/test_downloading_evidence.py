"""Download evidence: what one hands to the provider or to us says everything but the secrets and the text of mail."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from psa import signing
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.diagnosis import probe
from psa.mail.models import ConnectionTest, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.deliver import deliver_due
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT
from tests.waiting import seconds_until

PASSWORD = "seventeen quiet otters"
DANA = "dana@harbor-dental.example"


@pytest.fixture
def account(cast, smtp_server, ca_pem, monkeypatch):
    """The sending account with a password that the server does not take, and says so with its own words."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    smtp_server.answers["AUTH"] = f"535 5.7.8 {PASSWORD} is wrong, ask postmaster@mail.example"
    account = cast.outbound
    account.host, account.port, account.security = "localhost", smtp_server.port, "starttls"
    account.username, account.sealed_password = SUPPORT[0], signing.seal(PASSWORD)
    db.session.commit()
    return account


@pytest.fixture
def email(account) -> OutboundEmail:
    """A reply that was tried once."""
    composed = compose(
        Content("The invoice", "Pay 500 at once."),
        sender=("", account.address),
        to=[("", DANA)],
    )
    outbound_id = outbox.enqueue(
        composed, account_id=account.id, envelope_sender=account.address, recipients=[DANA], purpose="reply"
    )
    db.session.commit()
    deliver_due()
    return db.session.get_one(OutboundEmail, outbound_id)


@pytest.fixture
def download(sign_in):
    """The files of an archive by name, as an admin gets them."""

    def get(url: str) -> dict[str, str]:
        answer = sign_in("admin").get(url)
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        assert PASSWORD.encode() not in answer.data
        with zipfile.ZipFile(BytesIO(answer.data)) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist()}
        everything = "\n".join(files.values())
        assert PASSWORD not in everything
        assert "sealed" not in everything
        return files

    return get


def test_of_a_message_it_has_each_attempt_the_headers_and_no_text(download, email):
    files = download(f"/mail/outbound/{email.id}/evidence")
    [attempt] = json.loads(files["attempts.json"])
    assert attempt["steps"][-1]["stage"] == "auth"
    assert "(hidden) is wrong, ask postmaster@mail.example" in attempt["words"]
    assert "Subject: The invoice" in files["headers.txt"]
    assert "Pay 500" not in "".join(files.values())
    assert json.loads(files["message.json"])["recipients"] == [DANA]
    assert json.loads(files["message.json"])["cause_in_words"]["remedies"]


def test_of_an_account_it_has_the_settings_the_state_and_the_versions(download, account, email):
    files = download(f"/admin/email/accounts/{account.id}/evidence")
    settings = json.loads(files["settings.json"])
    assert (settings["host"], settings["port"], settings["username"]) == ("localhost", account.port, SUPPORT[0])
    assert settings["fault_cause"] == "auth_wrong_password"
    assert settings["fault_in_words"]["title"]
    versions = json.loads(files["versions.json"])
    assert versions["schema"] and versions["python"] and versions["keys_open"]
    assert "Passwords, tokens and keys are hidden" in files["about.txt"]


def test_of_a_test_it_has_every_step(download, account):
    test = probe.start_test(server.of_account(account), account.id, to=DANA)
    seconds_until(lambda: db.session.get_one(ConnectionTest, test.id).state != "running")
    files = download(f"/admin/email/tests/{test.id}/evidence")
    told = json.loads(files["test.json"])
    assert (told["state"], told["cause"], told["steps"][-4]["state"]) == ("failed", "auth_wrong_password", "failed")
    assert "sealed_settings" not in told


def test_of_mail_that_came_in_it_has_the_trace(download, mailroom):
    inbound = mailroom.receive(letter("The projector stays dark."))
    files = download(f"/mail/inbound/{inbound.id}/evidence")
    assert json.loads(files["trace.json"])
    assert "Subject: Projector" in files["headers.txt"]
    assert "stays dark" not in "".join(files.values())


def test_a_lost_key_keeps_nobody_from_the_evidence(download, account):
    account.sealed_password = "not sealed by us"
    db.session.commit()
    assert json.loads(download(f"/admin/email/accounts/{account.id}/evidence")["settings.json"])["host"]


def test_only_admins_may_have_it(sign_in, email):
    agent = sign_in("agent")
    for url in (f"/mail/outbound/{email.id}/evidence", f"/admin/email/accounts/{email.account_id}/evidence"):
        assert agent.get(url).status_code == 403


def test_of_what_is_not_there_there_is_none(sign_in, cast):
    assert sign_in("admin").get("/admin/email/tests/999/evidence").status_code == 404


def test_the_pages_lead_to_it(sign_in, account, email, mailroom):
    inbound = mailroom.receive(letter())
    admin = sign_in("admin")
    assert f"/mail/outbound/{email.id}/evidence" in admin.get(f"/mail/outbound/{email.id}").text
    assert f"/mail/inbound/{inbound.id}/evidence" in admin.get(f"/mail/inbound/{inbound.id}").text
