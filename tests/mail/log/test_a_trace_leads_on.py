"""What the trace of a message names can be followed: the ticket, the other copy, the incident, the rules."""

from __future__ import annotations

from flask import Flask

from psa.extensions import db
from psa.mail.log.links import linked
from tests.mailroom import letter


def test_the_ticket_of_a_reply_is_a_link(mailroom, sign_in):
    first = mailroom.receive(letter())
    reply = mailroom.receive(letter("And the screen.", subject="Re: Projector", answers=f"<{first.message_id}>"))
    page = sign_in("agent").get(f"/mail/inbound/{reply.id}").text
    assert f'<a href="/tickets/{first.ticket_id}">#{first.ticket_id}</a>' in page


def test_the_first_copy_of_the_same_mail_is_a_link(mailroom, sign_in):
    message = letter(message_id="<once@client.example>").as_bytes()
    first = mailroom.receive(b"Delivered-To: support@northwind.example\r\n" + message)
    copy = mailroom.receive(b"Delivered-To: billing@northwind.example\r\n" + message)
    assert f'<a href="/mail/inbound/{first.id}">' in sign_in("agent").get(f"/mail/inbound/{copy.id}").text


def test_the_incident_that_stopped_an_answer_is_a_link(mailroom, cast, sign_in):
    cast.inbound.acknowledge = True
    db.session.commit()
    emails = [mailroom.receive(letter(subject=f"Number {number}")) for number in range(6)]
    assert '<a href="/mail/incidents/1">incident 1</a>' in sign_in("agent").get(f"/mail/inbound/{emails[-1].id}").text


def test_each_rule_is_a_link_for_those_who_may_change_it(mailroom, cast, sign_in):
    email = mailroom.receive(letter())
    link = f'<a href="/admin/email/rules/{cast.billing_rule.id}">Rule “{cast.billing_rule.name}” does not match</a>'
    assert link in sign_in("admin").get(f"/mail/inbound/{email.id}").text


def test_for_agents_a_rule_is_only_named(mailroom, cast, sign_in):
    email = mailroom.receive(letter())
    assert f"<b>Rule “{cast.billing_rule.name}” does not match</b>" in (
        sign_in("agent").get(f"/mail/inbound/{email.id}").text
    )


def test_words_of_strangers_stay_words(app: Flask):
    with app.test_request_context():
        assert linked("<b>#0 &#39; a#1 #1234567890 no message</b>") == (
            "&lt;b&gt;#0 &amp;#39; a#1 #1234567890 no message&lt;/b&gt;"
        )
