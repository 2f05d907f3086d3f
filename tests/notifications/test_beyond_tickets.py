"""Project updates, invoices, reminders and tasks: who hears of them, now or with the digest, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from psa import clock
from psa.clients.operations import add_contact
from psa.extensions import db
from psa.mail.blocking.operations import block
from psa.mail.outbound import addresses
from psa.mail.templates import facts
from psa.notifications import choices, digest, telling
from psa.notifications.audience import Cause, of_client
from psa.notifications.models import Notice
from psa.notifications.telling import Happening, tell
from psa.notifications.unsubscribing import Subscription
from psa.prepared import Prepared
from tests.mailroom import letter
from tests.statements import counted

TABLE = "/admin/email/notifications"
ORDERED = Happening("task_assigned", "Mara gave you “Order the labels”", "/projects/3/tasks/12")


@pytest.fixture
def given(cast) -> Callable[..., bool]:
    """Tom is given a task by Mara."""

    def give(what: Happening = ORDERED, by: int | None = None) -> bool:
        about = {
            "task": facts.Task("Order the labels", date(2026, 11, 30), "https://psa.example/projects/3/tasks/12"),
            "project": facts.Project("New warehouse"),
            "agent": facts.Agent.of("Mara Lindqvist"),
        }
        told = tell(cast.tom, what, about, Cause(by or cast.mara.id))
        db.session.commit()
        return told

    return give


def names_in(found) -> list[str]:
    return [hearer.name for hearer in found.hearers]


@pytest.fixture
def harbor_people(cast) -> None:
    for name in ("Ada", "Ben", "Cleo", "Dee"):
        add_contact(cast.harbor, name, f"{name.lower()}@harbor-dental.example")
    db.session.commit()


def test_contacts_who_are_told_of_invoices_hear_of_them(cast, harbor_people):
    people = {person.name: person for person in cast.harbor.contacts}
    choices.tell(people["Ada"].id, {"tickets"})
    addresses.suppress("ben@harbor-dental.example", "hard_bounce", "550")
    block("cleo@harbor-dental.example", cast.mara.id)
    people["Dee"].addresses.clear()
    db.session.commit()
    found = of_client("invoice_reminder_overdue", cast.harbor.id)
    assert names_in(found) == ["Dana Whitfield"]
    why = dict(found.left_out)
    assert why["Ada"] == "is told nothing of invoices"
    assert "does not exist any more" in why["Ben"]
    assert why["Cleo"] == "is blocked"
    assert why["Dee"] == "has no address"


def test_what_is_switched_off_goes_to_nobody(cast):
    choices.switch({("invoice", None): False})
    assert of_client("invoice", cast.harbor.id).hearers == ()
    assert of_client("invoice", cast.harbor.id).nobody == "It is switched off."


def test_people_of_others_and_of_nobody_hear_nothing(cast, harbor_people):
    assert names_in(of_client("project_update", cast.vega.id)) == ["Ruben Castellanos"]


def test_who_has_only_written_gets_no_invoices(cast, mailroom):
    mailroom.receive(letter(sender="Intern <intern@harbor-dental.example>"))
    found = of_client("invoice", cast.harbor.id)
    assert names_in(found) == ["Dana Whitfield"]
    assert found.left_out == (("Intern", "is told nothing of invoices"),)


def test_a_client_of_many_people_costs_no_more_questions(cast, harbor_people, monkeypatch):
    asked: list[object] = []
    run = Prepared.run
    monkeypatch.setattr(Prepared, "run", lambda self, *values: (asked.append(self), run(self, *values))[1])

    def questions(client_id: int) -> int:
        asked.clear()
        with counted() as statements:
            of_client("invoice", client_id)
        return len(asked) + len(statements)

    assert questions(cast.harbor.id) == questions(cast.vega.id)


def test_who_was_merged_away_hears_nothing(cast, harbor_people):
    ada = next(person for person in cast.harbor.contacts if person.name == "Ada")
    ada.merged_into_id = cast.dana.id
    db.session.commit()
    assert "Ada" not in names_in(of_client("project_update", cast.harbor.id))


def test_a_task_is_told_at_once_with_the_way_to_stop_it(given, mailroom, cast):
    assert given()
    [email] = mailroom.outbox
    assert (email.recipients, email.template, email.purpose) == (["tom@northwind.example"], "task_assigned", "notice")
    message = mailroom.read(email)
    assert message["Auto-Submitted"] == "auto-generated"
    assert Subscription(cast.tom, "task_assigned").token in message["List-Unsubscribe"]
    assert message["List-Id"] == "<task-assigned.notices.northwind.example>"
    assert "Order the labels" in mailroom.text(email)


def test_it_waits_for_the_digest_of_who_wants_one_and_leads_to_its_page(given, mailroom, cast, hears):
    hears(cast.tom, rhythm="hourly")
    assert given()
    assert mailroom.outbox == []
    [notice] = db.session.scalars(db.select(Notice))
    waiting = digest.waiting_digests()[cast.tom.id]
    assert waiting.number == 1
    assert waiting.leaves_at > clock.now()
    notice.made_at -= timedelta(hours=2)
    db.session.commit()
    assert digest.send_due_digests() == 1
    assert "/projects/3/tasks/12" in mailroom.text(mailroom.outbox[0])


def test_who_did_it_or_does_not_want_it_or_cannot_be_reached_hears_nothing(given, mailroom, cast, hears):
    assert not given(by=cast.tom.id)
    hears(cast.tom, unheard=frozenset({"task_assigned"}))
    assert not given()
    hears(cast.tom)
    addresses.suppress("tom@northwind.example", "hard_bounce", "550")
    assert not given()
    addresses.clear("tom@northwind.example")
    cast.tom.active = False
    assert not given()
    cast.tom.active = True
    choices.switch({("task_assigned", None): False})
    assert not given()
    assert mailroom.outbox == []
    assert db.session.scalar(db.select(db.func.count()).select_from(Notice)) == 0


def test_too_many_become_one(given, mailroom, cast, monkeypatch):
    monkeypatch.setattr(telling, "MOST_AN_HOUR", 2)
    for _ in range(4):
        given()
    assert len(mailroom.outbox) == 2
    assert digest.waiting_digests()[cast.tom.id].number == 2


def test_the_preview_is_asked_for_a_client_by_name(sign_in, cast, harbor_people):
    admin = sign_in("admin")
    page = admin.get(f"{TABLE}/invoice", query_string={"client": "harbor"}).text
    assert "Dana Whitfield" in page
    assert "is told of invoices" in page
    assert "No client’s name begins with “Zzz”." in admin.get(f"{TABLE}/invoice?client=Zzz").text
    assert "Ruben Castellanos" in admin.get(f"{TABLE}/welcome").text


def test_the_preview_is_asked_for_the_task_of_a_user(sign_in, cast, hears):
    hears(cast.tom, rhythm="daily")
    page = sign_in("admin").get(f"{TABLE}/task_due", query_string={"user": cast.tom.id}).text
    assert "the assignee" in page
    assert "together, once a day" in page


def test_the_table_says_what_waits_for_whose_digest(sign_in, given, cast, hears):
    hears(cast.tom, rhythm="daily")
    given()
    assert "1 thing waits until" in sign_in("admin").get(TABLE).text


def test_a_contact_chooses_all_topics_from_any_mail(browser, cast):
    path = f"/unsubscribe/{Subscription(cast.dana, 'invoices').token}"
    page = browser.get(path).text
    assert page.count('name="topic"') == 3
    assert browser.post(path, data={"choose": "1", "topic": ["tickets", "nonsense"]}).status_code == 303
    assert choices.topics_of(cast.dana.id) == {"tickets"}
    assert "It is stopped" in browser.get(path).text


def test_no_welcome_message_leaves_while_they_are_switched_off(sign_in, cast, mailroom):
    choices.switch({("welcome", None): False})
    db.session.commit()
    answer = sign_in("agent").post(f"/clients/contacts/{cast.dana.id}/welcome-messages")
    assert answer.status_code == 422
    assert "switched off under Notifications" in answer.text
    assert mailroom.outbox == []
