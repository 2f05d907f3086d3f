"""What the pages of the firm cost with a thousand clients, and with a hundred thousand and a million time entries.

    python -m bench.firm [--clients 100000] [--rounds 9]

To each client belong ten time entries, two contacts, a project, a task, an invoice with a line, and a ticket with its
first words; a hundredth of the time is the reader's own. The rows are made by SQL on SQLite. Clocked is the whole
answer to a signed-in user as the server makes it, template and all, without the network. Beside the time on the clock
stands that of the processor, which a busy machine changes less. The last column says how many times as much of that it
takes as with a thousand clients in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

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


class Taken(NamedTuple):
    """Seconds on the clock, and of the processor."""

    clock: float
    cpu: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    many = given.clients
    with tempfile.TemporaryDirectory() as directory:
        app = create_app(configuration(Path(directory), f"sqlite:///{directory}/psa.sqlite3"))
        with app.app_context():
            flask_migrate.upgrade()
            cast = make_cast()
            db.session.commit()
            make_firms(cast, 1, FEW)
        before = clocked(app, given.rounds)
        with app.app_context():
            make_firms(cast, FEW + 1, many)
        after = clocked(app, given.rounds)
    print(f"{'ms for a page, median (CPU)':32}{FEW:>12,} clients{many:>12,} clients  times")
    for name, few in before.items():
        now = after[name]
        print(f"{name:32}{written(few):>20}{written(now):>20}{now.cpu / few.cpu:7.1f}")


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
    # Not all of it today.
    then = "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || (n % 700) || ' days')"
    said = {"subject": "'Request ' || n", "status": status, "queue_id": queue, "created_at": then, "changed_at": then}
    fill(Ticket, numbers, id="n", client_id="n", requester_id="n", **said)
    fill(Comment, numbers, id="n", ticket_id="n", kind="'reply'", contact_id="n", body="'Hello'", created_at=then)
    opened = {"kind": "'opened'", "detail": "'{}'", "created_at": then}
    fill(Event, numbers, ticket_id="n", contact_id="n", comment_id="n", **opened)
    line = f"SELECT id FROM invoice_lines WHERE invoice_id = n / {ENTRIES}"
    entries = {"first": (BASE + first) * ENTRIES, "last": (BASE + last) * ENTRIES + ENTRIES - 1}
    fill(
        TimeEntry,
        entries,
        # The reader is one of a hundred users, and works on each day.
        user_id=f"CASE n % 101 WHEN 1 THEN {user} ELSE {cast.tom.id} END",
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


def written(taken: Taken) -> str:
    return f"{taken.clock * 1000:.1f} ({taken.cpu * 1000:.1f})"


def clocked(app: Flask, rounds: int) -> dict[str, Taken]:
    """What each page takes, the median of some rounds after a first one."""
    browser = signed_in(app)
    times = {}
    for name, path in PAGES.items():
        path = path.format(client=BASE + FEW // 2)
        taken(browser, path)
        each = [taken(browser, path) for _ in range(rounds)]
        times[name] = Taken(*map(statistics.median, zip(*each, strict=True)))
    return times


def signed_in(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.post("/sign-in", data={"email": "mara@northwind.example", "password": PASSWORD})
    return browser


def taken(browser: FlaskClient, path: str) -> Taken:
    clock_begun, cpu_begun = time.perf_counter(), time.process_time()
    answer = browser.get(path)
    spent = Taken(time.perf_counter() - clock_begun, time.process_time() - cpu_begun)
    assert answer.status_code == 200, (path, answer.status_code)
    return spent


if __name__ == "__main__":
    main()
