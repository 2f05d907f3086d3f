"""What a rule can ask about a message, and in which words it says why it did or did not match."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from psa.mail.message import parse
from psa.rules.conditions import QUESTIONS
from psa.rules.engine import FrozenRule, evaluate, groups_of
from psa.rules.facts import Facts
from tests.mailroom import letter

CLIENTS = {"7": "Harbor Dental"}


def a_message() -> EmailMessage:
    message = letter(
        "Two seats fewer from December.\n\nOn Mon, 16 Nov 2026 at 09:00, Tom wrote:\n> Shall we renew the insurance?\n",
        sender="Dana Whitfield <Dana@Mail.Harbor-Dental.example>",
        subject="Re: [Billing] Order no. 4711",
        to="support@northwind.example, Office <office@northwind.example>",
        X_Priority="1 (Highest)",
        Authentication_Results="mx.northwind.example; spf=fail smtp.mailfrom=harbor-dental.example",
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Invoice 12.PDF")
    return message


def facts(**known) -> Facts:
    raw = a_message().as_bytes()
    return Facts(email=parse(raw), size=len(raw), **known)


def rule(*conditions: tuple[str, str], of: str = "all", number: int = 1, **values) -> FrozenRule:
    asked = [{"field": field, "value": value} for field, value in conditions]
    return FrozenRule(number, f"Rule {number}", groups_of(asked, [of], CLIENTS), (), **values)


def matches(field: str, value: str, **known) -> bool:
    outcome = evaluate([rule((field, value))], facts(**known))
    return outcome.considered[0].matched


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_domain", "harbor-dental.example"),
        ("subject_tag", "billing"),
        ("sender", "dana@mail.harbor-dental.example"),
        ("sender_words", "whitfield, castellanos"),
        ("sender_pattern", "^dana .*dental"),
        ("subject_words", "invoice, order no."),
        ("subject_pattern", r"no\.\s*\d{4}$"),
        ("body_words", "seats"),
        ("body_pattern", r"\btwo\s+seats"),
        ("recipient", "office@northwind.example"),
        ("recipient", "@northwind.example"),
        ("recipient_words", "office"),
        ("recipient_pattern", "^office@"),
        ("header", "x-priority"),
        ("header_words", "X-Priority: highest, urgent"),
        ("header_pattern", r"X-Priority: ^[12]\b"),
        ("attachment", ""),
        ("attachment_name", "report* invoice*.pdf"),
        ("attachment_type", ".exe .pdf"),
        ("attachment_type", "application/*"),
        ("size", "100 B"),
        ("authentication", ""),
    ],
)
def test_a_condition_holds_and_its_negation_does_not(field, value):
    assert matches(field, value)
    assert not matches(f"not {field}", value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_domain", "dental.example"),
        ("subject_tag", "bill"),
        ("sender", "dana@harbor-dental.example"),
        ("subject_words", "ord"),
        ("subject_pattern", r"^\d"),
        ("body_words", "insurance"),
        ("recipient", "northwind.example"),
        ("header", "List-Unsubscribe"),
        ("header_words", "X-Other: highest"),
        ("attachment_name", "invoice"),
        ("attachment_name", "invoice[12].pdf"),
        ("attachment_type", "image/*"),
        ("size", "10 MB"),
        ("contact", ""),
        ("client_known", ""),
        ("client", "7"),
        ("automatic", ""),
        ("mailing_list", ""),
    ],
)
def test_a_condition_does_not_hold_and_its_negation_does(field, value):
    assert not matches(field, value)
    assert matches(f"not {field}", value)


def test_what_the_psa_knows_of_the_sender_can_be_asked_for():
    known = {"contact_id": 3, "client_id": 7, "client_name": "Harbor Dental", "is_automatic": True}
    for field, value in (("contact", ""), ("client_known", ""), ("client", "7"), ("automatic", "")):
        assert matches(field, value, **known)
    assert not matches("client", "8", **known)


def test_a_server_that_says_pass_outweighs_one_that_says_fail():
    message = letter(Authentication_Results="mx.example; dmarc=pass header.from=a.example; spf=softfail")
    one = Facts(email=parse(message.as_bytes()), size=1)
    assert not evaluate([rule(("authentication", ""))], one).considered[0].matched


def test_a_verdict_that_the_sender_wrote_below_that_of_our_server_counts_for_nothing():
    ours = b"Authentication-Results: mx.example; spf=fail smtp.mailfrom=evil.example; dmarc=fail\r\n"
    forged = b"Authentication-Results: mx.example; dmarc=pass header.from=bank.example\r\n"
    for raw in (ours + letter().as_bytes(), ours + forged + letter().as_bytes()):
        one = Facts(email=parse(raw), size=1)
        assert evaluate([rule(("authentication", ""))], one).considered[0].matched


def test_every_question_can_be_asked_of_an_empty_message():
    empty = Facts(email=parse(b""), size=0)
    for field, question in QUESTIONS.items():
        value = {"size": "1 KB", "header_words": "X: y", "header_pattern": "X: y"}.get(question.takes, "x")
        considered = evaluate([rule((field, value))], empty).considered[0]
        assert not considered.matched
        assert considered.words


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sender_domain", "elsewhere.example", "Sender Domain is not elsewhere.example but mail.harbor-dental.example"),
        ("subject_tag", "Billing", "Subject Tags contain [Billing]"),
        ("subject_tag", "Sales", "Subject Tags do not contain [Sales]"),
        ("not subject_tag", "Billing", "Subject Tags contain [Billing]"),
        ("client", "7", "Client is not Harbor Dental but unknown"),
        ("size", "10 MB", "Size is not over 10 MB"),
    ],
)
def test_the_words_say_what_is_so(field, value, words):
    assert evaluate([rule((field, value))], facts()).considered[0].words == words


def test_all_of_a_group_name_the_first_that_fails():
    outcome = evaluate([rule(("subject_tag", "Billing"), ("subject_tag", "a"), ("subject_tag", "b"))], facts())
    assert outcome.considered[0].words == "Subject Tags do not contain [a]"


def test_any_of_a_group_names_the_first_that_holds():
    outcome = evaluate([rule(("subject_tag", "a"), ("subject_tag", "Billing"), of="any")], facts())
    assert (outcome.considered[0].matched, outcome.considered[0].words) == (True, "Subject Tags contain [Billing]")


def test_all_groups_must_hold():
    def asked(second: str) -> bool:
        conditions = [
            {"field": "subject_tag", "value": "a"},
            {"field": "subject_tag", "value": "Billing"},
            {"field": "subject_words", "value": second, "group": 1},
        ]
        one = FrozenRule(1, "Both", groups_of(conditions, ["any", "all"], {}), ())
        return evaluate([one], facts()).considered[0].matched

    assert asked("order")
    assert not asked("parcel")


def test_a_rule_without_conditions_matches_nothing():
    assert not evaluate([FrozenRule(1, "Empty", (), ())], facts()).considered[0].matched


def test_a_condition_that_this_version_does_not_know_matches_nothing_in_either_form():
    for field in ("moon", "not moon"):
        considered = evaluate([rule((field, "full"))], facts()).considered[0]
        assert not considered.matched
        assert "cannot ask for" in considered.words


def test_a_rule_for_replies_is_not_asked_about_a_new_ticket():
    tag = ("subject_tag", "Billing")
    rules = [rule(tag, number=1, scope="replies"), rule(tag, number=2, goes_on=True), rule(tag, number=3, scope="both")]
    assert [one.rule_id for one in evaluate(rules, facts()).considered] == [2, 3]
    assert [one.rule_id for one in evaluate(rules, facts(is_reply=True)).considered] == [1]


def test_the_first_rule_to_set_something_wins_and_a_later_one_adds_the_rest():
    groups = groups_of([{"field": "subject_tag", "value": "Billing"}], ["all"], {})
    first = FrozenRule(1, "First", groups, ({"set": "queue", "id": 1},), goes_on=True)
    second = FrozenRule(2, "Second", groups, ({"set": "queue", "id": 2}, {"set": "priority", "value": "high"}))
    third = FrozenRule(3, "Third", groups, ({"set": "hold", "value": ""},))
    outcome = evaluate([first, second, third], facts())
    assert (outcome.queue_id, outcome.priority, outcome.end) == (1, "high", None)
    assert outcome.by == {"queue_id": "First", "priority": "Second"}
