"""The small scripts, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Response, request
from playwright.sync_api import Browser, Page, Route, expect

from tests.chromium import sign_in
from tests.shell import PASSWORD, page
from tests.waiting import wait_until
from tests.web.conftest import Rooms

pytestmark = pytest.mark.browser

WATCH = """
<div id="fresh" hx-get="/rooms/fresh" hx-trigger="every 60ms" hx-swap="outerHTML">{}</div>
<ul id="rows"><li><input type="checkbox" id="tick"> <a href="#row" id="row">A ticket</a></li></ul>
<svg width="1" height="3000"></svg>
"""
LETTER = "<!doctype html><svg width='10' height='1500'></svg><p>" + "The scanner in room 3 stopped. " * 40
FRAME = '<iframe data-fits src="/rooms/letter" title="The letter" sandbox="allow-same-origin allow-popups"></iframe>'


class Room:
    """A page with a watch, and what the watch has asked."""

    def __init__(self, rooms: Rooms) -> None:
        self.asked: list[bool] = []
        self.status = 200
        rooms["list"] = lambda: page(WATCH.format(""))
        rooms["fresh"] = self.fresh

    def fresh(self) -> Response:
        """Answers with the next watch, or with the refusal that the test wants."""
        self.asked.append("at_top" in request.args)
        headers = {"HX-Redirect": "/sign-in"} if self.status == 401 else {}
        return Response(WATCH.split("\n")[1].format(len(self.asked)), self.status, headers)

    def next_answer(self, reader: Page) -> bool:
        """Whether the reader is at the top, as the watch says it from now on."""
        self.asked.clear()
        # The first may have been on its way already.
        wait_until(lambda: len(self.asked) > 1, pause=lambda: reader.wait_for_timeout(20))
        return self.asked[-1]


class Work:
    """A page that shows work in progress, which is done at the fourth answer."""

    def __init__(self, rooms: Rooms) -> None:
        self.left = 3
        rooms["desk"] = lambda: page(self.fragment())
        rooms["work"] = self.work

    def work(self) -> str:
        self.left -= 1
        return self.fragment()

    def fragment(self) -> str:
        again = 'hx-get="/rooms/work" hx-trigger="load delay:20ms" hx-swap="outerHTML"' if self.left > 0 else ""
        return f'<div id="work" {again}>{f"{self.left} to do" if self.left else "All done"}</div>'


@pytest.fixture
def room(rooms: Rooms) -> Room:
    return Room(rooms)


@pytest.fixture
def expected() -> list[str]:
    """What the browser may complain about."""
    return ["401", "404"]


@pytest.fixture
def reader(chromium: Browser, served: str, expected: list[str]) -> Iterator[Page]:
    """Tom at his browser. Whatever else the browser complains about fails the test, the policy for example."""
    context = chromium.new_context(base_url=served, viewport={"width": 1200, "height": 800})
    tom = context.new_page()
    complaints: list[str] = []
    tom.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tom.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(tom, "tom@northwind.example", PASSWORD)
    yield tom
    context.close()
    assert [text for text in complaints if not any(words in text for words in expected)] == []


def test_rows_may_move_only_under_a_reader_who_is_at_the_top_and_touches_nothing(room: Room, reader: Page) -> None:
    reader.goto("/rooms/list")
    assert room.next_answer(reader)
    reader.check("#tick")
    assert not room.next_answer(reader)
    reader.uncheck("#tick")
    reader.evaluate("document.activeElement.blur()")
    assert room.next_answer(reader)
    reader.focus("#row")
    assert not room.next_answer(reader)
    reader.evaluate("document.activeElement.blur(); scrollTo(0, 400)")
    assert not room.next_answer(reader)


def test_a_watch_rests_while_nobody_looks_and_asks_at_once_when_somebody_does(room: Room, reader: Page) -> None:
    reader.goto("/rooms/list")
    look = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    reader.evaluate("addEventListener('htmx:configRequest', () => { window.ticks = (window.ticks ?? 0) + 1; })")
    reader.evaluate(look, True)
    # What was on its way has come back.
    reader.wait_for_selector("#fresh:not(.htmx-request)", state="attached")
    room.asked.clear()
    reader.wait_for_function("before => window.ticks >= before + 5", arg=reader.evaluate("window.ticks ?? 0"))
    assert room.asked == []
    # Without a tick: whoever comes back is told at once.
    with reader.expect_request("**/fresh*"):
        reader.evaluate(look, False)


def test_what_the_reader_has_opened_stays_open_when_its_fragment_is_replaced(
    rooms: Rooms, room: Room, reader: Page
) -> None:
    details = '<details id="{0}"><summary>{0}</summary>words</details>'
    inside = details.format("opened") + details.format("closed")

    def fresh() -> str:
        room.asked.append(True)
        return WATCH.split("\n")[1].format(f"{inside}<b>{len(room.asked)}</b>")

    rooms["fresh"] = fresh
    rooms["list"] = lambda: page(WATCH.format(inside))
    reader.goto("/rooms/list")
    reader.get_by_text("opened", exact=True).click()
    already = len(room.asked)
    reader.wait_for_function("before => +document.querySelector('#fresh b')?.textContent > before + 1", arg=already)
    assert reader.eval_on_selector_all("details[open]", "all => all.map(one => one.id)") == ["opened"]


def test_a_watch_that_is_refused_leaves_the_page_alone(room: Room, reader: Page) -> None:
    reader.goto("/rooms/list")
    for room.status in (401, 404):
        assert room.next_answer(reader) is True
    assert reader.url.endswith("/rooms/list")
    assert reader.inner_text("#notice") == ""


@pytest.mark.parametrize("failure", ["503", "connectionreset"])
def test_work_in_progress_is_followed_to_its_end_when_an_answer_is_missing(
    rooms: Rooms, reader: Page, expected: list[str], failure: str
) -> None:
    Work(rooms)
    asked: list[str] = []
    expected += ["503", "ERR_CONNECTION_RESET", "htmx:"]

    def fail_now_and_then(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) not in (2, 3):
            route.continue_()
        elif failure == "503":
            route.fulfill(status=503, body="Too busy")
        else:
            route.abort(failure)

    reader.route("**/rooms/work", fail_now_and_then)
    reader.goto("/rooms/desk")
    expect(reader.locator("#work")).to_have_text("All done")
    assert len(asked) == 5
    assert reader.inner_text("#notice") == ""


def test_work_in_progress_that_is_refused_for_good_is_told_and_asked_for_no_more(rooms: Rooms, reader: Page) -> None:
    rooms["desk"] = lambda: page('<div id="work" hx-get="/nowhere" hx-trigger="load delay:20ms">1 to do</div>')
    reader.goto("/rooms/desk")
    expect(reader.locator("#notice .banner")).to_contain_text("There is nothing here")


def test_a_refusal_of_something_that_was_asked_for_is_told_at_the_top(rooms: Rooms, reader: Page) -> None:
    rooms["button"] = lambda: page('<button hx-get="/nowhere" hx-target="#main">Go</button>')
    reader.goto("/rooms/button")
    reader.click("text=Go")
    expect(reader.locator("#notice .banner")).to_contain_text("There is nothing here")
    expect(reader.get_by_text("Go", exact=True)).to_be_visible()


def test_a_mail_is_as_tall_as_its_content_also_when_the_window_changes_or_htmx_brings_it(
    rooms: Rooms, reader: Page
) -> None:
    rooms["letter"] = lambda: LETTER
    rooms["mail"] = lambda: page(FRAME + '<i hx-get="/rooms/more" hx-trigger="load delay:1ms"></i>')
    rooms["more"] = lambda: FRAME
    reader.goto("/rooms/mail")
    expect(reader.locator("iframe")).to_have_count(2)
    fits = """least => [...document.querySelectorAll("iframe")].every(frame => {
        const content = frame.contentDocument.documentElement.getBoundingClientRect().height;
        return content > least && Math.abs(frame.clientHeight - content) < 2;
    })"""
    reader.wait_for_function(fits, arg=1500)
    reader.set_viewport_size({"width": 390, "height": 844})
    reader.wait_for_function(fits, arg=1700)


def test_a_record_is_copied_whole(rooms: Rooms, reader: Page) -> None:
    record = '<code id="spf">v=spf1 mx -all</code><button data-copy="spf"><b>Copy</b></button>'
    rooms["record"] = lambda: page(record)
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.goto("/rooms/record")
    button = reader.locator("[data-copy]")
    button.dblclick()
    expect(button).to_have_text("Copied")
    assert reader.evaluate("navigator.clipboard.readText()") == "v=spf1 mx -all"
    expect(button.locator("b")).to_have_text("Copy")


def test_the_menu_of_a_phone_opens_without_script(chromium: Browser, reader: Page, served: str) -> None:
    context = chromium.new_context(
        base_url=served,
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
        storage_state=reader.context.storage_state(),
    )
    phone = context.new_page()
    phone.goto("/tickets")
    expect(phone.locator("#side")).to_be_hidden()
    phone.click("[aria-label=Menu]")
    expect(phone.locator("#side")).to_be_visible()
    phone.click("#side .me")
    phone.click("text=Sign out")
    expect(phone.locator("h1")).to_have_text("Sign in to Northwind IT")
    context.close()
