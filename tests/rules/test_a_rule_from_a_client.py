"""The client's page makes the rule that it most often needs in one line: its Subject Tags lead to a queue."""

from __future__ import annotations

import re

from psa.extensions import db
from psa.rules.models import Rule
from psa.rules.sentences import sentence
from tests.mailroom import letter


def fields_of(page: str) -> list[tuple[str, str]]:
    """What the form of the rule sends, as a browser would."""
    form = page[page.index('id="client-rule-h"') :]
    form = form[: form.index("</form>")]
    return re.findall(r'<input[^>]*? name="([^"]+)"(?:[^>]*? value="([^"]*)")?', form)


def test_a_tag_of_one_client_leads_to_a_queue(sign_in, mailroom, cast):
    browser = sign_in("admin")
    fields = fields_of(browser.get(f"/clients/{cast.vega.id}").text)
    assert [name for name, _ in fields] == ["csrf_token", "quick", "field", "value", "field", "value"]
    typed = {"quick": "1", "field": ["subject_tag", "client"], "value": ["[Orders]", cast.vega.name]}
    assert browser.post("/admin/email/rules", data=typed | {"queue": str(cast.billing.id)}).status_code == 303
    made = db.session.scalars(db.select(Rule).order_by(Rule.id.desc())).first()
    assert str(sentence(made)) == "If Subject Tags contain [Orders], and Client is Vega Logistics → put it in Billing"
    mailroom.receive(letter(sender="ruben@vega-logistics.example", subject="[Orders] Ten more"))
    mailroom.receive(letter(subject="[Orders] Ten more"))
    assert [mailroom.ticket(number).queue.name for number in (1, 2)] == ["Billing", "Support"]


def test_agents_who_make_no_rules_are_not_offered_one(sign_in, cast):
    assert "client-rule-h" not in sign_in("agent").get(f"/clients/{cast.vega.id}").text
