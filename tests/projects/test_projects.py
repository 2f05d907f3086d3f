"""Projects: the list, the page, what is said about them, and what hangs on them."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from psa.billing.entries import Work, book_on_project
from psa.billing.rates import set_rate
from psa.clock import today
from psa.extensions import db
from psa.projects.models import Project
from psa.projects.operations import add_project, close_project
from psa.projects.tasks import add_task, set_status
from tests.mailroom import letter


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def project(name: str) -> Project:
    db.session.expire_all()
    return db.session.scalars(db.select(Project).where(Project.name == name)).one()


def details(project: Project, **changed: object) -> dict[str, object]:
    """What the form holds as long as nobody touches it."""
    return {"name": project.name, "status": project.status, "queue": "", "revision": project.revision, **changed}


def test_a_project_is_made_for_a_client_with_dates_members_and_a_budget(sign_in, cast):
    browser = sign_in(cast.tom)
    form = {
        "client": "harbor dental",
        "name": "Harbor move",
        "status": "planned",
        "starts_on": "2026-12-01",
        "due_on": "2026-12-18",
        "budget": "37,5",
        "members": [str(cast.tom.id)],
        "queue": str(cast.support.id),
        "tag": "[Harbor Move]",
        "address": "Support+Move@northwind.example",
    }
    answer = browser.post("/projects", data=form, follow_redirects=True)
    made = project("Harbor move")
    assert (made.client, made.status, made.queue) == (cast.harbor, "planned", cast.support)
    assert (made.starts_on, made.due_on, made.budget_minutes) == (date(2026, 12, 1), date(2026, 12, 18), 2250)
    assert (made.tag, made.folded_tag, made.address) == ("Harbor Move", "harbor move", "support+move@northwind.example")
    assert "0 of 37.5 hours, 37.5 left" in plain(answer) and "Members Tom Okafor" in plain(answer)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("client", "Harbour", "No client is called so."),
        ("name", "managed SERVICE 2026", "Harbor Dental has a project called managed SERVICE 2026 already."),
        ("due_on", "2026-11-01", "It would be due before it starts."),
        ("budget", "a lot", "Write the budget in hours: 40 or 37.5."),
        ("tag", "#12", "[#12] is for tickets."),
        ("address", "move@elsewhere.example", "ends with northwind.example"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(sign_in, cast, field, value, words):
    form = {"client": "Harbor Dental", "name": "Harbor move", "status": "active", "starts_on": "2026-12-01"}
    answer = sign_in().post("/projects", data=form | {field: value})
    assert answer.status_code == 422 and words in plain(answer)
    assert db.session.scalar(db.select(db.func.count()).select_from(Project)) == 1


def test_a_tag_and_an_address_lead_to_one_project_only(sign_in, move, cast):
    browser = sign_in()
    browser.post(f"/projects/{move.id}", data=details(move, tag="Move", address="move@northwind.example"))
    other = cast.managed_service
    answer = browser.post(f"/projects/{other.id}", data=details(other, tag="[ move ]"))
    assert answer.status_code == 422 and "It leads to Harbor move of Harbor Dental already." in plain(answer)
    answer = browser.post(f"/projects/{other.id}", data=details(other, address="MOVE@northwind.example"))
    assert answer.status_code == 422 and "It leads to Harbor move" in plain(answer)


def test_who_saves_second_is_told_what_the_first_has_changed(sign_in, move):
    browser = sign_in()
    seen = details(move)
    browser.post(f"/projects/{move.id}", data=seen | {"status": "paused", "budget": "40"})
    answer = browser.post(f"/projects/{move.id}", data=seen | {"name": "Harbor move 2"})
    assert answer.status_code == 422
    assert "Nothing of yours is saved yet." in plain(answer)
    assert "Status is now “Paused”." in plain(answer) and "Budget in hours is now “40”." in plain(answer)
    assert 'value="Harbor move 2"' in answer.text
    assert project("Harbor move").status == "paused"
    # Having read it, they may write over it.
    shown = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert shown is not None
    browser.post(f"/projects/{move.id}", data=seen | {"name": "Harbor move 2", "revision": shown[1]})
    assert project("Harbor move 2").status == "active"


def test_who_saves_after_somebody_has_marked_it_as_done_does_not_open_it_again(sign_in, move):
    browser, seen = sign_in(), details(move)
    browser.post(f"/projects/{move.id}/status", data={"status": "done"})
    answer = browser.post(f"/projects/{move.id}", data=seen | {"words": "Call first."})
    assert answer.status_code == 422 and "Status is now “Done”." in plain(answer)
    assert project("Harbor move").status == "done"


def test_the_list_is_searched_narrowed_and_sorted(sign_in, cast, move):
    rollout = add_project(cast.vega, "Scanner rollout")
    rollout.due_on, move.due_on, rollout.members = today(), today() - timedelta(days=3), [cast.tom]
    close_project(cast.managed_service)
    db.session.commit()
    browser = sign_in(cast.tom)

    def names(query: str) -> list[str]:
        return re.findall(r'<a class="main" href="/projects/\d+">([^<]+)', browser.get(f"/projects{query}").text)

    assert names("") == ["Harbor move", "Scanner rollout"]
    assert names("?status=done") == ["Managed service 2026"]
    assert names("?status=all&sort=due") == ["Harbor move", "Scanner rollout", "Managed service 2026"]
    assert names("?q=vega") == ["Scanner rollout"] and names("?q=MOVE+harbor") == ["Harbor move"]
    assert names("?mine=1") == ["Scanner rollout"]
    assert names(f"?client={cast.harbor.id}") == ["Harbor move"]
    assert "overdue" in browser.get("/projects").text
    assert "project fits" in plain(browser.get("/projects?q=nothing"))


@pytest.mark.parametrize("sort", ["name", "due"])
def test_long_lists_go_on_where_the_page_ended(sign_in, cast, monkeypatch, sort):
    monkeypatch.setattr("psa.projects.queries.PAGE", 3)
    for number in range(7):
        made = add_project(cast.vega, f"Site {number}")
        made.due_on = today() + timedelta(days=number % 2) if number < 4 else None
    db.session.commit()
    browser, seen, path = sign_in(), [], f"/projects?sort={sort}"
    while path:
        page = browser.get(path)
        seen += re.findall(r'<a class="main" href="/projects/\d+">([^<]+)', page.text)
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = html.unescape(found[1]) if found else ""
    assert sorted(seen) == ["Managed service 2026", *(f"Site {number}" for number in range(7))]
    if sort == "due":
        assert seen[:4] == ["Site 0", "Site 2", "Site 1", "Site 3"]


def test_the_page_shows_hours_against_the_budget_and_what_is_done(sign_in, cast, move):
    move.budget_minutes = 120
    book_on_project(cast.tom.id, move, Work(today(), 90))
    book_on_project(cast.tom.id, move, Work(today(), 60, billable=False))
    set_status(add_task(move, "Order cables"), "done")
    add_task(move, "Lay cables")
    db.session.commit()
    page = plain(sign_in().get(f"/projects/{move.id}"))
    assert "2.5 of 2 hours, 0.5 too many" in page and "1 of 2 tasks done" in page
    assert "2.5 of 2 hours" in plain(sign_in().get("/projects"))


def test_tickets_time_and_mail_of_a_project_are_on_its_page(sign_in, cast, mailroom):
    mailroom.receive(letter("Please look.", subject="Scanner"))
    service = cast.managed_service
    book_on_project(cast.tom.id, service, Work(today(), 90, "planning"))
    db.session.commit()
    browser = sign_in()
    assert "Scanner" in plain(browser.get(f"/projects/{service.id}/tickets"))
    assert "planning" in plain(browser.get(f"/projects/{service.id}/time"))
    assert "from Dana Whitfield" in plain(browser.get(f"/projects/{service.id}/mail"))


def test_removing_a_project_says_first_what_hangs_on_it(sign_in, cast, mailroom):
    ticket_id = mailroom.receive(letter("Please look.")).ticket_id
    service = cast.managed_service
    add_task(service, "Order cables")
    book_on_project(cast.tom.id, service, Work(today(), 90))
    db.session.commit()
    browser = sign_in()
    set_rate(Decimal(90), project_id=service.id)
    cast.billing_rule.actions = [{"set": "project", "id": service.id}]
    db.session.commit()
    asked = plain(browser.get(f"/projects/{service.id}/removal"))
    assert "1 rate is deleted with it." in asked and "The rule “Billing” names it" in asked
    assert "1 task is deleted with it." in asked and "1 ticket stays with Harbor Dental" in asked
    assert "1.5 hours of work stay with Harbor Dental" in asked
    browser.post(f"/projects/{service.id}/removal")
    db.session.expire_all()
    assert db.session.get(Project, service.id) is None
    assert mailroom.ticket(ticket_id).project_id is None and mailroom.ticket(ticket_id).client == cast.harbor


def test_a_project_that_is_done_takes_no_mail_and_can_be_reopened(sign_in, cast, mailroom, move):
    browser = sign_in()
    service_id = cast.managed_service.id
    browser.post(f"/projects/{service_id}/status", data={"status": "done"})
    assert mailroom.ticket(mailroom.receive(letter("One", subject="One")).ticket_id).project.name == "Harbor move"
    browser.post(f"/projects/{service_id}/status", data={"status": "active"})
    browser.post(f"/projects/{service_id}/takes-mail")
    ticket = mailroom.ticket(mailroom.receive(letter("Two", subject="Two")).ticket_id)
    assert ticket.project.name == "Managed service 2026"


def test_a_revision_that_no_project_has_is_an_older_one(sign_in, move):
    answer = sign_in().post(f"/projects/{move.id}", data=details(move) | {"name": "Other", "revision": "9" * 40})
    assert answer.status_code == 422 and "Nothing of yours is saved yet." in plain(answer)
