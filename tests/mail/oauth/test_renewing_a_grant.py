"""Access tokens end every hour: they are renewed in time, once, and no refresh token is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from psa import clock, signing
from psa.extensions import db
from psa.mail.oauth import apps, client, grants
from psa.mail.oauth.client import ProviderAway
from psa.mail.oauth.grants import GrantBroken
from tests.mail.oauth.conftest import ADDRESS, again, connect, end_access_token, leave, register
from tests.servers import tokens
from tests.servers.oauth import HANG, Grant, OAuthProvider


def test_a_token_is_used_until_shortly_before_its_end(grant, provider):
    first = grants.access_token(grant.id)
    assert tokens.user_of(first.value) == ADDRESS
    assert grants.access_token(grant.id).value == first.value
    assert provider.renewals == 0
    leave(grant, timedelta(minutes=9))
    assert grants.access_token(grant.id).value != first.value
    assert provider.renewals == 1


def test_a_short_life_is_used_for_three_quarters(grant, provider):
    provider.expires_in = 240
    end_access_token(grant)
    left = grants.access_token(grant.id).good_until - clock.now()
    assert timedelta(seconds=170) < left < timedelta(seconds=185)
    assert provider.renewals == 1
    grants.access_token(grant.id)
    assert provider.renewals == 1


@pytest.mark.parametrize("life", [0, -5, 10**13])
def test_a_life_that_cannot_be_meant_costs_no_refresh_token(grant, provider, life):
    provider.expires_in = life
    end_access_token(grant)
    token = grants.access_token(grant.id)
    assert token.good_until > clock.now()
    assert signing.unseal(again(grant).sealed_refresh_token) in provider.refresh_tokens


def test_the_new_refresh_token_is_kept_before_anybody_uses_the_access_token(grant, provider):
    for _ in range(3):
        end_access_token(again(grant))
        token = grants.access_token(grant.id)
        kept = again(grant)
        assert signing.unseal(kept.sealed_access_token) == token.value
        assert signing.unseal(kept.sealed_refresh_token) in provider.refresh_tokens
    assert provider.renewals == 3


def test_a_provider_that_gives_no_new_refresh_token_means_the_old_one(grant, provider):
    provider.rotates = False
    before = signing.unseal(grant.sealed_refresh_token)
    end_access_token(grant)
    grants.access_token(grant.id)
    assert signing.unseal(again(grant).sealed_refresh_token) == before


def test_a_public_client_renews_without_a_secret(app, provider):
    provider.secret = None
    grant = connect(register(provider))
    end_access_token(grant)
    assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS
    assert "client_secret" not in provider.asked[-1]


def test_many_threads_at_once_ask_the_provider_once(app, grant, provider):
    provider.delay = 0.3
    end_access_token(grant)
    got: list[str] = []

    def ask() -> None:
        with app.app_context():
            got.append(grants.access_token(grant.id).value)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(got) == 8
    assert len(set(got)) == 1
    assert provider.renewals == 1


@pytest.mark.slow
def test_two_processes_at_once_ask_the_provider_once(app, grant, provider, database_url, tmp_path):
    provider.delay = 1
    end_access_token(grant)
    (tmp_path / "secret_key").write_text(app.secret_key)
    signal = tmp_path / "now"
    command = [sys.executable, "-m", "tests.mail.oauth.renew", str(grant.id), str(signal)]
    environment = os.environ | {"DATABASE_URL": database_url, "PSA_DATA": str(tmp_path)}
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    signal.touch()
    got = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert got[0] == got[1]
    assert provider.renewals == 1
    assert signing.unseal(again(grant).sealed_refresh_token) in provider.refresh_tokens


def test_a_grant_that_was_taken_back_is_broken_until_somebody_connects_it_anew(grant, registered, provider):
    provider.revoke_all()
    end_access_token(grant)
    with pytest.raises(GrantBroken, match="expired or revoked"):
        grants.access_token(grant.id)
    kept = again(grant)
    assert (kept.state, kept.words) == ("broken", "invalid_grant: Token has been expired or revoked.")
    assert connect(registered).id == grant.id
    assert again(grant).state == "connected"
    assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, "Internal Server Error"), "HTTP status 500"),
        ((503, '{"error": "temporarily_unavailable"}'), "HTTP status 503"),
        ((429, "slow down"), "HTTP status 429"),
        ((200, "<html>Sign in to the hotel's network</html>"), "something that is no token"),
        ((200, '{"hello": "world"}'), "something that is no token"),
        ((200, '{"access_token": 7}'), "something that is no token"),
        ((200, '["access_token"]'), "something that is no token"),
        ((302, ""), "something that is no token"),
        ((400, '{"error": "temporarily_unavailable", "error_description": "Try later"}'), "Try later"),
        ((400, '{"error": "invalid_request", "error_description": "AADSTS90033: A transient error"}'), "AADSTS90033"),
        (HANG, "did not answer in time"),
    ],
)
def test_trouble_at_the_provider_breaks_nothing(grant, provider, monkeypatch, answer, words):
    monkeypatch.setattr(client, "TIMEOUT", (1.0, 0.3))
    provider.answers.append(answer)
    end_access_token(grant)
    with pytest.raises(ProviderAway, match=words):
        grants.access_token(grant.id)
    assert again(grant).state == "connected"
    assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS


def test_a_provider_out_of_reach_is_named_with_the_network_s_words(grant, registered):
    registered.token_url = "http://127.0.0.1:1/token"
    end_access_token(grant)
    with pytest.raises(ProviderAway, match=r"127\.0\.0\.1 could not be reached: .*refused"):
        grants.access_token(grant.id)


def test_a_provider_s_certificate_is_checked_by_the_authorities_that_mail_trusts(grant, ca, ca_pem, monkeypatch):
    with OAuthProvider(ca=ca) as secured:
        secured.refresh_tokens[signing.unseal(grant.sealed_refresh_token)] = Grant(ADDRESS, "mail")
        grant.app.token_url = f"{secured.url}/token"
        end_access_token(grant)
        with pytest.raises(ProviderAway, match="CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
            grants.access_token(grant.id)
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
        assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS


def test_while_the_provider_is_away_a_token_serves_to_its_last_moment(grant, provider):
    provider.answers.append((500, ""))
    leave(grant, timedelta(minutes=5))
    assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS
    assert provider.renewals == 1


def test_an_expired_secret_is_broken_until_a_new_one_is_entered(grant, registered, provider):
    words = "AADSTS7000222: The provided client secret keys for app 'f3a9' are expired."
    provider.answers.append((401, f'{{"error": "invalid_client", "error_description": "{words}"}}'))
    end_access_token(grant)
    with pytest.raises(GrantBroken, match="AADSTS7000222"):
        grants.access_token(grant.id)
    assert again(grant).state == "broken"
    provider.secret = "the new one"
    register(provider)
    assert tokens.user_of(grants.access_token(grant.id).value) == ADDRESS
    assert again(grant).state == "connected"


def test_whoever_connects_anew_during_a_renewal_wins(app, grant, registered, provider):
    provider.delay, provider.rotates = 0.5, False
    end_access_token(grant)

    def ask() -> None:
        with app.app_context():
            grants.access_token(grant.id)

    renewal = threading.Thread(target=ask)
    renewal.start()
    while not provider.renewals:
        pass
    anew = signing.unseal(connect(registered).sealed_refresh_token)
    renewal.join(120)
    assert signing.unseal(again(grant).sealed_refresh_token) == anew


def test_without_the_key_that_sealed_it_a_grant_is_broken(app, grant, tmp_path):
    (tmp_path / "sealing_keys").write_text("another key")
    signing.init_app(app)
    with pytest.raises(GrantBroken, match="cannot be opened"):
        grants.access_token(grant.id)


def test_a_grant_that_nobody_uses_is_renewed_once_a_day(grant, provider, cast):
    cast.outbound.auth, cast.outbound.grant_id = "oauth2", grant.id
    grant.connected_at = grant.renewed_at = grant.expires_at = clock.now() - timedelta(days=2)
    db.session.commit()
    assert grants.keep_alive() == 1
    assert grants.keep_alive() == 0
    assert provider.renewals == 1


def test_other_addresses_of_the_provider_get_none_of_our_tokens(grant, registered, provider):
    register(provider, token_url="http://127.0.0.1:1/elsewhere")
    end_access_token(again(grant))
    with pytest.raises(GrantBroken, match="must not go there"):
        grants.access_token(grant.id)


def test_a_changed_registration_lets_its_mailboxes_try_at_once(grant, provider, cast):
    account = cast.inbound
    account.grant_id, account.failures, account.fault_cause = grant.id, 4, "oauth_app_misconfigured"
    account.next_poll_at = clock.now() + timedelta(hours=1)
    revision = account.revision
    db.session.commit()
    register(provider)
    db.session.refresh(account)
    assert (account.failures, account.fault_cause, account.next_poll_at) == (0, "", None)
    assert account.revision == revision + 1


def test_nothing_secret_is_shown_by_what_we_pass_around(grant, registered):
    registration, token = apps.registration_of(registered), grants.access_token(grant.id)
    shown = repr((registration, token, grants.look_up(grant.id)))
    assert registration.secret not in shown
    assert token.value not in shown
    assert signing.unseal(grant.sealed_refresh_token) not in shown
