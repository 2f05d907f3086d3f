"""Admin > Email Settings > Auto-Assignment Rules."""

from __future__ import annotations

import io
import re

import pytest

from psa.extensions import db
from psa.rules.models import Rule
from psa.tickets.models import Ticket
from tests.mailroom import letter

RULES = "/admin/email/rules"
HTMX = {"HX-Request": "true"}


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rules() -> list[Rule]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Rule).order_by(Rule.position)))


def make(browser, name: str, tag: str, queue: int, **more: str):
    data = {"name": name, "field": "subject_tag", "value": tag, "queue": queue, **more}
    return browser.post(RULES, data=data)


def test_rules_are_for_administrators(sign_in):
    assert sign_in("agent").get(RULES).status_code == 403


def test_rules_read_as_sentences_between_what_is_always_decided(sign_in):
    page = plain(sign_in("admin").get(RULES).text)
    assert "If Subject Tags contain [Billing] then put it in Billing" in page
    order = ["The same mail in two mailboxes", "Our own mail that comes back", "Delivery reports", "Automatic mail"]
    order += ["Sender Domain of a client", "Replies", "Then your rules", "If nothing matched"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "default queue Support; unknown senders become a contact without a client" in page


def test_one_line_sends_a_subject_tag_to_a_queue(sign_in, cast, mailroom):
    browser = sign_in("admin")
    data = {"quick": "1", "field": "subject_tag", "value": "[Invoice]", "queue": cast.billing.id}
    assert browser.post(RULES, data=data).status_code == 303
    inbound = mailroom.receive(letter(subject="[invoice] Two seats fewer"))
    assert inbound.ticket.queue_id == cast.billing.id


def test_one_line_gives_a_domain_to_a_client(sign_in, cast, mailroom):
    browser = sign_in("admin")
    data = {"quick": "1", "field": "sender_domain", "value": "Vega-Depot.example", "client": cast.vega.id}
    assert browser.post(RULES, data=data).status_code == 303
    inbound = mailroom.receive(letter(sender="kim@mail.vega-depot.example"))
    assert inbound.ticket.client_id == cast.vega.id


def test_all_conditions_of_a_rule_must_hold(sign_in, cast, mailroom):
    data = {
        "name": "Vega invoices",
        "field": ["sender_domain", "subject_tag", "subject_tag"],
        "value": ["vega-logistics.example", "Invoice", ""],
        "queue": cast.billing.id,
        "client": "",
        "project": "",
        "after": "stop",
    }
    sign_in("admin").post(RULES, data=data)
    ruben = "ruben@vega-logistics.example"
    assert mailroom.receive(letter(subject="[Invoice] a", sender=ruben)).ticket.queue_id == cast.billing.id
    assert mailroom.receive(letter(subject="[Invoice] b")).ticket.queue_id == cast.support.id
    assert mailroom.receive(letter(subject="c", sender=ruben)).ticket.queue_id == cast.support.id


def test_a_rule_is_changed_in_its_editor(sign_in, cast):
    browser, rule = sign_in("admin"), cast.billing_rule
    editor = browser.get(f"{RULES}/{rule.id}").text
    assert 'value="[Billing]"' in editor
    assert f'<option value="{cast.billing.id}" selected>Billing</option>' in editor
    data = {"name": "Money", "field": "subject_tag", "value": "Money", "queue": cast.support.id, "after": "on"}
    assert browser.post(f"{RULES}/{rule.id}", data=data).status_code == 303
    (changed,) = rules()
    assert (changed.name, changed.goes_on) == ("Money", True)
    assert changed.conditions == [{"field": "subject_tag", "value": "Money"}]
    assert changed.actions == [{"set": "queue", "id": cast.support.id}]


def test_a_rule_without_a_name_is_called_after_its_conditions(sign_in, cast):
    make(sign_in("admin"), "", "[Invoice]", cast.billing.id)
    assert rules()[-1].name == "Invoice"


def test_another_condition_needs_no_script(sign_in, cast):
    data = {"name": "Kept", "field": "subject_tag", "value": "Kept too", "more": "0"}
    response = sign_in("admin").post(RULES, data=data)
    assert response.status_code == 200
    assert response.text.count('name="field"') == 2
    assert 'value="Kept too"' in response.text
    assert len(rules()) == 1


@pytest.mark.parametrize(
    ("field", "value", "target", "sentence"),
    [
        ("sender_domain", "gmail.com", "client", "gmail.com is used by the whole world"),
        ("sender_domain", "not a domain", "client", "is not a mail domain"),
        ("sender_domain", "localhost..", "client", "is not a mail domain"),
        ("subject_tag", "[a][b]", "queue", "is not one Subject Tag"),
        ("subject_tag", "x" * 61, "queue", "is not one Subject Tag"),
        ("subject_tag", "[#12]", "queue", "is the number of a ticket"),
        ("subject_tag", "  ", "queue", "Say when the rule applies"),
        ("subject_tag", "Fine", "", "Say what the rule does"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence_and_nothing_is_lost(
    sign_in, cast, field, value, target, sentence
):
    data = {"name": "Kept name", "field": field, "value": value}
    if target:
        data[target] = str(cast.harbor.id if target == "client" else cast.support.id)
    response = sign_in("admin").post(RULES, data=data)
    assert response.status_code == 422
    assert sentence in plain(response.text)
    assert 'value="Kept name"' in response.text
    assert len(rules()) == 1


def test_free_mail_may_still_choose_a_queue(sign_in, cast):
    data = {"field": "sender_domain", "value": "gmail.com", "queue": cast.support.id}
    assert sign_in("admin").post(RULES, data=data).status_code == 303


def test_what_was_removed_meanwhile_is_refused(sign_in, cast):
    response = make(sign_in("admin"), "Old", "Old", 999)
    assert response.status_code == 422
    assert "has been removed meanwhile" in response.text


def test_a_refused_change_leaves_the_rule_as_it_was(sign_in, cast):
    browser, rule = sign_in("admin"), cast.billing_rule
    data = {"name": "New", "field": "subject_tag", "value": "", "queue": cast.support.id}
    assert browser.post(f"{RULES}/{rule.id}", data=data).status_code == 422
    assert rules()[0].name == "Billing"


def test_rules_change_places_up_to_the_ends(sign_in, cast):
    browser = sign_in("admin")
    make(browser, "Second", "Second", cast.support.id)
    make(browser, "Third", "Third", cast.support.id)
    third = rules()[-1].id
    for to, order in (
        ("up", ["Billing", "Third", "Second"]),
        ("up", ["Third", "Billing", "Second"]),
        ("up", ["Third", "Billing", "Second"]),
        ("down", ["Billing", "Third", "Second"]),
    ):
        assert browser.post(f"{RULES}/{third}/place", data={"to": to}).status_code == 303
        assert [rule.name for rule in rules()] == order
    assert browser.post(f"{RULES}/{third}/place", data={"to": "sideways"}).status_code == 400


def test_the_first_rule_that_matches_decides(sign_in, cast, mailroom):
    browser = sign_in("admin")
    make(browser, "Also billing", "Billing", cast.support.id)
    assert mailroom.receive(letter(subject="[Billing] a")).ticket.queue_id == cast.billing.id
    browser.post(f"{RULES}/{rules()[-1].id}/place", data={"to": "up"})
    assert mailroom.receive(letter(subject="[Billing] b")).ticket.queue_id == cast.support.id


def test_a_rule_that_is_off_decides_nothing(sign_in, cast, mailroom):
    browser, rule = sign_in("admin"), cast.billing_rule
    answer = browser.post(f"{RULES}/{rule.id}/activation", headers=HTMX).text
    assert ">Off</span>" in answer
    assert "<html" not in answer
    assert mailroom.receive(letter(subject="[Billing] a")).ticket.queue_id == cast.support.id
    browser.post(f"{RULES}/{rule.id}/activation", data={"active": "on"})
    assert mailroom.receive(letter(subject="[Billing] b")).ticket.queue_id == cast.billing.id


def test_a_rule_is_deleted(sign_in, cast):
    assert sign_in("admin").post(f"{RULES}/{cast.billing_rule.id}/removal").status_code == 303
    assert rules() == []


def test_a_rule_whose_queue_is_gone_says_so(sign_in, cast):
    db.session.execute(db.update(Rule).values(actions=[{"set": "queue", "id": 999}]))
    db.session.commit()
    assert "a queue that has been removed" in sign_in("admin").get(RULES).text


def test_markup_in_a_rule_is_only_text(sign_in, cast):
    browser = sign_in("admin")
    make(browser, '"><script>alert(1)</script>', "<script>alert(2)</script>", cast.support.id)
    for address in (RULES, f"{RULES}/{rules()[-1].id}"):
        assert "<script>alert" not in browser.get(address).text


def test_a_message_is_tried_and_nothing_is_filed(sign_in, cast):
    raw = letter(subject="[Billing] Two seats fewer").as_bytes()
    response = sign_in("admin").post(f"{RULES}/explanations", data={"eml": (io.BytesIO(raw), "a.eml")})
    page = plain(response.text)
    assert "It would open a ticket in Billing for Harbor Dental." in page
    assert "Rule “Billing” matches" in page
    assert db.session.scalar(db.select(Ticket.id)) is None


def test_a_message_can_be_pasted(sign_in, cast):
    source = "From: x@elsewhere.example\nSubject: <script>alert(1)</script>\n\nHello"
    response = sign_in("admin").post(f"{RULES}/explanations", data={"source": source})
    assert "It would open a ticket in Support." in plain(response.text)
    assert "<script>alert" not in response.text


def test_trying_nothing_says_what_is_missing(sign_in, cast):
    response = sign_in("admin").post(f"{RULES}/explanations", data={"source": " "})
    assert response.status_code == 422
    assert "There is no message." in response.text


def test_without_a_mailbox_there_is_nothing_to_try_in(sign_in, cast):
    db.session.delete(cast.inbound)
    db.session.commit()
    response = sign_in("admin").post(f"{RULES}/explanations", data={"source": "Subject: x\n\nx"})
    assert response.status_code == 422
    assert "There is no mailbox yet" in response.text


def test_a_rule_that_does_not_exist_is_404(sign_in):
    browser = sign_in("admin")
    assert browser.get(f"{RULES}/999").status_code == 404
    assert browser.post(f"{RULES}/999/removal").status_code == 404
    assert browser.get(f"{RULES}/99999999999999").status_code == 404
