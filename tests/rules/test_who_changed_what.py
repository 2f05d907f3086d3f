"""Each change of a rule is noted with who made it, in words that can be read when the rule is gone."""

from __future__ import annotations

import re

from psa.extensions import db
from psa.rules.models import RuleChange
from tests.mailroom import letter

RULES = "/admin/email/rules"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def noted() -> list[tuple[str, str, str, str]]:
    rows = db.session.scalars(db.select(RuleChange).order_by(RuleChange.id))
    return [(one.user.name, one.what, one.before, one.after) for one in rows]


def test_every_change_says_who_and_from_what_to_what(sign_in, cast):
    browser, rule = sign_in("admin"), cast.billing_rule
    browser.post(RULES, data={"name": "Second", "field": "subject_tag", "value": "Two", "queue": cast.support.id})
    data = {"name": "Billing", "field": "subject_tag", "value": "Money", "queue": cast.billing.id}
    browser.post(f"{RULES}/{rule.id}", data=data)
    browser.post(f"{RULES}/{rule.id}", data=data)
    browser.post(f"{RULES}/{rule.id}/place", data={"to": "2"})
    browser.post(f"{RULES}/{rule.id}/activation")
    browser.post(f"{RULES}/{rule.id}/removal")
    tag = "If Subject Tags contain {} → put it in {}"
    mara = "Mara Lindqvist"
    assert noted() == [
        (mara, "made", "", tag.format("[Two]", "Support")),
        (mara, "changed", tag.format("[Billing]", "Billing"), tag.format("[Money]", "Billing")),
        (mara, "moved", "number 1", "number 2"),
        (mara, "switched off", "", ""),
        (mara, "deleted", tag.format("[Money]", "Billing"), ""),
    ]
    page = plain(browser.get(f"{RULES}/changes").text)
    assert "Billing Mara Lindqvist deleted it" in page
    assert "Mara Lindqvist switched it off" in page


def test_the_list_counts_what_a_rule_matched_and_says_never(sign_in, cast, mailroom):
    browser = sign_in("admin")
    browser.post(RULES, data={"name": "Idle", "field": "subject_tag", "value": "Idle", "queue": cast.support.id})
    for number in range(2):
        mailroom.receive(letter(subject=f"[Billing] {number}"))
    page = plain(browser.get(RULES).text)
    assert "2 matched in 30 days Billing is on" in page
    assert "never matched in 30 days Idle is on" in page
    assert "[Billing] 1" in browser.get(f"{RULES}/{cast.billing_rule.id}").text
