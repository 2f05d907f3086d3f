"""Projects in a real browser: tasks are dragged and moved by keys, the clock asks what was done, all is accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from psa.billing import timers
from psa.clock import today
from psa.extensions import db
from psa.projects.models import Project, Task
from psa.projects.tasks import add_item, add_task, set_status
from psa.projects.updates import post_update
from tests.chromium import serving, sign_in
from tests.factories import PASSWORD

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app, cast, move: Project, chromium) -> Iterator[Page]:
    """Tom, with three tasks to do and one that is done."""
    move.budget_minutes, move.members = 600, [cast.tom]
    titles = ("Order cables", "Lay cables", "Test sockets", "Offer")
    first, *_, offer = [add_task(move, title, assignee_id=cast.tom.id, due_on=today()) for title in titles]
    set_status(offer, "done")
    add_item(first, "Measure the room")
    post_update(move, cast.tom, "Half-way", "The cables are laid.", {cast.dana.id})
    db.session.commit()
    with serving(app) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        page = context.new_page()
        sign_in(page, "tom@northwind.example", PASSWORD)
        yield page
        context.close()


def test_tasks_are_dragged_and_moved_by_keys_and_ticked_off(page, move):
    page.goto(f"/projects/{move.id}")
    titles = page.locator("#tasks .rules a.main")
    items = page.locator("#tasks [data-place]")
    items.last.drag_to(items.first, target_position={"x": 200, "y": 3})
    expect(titles).to_have_text(["Test sockets", "Order cables", "Lay cables"])
    down = page.get_by_role("button", name="Move Test sockets down")
    down.focus()
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["Order cables", "Test sockets", "Lay cables"])
    expect(down).to_be_focused()
    page.get_by_role("button", name="Move Test sockets up").focus()
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["Test sockets", "Order cables", "Lay cables"])
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["Order cables", "Test sockets", "Lay cables"])
    page.get_by_label("What is to be done").fill("Tidy up")
    page.keyboard.press("Enter")
    expect(titles).to_have_count(4)
    page.get_by_role("button", name="Test sockets is done").click()
    expect(titles).to_have_text(["Order cables", "Lay cables", "Tidy up"])
    page.reload()
    expect(titles).to_have_text(["Order cables", "Lay cables", "Tidy up"])


def test_the_clock_is_started_on_a_task_and_stopped_from_another_page(page, move):
    page.goto(f"/projects/{move.id}/tasks/1")
    page.get_by_role("button", name="Start the clock").click()
    clock = page.locator("#clock")
    expect(clock).to_contain_text("Order cables")
    # What was pressed is there no more, and the focus is on what stands in its place.
    expect(page.locator("#time").get_by_role("button", name="Discard")).to_be_visible()
    expect(page.locator("#time").get_by_role("button", name="Stop the clock")).to_be_focused()
    page.goto("/tickets")
    clock.get_by_role("button", name="Stop").click()
    page.locator("#clock-words").fill("went shopping")
    with page.expect_navigation():
        page.get_by_role("button", name="Write it down").click()
    expect(page).to_have_url(re.compile(r"/tickets\??$"))
    expect(clock).to_be_empty()
    page.goto(f"/projects/{move.id}/time")
    expect(page.locator("#main")).to_contain_text("went shopping")


def test_the_mail_of_an_update_is_looked_at_beside_the_form(page, move):
    page.goto(f"/projects/{move.id}/updates/new")
    page.get_by_label("Subject").fill("All is done")
    page.get_by_label("What you write").fill("Hi Dana,\n\nThe sockets work.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#update-preview")).to_contain_text("Harbor move: All is done")
    mail = page.frame_locator("#update-preview iframe").locator("body")
    expect(mail).to_contain_text("The sockets work.")
    expect(mail).not_to_contain_text("Hello Dana")
    expect(page.get_by_label("Subject")).to_have_value("All is done")
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_fit(page, move, width):
    page.set_viewport_size({"width": width, "height": 900})
    of_it = f"/projects/{move.id}"
    tabs = [of_it, f"{of_it}/updates", f"{of_it}/mail"]
    timers.start(move.members[0].id, db.session.get_one(Task, 1))
    db.session.commit()
    forms = [f"{of_it}/edit", f"{of_it}/removal", f"{of_it}/tasks/1", f"{of_it}/updates/new"]
    for path in ("/projects", "/tasks", *tabs, *forms):
        page.goto(path)
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
