"""What the pages of the firm cost with a thousand clients, and with a hundred thousand and a million time entries.

    python -m bench.firm [--clients 100000]

To each client belong ten time entries, two contacts, a project, a task, an invoice with a line, and a ticket with its
first words. The rows are made by SQL on SQLite; clocked is the whole answer to a signed-in user as the server makes it,
template and all, without the network. The last column says how many times as long it takes as with a thousand clients
in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import literal, text
from sqlalchemy.dialects import sqlite

from psa import clock, create_app
from psa.billing.invoices.models import Invoice, InvoiceLine
from psa.billing.models import TimeEntry
from psa.clients.models import Client, Contact, ContactAddress, Domain
from psa.extensions import Base, db
from psa.projects.models import Project, Task
from psa.tickets.models import Comment, Event, Ticket
from tests.conftest import configuration
from tests.factories import PASSWORD, Cast, make_cast

FEW = 1_000
ENTRIES = 10
ROUNDS = 9
# Far above the ids of the small cast, so that what is made here can count from it.
BASE = 1_000
PAGES = {
    "clients": "/clients",
    "clients, by name": "/clients?q=client+77",
    "a client": "/clients/{client}",
    "its time": "/clients/{client}/time",
    "its mail": "/clients/{client}/mail",
    "its contacts": "/clients/{client}/contacts",
    "projects": "/projects",
    "a project": "/projects/{client}",
    "my tasks": "/tasks",
    "invoices": "/invoices",
    "invoices that are overdue": "/invoices?state=overdue",
    "an invoice": "/invoices/{client}",
    "the week": "/time",
    "what is not invoiced": "/time/unbilled",
    "dashboard": "/dashboard",
    "tickets": "/tickets",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=100_000)
    many = options.parse_args().clients
    with tempfile.TemporaryDirectory() as directory:
        app = create_app(configuration(Path(directory), f"sqlite:///{directory}/psa.sqlite3"))
        with app.app_context():
            flask_migrate.upgrade()
            cast = make_cast()
            db.session.commit()
            make_firms(cast, 1, FEW)
        before = clocked(app)
        with app.app_context():
            make_firms(cast, FEW + 1, many)
        after = clocked(app)
    print(f"{'ms for a page, median':32}{FEW:>8,} clients{many:>12,} clients    times")
    for name, few in before.items():
        print(f"{name:32}{few * 1000:16.1f}{after[name] * 1000:20.1f}{after[name] / few:9.1f}")


def make_firms(cast: Cast, first: int, last: int) -> None:
    """Clients number ``first`` to ``last`` with all that belongs to them."""
    day = clock.today().isoformat()
    numbers: dict[str, Any] = {"first": BASE + first, "last": BASE + last}
    queue, user = str(cast.support.id), str(cast.mara.id)
    fill(Client, numbers, id="n", name="'Client ' || n", folded="'client ' || n")
    fill(Domain, numbers, client_id="n", name="'client-' || n || '.example'")
    fill(Contact, numbers, id="n", client_id="n", name="'Person ' || n")
    fill(ContactAddress, numbers, contact_id="n", email="'person@client-' || n || '.example'")
    fill(Project, numbers, id="n", client_id="n", name="'Managed service'")
    due = f"date('{day}', (n % 400 - 200) || ' days')"
    mine = f"CASE n % 50 WHEN 0 THEN {user} END"
    fill(Task, numbers, project_id="n", title="'Task ' || n", due_on=due, assignee_id=mine)
    issued = f"date('{day}', '-' || (n % 700) || ' days')"
    fill(
        Invoice,
        numbers,
        id="n",
        client_id="n",
        number="'N-' || n",
        status="CASE n % 20 WHEN 0 THEN 'sent' ELSE 'paid' END",
        currency="'EUR'",
        issued_on=issued,
        due_on=issued,
        payment_days="14",
        net="100",
        total="100",
        paid="CASE n % 20 WHEN 0 THEN 0 ELSE 100 END",
    )
    fill(InvoiceLine, numbers, invoice_id="n", position="1", quantity="1", unit_price="100", net="100")
    status = "CASE n % 40 WHEN 0 THEN 'open' ELSE 'closed' END"
    said = {"subject": "'Request ' || n", "status": status, "queue_id": queue}
    fill(Ticket, numbers, id="n", client_id="n", requester_id="n", **said)
    fill(Comment, numbers, id="n", ticket_id="n", kind="'reply'", contact_id="n", body="'Hello'")
    fill(Event, numbers, ticket_id="n", kind="'opened'", contact_id="n", comment_id="n", detail="'{}'")
    line = f"SELECT id FROM invoice_lines WHERE invoice_id = n / {ENTRIES}"
    entries = {"first": (BASE + first) * ENTRIES, "last": (BASE + last) * ENTRIES + ENTRIES - 1}
    fill(
        TimeEntry,
        entries,
        user_id=user,
        client_id=f"n / {ENTRIES}",
        project_id=f"n / {ENTRIES}",
        day=f"date('{day}', '-' || (n % 900) || ' days')",
        minutes="15 + n % 90",
        words="'Work ' || n",
        rate="90",
        # One in a thousand is still to be invoiced.
        invoice_line_id=f"CASE n % 1000 WHEN 0 THEN NULL ELSE ({line}) END",
    )
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def fill(model: type[Base], numbers: dict[str, Any], **columns: str) -> None:
    """A row for each number ``n`` from first to last, made of SQL expressions; the rest is as the model has it."""
    for column in model.__table__.columns:
        if column.name not in columns and column.default is not None and not column.nullable:
            columns[column.name] = default_of(column)
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    counted = "WITH RECURSIVE number(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last)"
    insertion = f"{counted} INSERT INTO {model.__tablename__} ({names}) SELECT {values} FROM number"
    db.session.execute(text(insertion), numbers)


def default_of(column: Any) -> str:
    default = column.default.arg
    value = default(None) if callable(default) else default
    written = literal(value, column.type).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return str(written)


def clocked(app: Flask) -> dict[str, float]:
    """Seconds for each page that there is, the median of some rounds after a first one."""
    browser = signed_in(app)
    times = {}
    for name, path in PAGES.items():
        path = path.format(client=BASE + FEW // 2)
        if browser.get(path).status_code == 404:
            print(f"There is no page {path}.")
            continue
        times[name] = statistics.median(seconds(browser, path) for _ in range(ROUNDS))
    return times


def signed_in(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.post("/sign-in", data={"email": "mara@northwind.example", "password": PASSWORD})
    return browser


def seconds(browser: FlaskClient, path: str) -> float:
    begun = time.perf_counter()
    answer = browser.get(path)
    taken = time.perf_counter() - begun
    assert answer.status_code == 200, (path, answer.status_code)
    return taken


if __name__ == "__main__":
    main()
