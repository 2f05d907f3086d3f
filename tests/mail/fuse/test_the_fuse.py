"""What our machines answer is counted, and stops before it is a loop; what people write, and the filing, go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.alerts.operations import open_alerts
from psa.extensions import db
from psa.mail.fuse.incidents import closed_incidents, open_incidents
from psa.mail.fuse.models import AutomaticAnswer, Incident
from psa.mail.fuse.operations import may_answer
from psa.mail.inbound.explain import explain
from psa.mail.watch.watchman import watch
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

DANA = "dana@harbor-dental.example"


@pytest.fixture
def acknowledging(cast):
    cast.inbound.acknowledge = True
    db.session.commit()


def question(number: int, **values: str):
    return letter(f"The projector {'abcdefghijklmnopqrstuvwxyz'[number] * 12} stays dark.", subject="Away", **values)


def loop(mailroom, count: int):
    """So many mails of one sender, each with words of its own and none that says a machine wrote it."""
    return [mailroom.receive(question(number)) for number in range(count)]


def answer_in(email) -> tuple[str, str]:
    return next((step["verdict"], step["detail"]) for step in email.trace if step["step"] == "Answer")


def test_the_eleventh_answer_within_an_hour_does_not_leave_and_the_mail_is_filed_all_the_same(mailroom, acknowledging):
    emails = loop(mailroom, 12)

    assert len(mailroom.outbox) == 10
    assert {email.status for email in emails} == {"filed"}
    [incident] = open_incidents()
    assert (incident.scope, incident.value, incident.answers, incident.stopped) == ("address", DANA, 10, 2)
    verdict, why = answer_in(emails[-1])
    assert verdict == "None"
    assert why == (
        f"{DANA} had 10 automatic answers within an hour, as in a loop: no more leave by themselves "
        f"(incident {incident.id})"
    )


def test_the_same_words_are_answered_five_times_whoever_sends_them_and_whatever_numbers_they_carry(
    mailroom, acknowledging
):
    for number in range(8):
        text = f"Your request {1000 + number} was received at 10:{number:02}. Somebody will look at it."
        mailroom.receive(letter(text, sender=f"desk{number}@harbor-dental.example", subject=f"[{number}] Received"))

    assert len(mailroom.outbox) == 5
    assert [(incident.scope, incident.stopped) for incident in open_incidents()] == [("words", 3)]


def test_a_domain_has_fifty_answers_an_hour_unless_half_the_world_has_its_mail_there(app, cast):
    assert [may_answer(f"p{number}@harbor-dental.example", "opened") for number in range(50)] == [""] * 50
    assert "The domain harbor-dental.example had 50" in may_answer("p51@harbor-dental.example", "opened")
    assert {may_answer(f"p{number}@gmail.com", "opened") for number in range(60)} == {""}


def test_what_one_of_us_reads_or_has_a_rule_forward_there_has_a_larger_budget(app, cast):
    assert [may_answer(cast.tom.email, "notice") for _ in range(60)] == [""] * 60
    assert may_answer(cast.tom.email, "notice") != ""
    assert [may_answer("pager@elsewhere.example", "forward") for _ in range(60)] == [""] * 60
    assert may_answer("pager@elsewhere.example", "forward") != ""


def test_what_is_counted_by_itself_uses_up_nothing_else(app, cast):
    assert [may_answer(DANA, "notice") for _ in range(60)] == [""] * 60
    assert may_answer(DANA, "notice") != ""
    assert [may_answer(DANA, "opened") for _ in range(10)] == [""] * 10
    assert may_answer(DANA, "opened") != ""
    assert may_answer(DANA, "forward") == ""
    assert [incident.answers for incident in open_incidents()] == [10, 60]


def test_many_a_day_are_too_many_as_well(app, cast):
    for hour in range(3):
        assert [may_answer(DANA, "opened") for _ in range(10)] == [""] * 10
        an_hour_later(hours=2 + hour)
    assert "30 automatic answers within a day" in may_answer(DANA, "opened")


def test_what_a_person_writes_leaves_while_the_fuse_is_blown(mailroom, cast, acknowledging):
    ticket = loop(mailroom, 11)[-1].ticket
    before = len(mailroom.outbox)

    comment_id = operations.add_reply(ticket.id, Said("I am looking at it."), Actor(user_id=cast.tom.id))
    notifications.reply_added(comment_id)

    assert len(mailroom.outbox) == before + 1


def test_an_incident_is_an_alert_at_once_and_is_mailed_to_the_administrators(mailroom, cast, acknowledging):
    loop(mailroom, 11)

    [alert] = open_alerts()
    assert alert.title == f"Automatic answers to {DANA} are stopped"
    watch()
    assert mailroom.outbox[-1].purpose == "alert"
    assert mailroom.outbox[-1].recipients == [cast.mara.email]


def test_after_a_quiet_hour_answers_go_on_by_themselves_and_that_is_said(mailroom, cast, acknowledging):
    loop(mailroom, 12)
    watch()
    an_hour_later()
    watch()

    assert open_incidents() == []
    [incident] = closed_incidents()
    assert "Resumed by itself" in incident.closing_words
    assert open_alerts() == []
    before = len(mailroom.outbox)
    assert answer_in(mailroom.receive(question(20)))[0] == "Queued"
    assert len(mailroom.outbox) == before + 1


def test_while_the_other_side_goes_on_it_is_not_quiet(mailroom, acknowledging):
    loop(mailroom, 11)
    an_hour_later()
    mailroom.receive(question(20))
    watch()

    [incident] = open_incidents()
    assert incident.stopped == 2


def test_one_click_lets_answers_leave_again_and_they_are_counted_anew(mailroom, sign_in, acknowledging):
    loop(mailroom, 11)
    [incident] = open_incidents()
    agent = sign_in("agent")

    response = agent.post(f"/mail/incidents/{incident.id}/resumption")

    assert response.status_code == 303
    assert "Resumed by Tom Okafor" in agent.get(response.location).text
    assert open_alerts() == []
    assert answer_in(mailroom.receive(question(20)))[0] == "Queued"


def test_everybody_who_is_signed_in_sees_it_on_every_page_until_it_is_over(mailroom, sign_in, acknowledging):
    loop(mailroom, 11)
    agent = sign_in("agent")
    title = f"Automatic answers to {DANA} are stopped"
    assert title in agent.get("/tickets").text
    assert title in agent.get("/mail").text

    agent.post(f"/mail/incidents/{open_incidents()[0].id}/resumption")

    assert title not in agent.get("/tickets").text


def test_an_agent_sees_no_alerts_that_only_an_administrator_can_do_something_about(mailroom, sign_in, cast):
    from psa.alerts.operations import Trouble, open_alert

    open_alert(Trouble("mailbox:1", "A mailbox cannot be read", ""))
    db.session.commit()
    assert "A mailbox cannot be read" not in sign_in("agent").get("/tickets").text


def test_its_page_says_who_how_much_since_when_and_links_the_last_messages(mailroom, sign_in, acknowledging):
    emails = loop(mailroom, 12)
    [incident] = open_incidents()

    page = sign_in("agent").get(f"/mail/incidents/{incident.id}").text

    assert incident.words in page
    assert f'href="/mail/inbound/{emails[-1].id}"' in page
    assert f'href="/tickets/{emails[-1].ticket_id}"' in page
    assert page.count("Stopped</span>") == 2
    assert incident.words in sign_in("agent").get("/mail/incidents").text


def test_a_rehearsal_counts_nothing_and_opens_no_incident(mailroom, cast, acknowledging):
    loop(mailroom, 10)
    for number in range(3):
        said = explain(question(20 + number).as_bytes(), cast.inbound)
        assert any("10 automatic answers" in step["detail"] for step in said.steps)

    assert db.session.scalar(db.select(db.func.count()).select_from(Incident)) == 0
    assert db.session.scalar(db.select(db.func.count()).select_from(AutomaticAnswer)) == 10


def an_hour_later(hours: int = 2) -> None:
    """Everything that was counted is so many hours older."""
    for row in db.session.scalars(db.select(AutomaticAnswer).where(AutomaticAnswer.at > clock.now() - HOUR)):
        row.at -= timedelta(hours=hours)
    for incident in open_incidents():
        incident.last_at -= timedelta(hours=hours)
    db.session.commit()


HOUR = timedelta(hours=1)
