"""A rule is tried before it is saved: on the last messages, and on one. Nothing is filed and nobody is told."""

from __future__ import annotations

import io
import re

import pytest

from psa.extensions import db
from psa.mail.inbound import dry_run
from psa.mail.models import InboundEmail, OutboundEmail
from psa.rules.models import Rule, RuleHit
from psa.rules.views import trying
from psa.tickets.models import Comment, Event, Ticket
from tests.mailroom import letter

RULES = "/admin/email/rules"
HTMX = {"HX-Request": "true"}
COUNTED = (InboundEmail, OutboundEmail, Ticket, Comment, Event, Rule, RuleHit)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def counts() -> list[int]:
    return [db.session.scalar(db.select(db.func.count()).select_from(model)) for model in COUNTED]


@pytest.fixture
def post(mailroom):
    """Six messages: two about licences, of which one is Billing's already, and a reply to the other."""
    licence = mailroom.receive(letter(subject="A licence more"))
    return [
        licence,
        mailroom.receive(letter(subject="[Billing] The licence")),
        mailroom.receive(letter(subject="Re: A licence more", answers=f"<{licence.message_id}>")),
        *(mailroom.receive(letter(subject=f"Projector {number}")) for number in range(3)),
    ]


def draft(cast, **more) -> dict[str, object]:
    return {"of": "all", "field": "subject_words", "value": "licence", "queue": cast.billing.id, **more}


def test_a_new_rule_tells_which_of_the_last_messages_it_would_change(sign_in, cast, post):
    browser, before = sign_in("admin"), counts()
    page = plain(browser.post(f"{RULES}/dry-runs", data=draft(cast)).text)
    assert "It would change 1 of the last 6 messages" in page
    assert "A licence more Dana Whitfield" in page
    assert "Support becomes Billing" in page
    assert counts() == before


def test_a_rule_that_assigns_as_well_tells_all_of_it(sign_in, cast, post):
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=draft(cast, assignee=cast.tom.id)).text)
    assert "Support, nobody becomes Billing, Tom Okafor" in page


def test_a_rule_is_compared_with_what_it_was(sign_in, cast, post):
    data = draft(cast, queue=cast.support.id, rule=cast.billing_rule.id)
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=data).text)
    assert "It would change 1 of the last 6 messages" in page
    assert "Billing becomes Support" in page
    assert "has it now" not in page


def test_a_rule_that_takes_a_message_from_another_one_says_from_which(sign_in, cast, post):
    browser = sign_in("admin")
    browser.post(RULES, data=draft(cast, name="Licences"))
    data = draft(cast, assignee=cast.tom.id, rule=cast.billing_rule.id)
    page = plain(browser.post(f"{RULES}/dry-runs", data=data).text)
    assert "Billing, nobody becomes Billing, Tom Okafor Is this one right? The rule “Licences” has it now." in page


def test_taking_a_condition_away_from_a_rule_shows_what_it_would_lose(sign_in, cast, post):
    data = draft(cast, value="parcel", rule=cast.billing_rule.id)
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=data).text)
    assert "Billing becomes Support" in page


def test_a_rule_that_is_off_is_tried_as_if_it_were_on(sign_in, cast, post):
    cast.billing_rule.active = False
    db.session.commit()
    data = draft(cast, rule=cast.billing_rule.id)
    assert "It would change 2 of the last 6" in plain(sign_in("admin").post(f"{RULES}/dry-runs", data=data).text)


def test_a_rule_for_replies_and_one_that_ignores(sign_in, cast, post):
    data = draft(cast, queue="", scope="replies", end="ignore", reason="chatter")
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=data).text)
    assert "It would change 1 of the last 6" in page
    assert f"#{post[0].ticket_id} in Support becomes Ignored: Rule “licence” ignores it: chatter" in page


def test_what_would_be_forwarded_or_answered_is_told_and_nothing_leaves(sign_in, cast, post):
    data = draft(cast, queue="", forward="sales@elsewhere.example", answer="on")
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=data).text)
    assert "Support, not answered becomes Support, answered, forwarded to sales@elsewhere.example" in page
    assert counts()[1] == 0


def test_a_rule_that_cannot_be_meant_says_so_where_the_answer_would_be(sign_in, cast, post):
    data = draft(cast, field="subject_pattern", value="(")
    response = sign_in("admin").post(f"{RULES}/dry-runs", data=data, headers=HTMX)
    assert response.status_code == 422
    assert "is not a regular expression" in plain(response.text)
    assert response.text.lstrip().startswith('<section class="panel" id="dry-run"')


def test_the_page_shows_piece_by_piece_how_far_it_has_come(sign_in, cast, post, monkeypatch):
    monkeypatch.setattr(trying, "PATIENCE", 0)
    browser = sign_in("admin")
    answer = browser.post(f"{RULES}/dry-runs", data=draft(cast), headers=HTMX).text
    assert "0 of 1 would change so far" in plain(answer)
    for _ in range(10):
        if 'id="dry-more"' not in answer:
            break
        (values,) = re.findall(r"hx-vals='\{(.*?)\}'", answer)
        progress = dict(re.findall(r'"(\w+)": "(\d+)"', values))
        answer = browser.post(f"{RULES}/dry-runs", data=draft(cast, **progress), headers=HTMX).text
        assert 'id="dry-head" hx-swap-oob="true"' in answer
    assert "It would change 1 of the last 6 messages" in plain(answer)
    assert "A licence more" in plain(answer)


def test_a_message_that_defeats_us_breaks_no_dry_run(sign_in, cast, post, monkeypatch):
    def open_ticket(**values):
        raise ValueError("our own mistake")

    monkeypatch.setattr("psa.tickets.operations.open_ticket", open_ticket)
    monkeypatch.setattr("psa.mail.inbound.explain.classify", lambda email: 1 / 0)
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=draft(cast)).text)
    assert "It would change none of the last 6 messages" in page


def test_no_more_than_the_last_messages_are_looked_at(sign_in, cast, post, monkeypatch):
    monkeypatch.setattr(dry_run, "LATEST", 4)
    page = plain(sign_in("admin").post(f"{RULES}/dry-runs", data=draft(cast)).text)
    assert "It would change none of the last 4 messages" in page


def test_a_past_message_is_explained_with_the_rule_in_the_editor(sign_in, cast, post):
    browser, before = sign_in("admin"), counts()
    data = draft(cast, message=post[0].id)
    page = plain(browser.post(f"{RULES}/explanations", data=data).text)
    assert "With the rule as it stands in the editor" in page
    assert "It would open a ticket in Billing for Harbor Dental." in page
    assert "Rule “licence” matches" in page
    assert counts() == before
    without = plain(browser.post(f"{RULES}/explanations", data={"message": post[0].id}).text)
    assert "It would open a ticket in Support for Harbor Dental." in without


def test_a_dropped_file_is_explained_with_the_rule_in_the_editor(sign_in, cast):
    data = draft(cast, eml=(io.BytesIO(letter(subject="A licence").as_bytes()), "a.eml"))
    response = sign_in("admin").post(f"{RULES}/explanations", data=data, headers=HTMX)
    assert "It would open a ticket in Billing" in plain(response.text)
    assert "<html" not in response.text


def test_dry_runs_are_for_administrators(sign_in, cast):
    assert sign_in("agent").post(f"{RULES}/dry-runs", data=draft(cast)).status_code == 403
