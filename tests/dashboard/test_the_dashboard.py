"""The dashboard: its numbers are those of the lists that they lead to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine

from psa import clock
from psa.billing.invoices import drafts
from psa.billing.invoices import operations as invoices
from psa.billing.invoices.drafts import Content, DraftLine
from psa.dashboard import charts
from psa.dashboard.days import keep_figures, last_days, usual
from psa.dashboard.models import DayFigures
from psa.dashboard.today import mail_today
from psa.extensions import db, insert_row, update_row
from psa.mail.log.queries import sums_of_today
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.outbound.compose import Content as Words
from psa.mail.outbound.compose import compose
from psa.mail.outbound.outbox import enqueue
from psa.projects import tasks
from psa.tickets import operations
from psa.tickets.happenings import happened
from psa.tickets.models import Comment, Event, Ticket
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter


def numbers(html: str) -> list[int]:
    """The tickets on a list, from top to bottom."""
    return [int(number) for number in re.findall(r'id="ticket-(\d+)"', html)]


def opened_by_dana(cast, subject: str) -> int:
    ticket_id, _ = operations.open_ticket(
        subject=subject,
        queue_id=cast.support.id,
        said=Said(body="Hello"),
        by=Actor(contact_id=cast.dana.id),
        requester_id=cast.dana.id,
        client_id=cast.harbor.id,
    )
    db.session.commit()
    return ticket_id


def put_back(ticket_id: int, ago: timedelta) -> None:
    """Let all of a ticket have happened so long ago."""
    then = clock.now() - ago
    update_row(Ticket, ticket_id, created_at=then, changed_at=then)
    db.session.execute(db.update(Event).where(Event.ticket_id == ticket_id).values(created_at=then))
    db.session.execute(db.update(Comment).where(Comment.ticket_id == ticket_id).values(created_at=then))
    db.session.commit()


@pytest.fixture
def a_day(cast):
    """A ticket of the day before yesterday that is answered and closed today, a new one, and one that waits."""
    old, new, waiting = (opened_by_dana(cast, subject) for subject in ("Old", "New", "Waiting"))
    put_back(old, timedelta(days=2))
    put_back(waiting, timedelta(days=2, hours=3))
    operations.add_reply(old, Said(body="Done."), Actor(user_id=cast.mara.id))
    operations.set_status(old, "closed", Actor(user_id=cast.mara.id))
    db.session.commit()
    return old, new, waiting


def test_each_number_of_today_leads_to_its_tickets(sign_in, a_day):
    old, new, _ = a_day
    browser = sign_in()
    page = browser.get("/dashboard").text
    for what, tickets in (("opened", [new]), ("answered", [old]), ("closed", [old])):
        link = re.search(rf'href="(/tickets\?today={what})">(\d+)<', page)
        assert link is not None, what
        assert int(link[2]) == len(tickets)
        assert numbers(browser.get(link[1]).text) == tickets


def test_the_first_answer_counts_from_when_the_client_wrote(a_day):
    waited = happened(clock.midnight(clock.today())).first_answer
    assert waited is not None
    assert timedelta(days=2) <= timedelta(seconds=waited) < timedelta(days=2, hours=1)


def test_a_second_answer_is_no_first_one(cast, a_day):
    old, _, _ = a_day
    put_back(old, timedelta(days=3))
    operations.add_reply(old, Said(body="And one thing more."), Actor(user_id=cast.mara.id))
    db.session.commit()
    assert happened(clock.midnight(clock.today())).first_answer is None


def test_it_names_the_ticket_whose_client_waits_longest(sign_in, a_day):
    _, _, waiting = a_day
    assert f'href="/tickets/{waiting}"' in sign_in().get("/dashboard/today").text


def test_held_mail_needs_a_person_and_nothing_else_is_said(sign_in, mailroom):
    browser = sign_in()
    assert "Every email is accounted for" in browser.get("/dashboard/needs-a-person").text
    mailroom.cast.inbound.create_tickets = False
    db.session.commit()
    mailroom.receive(letter("Please help.", subject="Beamer <b>out</b>"))
    page = browser.get("/dashboard/needs-a-person").text
    assert "1 message is held" in page
    assert "Beamer &lt;b&gt;out&lt;/b&gt;" in page


def test_what_is_late_needs_a_person_and_leads_to_its_list(sign_in, cast):
    yesterday = clock.today() - timedelta(days=1)
    tasks.add_task(cast.managed_service, "Replace the switch", assignee_id=cast.mara.id, due_on=yesterday)
    tasks.add_task(cast.managed_service, "Label the sockets", assignee_id=cast.tom.id, due_on=yesterday)
    invoice = invoices.draft(cast.harbor, cast.mara.id)
    invoice.payment_days = 14
    line = DraftLine(None, "Work", Decimal(1), "", Decimal(250))
    drafts.write(invoice, Content("EUR", 14, "", "", None, (line,)), invoice.revision, cast.mara.id)
    invoices.issue(invoice, cast.mara.id, clock.today() - timedelta(days=20))
    db.session.commit()
    browser = sign_in("admin")
    page = browser.get("/dashboard").text
    assert "1 of your tasks is overdue" in page
    assert "1 invoice is overdue" in page
    assert "250.00 EUR still open" in page
    assert "Replace the switch" in browser.get(link_to(page, "/tasks")).text
    assert f"/invoices/{invoice.id}" in browser.get(link_to(page, "/invoices?state=overdue")).text


def test_the_hour_that_comes_twice_in_autumn_has_bars_of_its_own(cast):
    """At three o'clock it was two once more: each message stands in its hour, and none is lost."""
    for minute in (30, 90, 91, 600):
        then = datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(minutes=minute)
        insert_row(InboundEmail, account_id=cast.inbound.id, kept_at=then, arrived_at=then, status="filed")
    db.session.commit()

    with time_machine.travel(datetime(2026, 10, 25, 10, 30, tzinfo=ZoneInfo("Europe/Berlin")), tick=False):
        mail = mail_today()

    assert mail.arrived == 4
    assert [bar.number for bar in mail.bars.first] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert [mark.words for mark in mail.bars.marks] == ["0:00", "2:00", "3:00", "5:00", "7:00", "9:00"]
    assert mail.words == "Mail by hour: most came in between 1:00 and 2:00, 2"


