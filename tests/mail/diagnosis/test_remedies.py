"""Every cause is told in full, and every provider's steps are complete and can be reached."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from psa.mail.diagnosis.catalogue import CAUSES, GROUPS
from psa.mail.diagnosis.causes import diagnose
from psa.mail.diagnosis.handbook import TITLES, handbook
from psa.mail.diagnosis.providers import named, provider_of, providers

PLACEHOLDERS = {"host", "port", "address", "username", "protocol", "folder"}
DOCS = Path(__file__).parents[3] / "docs" / "diagnosis.md"


def asked_for(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_a_cause_has_a_title_a_meaning_and_something_to_do(cause):
    assert CAUSES[cause.code] is cause
    assert cause.title and not cause.title.endswith(".")
    assert cause.meaning.endswith(".")
    assert cause.remedies and all(step.endswith(".") for step in cause.remedies)
    for text in (cause.title, cause.meaning, *cause.remedies):
        assert asked_for(text) <= PLACEHOLDERS


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_an_example_of_a_server_fits_who_reads_mail_as_well_as_who_sends_it(cause):
    assert "smtp.example.com" not in " ".join(cause.remedies)


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_what_is_not_known_is_said_in_general_words(cause):
    told = cause.told()
    for text in (told.title, told.meaning, *told.remedies):
        assert "{" not in text
        assert text[0].isupper() or text[0].isdigit()
        assert "port that" not in text


def test_what_is_known_stands_in_the_sentence():
    told = CAUSES["connect_refused"].told(host="mail.northwind.example", port=2525)

    assert told.title == "Nothing listens on port 2525 of mail.northwind.example"
    assert CAUSES["not_a_mail_server"].told(protocol="IMAP").title == "What answers there is no IMAP server"


@pytest.mark.parametrize("provider", providers().values(), ids=providers())
def test_the_steps_at_a_provider_are_sentences_about_causes_that_there_are(provider):
    assert provider.name
    assert provider.hosts or provider.also
    for cause, steps in provider.remedies.items():
        assert cause in CAUSES
        assert steps and all(step.endswith(".") for step in steps)
        assert all(asked_for(step) <= PLACEHOLDERS for step in steps)


@pytest.mark.parametrize("provider", providers().values(), ids=providers())
def test_a_provider_is_known_by_its_servers_and_by_its_other_names(provider):
    for host in provider.hosts:
        assert provider_of(f"smtp.{host}") == provider.code
        assert provider_of(f"smtp.{host}.northwind.example") is None
    for name in provider.also:
        assert named(name) == provider.code


def test_a_provider_behind_another_name_gives_itself_away_by_what_it_says():
    found = diagnose(
        protocol="smtp",
        stage="auth",
        text="535 5.7.8 Username and Password not accepted - gsmtp",
        host="mail.northwind.example",
    )

    assert found.provider == "google"
    assert "myaccount.google.com" in " ".join(found.cause.remedies)


def test_a_provider_in_an_address_is_not_the_one_who_speaks():
    found = diagnose(protocol="smtp", stage="rcpt_to", text="454 4.7.1 <dana@yahoo.com>: Relay access denied")

    assert found.provider is None


def test_the_words_of_a_stranger_in_a_bounce_do_not_advise_about_our_own_provider():
    words = "421 4.7.28 Gmail has detected an unusual rate of mail from you - gsmtp"
    found = diagnose(protocol="smtp", stage="dsn", text=words, host="smtp.northwind.example")

    assert found.cause.code == "rate_limited"
    assert found.cause.remedies == CAUSES["rate_limited"].remedies


def test_what_the_receiver_decides_is_advised_by_the_receiver():
    words = "554 IP=192.0.2.4 - rejected, blocked. See https://postmaster.t-online.de/"
    found = diagnose(protocol="smtp", stage="dsn", text=words, host="smtp.gmail.com")

    assert found.cause.code == "ip_blocked"
    assert "tosa@rx.t-online.de" in " ".join(found.cause.remedies)


def test_the_page_for_administrators_is_the_catalogue_as_it_is():
    assert TITLES.keys() == GROUPS.keys()
    assert DOCS.read_text() == handbook(), "run: flask psa mail causes > docs/diagnosis.md"


def test_the_page_for_administrators_leaves_nothing_out():
    page = handbook()
    for cause in CAUSES.values():
        assert f"`{cause.code}`" in page
    for provider in providers().values():
        assert f"### {provider.name}\n" in page
