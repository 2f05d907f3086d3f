"""``flask psa mail diagnose`` and ``flask psa mail causes``, as people and programs call them."""

from __future__ import annotations

import json

import pytest

from psa.mail.diagnosis.handbook import handbook


@pytest.fixture
def run(app):
    """Run a command of ``flask psa mail``; returns its output."""
    runner = app.test_cli_runner()

    def call(*words: str, stdin: str | None = None, status: int = 0) -> str:
        result = runner.invoke(args=["psa", "mail", *words], input=stdin)
        assert result.exit_code == status, result.output
        return result.output

    return call


def test_people_read_the_cause_why_what_to_do_whether_to_retry_and_where(run):
    page = run(
        "diagnose", "--protocol", "imap", "--stage", "auth", "--host", "imap.gmail.com", "--text", "NO Login failed."
    )

    assert page.startswith("The server refused the user name or the password\n")
    assert "Everything before it works." in page
    assert "\n  1. " in page and "\n  2. " in page
    assert "Retry: no" in page
    assert "Provider: Google" in page
    assert "auth_wrong_password" in page
    assert max(len(line) for line in page.splitlines()) <= 80


def test_what_nobody_knows_is_shown_in_the_servers_own_words(run):
    page = run("diagnose", "--stage", "data", "--text", "554 5.0.0 Purple elephants\n554 5.0.0 on parade")

    assert page.startswith("We do not know this one\n")
    assert "  554 5.0.0 Purple elephants\n  554 5.0.0 on parade\n" in page


def test_programs_read_stable_keys(run):
    told = json.loads(run("diagnose", "--json", "--stage", "rcpt_to", "--text", "450 4.2.0 Greylisted"))

    assert told["cause"] == "greylisted"
    assert told["title"] == "The server asks new senders to come back in some minutes"
    assert told["remedy"] == " ".join(told["steps"])
    assert told["retry"] is True
    assert told["known"] is True
    assert told["provider"] is None
    assert told["because"][0] == "greylisted"


def test_the_answer_may_come_on_standard_input(run):
    page = run("diagnose", "--stage", "rcpt_to", "--text", "-", stdin="550-5.1.1 No such\n550 5.1.1 user here\n")

    assert page.startswith("The recipient does not exist\n")


def test_many_are_diagnosed_line_by_line(run, tmp_path):
    path = tmp_path / "wordings.jsonl"
    lines = [
        {"id": 1, "protocol": "smtp", "stage": "auth", "wire": "535 5.7.8 Bad password", "provider": "exchange_online"},
        {"protocol": "imap", "stage": "select", "wire": "NO No such folder", "code": None},
        {"protocol": "dns", "stage": "resolve", "wire": "[Errno -2] Unbekannt", "code": "EAI_NONAME"},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")

    told = [json.loads(line) for line in run("diagnose", "--json", "--jsonl", str(path)).splitlines()]

    assert [one["cause"] for one in told] == ["auth_wrong_password", "folder_not_found", "dns_not_found"]
    assert told[0]["id"] == 1
    assert told[0]["provider"] == "microsoft"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Give either --text"),
        (("--text", "x", "--jsonl", "y"), "Give either --text"),
        (("--text", "  "), "There is nothing to diagnose"),
        (("--text", "x", "--stage", "nowhere"), "'nowhere' is not one of"),
        (("--text", "x", "--protocol", "gopher"), "'gopher' is not one of"),
        (("--text", "x", "--port", "many"), "'many' is not a valid integer"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_a_sentence(run, words, sentence):
    assert sentence in run("diagnose", *words, status=2)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "Line 1 is not JSON"),
        ("[]", "Line 1 is not a JSON object."),
        ('{"protocol": "smtp"}', "Line 1 lacks stage and wire"),
        ('{"protocol": "smtp", "stage": "auth", "wire": 535}', "Line 1 lacks wire"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(run, tmp_path, content, sentence):
    path = tmp_path / "wordings.jsonl"
    path.write_text(content)

    assert sentence in run("diagnose", "--jsonl", str(path), status=1)


def test_a_file_that_is_not_there_is_a_sentence(run, tmp_path):
    assert "No such file" in run("diagnose", "--jsonl", str(tmp_path / "nothing"), status=1)


def test_the_catalogue_is_printed_as_the_page_for_administrators(run):
    assert run("causes") == handbook()
