"""What users hear about by mail: once, at most one mail for one moment, and never of what they did themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.mail.outbound import addresses, dkim_keys
from psa.mail.outbound.compose import ticket_of
from psa.notifications import choices, notices
from psa.notifications.models import Untold
from psa.tickets import operations
from psa.tickets.models import Ticket
from psa.tickets.notifications import reply_added
from psa.tickets.operations import Actor, Said
from psa.tickets.watchers import watch
from tests.mailroom import letter
from tests.notifications.conftest import happened_before


@pytest.fixture
def toms(cast, mailroom, told):
    """A ticket of Dana's that is Tom's already."""
    ticket_id = mailroom.receive(letter()).ticket_id
    operations.assign(ticket_id, cast.tom.id, cast.tom.name, Actor(user_id=cast.tom.id))
    assert told() == []
    return db.session.get_one(Ticket, ticket_id)


def answer(mailroom, ticket: Ticket, text: str = "It is dark again.", **headers: str) -> InboundEmail:
    """Dana writes again, on her first message."""
    first = db.session.scalars(db.select(InboundEmail).where(InboundEmail.ticket_id == ticket.id)).first()
    return mailroom.receive(letter(text, subject="Re: Projector", answers=f"<{first.message_id}>", **headers))


def test_a_new_ticket_is_told_to_those_who_chose_its_queue(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    hears(cast.mara, queues=frozenset({cast.billing.id}))
    mailroom.receive(letter("The projector stays dark."))
    [email] = told()
    assert email.recipients == [cast.tom.email]
    assert mailroom.read(email)["Subject"] == "New in Support: Projector [#1]"
    assert "The projector stays dark." in mailroom.text(email)


def test_without_a_choice_nobody_hears_of_new_tickets(mailroom, told):
    mailroom.receive(letter())
    assert told() == []


def test_who_is_given_a_ticket_by_somebody_else_hears_of_it(cast, mailroom, told):
    ticket_id = mailroom.receive(letter()).ticket_id
    operations.assign(ticket_id, cast.tom.id, cast.tom.name, Actor(user_id=cast.mara.id))
    [email] = told()
    assert email.recipients == [cast.tom.email]
    assert "Mara Lindqvist has given you ticket" in mailroom.text(email)


def test_who_takes_a_ticket_hears_nothing(cast, toms, told):
    assert told() == []


def test_a_rule_that_gives_a_ticket_says_so(cast, mailroom, told):
    cast.billing_rule.actions = [{"set": "assignee", "id": cast.tom.id}]
    db.session.commit()
    mailroom.receive(letter(subject="[Billing] Twice"))
    [email] = told()
    assert "A rule has given you ticket" in mailroom.text(email)


def test_what_happens_at_one_moment_is_one_mail(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    ticket_id = mailroom.receive(letter()).ticket_id
    operations.assign(ticket_id, cast.tom.id, cast.tom.name, Actor(user_id=cast.mara.id))
    [email] = told()
    assert email.template == "user_assigned"


def test_only_the_last_of_two_assignees_hears(cast, mailroom, told):
    ticket_id = mailroom.receive(letter()).ticket_id
    operations.assign(ticket_id, cast.mara.id, cast.mara.name, Actor())
    operations.assign(ticket_id, cast.tom.id, cast.tom.name, Actor())
    [email] = told()
    assert email.recipients == [cast.tom.email]


def test_the_assignee_hears_what_the_client_answers(cast, mailroom, toms, told):
    answer(mailroom, toms, "It is dark again.")
    [email] = told()
    assert (email.recipients, email.template) == ([cast.tom.email], "user_new_reply")
    assert "It is dark again." in mailroom.text(email)
    assert "Projector" in mailroom.read(email)["Subject"]


def test_once_is_enough(mailroom, toms, told):
    answer(mailroom, toms)
    assert len(told()) == 1
    assert len(told()) == 1
    assert db.session.scalars(db.select(Untold)).all() == []


def test_what_a_machine_answers_is_told_to_nobody(mailroom, toms, told):
    answer(mailroom, toms, "I am away until Monday.", Auto_Submitted="auto-replied")
    assert told() == []


def test_a_note_is_told_to_the_assignee_and_to_whom_it_names(cast, mailroom, toms, told):
    operations.add_note(toms.id, Said("Do we have a spare lamp?"), Actor(user_id=cast.mara.id))
    [email] = told()
    assert email.recipients == [cast.tom.email]
    assert "Do we have a spare lamp?" in mailroom.text(email)
    operations.add_note(toms.id, Said("@Mara, can you look?"), Actor(user_id=cast.tom.id))
    assert told()[-1].recipients == [cast.mara.email]


def test_who_watches_a_ticket_hears_what_the_assignee_hears(cast, mailroom, toms, told):
    watch(toms.id, user_id=cast.mara.id, name=cast.mara.name, because="took part", by=Actor(user_id=cast.mara.id))
    answer(mailroom, toms)
    assert sorted(email.recipients for email in told()) == [[cast.mara.email], [cast.tom.email]]


@pytest.mark.parametrize("words", ["mara, look", "mail@mara.example", "@Maraike, look", "@Lindqvist"])
def test_a_note_names_only_whom_it_names(cast, mailroom, toms, told, words):
    operations.add_note(toms.id, Said(words), Actor(user_id=cast.tom.id))
    assert told() == []


def test_two_of_one_first_name_are_named_in_full(cast, mailroom, toms, told):
    cast.tom.name = "Mara Okafor"
    db.session.commit()
    operations.add_note(toms.id, Said("@Mara?"), Actor(user_id=cast.tom.id))
    assert told() == []
    operations.add_note(toms.id, Said("@Mara Lindqvist?"), Actor(user_id=cast.tom.id))
    assert [email.recipients for email in told()] == [[cast.mara.email]]


def test_who_writes_by_mail_is_not_told_of_it(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    mailroom.receive(letter(sender=f"Tom Okafor <{cast.tom.email}>"))
    assert told() == []


def test_an_answering_machine_of_ours_is_no_news_for_the_others(cast, mailroom, told, hears):
    hears(cast.mara, queues=frozenset({cast.support.id}))
    mailroom.receive(letter(sender=f"Tom <{cast.tom.email}>", subject="Away", Auto_Submitted="auto-replied"))
    assert told() == []


def test_a_backlog_is_quiet(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    email = mailroom.receive(letter())
    email.backlog = True
    assert told() == []
    assert db.session.scalars(db.select(Untold)).all() == []


def test_what_lay_for_a_day_is_no_news(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    mailroom.receive(letter())
    happened_before(timedelta(days=2))
    assert told() == []


def test_what_a_user_does_not_want_is_not_sent(cast, mailroom, toms, told, hears):
    hears(cast.tom, unheard=frozenset({"user_new_reply"}))
    answer(mailroom, toms)
    assert told() == []


def test_what_the_firm_has_switched_off_is_not_sent(cast, mailroom, toms, told):
    choices.switch({("user_new_reply", None): False})
    answer(mailroom, toms)
    assert told() == []


def test_a_queue_may_differ_from_the_others(cast, mailroom, told, hears):
    hears(cast.tom, queues=frozenset({cast.support.id, cast.billing.id}))
    choices.switch({("user_new_ticket", None): False, ("user_new_ticket", cast.billing.id): True})
    mailroom.receive(letter())
    assert told() == []
    mailroom.receive(letter(subject="[Billing] Twice"))
    assert [email.recipients for email in told()] == [[cast.tom.email]]


def test_nothing_goes_to_an_address_that_mail_comes_back_from(cast, mailroom, toms, told):
    addresses.suppress(cast.tom.email, "hard_bounce", "550 no such user")
    answer(mailroom, toms)
    assert told() == []
    assert mailroom.outbox == []


def test_who_is_switched_off_hears_nothing(cast, mailroom, toms, told):
    cast.tom.active = False
    answer(mailroom, toms)
    assert told() == []


def test_a_notice_is_marked_as_a_machines_and_can_be_sorted_and_stopped(cast, mailroom, toms, told):
    answer(mailroom, toms)
    [email] = told()
    message = mailroom.read(email)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["List-Id"] == "<user-new-reply.notices.northwind.example>"
    assert re.fullmatch(r"<http://\S+/unsubscribe/u\d+\.user_new_reply\.\w{16}>", message["List-Unsubscribe"])
    assert email.envelope_sender == "support@northwind.example"


def test_one_click_is_offered_where_nobody_on_the_way_reads_the_address(app, mailroom, toms, told):
    app.config["PSA_BASE_URL"] = "https://desk.northwind.example"
    answer(mailroom, toms)
    message = mailroom.read(told()[0])
    assert message["List-Unsubscribe"].startswith("<https://desk.northwind.example/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_signature_covers_what_stops_it(cast, mailroom, toms, told):
    for algorithm in ("rsa", "ed25519"):
        dkim_keys.switch_on(dkim_keys.make_key("northwind.example", algorithm))
    answer(mailroom, toms)
    signatures = mailroom.read(told()[0]).get_all("DKIM-Signature")
    assert len(signatures) == 2
    for signature in signatures:
        named = re.search(r"h=([^;]+);", signature)[1].lower()
        assert "list-unsubscribe" in re.split(r"[\s:]+", named)


def test_of_two_hosts_one_tells(cast, mailroom, toms, told, monkeypatch):
    answer(mailroom, toms)
    before = notices.waiting()
    assert len(told()) == 1
    monkeypatch.setattr(notices, "waiting", lambda: before)
    assert len(told()) == 1


def test_the_notices_of_a_ticket_stand_together_and_answers_find_it(cast, mailroom, toms, told):
    answer(mailroom, toms)
    told()
    answer(mailroom, toms, "And again.")
    first, second = [mailroom.read(email) for email in told()]
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert {ticket_of(one["Message-ID"][1:-1]) for one in (first, second)} == {toms.id}


def test_a_client_reads_nothing_of_notices_in_what_we_answer(cast, mailroom, toms, told, sign_in):
    answer(mailroom, toms)
    [notice] = told()
    sign_in(cast.tom).post(f"/tickets/{toms.id}/replies", data={"body": "Try this.", "seen_event": 999})
    db.session.expire_all()
    reply = next(email for email in mailroom.outbox if email.purpose == "reply")
    assert notice.message_id not in mailroom.read(reply)["References"]


def test_a_notice_that_cannot_be_made_stops_no_other(cast, mailroom, told, hears, monkeypatch, caplog):
    hears(cast.tom, queues=frozenset({cast.support.id}))
    mailroom.receive(letter(subject="One"))
    mailroom.receive(letter(subject="Two"))
    whole = notices.news_of

    def broken(event, ticket, staff):
        if ticket.subject == "One":
            raise RuntimeError("a fault of ours")
        return whole(event, ticket, staff)

    monkeypatch.setattr(notices, "news_of", broken)
    assert [email.subject for email in told()] == ["New in Support: Two [#2]"]
    assert db.session.scalars(db.select(Untold)).all() == []


def test_the_assignee_hears_that_an_answer_of_ours_reached_nobody(cast, mailroom, toms, told):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 5.1.1 No such user here")
    comment_id = operations.add_reply(toms.id, Said("A new lamp."), Actor(user_id=cast.tom.id), then="closed")
    reply_added(comment_id)
    [email] = told()
    assert (email.recipients, email.template) == ([cast.tom.email], "user_new_note")
    assert "Mail delivery has left a note" in mailroom.text(email)
    assert "Open again: the answer did not reach dana@harbor-dental.example:" in mailroom.text(email)


def test_who_wants_to_hear_of_no_notes_does_not_hear_of_a_lost_answer(cast, toms, told, hears):
    hears(cast.tom, unheard=frozenset({"user_new_note"}))
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 5.1.1 No such user here")
    reply_added(operations.add_reply(toms.id, Said("A new lamp."), Actor(user_id=cast.tom.id), then="waiting"))
    assert told() == []


def test_an_answer_on_a_closed_ticket_is_told_as_any_other(cast, mailroom, toms, told):
    operations.set_status(toms.id, "closed", Actor(user_id=cast.tom.id))
    answer(mailroom, toms)
    [email] = told()
    assert (email.recipients, email.template, toms.status) == ([cast.tom.email], "user_new_reply", "open")
