"""A template that fails when its mail is due: the built-in text leaves, and it is told until it is mended."""

from __future__ import annotations

import pytest

from psa.alerts.operations import open_alerts
from psa.extensions import db
from psa.mail.templates import operations
from psa.mail.templates.catalogue import CATALOGUE, Wording
from psa.mail.templates.models import EmailTemplate
from tests.mailroom import letter

PAGE = "/admin/email/templates/ticket_opened"


@pytest.fixture
def broken(cast) -> EmailTemplate:
    """As after an upgrade that has taken a variable away."""
    cast.inbound.acknowledge = True
    template = EmailTemplate(name="ticket_opened", subject="Thanks", html="<p>a</p>\n{{ ticket.mood }}")
    db.session.add(template)
    db.session.commit()
    return template


def test_the_built_in_text_leaves_instead(mailroom, broken):
    mailroom.receive(letter())
    [email] = mailroom.outbox
    assert email.subject == "We have your message: Projector [#1]"
    assert "somebody will answer you" in mailroom.text(email)


def test_the_page_and_an_alert_say_so(mailroom, broken, sign_in):
    mailroom.receive(letter())
    mailroom.receive(letter(subject="Another"))
    [alert] = open_alerts()
    assert alert.title == "The template “Ticket opened” could not be used"
    assert "HTML, line 2: there is no ticket.mood." in alert.words
    admin = sign_in("admin")
    page = admin.get(alert.link).text
    assert "falls back" in page
    assert "HTML, line 2: there is no ticket.mood." in page
    assert "The built-in text, which is sent instead" in page
    assert "somebody will answer you" in admin.get(f"{PAGE}/preview").text


def test_saving_one_that_works_ends_it(mailroom, broken, sign_in):
    mailroom.receive(letter())
    admin = sign_in("admin")
    answer = admin.post(PAGE, data={"subject": "Thanks", "html": "<p>a</p>", "text": "", "revision": "1"})
    assert answer.status_code == 303
    assert open_alerts() == []
    assert "falls back" not in admin.get(PAGE).text
    mailroom.receive(letter(subject="Another"))
    assert mailroom.outbox[-1].subject == "Thanks"


def test_resetting_ends_it_too(mailroom, broken, sign_in):
    mailroom.receive(letter())
    sign_in("admin").post(f"{PAGE}/reset")
    assert open_alerts() == []


def test_a_value_that_is_empty_in_real_life_is_no_fault(mailroom, cast):
    cast.inbound.acknowledge = True
    template = CATALOGUE["ticket_opened"]
    html = "<p>Hello {{ contact.first_name }} of {{ client.name }}.</p>"
    operations.save(template, None, Wording("Thanks", html), cast.mara.id, 0)
    db.session.commit()
    mailroom.receive(letter(sender="quinn@nobody-knows.example"))
    assert mailroom.text(mailroom.outbox[-1]) == "Hello of .\n"
    assert open_alerts() == []
