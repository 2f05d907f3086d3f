"""The firm's table, a user's own choice, and what a contact is told with the welcome message."""

from __future__ import annotations

import re

import pytest

from psa.extensions import db
from psa.mail.fuse.operations import may_answer
from psa.mail.outbound import addresses
from psa.notifications import choices
from psa.notifications.kinds import KINDS
from tests.mailroom import letter

TABLE = "/admin/email/notifications"
MINE = "/account/notifications"


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def dana(cast) -> str:
    return f"/clients/contacts/{cast.dana.id}"


def everything(**changed: str) -> dict[str, str]:
    """The table as it is sent when all is on."""
    return {f"{kind.name}-on": "on" for kind in KINDS} | changed


def test_the_table_has_every_kind_with_its_template_and_who_would_get_it(admin):
    page = admin.get(TABLE).text
    for kind in KINDS:
        assert kind.title in page
        assert f"/admin/email/templates/{kind.name}" in page
        assert f"{TABLE}/{kind.name}" in page
    assert "No mailbox does at present" in page
    assert "Invoice reminder, overdue" in page


def test_what_is_saved_holds(admin, cast):
    form = everything(**{f"ticket_closed-{cast.billing.id}": "off", f"user_new_ticket-{cast.support.id}": ""})
    del form["user_new_note-on"]
    assert admin.post(TABLE, data=form).status_code == 303
    assert choices.is_on("ticket_closed", cast.support.id)
    assert not choices.is_on("ticket_closed", cast.billing.id)
    assert not choices.is_on("user_new_note", cast.support.id)
    admin.post(TABLE, data=everything(**{f"ticket_closed-{cast.billing.id}": ""}))
    assert choices.is_on("ticket_closed", cast.billing.id)


def test_of_two_who_change_the_table_the_second_is_told_and_overwrites_nothing(admin):
    shown = shown_on(admin.get(TABLE).text)
    first, second = everything(shown=shown), everything(shown=shown)
    del first["user_assigned-on"], second["user_new_note-on"]
    assert admin.post(TABLE, data=first).status_code == 303
    stale = admin.post(TABLE, data=second)
    assert stale.status_code == 422
    assert "“Somebody gives me a ticket” is now “off”." in stale.text and "Nothing of yours is saved yet." in stale.text
    assert not choices.is_on("user_assigned") and choices.is_on("user_new_note")
    assert re.search(r'name="user_new_note-on"[^>]*checked', stale.text) is None
    assert admin.post(TABLE, data=second | {"shown": shown_on(stale.text)}).status_code == 303
    assert choices.is_on("user_assigned") and not choices.is_on("user_new_note")


def test_a_save_that_changes_nothing_stands_in_nobodys_way(admin):
    shown = shown_on(admin.get(TABLE).text)
    same = everything(shown=shown)
    for kind in KINDS:
        if not kind.on:
            del same[f"{kind.name}-on"]
    assert admin.post(TABLE, data=same).status_code == 303
    second = same | {"shown": shown}
    del second["user_new_note-on"]
    assert admin.post(TABLE, data=second).status_code == 303
    assert not choices.is_on("user_new_note")


def shown_on(page: str) -> str:
    return re.search(r'name="shown" value="([^"]*)"', page)[1]


def test_the_table_is_for_admins(sign_in):
    agent = sign_in("agent")
    assert agent.get(TABLE).status_code == 403
    assert agent.post(TABLE, data=everything()).status_code == 403
    assert agent.get(f"{TABLE}/user_assigned").status_code == 403


def test_who_would_get_it_is_asked_of_what_sends_it(admin, cast, mailroom, hears):
    assert "There is no ticket yet" in admin.get(f"{TABLE}/user_new_ticket").text
    mailroom.receive(letter())
    assert "Nobody has chosen to hear of new tickets in Support." in admin.get(f"{TABLE}/user_new_ticket").text
    hears(cast.tom, queues=frozenset({cast.support.id}), rhythm="hourly")
    hears(cast.mara, queues=frozenset({cast.support.id}), unheard=frozenset({"user_new_ticket"}))
    page = admin.get(f"{TABLE}/user_new_ticket?ticket=1").text
    assert "has chosen Support" in page
    assert "together, once an hour" in page
    assert "does not want to hear of it" in page
    assert "switched off for Support" in admin.get(f"{TABLE}/ticket_closed").text


@pytest.mark.parametrize("query", ["?ticket=99", "?ticket=99999999999"])
def test_a_ticket_that_does_not_exist_is_said_to_be_none(admin, mailroom, query):
    mailroom.receive(letter())
    assert admin.get(f"{TABLE}/user_assigned{query}").status_code == (404 if query == "?ticket=99" else 200)
    assert admin.get(f"{TABLE}/nonsense").status_code == 404


def test_a_user_chooses_what_they_hear_about(sign_in, cast):
    agent = sign_in("agent")
    form = {"kind": ["user_assigned"], "queue": [str(cast.billing.id)], "rhythm": "daily"}
    assert agent.post(MINE, data=form | {"daily_at": "17:30"}).status_code == 303
    choice = choices.choice_of(cast.tom.id)
    assert choice.unheard == {"user_new_reply", "user_new_note", "task_assigned", "task_due"}
    assert choice.queues == {cast.billing.id}
    assert (choice.rhythm, choice.daily_time) == ("daily", "17:30")
    page = agent.get(MINE).text
    assert 'value="17:30"' in page
    assert choices.choice_of(cast.mara.id) == choices.Choice()


