"""Patterns: a careless one is refused when it is saved, and stops nothing when it turns out slow."""

from __future__ import annotations

import pytest

from psa.mail.message import parse
from psa.rules.engine import FrozenRule, evaluate, groups_of
from psa.rules.facts import Facts
from psa.rules.patterns import Allowance, BadPattern, TooSlow, checked_pattern
from tests.mailroom import letter

SLOW = "(a|aa)+$"


@pytest.mark.parametrize(
    "pattern", [r"order\s+no\.?\s*\d+", r"^\[(alert|warning)\]", r"licen[cs]es?\b", "ärger|straße"]
)
def test_an_ordinary_pattern_can_be_kept(pattern):
    assert checked_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(unclosed", "is not a regular expression"),
        ("*", "is not a regular expression"),
        ("x*", "is found in every text"),
        ("x" * 301, "301 characters"),
        ("a(?R)?b", "contains itself"),
        ("(a)(?1)", "contains itself"),
        (SLOW, "can take very long"),
        (r"(\d|\d\d)+x", "can take very long"),
    ],
)
def test_a_pattern_that_cannot_be_kept_is_refused_in_a_sentence(pattern, sentence):
    with pytest.raises(BadPattern, match=sentence):
        checked_pattern(pattern)


def test_a_slow_search_is_given_up_and_the_message_has_no_time_left_for_more():
    allowance, text = Allowance(), "a" * 200 + "!"
    with pytest.raises(TooSlow):
        while True:
            began = allowance.left
            try:
                allowance.search(SLOW, text)
            except TooSlow:
                if began <= 0:
                    raise
    assert allowance.left <= 0


@pytest.mark.parametrize("field", ["subject_pattern", "not subject_pattern"])
def test_a_slow_pattern_matches_nothing_and_the_next_rule_is_asked(field):
    email = parse(letter(subject="[Billing] " + "a" * 200 + "!").as_bytes())
    slow = FrozenRule(1, "Slow", groups_of([{"field": field, "value": SLOW}], ["all"], {}), ())
    plain = FrozenRule(2, "Plain", groups_of([{"field": "subject_tag", "value": "Billing"}], ["all"], {}), ())
    first, second = evaluate([slow, plain], Facts(email=email, size=1)).considered
    assert (first.matched, first.words) == (False, f"the pattern {SLOW} took too long and was given up")
    assert second.matched


def test_a_hundred_slow_patterns_share_the_allowance_of_one_message():
    email = parse(letter(subject="a" * 200 + "!").as_bytes())
    asked = [{"field": "subject_pattern", "value": f"{SLOW}{'x?' * n}"} for n in range(100)]
    rules = [FrozenRule(n, "Slow", groups_of([one], ["all"], {}), ()) for n, one in enumerate(asked)]
    facts = Facts(email=email, size=1)
    considered = evaluate(rules, facts).considered
    assert len(considered) == 100
    assert not any(one.matched for one in considered)
    assert facts.allowance.left <= 0
