"""Sign-in providers: our registrations, with what to enter where, and what is about to end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock, signing
from psa.extensions import db
from psa.mail.oauth import apps, grants
from psa.mail.oauth.expiring import expiring
from tests.mail.oauth.conftest import ADDRESS, again, end_access_token

GUID = "3f2a8c1e-5b7d-4e9f-a0c2-6d8b1e4f7a90"
AT_MICROSOFT = {"client_id": GUID, "tenant": "northwind.example", "secret": "abc~DEF.123"}


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def in_days(days: int):
    return clock.now().astimezone().date() + timedelta(days=days)


def test_a_registration_is_entered_and_its_secret_never_shown(admin, app):
    saved = admin.post("/admin/email/providers/microsoft", data=AT_MICROSOFT | {"secret_expires_on": str(in_days(400))})
    assert saved.status_code == 303
    kept = apps.find("microsoft")
    assert (kept.client_id, kept.tenant, kept.secret_expires_on) == (GUID, "northwind.example", in_days(400))
    assert signing.unseal(kept.sealed_secret) == "abc~DEF.123"
    page = admin.get("/admin/email/providers/microsoft").text
    assert "Unchanged" in page
    assert "abc~DEF.123" not in page and kept.sealed_secret not in page
    # Empty keeps it.
    admin.post("/admin/email/providers/microsoft", data=AT_MICROSOFT | {"secret": ""})
    assert signing.unseal(apps.find("microsoft").sealed_secret) == "abc~DEF.123"


def test_the_page_says_what_to_enter_at_the_provider(admin):
    microsoft = admin.get("/admin/email/providers").text
    assert "http://localhost/admin/email/oauth/callback" in microsoft
    assert "IMAP.AccessAsUser.All" in microsoft and "SMTP.Send" in microsoft
    google = admin.get("/admin/email/providers/google").text
    assert "http://localhost/admin/email/oauth/callback" in google
    assert "https://mail.google.com/" in google


@pytest.mark.parametrize(
    ("provider", "changes", "said"),
    [
        ("microsoft", {"client_id": "Northwind PSA"}, "it looks like 3f2a8c1e"),
        ("microsoft", {"secret": GUID}, "That is the secret&#39;s ID. Enter its Value"),
        ("microsoft", {"secret": ""}, "Which secret did the provider give you?"),
        ("microsoft", {"tenant": "../common"}, "Write the ID from the app&#39;s Overview"),
        ("microsoft", {"secret_expires_on": "2020-01-01"}, "That day is over."),
        ("google", {"client_id": GUID}, "it ends with .apps.googleusercontent.com"),
        ("other", {"authorize_url": "login.example.com", "token_url": ""}, "Write a whole address"),
        (
            "other",
            {"authorize_url": "https://login.example.com", "token_url": "http://login.example.com/token"},
            "It must begin with https://",
        ),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(admin, provider, changes, said):
    refused = admin.post(f"/admin/email/providers/{provider}", data=AT_MICROSOFT | changes)
    assert refused.status_code == 422
    assert said in refused.text
    assert apps.find(provider) is None


def test_another_token_endpoint_needs_the_secret_again(admin, registered, provider):
    form = {
        "client_id": registered.client_id,
        "secret": "",
        "authorize_url": registered.authorize_url,
        "token_url": "https://attacker.example/token",
    }
    refused = admin.post("/admin/email/providers/other", data=form)
    assert refused.status_code == 422
    assert "The token endpoint is another one now. Enter the secret that belongs to it." in refused.text


def test_a_registration_that_is_needed_is_not_removed(admin, cast, grant):
    cast.inbound.auth, cast.inbound.grant_id = "oauth2", grant.id
    db.session.commit()
    assert admin.post("/admin/email/providers/other/removal").status_code == 409
    cast.inbound.grant_id = None
    db.session.delete(grant)
    db.session.commit()
    assert admin.post("/admin/email/providers/other/removal").status_code == 303
    assert apps.find("other") is None


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://psa.northwind.example", "sends people back to https:// addresses only"),
        ("https://psa.northwind.example", "you are not signed in. Open https://psa.northwind.example"),
    ],
)
def test_an_address_that_nobody_comes_back_to_is_pointed_out(admin, app, base_url, said):
    app.config["PSA_BASE_URL"] = base_url
    page = " ".join(admin.get("/admin/email/providers/google").text.split())
    assert said in page


@pytest.mark.parametrize(
    ("days", "title", "urgent"),
    [
        (30, "The client secret for Other OAuth2 expires in 30 days", False),
        (8, "The client secret for Other OAuth2 expires in 8 days", False),
        (7, "The client secret for Other OAuth2 expires in 7 days", True),
        (1, "The client secret for Other OAuth2 expires in 1 day", True),
        (0, "The client secret for Other OAuth2 expires today", True),
        (-3, "The client secret for Other OAuth2 expired 3 days ago", True),
    ],
)
def test_the_end_of_a_secret_is_told_in_time(registered, days, title, urgent):
    registered.secret_expires_on = in_days(days)
    db.session.commit()
    (warning,) = expiring()
    assert (warning.kind, warning.title, warning.urgent) == ("secret", title, urgent)
    assert warning.ends_on == in_days(days)


def test_a_secret_that_is_good_for_long_and_a_public_client_are_silent(registered):
    registered.secret_expires_on = in_days(31)
    db.session.commit()
    assert expiring() == []
    registered.secret_expires_on, registered.sealed_secret = in_days(1), ""
    db.session.commit()
    assert expiring() == []


def test_grants_that_break_end_or_are_not_renewed_are_told_while_an_account_needs_them(cast, grant, provider):
    grant.renewed_at = clock.now() - timedelta(days=4)
    db.session.commit()
    assert expiring() == [], "nobody needs it"
    cast.outbound.auth, cast.outbound.grant_id = "oauth2", grant.id
    db.session.commit()
    (idle,) = expiring()
    assert (idle.kind, idle.urgent, idle.grant_id) == ("unrenewed", False, grant.id)

    grant.grant_expires_at = clock.now() + timedelta(days=2, hours=1)
    db.session.commit()
    (ends,) = expiring()
    assert (ends.kind, ends.urgent) == ("grant", True)
    assert ends.title.startswith(f"The sign-in of {ADDRESS} at Other OAuth2 ends in ")

    provider.revoke_all()
    end_access_token(grant)
    with pytest.raises(grants.GrantBroken):
        grants.access_token(grant.id)
    again(grant)
    (broken,) = expiring()
    assert (broken.kind, broken.urgent) == ("broken", True)
    assert broken.key != idle.key