def test_a_time_that_is_none_is_said_at_the_field(sign_in, cast):
    agent = sign_in("agent")
    answer = agent.post(MINE, data={"rhythm": "daily", "daily_at": "noon"})
    assert answer.status_code == 422
    assert "Write a time of the day" in answer.text
    assert 'value="noon"' in answer.text
    assert choices.choice_of(cast.tom.id) == choices.Choice()


def test_a_user_sees_what_is_off_for_everybody(sign_in, cast):
    choices.switch({("user_assigned", None): False})
    db.session.commit()
    assert "switched this off for everybody" in sign_in("agent").get(MINE).text


def test_strangers_choose_nothing(browser, cast):
    assert browser.get(MINE).status_code in (302, 303)
    assert browser.get(f"{dana(cast)}/notifications").status_code in (302, 303)
    assert browser.post(f"{dana(cast)}/welcome-messages").status_code in (302, 303)


def test_a_contact_is_told_what_is_ticked(sign_in, cast):
    agent = sign_in("agent")
    assert f'href="{dana(cast)}"' in agent.get(f"/clients/{cast.harbor.id}").text
    assert f'href="{dana(cast)}/notifications"' in agent.get(dana(cast)).text
    shown = "invoices projects tickets"
    agent.post(f"{dana(cast)}/topics", data={"topic": ["invoices", "nonsense"], "shown": shown})
    assert choices.topics_of(cast.dana.id) == {"invoices"}


def test_a_welcome_message_is_looked_at_and_then_sent(sign_in, cast, mailroom):
    agent = sign_in("agent")
    page = agent.get(f"{dana(cast)}/notifications").text
    assert "Welcome to Northwind IT" in page
    assert "Not sent" in page
    frame = agent.get(f"{dana(cast)}/welcome-message")
    assert "From today on we look after" in frame.text
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert agent.post(f"{dana(cast)}/welcome-messages").status_code == 303
    [email] = mailroom.outbox
    assert (email.recipients, email.template) == (["dana@harbor-dental.example"], "welcome")
    message = mailroom.read(email)
    assert message["To"] == "Dana Whitfield <dana@harbor-dental.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in message
    assert "Harbor Dental" in mailroom.text(email)


def test_pressing_twice_sends_one(sign_in, cast, mailroom):
    agent = sign_in("agent")
    agent.post(f"{dana(cast)}/welcome-messages")
    second = agent.post(f"{dana(cast)}/welcome-messages")
    assert second.status_code == 422
    assert "It was sent just now." in second.text
    assert len(mailroom.outbox) == 1


def test_one_that_did_not_arrive_is_said_and_can_be_sent_again_at_once(sign_in, cast, mailroom):
    agent = sign_in("agent")
    agent.post(f"{dana(cast)}/welcome-messages")
    mailroom.outbox[0].status = "failed"
    db.session.commit()
    page = agent.get(f"{dana(cast)}/notifications").text
    assert f'/outbound/{mailroom.outbox[0].id}">Did not arrive: see why</a>' in page
    assert agent.post(f"{dana(cast)}/welcome-messages").status_code == 303
    assert len(mailroom.outbox) == 2


def test_nobody_is_welcomed_where_mail_comes_back(sign_in, cast, mailroom):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 no such user")
    db.session.commit()
    answer = sign_in("agent").post(f"{dana(cast)}/welcome-messages")
    assert answer.status_code == 422
    assert "the address does not exist any more" in answer.text
    assert mailroom.outbox == []


def test_without_a_sending_account_the_button_says_why(sign_in, cast):
    db.session.delete(cast.outbound)
    db.session.commit()
    assert "No account sends mail yet" in sign_in("agent").get(f"{dana(cast)}/notifications").text


def test_nobody_is_welcomed_who_is_in_a_loop_with_us(sign_in, cast, mailroom):
    for _ in range(61):
        may_answer("dana@harbor-dental.example", "notice")
    db.session.commit()
    answer = sign_in("agent").post(f"{dana(cast)}/welcome-messages")
    assert answer.status_code == 422
    assert "as in a loop" in answer.get_data(as_text=True)
    assert mailroom.outbox == []


def test_new_contacts_are_never_welcomed_by_themselves(mailroom, cast):
    mailroom.receive(letter(sender="New Person <new@harbor-dental.example>"))
    assert mailroom.outbox == []


def test_who_stopped_new_tickets_by_mail_starts_them_again_by_a_queue(sign_in, cast, hears):
    hears(cast.tom, queues=frozenset({cast.support.id}), unheard=frozenset({"user_new_ticket"}))
    agent = sign_in("agent")
    assert f'value="{cast.support.id}" checked' not in agent.get(MINE).text
    agent.post(MINE, data={"queue": [str(cast.support.id)], "rhythm": "single"})
    assert "user_new_ticket" not in choices.choice_of(cast.tom.id).unheard
    assert f'value="{cast.support.id}" checked' in agent.get(MINE).text
