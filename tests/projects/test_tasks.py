"""Tasks: added in a line, put in order, ticked off, given to people, made of tickets and made into tickets."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from psa import clock
from psa.billing import timers
from psa.billing.entries import Work, book_on
from psa.billing.models import TimeEntry
from psa.clock import today
from psa.extensions import db
from psa.notifications.models import Notice
from psa.projects.models import ChecklistItem, Project, Task
from psa.projects.tasks import add_item, add_task, set_status
from psa.projects.telling import remind_of_due_tasks
from psa.tickets.merging import merge
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def tasks() -> list[Task]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Task).order_by(Task.position, Task.id)))


@pytest.fixture
def three(move: Project) -> list[Task]:
    made = [add_task(move, title) for title in ("Order cables", "Lay cables", "Test sockets")]
    db.session.commit()
    return made


def test_a_task_is_added_in_one_line_and_its_assignee_hears_of_it(sign_in, cast, move, mailroom):
    browser = sign_in(cast.mara)
    line = {"title": " Order  cables ", "assignee": str(cast.tom.id), "due_on": "2026-12-02"}
    page = browser.post(f"/projects/{move.id}/tasks", data=line, follow_redirects=True)
    [task] = tasks()
    assert (task.title, task.assignee, task.due_on.isoformat()) == ("Order cables", cast.tom, "2026-12-02")
    assert "Order cables" in plain(page) and "Tom Okafor" in plain(page)
    [notice] = mailroom.outbox
    assert notice.recipients == ["tom@northwind.example"] and notice.template == "task_assigned"
    assert f"/projects/{move.id}/tasks/{task.id}" in mailroom.text(notice)


@pytest.mark.parametrize("nonsense", [{"assignee": "abc"}, {"assignee": "99999"}, {"due_on": "soon"}])
def test_what_nobody_could_have_chosen_is_refused_and_not_a_task(sign_in, cast, move, nonsense):
    line = {"title": "Order cables"} | nonsense
    assert sign_in(cast.mara).post(f"/projects/{move.id}/tasks", data=line).status_code == 422
    assert tasks() == []


def test_who_takes_a_task_is_not_told_by_mail(sign_in, cast, move, mailroom):
    sign_in(cast.tom).post(f"/projects/{move.id}/tasks", data={"title": "Order cables", "assignee": cast.tom.id})
    assert len(tasks()) == 1 and mailroom.outbox == []


def test_a_line_without_words_and_a_day_that_is_none_are_asked_back(sign_in, move):
    browser = sign_in()
    answer = browser.post(f"/projects/{move.id}/tasks", data={"title": " "}, headers=HTMX)
    assert answer.status_code == 422 and "Write what is to be done." in plain(answer)
    answer = browser.post(f"/projects/{move.id}/tasks", data={"title": "Order cables", "due_on": "soon"})
    assert answer.status_code == 422 and 'value="Order cables"' in answer.text
    assert tasks() == []


def test_tasks_change_their_places_by_arrows_and_by_number(sign_in, move, three):
    browser, first, last = sign_in(), three[0].id, three[2].id

    def order() -> list[str]:
        return [task.title for task in tasks() if task.status != "done"]

    browser.post(f"/projects/{move.id}/tasks/{last}/place", data={"to": "up"}, headers=HTMX)
    assert order() == ["Order cables", "Test sockets", "Lay cables"]
    browser.post(f"/projects/{move.id}/tasks/{first}/place", data={"to": "3"})
    assert order() == ["Test sockets", "Lay cables", "Order cables"]
    for nonsense in ("down", "99", "sideways", "-1", ""):
        assert browser.post(f"/projects/{move.id}/tasks/{first}/place", data={"to": nonsense}).status_code == 303
    assert order() == ["Test sockets", "Lay cables", "Order cables"]


def test_what_is_done_is_ticked_off_and_can_be_taken_back(sign_in, move, three):
    browser, task = sign_in(), three[1]
    answer = browser.post(f"/projects/{move.id}/tasks/{task.id}/status", data={"status": "done"}, headers=HTMX)
    assert "Lay cables is not done" in answer.text
    assert db.session.get_one(Task, task.id, populate_existing=True).done_at is not None
    browser.post(f"/projects/{move.id}/tasks/{task.id}/status", data={"status": "open"})
    assert db.session.get_one(Task, task.id, populate_existing=True).done_at is None
    assert browser.post(f"/projects/{move.id}/tasks/{task.id}/status", data={"status": "gone"}).status_code == 400


def test_who_saves_a_task_second_is_told_what_the_first_has_changed(sign_in, cast, move, three):
    browser, task = sign_in(cast.tom), three[0]
    seen = {"title": task.title, "status": "open", "assignee": "", "revision": task.revision}
    browser.post(f"/projects/{move.id}/tasks/{task.id}", data=seen | {"assignee": cast.mara.id, "status": "doing"})
    answer = browser.post(f"/projects/{move.id}/tasks/{task.id}", data=seen | {"title": "Order more cables"})
    assert answer.status_code == 422
    assert "Assignee is now “Mara Lindqvist”." in plain(answer) and "Status is now “Doing”." in plain(answer)
    assert 'value="Order more cables"' in answer.text
    assert tasks()[0].title == "Order cables"


def test_a_checklist_is_ticked_line_by_line(sign_in, move, three):
    browser, way = sign_in(), f"/projects/{move.id}/tasks/{three[0].id}/checklist"
    browser.post(way, data={"words": "measure"}, headers=HTMX)
    answer = browser.post(way, data={"words": "call the shop"}, headers=HTMX)
    assert "0 of 2" in plain(answer)
    first, second = db.session.scalars(db.select(ChecklistItem).order_by(ChecklistItem.position)).all()
    assert "1 of 2" in plain(browser.post(f"{way}/{first.id}", data={"done": "1"}, headers=HTMX))
    assert "1/2" in plain(browser.get(f"/projects/{move.id}"))
    assert "0 of 2" in plain(browser.post(f"{way}/{first.id}", headers=HTMX))
    browser.post(f"{way}/{second.id}/removal")
    assert browser.post(way, data={"words": " "}, headers=HTMX).status_code == 422
    assert db.session.scalar(db.select(db.func.count()).select_from(ChecklistItem)) == 1


def test_my_tasks_begin_with_the_earliest_and_mark_what_is_overdue(sign_in, cast, move, three, monkeypatch):
    monkeypatch.setattr("psa.projects.queries.PAGE", 2)
    for task, days in zip(three, (None, 4, -1), strict=True):
        task.assignee, task.due_on = cast.tom, today() + timedelta(days=days) if days is not None else None
    other = add_task(cast.managed_service, "Somebody else’s", assignee_id=cast.mara.id)
    db.session.commit()
    browser = sign_in(cast.tom)
    page = browser.get("/tasks")
    assert re.findall(r'<a class="main"[^>]*>([^<]+)', page.text) == ["Test sockets", "Lay cables"]
    assert "Overdue" in plain(page) and other.title not in page.text
    following = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert following is not None
    assert re.findall(r'<a class="main"[^>]*>([^<]+)', browser.get(html.unescape(following[1])).text) == [
        "Order cables"
    ]
    assert '<span class="n bad" title="Overdue">1</span>' in browser.get("/projects").text


def test_a_task_is_made_of_a_ticket_in_a_project_of_its_client(sign_in, cast, move, mailroom):
    ticket_id = mailroom.receive(letter("Ten sockets.", subject="Sockets for room 3")).ticket_id
    browser = sign_in()
    page = browser.get(f"/tickets/{ticket_id}")
    assert f'<option value="{move.id}">Harbor move</option>' in page.text
    browser.post(f"/tickets/{ticket_id}/tasks", data={"project": move.id, "title": "Ten sockets in room 3"})
    [task] = tasks()
    assert (task.project, task.ticket_id, task.title) == (move, ticket_id, "Ten sockets in room 3")
    assert "Ten sockets in room 3" in plain(browser.get(f"/tickets/{ticket_id}"))
    assert f"#{ticket_id}" in plain(browser.get(f"/projects/{move.id}"))


def test_no_task_is_made_in_the_project_of_another_client(sign_in, cast, move, mailroom):
    theirs = mailroom.receive(letter("Hello", sender="ruben@vega-logistics.example")).ticket_id
    assert sign_in().post(f"/tickets/{theirs}/tasks", data={"project": move.id}).status_code == 404
    assert tasks() == []


def test_a_ticket_is_opened_about_a_task_and_no_mail_leaves(sign_in, cast, move, three, mailroom):
    way = f"/projects/{move.id}/tasks/{three[0].id}"
    browser = sign_in(cast.tom)
    assert browser.post(f"{way}/ticket", data={"contact": cast.ruben.id}).status_code == 404
    browser.post(f"{way}/ticket", data={"contact": cast.dana.id})
    ticket = db.session.scalars(db.select(Ticket)).one()
    assert (ticket.subject, ticket.client, ticket.project_id) == ("Order cables", cast.harbor, move.id)
    assert ticket.requester == cast.dana and mailroom.outbox == []
    assert "It has a ticket already." in plain(browser.post(f"{way}/ticket", follow_redirects=True))


def test_removing_a_task_says_what_hangs_on_it_and_keeps_the_time(sign_in, cast, move, three):
    task = three[0]
    book_on(cast.tom.id, task, Work(today(), 30))
    add_item(task, "measure")
    db.session.commit()
    browser, way = sign_in(), f"/projects/{move.id}/tasks/{task.id}/removal"
    asked = plain(browser.get(way))
    assert "Its checklist of 1 line is deleted" in asked and "0.5 hours of work stay with Harbor move" in asked
    browser.post(way)
    db.session.expire_all()
    entry = db.session.scalars(db.select(TimeEntry)).one()
    assert (entry.task_id, entry.project_id, len(tasks())) == (None, move.id, 2)


def test_a_task_of_one_project_is_not_found_under_another(sign_in, cast, three):
    assert sign_in().get(f"/projects/{cast.managed_service.id}/tasks/{three[0].id}").status_code == 404


def test_who_has_a_task_is_reminded_once_for_each_due_day(cast, move, three, mailroom, monkeypatch):
    monkeypatch.setattr("psa.projects.telling.MORNING", 0)
    done, late, later = three
    for task, days in zip(three, (0, 0, 1), strict=True):
        task.assignee, task.due_on = cast.tom, today() + timedelta(days=days)
    set_status(done, "done")
    db.session.commit()
    assert (remind_of_due_tasks(), remind_of_due_tasks()) == (1, 0)
    [notice] = db.session.scalars(db.select(Notice)).all()
    assert (notice.user_id, notice.kind, notice.path) == (
        cast.tom.id,
        "task_due",
        f"/projects/{move.id}/tasks/{late.id}",
    )
    later.due_on = today()
    db.session.commit()
    assert remind_of_due_tasks() == 1
    assert [email.template for email in mailroom.outbox] == ["task_due", "task_due"]


def test_nobody_is_reminded_at_night_nor_of_a_project_that_is_done(cast, move, three, monkeypatch):
    three[0].assignee, three[0].due_on = cast.tom, today()
    db.session.commit()
    monkeypatch.setattr("psa.projects.telling.MORNING", 24)
    assert remind_of_due_tasks() == 0
    monkeypatch.setattr("psa.projects.telling.MORNING", 0)
    move.active = False
    db.session.commit()
    assert remind_of_due_tasks() == 0


def test_time_and_the_clock_run_on_tasks_too(sign_in, cast, move, three):
    task = three[0]
    browser, way = sign_in(cast.tom), f"/tasks/{task.id}"
    browser.post(f"{way}/time-entries", data={"time": "0:15", "words": "measured", "billable": "y"})
    entry = db.session.scalars(db.select(TimeEntry)).one()
    assert (entry.task_id, entry.project_id, entry.client_id) == (task.id, move.id, cast.harbor.id)
    answer = browser.post(f"{way}/timer", headers=HTMX)
    assert "Stop the clock" in answer.text and 'hx-swap-oob="true"' in answer.text
    timer = timers.running(cast.tom.id)
    timer.started_at = clock.now() - timedelta(minutes=90)
    db.session.commit()
    # On every page, also one that has nothing to do with it.
    page = browser.get("/tickets")
    assert re.search(r"\b1:\d\d\b", plain(page)) and "Order cables" in plain(page)
    stopped = browser.post("/time/clock/stop", data={"words": "bought", "time": "1:30", "back": "/tickets?view=mine"})
    assert stopped.headers["Location"] == "/tickets?view=mine"
    assert [(one.minutes, one.words, one.task_id) for one in db.session.scalars(db.select(TimeEntry))] == [
        (15, "measured", task.id),
        (90, "bought", task.id),
    ]
    assert "Order cables" in plain(browser.get("/time")) and "1:45" in plain(browser.get("/time"))


def test_a_clock_that_starts_elsewhere_is_stopped_here(sign_in, cast, move, three, mailroom):
    ticket_id = mailroom.receive(letter("It beeps.")).ticket_id
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/{ticket_id}/timer")
    answer = browser.post(f"/tasks/{three[0].id}/timer", headers=HTMX)
    assert f"0:01 written down on #{ticket_id}." in plain(answer)
    assert timers.running(cast.tom.id).task_id == three[0].id


def test_a_forgotten_clock_is_stopped_from_the_sidebar_only_with_a_time(sign_in, cast, three):
    browser = sign_in(cast.tom)
    browser.post(f"/tasks/{three[0].id}/timer")
    timers.running(cast.tom.id).started_at = clock.now() - timedelta(hours=20)
    db.session.commit()
    assert browser.post("/time/clock/stop", data={"back": "//elsewhere.example"}).headers["Location"] == "/time"
    assert timers.running(cast.tom.id) is not None
    browser.post("/time/clock/stop", data={"time": "45m"})
    assert db.session.scalars(db.select(TimeEntry.minutes)).one() == 45 and timers.running(cast.tom.id) is None


def test_a_task_of_somebody_who_has_left_can_be_saved_with_them(sign_in, cast, move, three):
    three[0].assignee, cast.mara.active = cast.mara, False
    db.session.commit()
    browser, way = sign_in(cast.tom), f"/projects/{move.id}/tasks/{three[0].id}"
    data = {"title": "Order cables", "status": "doing", "assignee": cast.mara.id, "revision": three[0].revision}
    assert "Mara Lindqvist" in browser.get(way).text
    assert browser.post(way, data=data).status_code == 303
    assert tasks()[0].assignee == cast.mara


def test_the_tasks_of_a_ticket_that_was_merged_are_seen_on_the_one_that_stays(sign_in, cast, move, mailroom):
    gone, kept = (mailroom.receive(letter("It beeps.", subject=subject)).ticket_id for subject in ("Beep", "Noise"))
    add_task(move, "Replace the fan", ticket_id=gone)
    merge(gone, kept, Actor(user_id=cast.tom.id))
    db.session.commit()
    assert "Replace the fan" in plain(sign_in().get(f"/tickets/{kept}"))


def test_what_somebody_saved_meanwhile_is_called_as_its_field_is(sign_in, move, three):
    data = {"title": "Other", "status": "open", "revision": "9" * 40}
    answer = sign_in().post(f"/projects/{move.id}/tasks/{three[0].id}", data=data)
    assert "What is to be done is now “" in answer.text


def test_a_revision_that_no_task_has_is_an_older_one(sign_in, move, three):
    data = {"title": "Other", "status": "open", "revision": "9" * 40}
    answer = sign_in().post(f"/projects/{move.id}/tasks/{three[0].id}", data=data)
    assert answer.status_code == 422 and "Nothing of yours is saved yet." in plain(answer)


def test_a_task_and_its_project_stay_while_somebodys_clock_runs_there(sign_in, cast, move, three):
    timers.start(cast.mara.id, three[0])
    db.session.commit()
    browser, way = sign_in(cast.tom), f"/projects/{move.id}"
    ways = (f"{way}/tasks/{three[0].id}/removal", f"{way}/removal")
    for way in ways:
        assert "A clock runs on it" in plain(browser.get(way))
        refused = browser.post(way)
        assert (refused.status_code, "clock of Mara" in plain(refused)) == (422, True)
    assert timers.running(cast.mara.id).task_id == three[0].id
    stop = f"/projects/{move.id}/tasks/{three[0].id}/clocks/{cast.mara.id}/stop"
    assert "They or an administrator can stop it." in plain(refused) and browser.post(stop).status_code == 403
    browser.post("/sign-out")
    stopped = sign_in(cast.mara).post(stop, data={"back": ways[0]}, follow_redirects=True)
    assert "0:01 of Mara Lindqvist written down." in plain(stopped) and "A clock runs" not in plain(stopped)
    assert [browser.post(way).status_code for way in ways] == [303, 303]
    assert db.session.scalars(db.select(TimeEntry.minutes)).one() == 1


def test_an_administrator_stops_the_clock_of_somebody_else_and_throws_a_forgotten_one_away(sign_in, cast, move, three):
    admin, way = sign_in(cast.mara), f"/projects/{move.id}/removal"
    for task, hours, sent in ((three[0], 1, {}), (three[1], 20, {"discard": "1"})):
        timers.start(cast.tom.id, task)
        timers.running(cast.tom.id).started_at = clock.now() - timedelta(hours=hours)
        db.session.commit()
        asked = plain(admin.get(way))
        assert "Tom Okafor , since" in asked and f"on {task.title}" in asked
        assert ("Throw it away" in asked) is (hours > 12)
        stop = f"/projects/{move.id}/tasks/{task.id}/clocks/{cast.tom.id}/stop"
        assert admin.post(stop, data=sent).status_code == 303
        assert timers.running(cast.tom.id) is None
    assert db.session.scalars(db.select(TimeEntry.user_id)).all() == [cast.tom.id]


def test_who_has_left_with_a_running_clock_keeps_nobody_from_tidying_up(sign_in, cast, move, three):
    timers.start(cast.mara.id, three[0])
    cast.mara.active = False
    db.session.commit()
    assert sign_in(cast.tom).post(f"/projects/{move.id}/tasks/{three[0].id}/removal").status_code == 303
