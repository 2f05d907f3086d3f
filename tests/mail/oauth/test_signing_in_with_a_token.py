"""Mailboxes are read and mail leaves with a token: by real Dovecot, and by an SMTP server like Microsoft's."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from psa import clock, signing
from psa.extensions import db
from psa.jobs.mailboxes import Listeners
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.inbound import imap, pop3
from psa.mail.inbound.poll import poll
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.oauth import grants
from psa.mail.oauth.models import OAuthGrant
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.deliver import deliver, deliver_due
from psa.tickets.models import Ticket
from tests.mail.oauth.conftest import ADDRESS, again, connect, end_access_token, register
from tests.mail.views.watching import HTMX, watch_on
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT
from tests.waiting import seconds_until

DANA = "dana@harbor-dental.example"


@pytest.fixture
def mailbox(cast, grant, dovecot, ca_pem, monkeypatch) -> MailAccount:
    """The mailbox at Dovecot, opened by the grant."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = use(cast.inbound, grant)
    account.protocol, account.port, account.security, account.since = "imap", dovecot.imaps, "ssl", None
    db.session.commit()
    return account


@pytest.fixture
def sender(cast, grant, smtp_server, ca_pem, monkeypatch) -> MailAccount:
    """The sending account, opened by the same grant."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = use(cast.outbound, grant)
    account.port, account.security = smtp_server.port, "starttls"
    db.session.commit()
    return account


def use(account: MailAccount, grant: OAuthGrant) -> MailAccount:
    account.host, account.username, account.sealed_password = "localhost", SUPPORT[0], ""
    account.auth, account.grant_id = "oauth2", grant.id
    return account


def queued() -> OutboundEmail:
    composed = compose(
        Content("Projector", "It works."),
        sender=("Northwind Support", ADDRESS),
        to=[("", DANA)],
    )
    account = db.session.scalars(db.select(MailAccount).where(MailAccount.direction == "outbound")).one()
    outbound_id = outbox.enqueue(
        composed, account_id=account.id, envelope_sender=ADDRESS, recipients=[DANA], purpose="reply"
    )
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id)


def fresh(account: MailAccount) -> MailAccount:
    db.session.rollback()
    db.session.refresh(account)
    return account


@pytest.mark.dovecot
@pytest.mark.parametrize("way", ["imaps", "imap", "pop3s", "pop3"])
def test_a_mailbox_is_read_with_a_token(mailbox, dovecot, way):
    mailbox.protocol, mailbox.port = way.removesuffix("s"), getattr(dovecot, way)
    mailbox.security = "ssl" if way.endswith("s") else "starttls"
    db.session.commit()
    dovecot.deliver(ADDRESS, letter(subject="The scanner").as_bytes())
    looked = poll(mailbox.id)
    assert (looked.fault, looked.kept) == ("", 1)
    assert db.session.scalars(db.select(Ticket.subject)).all() == ["The scanner"]


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_where_only_oauthbearer_is_offered_it_is_taken(mailbox, dovecot, monkeypatch, protocol):
    monkeypatch.setattr(imap.Client, "capabilities", lambda _: (b"IMAP4REV1", b"AUTH=PLAIN", b"AUTH=OAUTHBEARER"))
    monkeypatch.setattr(pop3.Client, "mechanisms", lambda _: ["PLAIN", "OAUTHBEARER"])
    mailbox.protocol, mailbox.port = protocol, getattr(dovecot, f"{protocol}s")
    db.session.commit()
    assert poll(mailbox.id).fault == ""
    assert "method=OAUTHBEARER" in dovecot.log().splitlines()[-1] or "OAUTHBEARER" in dovecot.log()


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_that_ended_unexpectedly_is_renewed_once(
    mailbox, registered, provider, dovecot, monkeypatch, protocol, mechanism
):
    monkeypatch.setattr(imap.Client, "capabilities", lambda _: (b"IMAP4REV1", f"AUTH={mechanism}".encode()))
    monkeypatch.setattr(pop3.Client, "mechanisms", lambda _: [mechanism])
    mailbox.protocol, mailbox.port = protocol, getattr(dovecot, f"{protocol}s")
    # The provider says that it lasts for an hour; the server finds that it is over.
    provider.seconds = -60
    grant = connect(registered)
    grant.renewed_at = clock.now() - timedelta(minutes=10)
    db.session.commit()
    provider.seconds = 3600
    dovecot.deliver(ADDRESS, letter().as_bytes())
    looked = poll(mailbox.id)
    assert (looked.fault, looked.kept) == ("", 1)
    assert provider.renewals == 1
    assert signing.unseal(again(grant).sealed_refresh_token) in provider.refresh_tokens


@pytest.mark.dovecot
@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_fresh_token_that_is_refused_is_a_matter_of_permission(mailbox, dovecot, provider, protocol):
    dovecot.add_user("billing@northwind.example", "another password")
    mailbox.protocol, mailbox.port = protocol, getattr(dovecot, f"{protocol}s")
    mailbox.username = "billing@northwind.example"
    db.session.commit()
    fault = poll(mailbox.id).fault
    account = fresh(mailbox)
    assert (account.fault_stage, account.fault_cause) == ("auth", "permission_missing")
    assert '"status"' in fault, "the server's own reason is kept"
    assert provider.renewals == 0, "it had been given out just now: another one would be refused too"


@pytest.mark.dovecot
def test_a_mailbox_whose_grant_was_taken_back_says_so_and_catches_up_when_it_is_connected_again(
    mailbox, grant, registered, provider, dovecot
):
    provider.revoke_all()
    end_access_token(grant)
    dovecot.deliver(ADDRESS, letter(subject="Meanwhile").as_bytes())
    assert poll(mailbox.id).fault == "invalid_grant: Token has been expired or revoked."
    account = fresh(mailbox)
    assert (account.fault_stage, account.fault_cause) == ("token", "oauth_token_invalid")
    assert account.next_poll_at > clock.now()
    assert any("Reconnect" in remedy for remedy in CAUSES[account.fault_cause].remedies)

    connect(registered)
    account = fresh(mailbox)
    assert (account.fault_cause, account.failures, account.next_poll_at) == ("", 0, None)
    assert poll(mailbox.id).kept == 1
    assert db.session.scalars(db.select(Ticket.subject)).all() == ["Meanwhile"]


@pytest.mark.dovecot
def test_while_the_provider_is_away_the_mailbox_waits_and_goes_on_by_itself(mailbox, grant, provider, dovecot):
    end_access_token(grant)
    provider.answers = [(503, "maintenance")]
    poll(mailbox.id)
    account = fresh(mailbox)
    assert (account.fault_stage, account.fault_cause) == ("token", "provider_away")
    assert CAUSES["provider_away"].retry
    assert again(grant).state == "connected"
    dovecot.deliver(ADDRESS, letter().as_bytes())
    assert poll(mailbox.id).kept == 1
    assert fresh(mailbox).fault_cause == ""


@pytest.mark.dovecot
def test_a_mailbox_without_a_sign_in_is_told_what_is_missing(mailbox, dovecot):
    mailbox.grant_id = None
    db.session.commit()
    poll(mailbox.id)
    assert fresh(mailbox).fault_cause == "not_connected"


@pytest.mark.dovecot
@pytest.mark.slow
def test_a_listener_comes_back_with_another_token_before_the_first_one_ends(app, mailbox, grant, provider, dovecot):
    provider.expires_in = 4
    end_access_token(grant)
    mailbox.interval = 600
    db.session.commit()
    listeners = Listeners(app)
    listeners.tend()
    try:
        seconds_until(lambda: provider.renewals >= 3)
        dovecot.deliver(ADDRESS, letter(subject="At last").as_bytes())
        seconds_until(lambda: db.session.scalars(db.select(Ticket.subject)).all() == ["At last"])
    finally:
        listeners.stop()
    assert fresh(mailbox).last_failure_at is None


def test_mail_leaves_with_a_token(sender, smtp_server):
    assert deliver(queued().id).outcome == "sent"
    assert [one.sender for one in smtp_server.received] == [ADDRESS]


def test_a_token_that_ended_before_sending_is_renewed_once(sender, registered, provider, smtp_server):
    provider.seconds = -60
    grant = connect(registered)
    grant.renewed_at = clock.now() - timedelta(minutes=10)
    db.session.commit()
    provider.seconds = 3600
    assert deliver(queued().id).outcome == "sent"
    assert (provider.renewals, smtp_server.connections) == (1, 1)


def test_with_an_expired_secret_mail_waits_and_leaves_when_the_new_one_is_entered(
    sender, grant, registered, provider, smtp_server
):
    words = "AADSTS7000222: The provided client secret keys for app 'f3a9' are expired."
    provider.answers.append((401, f'{{"error": "invalid_client", "error_description": "{words}"}}'))
    end_access_token(grant)
    email = queued()
    deliver_due()
    db.session.refresh(email)
    assert (email.status, email.cause) == ("queued", "oauth_app_misconfigured")
    assert words in email.reason
    assert smtp_server.connections == 0, "without a token there is nothing to say to the mail server"
    assert fresh(sender).paused_until is not None

    provider.secret = "the new one"
    register(provider)
    assert fresh(sender).paused_until is None
    deliver_due()
    db.session.refresh(email)
    assert email.status == "sent"


def test_microsoft_s_plain_no_to_a_fresh_token_is_a_matter_of_permission(sender, smtp_server):
    sender.username = "billing@northwind.example"
    db.session.commit()
    attempt = deliver(queued().id)
    assert attempt.outcome == "queued"
    assert attempt.words.startswith("535 5.7.3 Authentication unsuccessful")
    assert fresh(sender).fault_cause == "permission_missing"


def test_a_server_that_says_what_is_wrong_is_believed(sender, smtp_server):
    smtp_server.answers["AUTH"] = (
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."
    )
    deliver(queued().id)
    assert fresh(sender).fault_cause == "protocol_disabled"


def test_a_server_that_repeats_the_token_does_not_bring_it_into_our_records(sender, grant, smtp_server):
    token = grants.access_token(grant.id).value
    said = base64.b64encode(f"user={ADDRESS}\1auth=Bearer {token}\1\1".encode()).decode()
    smtp_server.answers["AUTH"] = f"535 5.7.8 not {token} and not {said}"
    attempt = deliver(queued().id)
    kept = f"{attempt.words} {fresh(sender).fault_words}"
    assert "(hidden)" in kept
    assert token not in kept and said not in kept


def test_send_test_email_names_what_is_wrong_with_the_sign_in(sender, grant, provider, sign_in, smtp_server):
    browser = sign_in("admin")
    at = f"/admin/email/accounts/{sender.id}/test-emails"
    shown = watch_on(browser, browser.post(at, data={"to": DANA}, headers=HTMX).text)
    assert "pill ok" in shown and "The sign-in at the provider is good" in shown
    sender.grant_id = None
    db.session.commit()
    form = {"to": DANA, "address": ADDRESS, "username": ADDRESS, "security": "starttls", "port": str(sender.port)}
    form |= {"host": "localhost", "sign_in": "other", "grant_id": str(grant.id)}
    provider.revoke_all()
    end_access_token(grant)
    shown = watch_on(browser, browser.post(at, data=form, headers=HTMX).text)
    assert "The sign-in to the provider has lapsed" in shown
    assert "Press Reconnect" in shown
    assert smtp_server.connections == 1


@pytest.mark.dovecot
def test_test_connection_begins_with_the_sign_in_at_the_provider(mailbox, grant, provider, sign_in, dovecot):
    browser = sign_in("admin")
    at = f"/admin/email/accounts/{mailbox.id}/tests"
    shown = watch_on(browser, browser.post(at, headers=HTMX).text)
    assert "The sign-in at the provider is good" in shown
    assert "Signed in" in shown
    provider.answers = [(503, "maintenance")]
    end_access_token(grant)
    shown = watch_on(browser, browser.post(at, headers=HTMX).text)
    assert "The provider’s sign-in service does not answer" in shown
