"""Rules go into a file and come from one: by names, and what cannot be taken is said before anything is."""

from __future__ import annotations

import io
import json
import re

import pytest

from psa.extensions import db
from psa.rules import operations
from psa.rules.models import Rule
from psa.rules.wording import Asked, Wording

RULES = "/admin/email/rules"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def rich(cast) -> Rule:
    """A rule with one of each."""
    asked = [Asked("client", "harbor dental"), Asked("not subject_words", "spam"), Asked("automatic", "", 1)]
    targets = [("queue", cast.billing.id), ("project", cast.managed_service.id), ("assignee", cast.tom.id)]
    values = [("priority", "high"), ("answer", "off"), ("forward", "a@elsewhere.example")]
    wording = Wording("Rich", asked, targets, values, ["any", "all"], "both", True)
    rule = operations.make_rule(wording, cast.mara.id)
    rule.active = False
    db.session.commit()
    return rule


def upload(text: str) -> dict[str, object]:
    return {"file": (io.BytesIO(text.encode()), "rules.json")}


def content(rule: Rule) -> dict[str, object]:
    names = ("name", "scope", "active", "goes_on", "groups", "conditions", "actions")
    return {name: getattr(rule, name) for name in names}


def test_a_file_holds_names_and_the_same_rules_come_out_of_it(sign_in, cast, rich):
    browser = sign_in("admin")
    text = browser.get(f"{RULES}/export").text
    assert "Harbor Dental" in text
    assert '"id"' not in text
    before = [content(rule) for rule in operations.all_rules()]
    for rule in operations.all_rules():
        operations.delete_rule(rule, None)
    db.session.commit()
    shown = browser.post(f"{RULES}/import", data=upload(text))
    assert "2 of 2 rules can be taken" in plain(shown.text)
    assert operations.all_rules() == []
    assert browser.post(f"{RULES}/import", data={"text": text, "confirmed": "1"}).status_code == 303
    assert [content(rule) for rule in operations.all_rules()] == before


def test_what_cannot_be_found_here_is_said_and_the_rest_can_be_taken(sign_in, cast, rich):
    browser = sign_in("admin")
    text = browser.get(f"{RULES}/export").text.replace("Tom Okafor", "Ida Berg")
    shown = plain(browser.post(f"{RULES}/import", data=upload(text)).text)
    assert "1 of 2 rules can be taken" in shown
    assert "There is no user called “Ida Berg” here." in shown
    browser.post(f"{RULES}/import", data={"text": text, "confirmed": "1"})
    assert [rule.name for rule in operations.all_rules()] == ["Billing", "Rich", "Billing"]


def test_a_rule_that_asks_for_a_removed_client_is_not_taken_without_that_condition(sign_in, cast, rich):
    browser = sign_in("admin")
    rich.conditions = [{"field": "client", "value": "999"}, {"field": "subject_words", "value": "spam"}]
    rich.groups = ["all"]
    db.session.commit()
    text = browser.get(f"{RULES}/export").text
    shown = plain(browser.post(f"{RULES}/import", data=upload(text)).text)
    assert "1 of 2 rules can be taken" in shown
    assert "“Client is” lacks its value." in shown
    assert 'value="a removed one"' in browser.get(f"{RULES}/{rich.id}").text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"format": "other"}', "does not say"),
        ('{"format": "psa-rules-1", "rules": 3}', "does not say"),
        (json.dumps({"format": "psa-rules-1", "rules": [1] * 501}), "more than 500 rules"),
        (" " * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused(sign_in, cast, text, sentence):
    response = sign_in("admin").post(f"{RULES}/import", data=upload(text))
    assert response.status_code == 422
    assert sentence in plain(response.text)


@pytest.mark.parametrize(
    "one",
    [
        7,
        {},
        {"name": "x"},
        {"name": "x", "groups": 3, "actions": []},
        {"name": "x", "groups": [{"of": "all", "conditions": ["?"]}], "actions": []},
        {"name": "x", "groups": [{"of": "all", "conditions": []}], "actions": [{"set": "queue"}]},
        {"name": "x", "groups": [{"conditions": [{"field": [], "value": {}}]}], "actions": [{"set": []}]},
    ],
)
def test_a_damaged_rule_is_named_and_nothing_breaks(sign_in, cast, one):
    text = json.dumps({"format": "psa-rules-1", "rules": [one]})
    response = sign_in("admin").post(f"{RULES}/import", data={"text": text, "confirmed": "1"})
    assert response.status_code == 200
    assert "0 of 1 rule can be taken" in plain(response.text)
    assert len(operations.all_rules()) == 1
