"""A rule begins where the need for it is seen: at a message, or at a client."""

from __future__ import annotations

import re

import pytest

from tests.mailroom import letter

RULES = "/admin/email/rules"


def fields(html: str) -> list[tuple[str, str]]:
    """The conditions in the editor: what is asked, and the value."""
    lines = re.findall(r'name="field".*?</select>.*?name="value" value="([^"]*)"', html, re.DOTALL)
    chosen = re.findall(r'<option value="([^"]+)" selected>[^<]+</option>', html)
    return list(zip([one for one in chosen if not one.isdigit()][1 : 1 + len(lines)], lines, strict=False))


@pytest.mark.parametrize(
    ("sender", "subject", "asked"),
    [
        ("kim@vega-depot.example", "Seats", [("sender_domain", "vega-depot.example"), ("subject_tag", "")]),
        ("kim@gmail.com", "Seats", [("sender", "kim@gmail.com"), ("subject_tag", "")]),
        (
            "kim@vega-depot.example",
            "[Sales] [#12] Seats",
            [("sender_domain", "vega-depot.example"), ("subject_tag", "[Sales]")],
        ),
    ],
)
def test_a_message_fills_the_editor(sign_in, mailroom, sender, subject, asked):
    browser = sign_in("admin")
    inbound = mailroom.receive(letter(sender=sender, subject=subject))
    link = f"{RULES}/new?message={inbound.id}"
    assert link in browser.get(f"/mail/inbound/{inbound.id}").text
    editor = browser.get(link).text
    assert fields(editor) == asked
    assert "Made from" in editor
    assert f'name="message" value="{inbound.id}" checked' in editor


def test_an_agent_is_not_offered_what_only_an_administrator_may_do(sign_in, mailroom, cast):
    inbound = mailroom.receive(letter())
    assert "Make a rule" not in sign_in("agent").get(f"/mail/inbound/{inbound.id}").text
    assert "Make a rule" not in sign_in("agent").get(f"/clients/{cast.harbor.id}").text


def test_a_client_fills_the_editor(sign_in, cast):
    browser = sign_in("admin")
    link = f"{RULES}/new?client={cast.harbor.id}"
    assert link in browser.get(f"/clients/{cast.harbor.id}").text
    assert fields(browser.get(link).text) == [("client", "Harbor Dental"), ("subject_tag", "")]


@pytest.mark.parametrize("query", ["message=999", "message=x", "client=99999999999", "client=0"])
def test_what_is_not_there_leaves_the_editor_empty(sign_in, cast, query):
    response = sign_in("admin").get(f"{RULES}/new?{query}")
    assert response.status_code == 200
    assert fields(response.text) == [("subject_tag", ""), ("subject_tag", "")]


def test_a_rule_in_groups_comes_back_into_the_editor_as_it_was_written(sign_in, cast):
    browser = sign_in("admin")
    data = {
        "name": "Groups",
        "of": ["any", "all"],
        "field": ["subject_tag", "subject_words", "not client"],
        "value": ["Sales", "order,  offer", "vega logistics"],
        "group": ["0", "0", "1"],
        "queue": cast.billing.id,
        "end": "ignore",
        "reason": "why not",
        "scope": "both",
    }
    assert browser.post(RULES, data=data).status_code == 303
    listed = " ".join(re.sub(r"<[^>]+>", " ", browser.get(RULES).text).split())
    assert (
        "For each message: if Subject Tags contain [Sales] , or Subject has one of the words order, offer "
        "; and also Client is not Vega Logistics then put it in Billing , ignore it, because “why not”"
    ) in listed
    editor = browser.get(f"{RULES}/{cast.billing_rule.id + 1}").text
    assert re.findall(r'name="value" value="([^"]*)"', editor) == ["[Sales]", "order, offer", "Vega Logistics"]
    assert re.findall(r'name="group" value="(\d)"', editor) == ["0", "0", "1"]
    assert re.findall(r'<option value="(all|any)" selected>', editor) == ["any", "all"]
    assert 'value="why not"' in editor


def test_lines_and_groups_come_and_go_without_script(sign_in, cast):
    browser = sign_in("admin")
    lines = {"of": ["all"], "field": ["subject_tag", "automatic"], "value": ["One", ""], "group": ["0", "0"]}
    more = browser.post(RULES, data={**lines, "more": "group"}).text
    assert re.findall(r'name="group" value="(\d)"', more) == ["0", "0", "1"]
    less = browser.post(RULES, data={**lines, "less": "0.0"}).text
    assert fields(less) == [("automatic", "")]
    assert fields(browser.post(RULES, data={**lines, "less": "7.x"}).text) == [
        ("subject_tag", "One"),
        ("automatic", ""),
    ]
