"""Connect: to the provider, back to the form as it was, and mail is read and sent without a password."""

from __future__ import annotations

import html
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from psa import clock, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound.poll import poll
from psa.mail.models import MailAccount
from psa.mail.oauth import grants, journey
from psa.mail.oauth.models import OAuthGrant
from tests.mail.oauth.conftest import ADDRESS, again, end_access_token
from tests.mail.oauth.walking import arrive, banner, come_back, connect, leave
from tests.mailroom import letter

MARA = "mara@northwind.example"


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


@pytest.fixture
def form(cast):
    """The form of the mailbox with a provider chosen and nothing signed in yet."""
    return {
        "address": ADDRESS,
        "protocol": "imap",
        "host": "localhost",
        "port": "993",
        "security": "ssl",
        "sign_in": "other",
        "username": ADDRESS,
        "folders": "INBOX",
        "parsing": "y",
        "create_tickets": "y",
        "default_queue_id": str(cast.billing.id),
        "after_filing": "leave",
        "interval": "300",
    }


@pytest.fixture
def sending_form():
    return {"address": ADDRESS, "host": "", "port": "", "security": "ssl", "sign_in": "microsoft", "username": ""}


def only_grant() -> OAuthGrant:
    db.session.rollback()
    return db.session.scalars(db.select(OAuthGrant)).one()


def stored(account: MailAccount) -> MailAccount:
    db.session.rollback()
    db.session.refresh(account)
    return account


