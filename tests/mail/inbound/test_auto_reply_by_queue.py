"""The auto-reply: by mailbox, by queue and by rule, once a day to a sender, and never to a machine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.fuse.models import AutomaticAnswer
from psa.mail.inbound import process
from psa.mail.templates.models import EmailTemplate
from psa.rules.models import Rule
from psa.tickets.models import Queue
from tests.mailroom import letter


@pytest.fixture
def queue_answers(cast):
    """``queue_answers("on")``: the auto-reply of Support."""

    def choose(auto_reply: str) -> None:
        cast.support.auto_reply = auto_reply
        db.session.commit()

    return choose


def answers(email) -> list[tuple[str, str]]:
    return [(step["verdict"], step["detail"]) for step in email.trace if step["step"] == "Answer"]


def test_a_queue_that_wants_it_answers_although_the_mailbox_does_not(mailroom, queue_answers):
    queue_answers("on")
    email = mailroom.receive(letter())

    [reply] = mailroom.outbox
    assert (reply.template, reply.envelope_sender) == ("auto_reply", "")
    message = mailroom.read(reply)
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["In-Reply-To"] == f"<{email.message_id}>"
    assert {"step": "Auto-reply", "verdict": "On", "detail": "the queue Support wants it"} in email.trace


def test_a_queue_that_wants_none_is_quiet_although_the_mailbox_answers(mailroom, cast, queue_answers):
    cast.inbound.acknowledge = True
    queue_answers("off")
    assert answers(mailroom.receive(letter())) == [("None", "the queue Support wants no auto-reply")]
    assert mailroom.outbox == []


def test_a_queue_that_leaves_it_to_the_mailbox_tells_that_the_ticket_is_open(mailroom, cast, queue_answers):
    cast.inbound.acknowledge = True
    queue_answers("mailbox")
    mailroom.receive(letter())
    assert [email.template for email in mailroom.outbox] == ["ticket_opened"]


@pytest.mark.parametrize(("queue", "rule", "left"), [("on", "off", 0), ("off", "on", 1)])
def test_a_rule_has_the_last_word(mailroom, queue_answers, queue, rule, left):
    queue_answers(queue)
    conditions = [{"field": "sender_domain", "value": "harbor-dental.example"}]
    actions = [{"set": "answer", "value": rule == "on"}]
    db.session.add(Rule(name="Holidays", position=2, conditions=conditions, actions=actions))
    db.session.commit()

    mailroom.receive(letter())

    assert len(mailroom.outbox) == left


def test_each_queue_may_have_a_text_of_its_own(mailroom, cast, queue_answers):
    queue_answers("on")
    text = "<p>Support is back on Monday.</p>"
    db.session.add(EmailTemplate(name="auto_reply", queue_id=cast.support.id, subject="Back soon", html=text))
    db.session.commit()
    mailroom.receive(letter())
    assert "back on Monday" in mailroom.text(mailroom.outbox[0])


def test_a_sender_hears_it_once_a_day_and_a_ticket_once(mailroom, queue_answers):
    queue_answers("on")
    first = mailroom.receive(letter())
    mailroom.receive(letter("More of it.", subject="Re: Projector", answers=f"<{first.message_id}>"))
    second = mailroom.receive(letter("The printer, too.", subject="Printer"))

    assert len(mailroom.outbox) == 1
    assert answers(second) == [("None", "dana@harbor-dental.example had the auto-reply within the last day")]

    yesterday = clock.now() - timedelta(days=1, minutes=1)
    db.session.execute(db.update(AutomaticAnswer).values(at=yesterday))
    db.session.commit()
    mailroom.receive(letter("And the scanner.", subject="Scanner"))
    assert len(mailroom.outbox) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<admins.harbor-dental.example>"},
        {"Return_Path": "<>"},
        {"sender": "noreply@harbor-dental.example"},
        {"sender": "MAILER-DAEMON@harbor-dental.example"},
        {"sender": "support@northwind.example"},
        {"sender": "Support@Northwind.example"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Spam_Flag": "YES"},
        {"message_id": "<t12.0123456789ab.aaaaaaaaaaaaaaaa@desk.harbor-dental.example>"},
    ],
)
def test_machines_lists_nobody_and_ourselves_never_hear_it(mailroom, queue_answers, headers):
    queue_answers("on")
    email = mailroom.receive(letter(**headers))
    assert mailroom.outbox == []
    assert answers(email)[0][0] == "None"


def test_what_is_processed_again_is_not_answered_again(mailroom, cast, queue_answers):
    queue_answers("on")
    cast.inbound.create_tickets = False
    db.session.commit()
    held = mailroom.receive(letter())
    assert mailroom.outbox == []
    process.convert(held.id)
    assert len(mailroom.outbox) == 1
    assert process.convert(held.id) is None
    assert len(mailroom.outbox) == 1


def test_it_is_chosen_on_the_page_of_the_queues(sign_in, cast):
    admin = sign_in("admin")
    saved = admin.post(f"/admin/queues/{cast.support.id}", data={"auto_reply": "on"})
    assert saved.status_code == 303
    assert db.session.get_one(Queue, cast.support.id).auto_reply == "on"
    assert admin.post(f"/admin/queues/{cast.support.id}", data={"auto_reply": "?"}).status_code == 422
    assert "To who opens a ticket by mail." in admin.get("/admin/queues").text
