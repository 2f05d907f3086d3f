"""Time on tickets and projects: typed, by the clock, in a week, and not yet billed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from psa import clock
from psa.billing import timers
from psa.billing.entries import RefusedEntry, Work, book_on_project, book_on_ticket, remove
from psa.billing.invoices.drafts import draft_from_time
from psa.billing.invoices.operations import issue
from psa.billing.models import TimeEntry, Timer
from psa.billing.rates import set_rate
from psa.clock import today
from psa.extensions import db
from psa.tickets.merging import merge, unmerge
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor
from tests.mailroom import letter


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def entries() -> list[TimeEntry]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(TimeEntry).order_by(TimeEntry.id)))


def timer() -> Timer | None:
    db.session.expire_all()
    return db.session.scalar(db.select(Timer))


@pytest.fixture
def open_ticket(mailroom) -> Callable[[str], Ticket]:
    def receive(subject: str) -> Ticket:
        return db.session.get_one(Ticket, mailroom.receive(letter("It beeps.", subject=subject)).ticket_id)

    return receive


@pytest.fixture
def ticket(open_ticket) -> Ticket:
    return open_ticket("Scanner in room 3")


def test_time_is_typed_beside_the_conversation(sign_in, cast, ticket):
    browser = sign_in(cast.tom)
    data = {"time": "0:45", "words": "remote session", "billable": "y"}
    assert browser.post(f"/tickets/{ticket.id}/time-entries", data=data).status_code == 303
    browser.post(f"/tickets/{ticket.id}/time-entries", data={"time": "15m", "words": "looked again"})
    first, second = entries()
    assert (first.minutes, first.words, first.billable, first.day) == (45, "remote session", True, today())
    assert (first.client_id, first.project_id) == (cast.harbor.id, cast.managed_service.id)
    assert second.billable is False
    page = plain(browser.get(f"/tickets/{ticket.id}"))
    assert "Time 1:00" in page and "Tom, remote session" in page and "(not billable)" in page


def test_time_that_cannot_be_read_is_asked_back_and_what_was_typed_stays(sign_in, ticket):
    browser = sign_in("agent")
    data = {"time": "15", "words": "a long story"}
    answer = browser.post(f"/tickets/{ticket.id}/time-entries", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "15 of what?" in answer.text and 'value="a long story"' in answer.text and 'value="15"' in answer.text
    assert entries() == []


def test_the_clock_runs_on_the_server_until_it_is_stopped(sign_in, cast, ticket):
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/{ticket.id}/timer")
    assert "Your clock runs since" in plain(browser.get(f"/tickets/{ticket.id}"))
    running = timer()
    running.started_at -= timedelta(minutes=20, seconds=30)
    db.session.commit()
    browser.post(f"/tickets/{ticket.id}/timer/stop", data={"words": "on the phone", "billable": "y"})
    (entry,) = entries()
    assert (entry.minutes, entry.words, timer()) == (21, "on the phone", None)
    assert "Start the clock" in plain(browser.get(f"/tickets/{ticket.id}"))


def test_starting_the_clock_elsewhere_writes_down_what_ran_before(sign_in, cast, ticket, open_ticket):
    browser, other = sign_in(cast.tom), open_ticket("Toner")
    browser.post(f"/tickets/{ticket.id}/timer")
    answer = browser.post(f"/tickets/{other.id}/timer", headers={"HX-Request": "true"})
    assert f"0:01 written down on #{ticket.id}." in plain(answer)
    assert [entry.ticket_id for entry in entries()] == [ticket.id]
    assert timer().ticket_id == other.id


def test_pressing_twice_neither_starts_nor_stops_twice(sign_in, cast, ticket):
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/{ticket.id}/timer")
    started = timer().started_at
    browser.post(f"/tickets/{ticket.id}/timer")
    assert timer().started_at == started
    for _ in range(2):
        assert browser.post(f"/tickets/{ticket.id}/timer/stop").status_code == 303
    assert len(entries()) == 1


def test_a_forgotten_clock_asks_how_long_it_really_was(sign_in, cast, ticket, open_ticket):
    browser, other = sign_in(cast.tom), open_ticket("Toner")
    browser.post(f"/tickets/{ticket.id}/timer")
    timer().started_at -= timedelta(hours=17)
    db.session.commit()
    asked = {"HX-Request": "true"}
    answer = browser.post(f"/tickets/{ticket.id}/timer/stop", headers=asked)
    assert (answer.status_code, "how long you really worked" in plain(answer)) == (422, True)
    answer = browser.post(f"/tickets/{other.id}/timer", headers=asked)
    assert (answer.status_code, f"Your clock runs on #{ticket.id}." in plain(answer)) == (422, True)
    assert (entries(), timer().ticket_id) == ([], ticket.id)
    browser.post(f"/tickets/{ticket.id}/timer/stop", data={"time": "1.5h"})
    assert [entry.minutes for entry in entries()] == [90]


def test_a_clock_can_be_thrown_away(sign_in, cast, ticket):
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/{ticket.id}/timer")
    browser.post(f"/tickets/{ticket.id}/timer/discard")
    assert (timer(), entries()) == (None, [])


def test_a_week_shows_what_was_done_by_day(sign_in, cast, ticket):
    monday = date(2026, 11, 16)
    book_on_ticket(cast.tom.id, ticket, Work(monday, 30))
    book_on_ticket(cast.tom.id, ticket, Work(monday + timedelta(days=2), 60, "again", billable=False))
    book_on_project(cast.tom.id, cast.managed_service, Work(monday + timedelta(days=2), 15))
    book_on_ticket(cast.mara.id, ticket, Work(monday, 480))
    book_on_ticket(cast.tom.id, ticket, Work(monday - timedelta(days=1), 240))
    db.session.commit()
    page = plain(sign_in(cast.tom).get("/time?day=2026-11-18"))
    assert "16 Nov to 22 Nov 2026" in page
    assert "1:45 in this week 0:45 of it billable" in page
    assert "Together 0:30 1:15 1:45" in page
    assert "4:00" not in page and "8:00" not in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "tomorrow", "", "2026-13-01"])
def test_a_day_that_no_week_is_around_shows_the_week_of_today(sign_in, day):
    answer = sign_in("agent").get(f"/time?day={day}")
    assert (answer.status_code, str(today().year) in plain(answer)) == (200, True)


def test_only_an_administrator_sees_the_week_of_somebody_else(sign_in, second_browser, cast, ticket):
    book_on_ticket(cast.tom.id, ticket, Work(today(), 95))
    db.session.commit()
    assert "1:35" in plain(second_browser(cast.mara).get(f"/time?user={cast.tom.id}"))
    assert second_browser(cast.tom).get(f"/time?user={cast.mara.id}").status_code == 403


def test_time_for_a_project_is_entered_on_the_week(sign_in, cast):
    browser = sign_in(cast.tom)
    data = {"on": "Harbor Dental: Managed service 2026", "time": "2h", "words": "planning", "day": "2026-11-02"}
    answer = browser.post("/time", data=data | {"billable": "y"})
    assert answer.status_code == 303 and "day=2026-11-02" in answer.location
    (entry,) = entries()
    assert (entry.ticket_id, entry.client_id, entry.minutes, entry.day) == (
        None,
        cast.harbor.id,
        120,
        date(2026, 11, 2),
    )
    for wrong, words in [
        ({"on": "Elsewhere"}, "No active project is called so"),
        ({"time": "2 days"}, "Write the time as"),
        ({"day": (today() + timedelta(days=1)).isoformat()}, "has not come yet"),
        ({"day": "yesterday"}, "Not a valid date"),
    ]:
        answer = browser.post("/time", data=data | wrong)
        assert (answer.status_code, words in plain(answer)) == (422, True), words
    assert len(entries()) == 1


def test_of_two_who_change_an_entry_the_second_is_told(sign_in, cast, ticket):
    entry = book_on_ticket(cast.tom.id, ticket, Work(today(), 30, "phone"))
    db.session.commit()
    browser, path = sign_in(cast.tom), f"/time/{entry.id}"
    data = {"time": "1:00", "words": "phone and mail", "day": today().isoformat(), "revision": "1"}
    assert browser.post(path, data=data).status_code == 303
    answer = browser.post(path, data=data | {"time": "3:00"})
    assert (answer.status_code, "Somebody has changed" in plain(answer)) == (422, True)
    (kept,) = entries()
    assert (kept.minutes, kept.words, kept.billable) == (60, "phone and mail", False)


def test_time_on_an_invoice_stays_as_it_is_and_is_not_waited_for(sign_in, cast, ticket):
    set_rate(Decimal(100))
    entry = book_on_ticket(cast.tom.id, ticket, Work(today(), 30, "phone"))
    draft_from_time(cast.harbor, [entry], cast.tom.id)
    db.session.commit()
    browser, path = sign_in(cast.tom), f"/time/{entry.id}"
    answer = browser.post(path, data={"time": "1:00", "words": "phone", "day": today().isoformat(), "revision": "1"})
    assert (answer.status_code, "On a draft of an invoice." in plain(answer)) == (422, True)
    assert browser.post(f"{path}/removal").headers["Location"] == path
    assert "This time stands on an invoice" in plain(browser.get(path))
    assert [one.minutes for one in entries()] == [30]
    assert "Nothing waits to be" in plain(browser.get("/time/unbilled"))


def test_nobody_changes_the_time_of_others_but_an_administrator(second_browser, cast, ticket):
    entry_id = book_on_ticket(cast.mara.id, ticket, Work(today(), 30)).id
    other_id = book_on_ticket(cast.tom.id, ticket, Work(today(), 30)).id
    db.session.commit()
    tom, mara = second_browser(cast.tom), second_browser(cast.mara)
    assert tom.get(f"/time/{entry_id}").status_code == 403
    assert tom.post(f"/time/{entry_id}/removal").status_code == 403
    assert mara.post(f"/time/{other_id}/removal").status_code == 303
    assert [entry.id for entry in entries()] == [entry_id]


def test_time_on_an_issued_invoice_has_no_fields_and_names_the_invoice(sign_in, cast, ticket):
    set_rate(Decimal(100))
    entry = book_on_ticket(cast.tom.id, ticket, Work(today(), 30, "phone"))
    invoice = issue(draft_from_time(cast.harbor, [entry], cast.tom.id), cast.tom.id)
    db.session.commit()
    browser, path = sign_in(cast.tom), f"/time/{entry.id}"
    page = browser.get(path)
    link = f'<a href="/invoices/{invoice.id}">{invoice.number}</a>'
    assert f"On invoice {link}. To change it, credit that invoice." in page.text and "phone" in page.text
    assert 'name="time"' not in page.text and "removal" not in page.text
    assert link in browser.get(f"/clients/{cast.harbor.id}/time").text


def test_what_is_not_billed_yet_is_summed_up_by_client(sign_in, cast, ticket):
    book_on_ticket(cast.tom.id, ticket, Work(today(), 50))
    set_rate(Decimal(100))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 50))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 50))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 600, billable=False))
    db.session.commit()
    browser = sign_in("agent")
    page = plain(browser.get("/time/unbilled"))
    # One line of 1:40 for the ticket, as a draft has it, and not twice 83.33.
    assert "Harbor Dental" in page and "2:30 166.67 EUR 0:50 without a rate" in page
    assert "worth 166.67 EUR" in plain(browser.get(f"/clients/{cast.harbor.id}"))
    rows = plain(browser.get(f"/time/unbilled/{cast.harbor.id}"))
    assert rows.count("Scanner in room 3") == 3 and "10:00" not in rows


def test_a_long_list_of_unbilled_time_is_cut_into_pages(sign_in, cast):
    for number in range(105):
        work = Work(today() - timedelta(days=number // 3), 5, f"part {number}.")
        book_on_project(cast.tom.id, cast.managed_service, work)
    db.session.commit()
    browser, path, seen = sign_in("agent"), f"/time/unbilled/{cast.harbor.id}", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r"part (\d+)\.", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]) if following else ""
    assert sorted(map(int, seen)) == list(range(105)) and len(seen) == 105
    # In the order in which a draft offers them.
    assert re.findall(r"part (\d+)\.", browser.get(f"/invoices/new?client={cast.harbor.id}").text) == seen


def test_time_goes_where_the_messages_go_and_comes_back_with_them(cast, ticket, open_ticket):
    other, by = open_ticket("Scanner again"), Actor(user_id=cast.mara.id)
    book_on_ticket(cast.tom.id, ticket, Work(today(), 30))
    timers.start(cast.tom.id, ticket)
    merge_id = merge(ticket.id, other.id, by)
    db.session.commit()
    assert [entry.ticket_id for entry in entries()] == [other.id] and timer().ticket_id == other.id
    unmerge(merge_id, by)
    db.session.commit()
    assert [entry.ticket_id for entry in entries()] == [ticket.id]


def test_time_outlives_its_ticket(cast, ticket):
    book_on_ticket(cast.tom.id, ticket, Work(today(), 30))
    db.session.commit()
    db.session.execute(db.delete(Ticket).where(Ticket.id == ticket.id))
    db.session.commit()
    (entry,) = entries()
    assert (entry.ticket_id, entry.client_id, entry.minutes) == (None, cast.harbor.id, 30)


def test_a_clock_counts_a_part_of_a_minute_as_a_whole_one(cast, ticket, monkeypatch):
    moment = clock.now()
    assert timers.start(cast.tom.id, ticket) is None
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert timers.stop(cast.tom.id).minutes == 1


@pytest.mark.parametrize("deed", ["stop", "discard"])
def test_a_page_from_before_leaves_the_clock_alone_that_went_on_elsewhere(sign_in, cast, ticket, open_ticket, deed):
    browser, other = sign_in(cast.tom), open_ticket("Toner")
    browser.post(f"/tickets/{ticket.id}/timer")
    browser.post(f"/tickets/{other.id}/timer")
    written = len(entries())
    answer = browser.post(f"/tickets/{ticket.id}/timer/{deed}", headers={"HX-Request": "true"})
    assert (answer.status_code, f"Your clock runs on #{other.id} now" in plain(answer)) == (422, True)
    assert (timer().ticket_id, len(entries())) == (other.id, written)


def test_the_sidebar_of_a_page_from_before_stops_no_other_clock(sign_in, cast, ticket, open_ticket):
    browser, other = sign_in(cast.tom), open_ticket("Toner")
    browser.post(f"/tickets/{ticket.id}/timer")
    [shown] = re.findall(r'name="runs_on" value="([^"]+)"', browser.get("/tickets").text)
    browser.post(f"/tickets/{other.id}/timer")
    browser.post("/time/clock/stop", data={"runs_on": html.unescape(shown)})
    assert timer().ticket_id == other.id
    assert f"Your clock runs on #{other.id} now" in plain(browser.get("/time"))


@pytest.mark.parametrize("revision", ["9" * 40, "-1", "x", ""])
def test_a_revision_that_no_entry_has_is_an_older_one(sign_in, cast, ticket, revision):
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/{ticket.id}/time-entries", data={"time": "0:15"})
    [entry] = entries()
    answer = browser.post(f"/time/{entry.id}", data={"time": "2:00", "revision": revision})
    assert answer.status_code == 422 and entries()[0].minutes == 15


def test_what_comes_on_an_invoice_in_this_moment_is_not_removed(cast, ticket):
    entry = book_on_ticket(cast.tom.id, ticket, Work(today(), 30))
    db.session.commit()
    assert entry.invoice_line_id is None
    db.session.execute(db.update(TimeEntry.__table__).values(revision=2))
    with pytest.raises(RefusedEntry, match="meanwhile"):
        remove(entry)
    db.session.rollback()
    assert len(entries()) == 1


def test_time_at_a_rate_of_the_clients_own_is_in_the_clients_currency(sign_in, cast, ticket):
    cast.harbor.currency = "USD"
    set_rate(Decimal(90))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 60))
    set_rate(Decimal(110), client_id=cast.harbor.id)
    book_on_ticket(cast.tom.id, ticket, Work(today(), 60))
    db.session.commit()
    page = plain(sign_in("agent").get("/time/unbilled"))
    assert "90.00 EUR" in page and "110.00 USD" in page