def field(page: str, name: str) -> str:
    """What stands in an input."""
    tag = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page).group()
    found = re.search(r'value="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else ""


@pytest.mark.dovecot
def test_a_mailbox_is_connected_saved_and_read(admin, cast, registered, provider, form, dovecot, ca_pem, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    form["port"] = str(dovecot.imaps)
    page = connect(admin, form, account_id=cast.inbound.id)
    assert banner(page) == f"ok: Connected as {ADDRESS}. Save to sign in with it from now on."
    assert field(page, "port") == form["port"], "what was typed is there again"
    assert stored(cast.inbound).auth == "password", "and nothing is saved yet"

    form |= {"grant_id": field(page, "grant_id"), "seen": field(page, "seen")}
    assert admin.post(f"/admin/email/accounts/{cast.inbound.id}", data=form).status_code == 303
    account = stored(cast.inbound)
    assert (account.auth, account.grant_id, account.sealed_password) == ("oauth2", only_grant().id, "")
    account.since = None
    account.folders[0].since = None
    db.session.commit()
    dovecot.deliver(ADDRESS, letter().as_bytes())
    looked = poll(account.id)
    assert (looked.fault, looked.kept) == ("", 1)
    assert "Connected as" in admin.get(f"/admin/email/accounts/{account.id}").text


def test_a_new_account_is_as_it_was_typed_when_one_comes_back(admin, cast, as_known, sending_form):
    as_known("microsoft")
    sending_form |= {"address": "billing@northwind.example", "display_name": "Northwind Billing"}
    page = connect(admin, sending_form, direction="outbound")
    assert "ok: Connected as billing@northwind.example." in banner(page)
    assert field(page, "display_name") == "Northwind Billing"
    # The provider's server is filled in, and the address as the user name.
    assert (field(page, "host"), field(page, "port")) == ("smtp.office365.com", "587")
    sending_form |= {name: field(page, name) for name in ("host", "port", "username", "grant_id")}
    saved = admin.post("/admin/email/outbound/new", data=sending_form | {"security": "starttls"})
    assert saved.status_code == 303
    account = accounts.find("outbound", "billing@northwind.example")
    assert (account.auth, account.username, account.grant_id) == ("oauth2", account.address, only_grant().id)


def test_a_certificate_and_a_long_signature_stay_behind_and_the_rest_comes_back(admin, cast, as_known, sending_form):
    as_known("microsoft")
    sending_form |= {"address": "billing@northwind.example", "display_name": "Northwind Billing"}

    page = connect(admin, sending_form | {"ca_pem": "x" * 3000, "signature": "y" * 2000}, direction="outbound")

    assert (field(page, "address"), field(page, "display_name")) == ("billing@northwind.example", "Northwind Billing")


def test_microsoft_is_asked_as_microsoft_wants_it(admin, as_known, provider, sending_form):
    as_known("microsoft")
    page = urlsplit(leave(admin, sending_form, direction="outbound"))
    asked = {name: values[0] for name, values in parse_qs(page.query).items()}
    assert page.path == "/northwind.example/authorize"
    assert asked["redirect_uri"] == "http://localhost/admin/email/oauth/callback"
    assert asked["login_hint"] == ADDRESS
    assert asked["prompt"] == "select_account"
    assert {
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/POP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    } < set(asked["scope"].split())


def test_google_is_asked_as_google_wants_it(admin, as_known, sending_form):
    as_known("google")
    page = urlsplit(leave(admin, sending_form | {"sign_in": "google"}, direction="outbound"))
    asked = {name: values[0] for name, values in parse_qs(page.query).items()}
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert "https://mail.google.com/" in asked["scope"].split()


def test_a_shared_mailbox_is_opened_by_a_person_who_may(admin, as_known, provider, sending_form):
    as_known("microsoft")
    provider.user = MARA
    page = connect(admin, sending_form, direction="outbound")
    assert banner(page).startswith(f"warn: Connected as {MARA}. Save to sign in with it")
    assert f"if {ADDRESS} is a shared mailbox which {MARA} may open" in banner(page)
    assert only_grant().address == MARA
    assert field(page, "username") == ADDRESS


def test_at_google_only_the_mailbox_s_own_sign_in_counts(admin, as_known, provider, sending_form):
    as_known("google")
    provider.user = MARA
    page = connect(admin, sending_form | {"sign_in": "google"}, direction="outbound")
    assert banner(page).startswith(f"bad: You signed in at Google as {MARA}, but this account is {ADDRESS}.")
    assert db.session.scalars(db.select(OAuthGrant)).all() == []


def test_an_app_in_testing_is_told_about_before_it_stops(admin, as_known, provider, sending_form):
    as_known("google")
    provider.refresh_token_expires_in = 604_799
    page = connect(admin, sending_form | {"sign_in": "google"}, direction="outbound")
    assert "Google ends this sign-in after 7 days: publish the app there, and connect again." in banner(page)


def test_a_permission_that_is_missing_is_named(admin, as_known, provider, sending_form):
    as_known("microsoft")
    provider.withheld = ("https://outlook.office.com/SMTP.Send",)
    page = connect(admin, sending_form, direction="outbound")
    assert banner(page).startswith("bad: Microsoft 365 did not grant SMTP.Send.")
    assert db.session.scalars(db.select(OAuthGrant)).all() == []


def test_without_a_refresh_token_nothing_is_kept(admin, cast, registered, provider, form):
    provider.gives_refresh_token = False
    page = connect(admin, form, account_id=cast.inbound.id)
    assert "ends within the hour" in banner(page)
    assert db.session.scalars(db.select(OAuthGrant)).all() == []


@pytest.mark.parametrize(
    ("denies", "said"),
    [
        (("access_denied", "The user said no"), "reports that the permission was not given"),
        (("server_error", "Try later"), "bad: "),
        (("<b>odd</b>", "<script>alert(1)</script>"), "refused, with words we do not know"),
    ],
)
def test_a_no_of_the_provider_is_a_sentence(admin, cast, registered, provider, form, denies, said):
    provider.denies = denies
    page = connect(admin, form, account_id=cast.inbound.id)
    assert said in banner(page)
    assert html.escape(denies[1]) in page
    assert "<script>alert" not in page


def test_a_registration_that_does_not_fit_is_a_sentence_when_the_code_is_exchanged(
    admin, cast, registered, provider, form
):
    provider.secret = "another one by now"
    page = connect(admin, form, account_id=cast.inbound.id)
    assert banner(page).startswith("bad: The provider does not accept the app’s registration.")


def test_a_provider_that_is_away_when_the_code_is_exchanged_is_a_sentence(admin, cast, registered, provider, form):
    provider.answers.append((503, "maintenance"))
    page = connect(admin, form, account_id=cast.inbound.id)
    assert "bad: Other OAuth2 could not be asked for its token. Connect again." in banner(page)
    assert "HTTP status 503" in page


def test_an_answer_counts_once(admin, cast, registered, provider, form):
    there = leave(admin, form, account_id=cast.inbound.id)
    back = requests.get(there, allow_redirects=False, timeout=30).headers["Location"]
    arrive(admin, back)
    assert "did not begin that sign-in here, or has ended it already" in arrive(admin, back)


def test_an_answer_to_another_question_is_not_taken(admin, cast, registered, form):
    leave(admin, form, account_id=cast.inbound.id)
    said = arrive(admin, "/admin/email/oauth/callback?code=stolen&state=guessed")
    assert "That answer belongs to another try than the last one. Press Connect again." in said
    assert db.session.scalars(db.select(OAuthGrant)).all() == []


def test_a_second_try_is_not_spoilt_by_the_answer_to_the_first(admin, cast, registered, form):
    first = leave(admin, form, account_id=cast.inbound.id)
    second = leave(admin, form, account_id=cast.inbound.id)
    assert "belongs to another try than the last one" in come_back(admin, first)
    assert "ok: Connected as" in banner(come_back(admin, second))


def test_the_cookie_holds_what_it_must_whatever_was_typed(admin, cast, registered, provider, form):
    provider.denies = ("access_denied", "no " * 500)
    for filling in (100, 300, 400, 450, 500, 5000):
        form["move_to"] = secrets.token_urlsafe(filling)
        there = leave(admin, form, account_id=cast.inbound.id)
        assert len(admin.get_cookie("session").value) < 3900
        assert "the permission was not given" in banner(come_back(admin, there))
        assert len(admin.get_cookie("session").value) < 3900


def test_an_answer_after_ten_minutes_is_not_taken(admin, cast, registered, provider, form, monkeypatch):
    there = leave(admin, form, account_id=cast.inbound.id)
    began = journey.time.time()
    monkeypatch.setattr(journey.time, "time", lambda: began + 601)
    assert "longer than ten minutes" in come_back(admin, there)


def test_nobody_but_an_admin_connects(sign_in, cast, registered, form):
    agent = sign_in("agent")
    at = f"/admin/email/oauth/sign-ins?direction=inbound&account_id={cast.inbound.id}"
    assert agent.post(at, data=form).status_code == 403
    assert agent.get("/admin/email/oauth/callback?code=1&state=2").status_code == 403
    assert agent.get("/admin/email/providers").status_code == 403


def test_what_travels_in_the_cookie_cannot_be_read(admin, cast, registered, form):
    leave(admin, form | {"password": "typed before"}, account_id=cast.inbound.id)
    with admin.session_transaction() as kept:
        sealed = kept[journey.AWAY]
        opened = signing.unseal(sealed)
    assert "verifier" in opened and "verifier" not in sealed
    assert "typed before" not in opened


def test_a_grant_is_offered_to_the_other_direction_and_shared(admin, cast, as_known, provider, form, sending_form):
    as_known("microsoft")
    form |= {"sign_in": "microsoft", "host": "outlook.office365.com"}
    page = connect(admin, form, account_id=cast.inbound.id)
    offer = f"/admin/email/accounts/{cast.outbound.id}?sign_in=microsoft"
    assert "Outbound signs in as support@northwind.example in another way." in page and offer in page
    there = admin.get(offer).text
    assert "Connected as" in there
    assert (field(there, "host"), field(there, "port")) == ("smtp.office365.com", "587")
    sending_form |= {name: field(there, name) for name in ("host", "port", "username", "grant_id")}
    saved = admin.post(f"/admin/email/accounts/{cast.outbound.id}", data=sending_form | {"security": "starttls"})
    assert saved.status_code == 303
    assert stored(cast.outbound).grant_id == only_grant().id


def test_a_dead_grant_is_said_everywhere_and_no_page_asks_the_network(admin, cast, grant, provider, monkeypatch):
    for account in (cast.inbound, cast.outbound):
        account.auth, account.grant_id, account.sealed_password = "oauth2", grant.id, ""
    provider.revoke_all()
    end_access_token(grant)
    with pytest.raises(grants.GrantBroken):
        grants.access_token(grant.id)
    again(grant)

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("a settings page asked the network")

    monkeypatch.setattr(requests.Session, "send", no_network)
    monkeypatch.setattr("socket.create_connection", no_network)
    for account in (cast.inbound, cast.outbound):
        page = admin.get(f"/admin/email/accounts/{account.id}")
        assert page.status_code == 200
        assert "does not work any more" in page.text
        assert "Token has been expired or revoked" in page.text
        assert "Reconnect" in page.text
    providers = admin.get("/admin/email/providers/other").text
    assert "is broken. Open its account and press Reconnect." in providers


def test_reconnecting_a_dead_grant_needs_no_saving(admin, cast, grant, provider, form):
    account = cast.inbound
    account.auth, account.grant_id, account.sealed_password = "oauth2", grant.id, ""
    account.failures, account.fault_cause, account.fault_stage = 5, "oauth_token_invalid", "token"
    account.refused_since = account.next_poll_at = clock.now()
    provider.revoke_all()
    end_access_token(grant)
    page = connect(admin, form, account_id=account.id)
    assert "It is tried at once, and what waits is caught up." in banner(page)
    account = stored(account)
    assert (account.failures, account.fault_cause, account.refused_since, account.next_poll_at) == (0, "", None, None)


def test_a_grant_whose_seal_is_broken_leaves_the_pages_standing(admin, cast, grant, app, tmp_path):
    cast.inbound.auth, cast.inbound.grant_id = "oauth2", grant.id
    db.session.commit()
    (tmp_path / "sealing_keys").write_text("another key")
    signing.init_app(app)
    assert admin.get(f"/admin/email/accounts/{cast.inbound.id}").status_code == 200
    assert admin.get("/admin/email/providers/other").status_code == 200


def test_disconnecting_forgets_the_grant_and_tells_google(admin, cast, as_known, provider, sending_form):
    as_known("google")
    page = connect(admin, sending_form | {"sign_in": "google"}, direction="outbound", account_id=cast.outbound.id)
    grant = only_grant()
    token = signing.unseal(grant.sealed_refresh_token)
    cast.outbound.auth, cast.outbound.grant_id = "oauth2", grant.id
    cast.outbound.host = "smtp.gmail.com"
    db.session.commit()
    at = f"/admin/email/oauth/grants/{grant.id}/removal?account_id={cast.outbound.id}"
    assert at.replace("&", "&amp;") in page
    shown = admin.post(at, follow_redirects=True).text
    assert f"{ADDRESS} is disconnected." in shown
    assert f"Nobody is signed in for {ADDRESS} yet." in shown
    assert provider.revoked == [token]
    assert (stored(cast.outbound).auth, stored(cast.outbound).grant_id) == ("oauth2", None)


def test_an_account_is_not_saved_before_somebody_is_signed_in(admin, cast, registered, form):
    refused = admin.post(f"/admin/email/accounts/{cast.inbound.id}", data=form)
    assert refused.status_code == 422
    assert f"Nobody is signed in at Other OAuth2 for {ADDRESS} yet. Press Connect." in refused.text


def test_a_token_goes_to_the_provider_s_own_servers_and_never_in_the_clear(admin, cast, as_known, form):
    as_known("microsoft")
    form |= {"sign_in": "microsoft", "host": "outlook.office365.com"}
    connect(admin, form, account_id=cast.inbound.id)
    for changes, said in (
        ({"host": "imap.attacker.example"}, "opens its own servers only, such as outlook.office365.com"),
        ({"host": "outlook.office365.com.attacker.example"}, "opens its own servers only"),
        ({"security": "none", "port": "143"}, "never goes over an unencrypted connection"),
    ):
        refused = admin.post(f"/admin/email/accounts/{cast.inbound.id}", data=form | changes)
        assert refused.status_code == 422
        assert said in refused.text


def test_the_way_below_the_choice_follows_it(admin, cast, registered, form):
    at = f"/admin/email/oauth/way?direction=inbound&account_id={cast.inbound.id}"
    assert 'name="password"' in admin.post(at, data=form | {"sign_in": "password"}).text
    assert "Nobody is signed in for" in admin.post(at, data=form).text
    assert "Google does not know this PSA yet." in admin.post(at, data=form | {"sign_in": "google"}).text