def test_what_was_written_today_is_the_same_number_as_in_the_mail_log(sign_in, cast):
    for became, purpose in (("sent", "reply"), ("failed", "reply"), ("failed", "test")):
        queue_one(cast, status=became, purpose=purpose)
    page = sign_in().get("/dashboard").text
    assert mail_today().written == sum(sums_of_today().written.values()) == 3
    assert "3 written</a>" in page


def queue_one(cast, **values: str) -> None:
    composed = compose(Words("Projector", "Hello"), sender=("", cast.outbound.address), to=[("", cast.dana.email)])
    where = {"envelope_sender": cast.outbound.address, "recipients": [cast.dana.email]}
    outbound_id = enqueue(composed, account_id=cast.outbound.id, purpose="reply", **where)
    update_row(OutboundEmail, outbound_id, **values)
    db.session.commit()


def link_to(page: str, path: str) -> str:
    assert f'href="{path}"' in page
    return path


def test_a_firm_without_anything_sees_a_page_too(sign_in):
    page = sign_in().get("/dashboard").text
    assert "none yet today" in page
    assert "nobody waits for us" in page


def test_days_are_kept_and_those_that_were_missed_are_made_up_for(cast, a_day):
    keep_figures()
    today = clock.today()
    kept = {one.day: one for one in last_days(today)}
    assert len(kept) == 30
    assert (kept[today].opened, kept[today].answered, kept[today].closed, kept[today].open_at_end) == (1, 1, 1, 2)
    # Reckoned back: the old one was still open, the new one not there yet.
    assert kept[today - timedelta(days=1)].open_at_end == 2


def test_a_day_that_is_over_stays_as_it_was_kept(cast, a_day):
    keep_figures()
    yesterday = clock.today() - timedelta(days=1)
    row = db.session.get_one(DayFigures, yesterday)
    row.open_at_end = 17
    db.session.commit()
    keep_figures()
    assert db.session.get_one(DayFigures, yesterday).open_at_end == 17


def test_usual_is_the_median_of_the_same_weekday_once_it_is_known(cast):
    today = clock.today()
    for weeks, opened in enumerate((10, 20, 30, 90), start=1):
        assert usual(today).opened is None
        day = today - timedelta(weeks=weeks)
        db.session.add(DayFigures(day=day, opened=opened, answered=0, closed=0, open_at_end=0, first_answer=60 * weeks))
        db.session.commit()
    assert usual(today).opened == 25
    assert usual(today).first_answer == 150


@pytest.mark.parametrize(
    ("number", "top"), [(0, 2), (2, 2), (3, 4), (10, 10), (11, 20), (61, 80), (100, 100), (101, 200)]
)
def test_a_scale_ends_at_an_even_number_that_nothing_exceeds(number, top):
    assert charts.scaled([number])[0] == top


def test_bars_stand_on_the_axis_and_do_not_meet():
    drawn = charts.bars([0, 4, 8], [8, 0, 1], ["8:00", "9:00", "10:00"])
    for bar in (*drawn.first, *drawn.second):
        assert bar.y + bar.height == pytest.approx(charts.FOOT, abs=0.2)
    for one, other in zip(drawn.first, drawn.second, strict=True):
        assert one.x + one.width < other.x
