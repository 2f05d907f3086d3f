"""The sample firm's projects, time and invoices: every page has something to show, and nobody was written to."""

from __future__ import annotations

import pytest

from psa import clock
from psa.auth.models import User
from psa.billing.invoices.models import Invoice
from psa.billing.models import TimeEntry
from psa.clients.models import Client
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.projects.models import Project, Task
from psa.sandbox import demo


@pytest.fixture
def northwind(app):
    demo.make()
    return db.session.scalars(db.select(User).where(User.name == "Mara Lindqvist")).one()


def test_its_books_are_believable(northwind):
    invoices = list(db.session.scalars(db.select(Invoice).order_by(Invoice.id)))
    today = clock.today()
    assert {invoice.status for invoice in invoices} == {"draft", "sent", "paid"}
    assert [invoice.client.name for invoice in invoices if invoice.is_overdue(today)] == ["Vega Logistics"]
    assert all(invoice.lines and invoice.total > 0 for invoice in invoices)
    # In the order of their days, as a firm gives them.
    numbers = sorted((one.issued_on, one.number) for one in invoices if one.issued_on and one.number)
    assert [number for _, number in numbers] == sorted(number for _, number in numbers)
    assert {task.status for task in db.session.scalars(db.select(Task))} == {"open", "doing", "done"}
    assert {one.status for one in db.session.scalars(db.select(Project))} == {"active", "done"}


def test_clients_were_there_before_the_work_for_them(northwind):
    first_work = db.select(TimeEntry.client_id, db.func.min(TimeEntry.day)).group_by(TimeEntry.client_id)
    for client_id, day in db.session.execute(first_work):
        assert db.session.get_one(Client, client_id).created_at.date() < day


def test_nobody_is_written_to_because_of_it(northwind):
    about = db.select(OutboundEmail).where(OutboundEmail.ticket_id.is_(None))
    assert db.session.scalars(about).all() == []


def test_the_pages_have_something_to_show(browser, northwind):
    password = demo.kept_password()
    browser.post("/sign-in", data={"email": northwind.email, "password": password})
    shows = {
        "/dashboard": "Open tickets</a>, 30 days",
        "/clients": "Harbor Dental",
        "/projects": "New panorama X-ray room",
        "/invoices": "Vega Logistics",
        "/time": "Lumen Law",
        "/time/unbilled": "Harbor Dental",
    }
    for path, words in shows.items():
        assert words in browser.get(path).text, path
