"""What can be said about settings before a server is asked, and entering accounts from the command line's URLs."""

from __future__ import annotations

import base64

import pytest

from psa.extensions import db
from psa.mail import accounts, plausible, setup
from psa.mail.models import MailAccount
from psa.mail.settings import SettingsError, of_account

ADDRESS = "helpdesk@northwind.example"


@pytest.mark.parametrize(
    "text", ["mail.example.com", "MAIL.example.com.", "localhost", "192.0.2.7", "::1", "[2001:db8::1]"]
)
def test_names_and_addresses_of_servers_are_taken(text):
    assert plausible.host(text)


@pytest.mark.parametrize(
    "text", ["", " ", "smtp..example.com", "-a.example.com", "a b.example.com", "x" * 64 + ".example"]
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(SettingsError):
        plausible.host(text)


@pytest.mark.parametrize("text", ["support@northwind.example", "help@firm.local", "Help+Desk@sub.firm.example"])
def test_addresses_are_taken(text):
    assert plausible.address(f" {text} ") == text


@pytest.mark.parametrize(
    "text", ["support", "@northwind.example", "support@northwind", "a b@x.example", "a@b@c d.example"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(SettingsError):
        plausible.address(text)


def test_accounts_are_entered_from_urls(app):
    entered = setup.add_from_urls(
        address=ADDRESS,
        inbound_url="imaps://helpdesk:secret%2Fwinter@127.0.0.1:9/INBOX",
        outbound_url="smtp+starttls://helpdesk:secret@127.0.0.1:2587",
    )

    assert [(one.direction, one.protocol, one.security, one.port) for one in entered] == [
        ("outbound", "smtp", "starttls", 2587),
        ("inbound", "imap", "ssl", 9),
    ]
    assert of_account(entered[1]).password == "secret/winter"
    assert entered[1].since is None


def test_entering_an_address_again_changes_its_account(app):
    setup.add_from_urls(address=ADDRESS, outbound_url="smtp://127.0.0.1:2525")
    setup.add_from_urls(address=ADDRESS.upper(), outbound_url="smtp://127.0.0.1:2526")

    [account] = db.session.scalars(db.select(MailAccount))
    assert account.port == 2526
    assert account.is_default


@pytest.mark.parametrize(
    ("urls", "sentence"),
    [
        ({"inbound_url": "smtp://127.0.0.1"}, "smtp:// is not IMAP or POP3."),
        ({"outbound_url": "imaps://127.0.0.1"}, "imap:// is not SMTP."),
        ({"outbound_url": "smtps://mail.example.com:587"}, "587 and SSL contradict each other"),
        ({"outbound_url": "mail.example.com"}, "is not a mail server"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(app, urls, sentence):
    with pytest.raises(SettingsError, match=sentence):
        setup.add_from_urls(address=ADDRESS, **urls)
    assert db.session.scalar(db.select(MailAccount)) is None


def test_mail_is_answered_from_the_address_it_came_to_or_else_from_the_default(cast):
    assert accounts.outbound_for("support@northwind.example") is cast.outbound
    assert accounts.outbound_for("projects@northwind.example") is cast.outbound
    assert accounts.outbound_for(None) is cast.outbound
    setup.add_from_urls(address="projects@northwind.example", outbound_url="smtp://127.0.0.1:2525")
    assert accounts.outbound_for("Projects@northwind.example").address == "projects@northwind.example"


@pytest.mark.parametrize("user", ["u", "us", "use"])
def test_a_password_is_taken_out_of_words_also_when_it_is_encoded(user):
    encoded = base64.b64encode(f"\0{user}\0a very long summer".encode()).decode()

    for words in (f"you said {encoded}", "you said a very long summer"):
        assert accounts.without_secret(words, "a very long summer") == "you said (hidden)"
