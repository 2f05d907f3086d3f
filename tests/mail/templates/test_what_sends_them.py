"""Each of the Default Templates says what sends it, and whether that happens at present."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.templates.catalogue import CATALOGUE
from psa.notifications import choices
from psa.notifications.senders import sender_of

PAGES = "/admin/email/templates"


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_template_has_an_answer(cast, name):
    assert sender_of(CATALOGUE[name], None).words.endswith(".")


def test_a_switch_is_named_with_the_page_that_holds_it(sign_in, cast):
    admin = sign_in("admin")
    page = admin.get(f"{PAGES}/ticket_closed").text
    assert "It is switched off." in page
    assert 'href="/admin/email/notifications"' in page
    choices.switch({("ticket_closed", cast.billing.id): True})
    db.session.commit()
    assert "It is switched on." in admin.get(f"{PAGES}/ticket_closed?queue={cast.billing.id}").text
    assert "It is switched off." in admin.get(f"{PAGES}/ticket_closed").text


def test_ticket_opened_depends_on_the_mailbox_too(cast):
    assert sender_of(CATALOGUE["ticket_opened"], None).words == "It is switched on, but no mailbox acknowledges."
    cast.inbound.acknowledge = True
    db.session.flush()
    assert sender_of(CATALOGUE["ticket_opened"], None).is_on


def test_a_rule_that_sends_a_template_is_named(cast):
    assert sender_of(CATALOGUE["auto_reply"], None).words == "Neither a queue nor a rule sends it."
    cast.billing_rule.actions = [{"set": "answer", "value": "off"}]
    db.session.flush()
    assert not sender_of(CATALOGUE["auto_reply"], None).is_on
    cast.billing_rule.actions = [{"set": "answer", "value": "on"}]
    db.session.flush()
    assert sender_of(CATALOGUE["auto_reply"], None).words == "It is sent by the rule “Billing”."
    assert not sender_of(CATALOGUE["forwarded"], None).is_on


def test_a_queue_that_wants_the_auto_reply_is_named(cast):
    cast.support.auto_reply = "on"
    db.session.flush()
    assert sender_of(CATALOGUE["auto_reply"], None).words == "It is sent for Support."
