"""The sample firm's projects, time and invoices, so that every page has something to show on the first run.

All of it goes through the operations that the pages use; only days are put back. Nobody is written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from psa import clock
from psa.admin.models import Firm
from psa.auth.models import User
from psa.billing import entries, rates
from psa.billing.entries import Work
from psa.billing.invoices import drafts, operations, payments, tax_rates
from psa.billing.invoices.drafts import Content, DraftLine
from psa.billing.invoices.models import Invoice, InvoiceEvent, RecurringInvoice, RecurringLine, TaxRate
from psa.billing.invoices.recurring import months_later
from psa.billing.models import TimeEntry
from psa.clients.models import Client
from psa.dashboard.models import DayFigures
from psa.extensions import db
from psa.projects import tasks, updates
from psa.projects.models import Project, Task
from psa.projects.operations import Details, add_project, change_project
from psa.tickets.models import Queue, Ticket

HOUR = 60
SERVICE = "Managed service 2026"
ADDRESSES = {
    "Harbor Dental": "4 Quay Street\nHarbourtown HT1 2AB",
    "Vega Logistics": "Dock Road 11\nHarbourtown HT7 9QX",
    "Brightwater Hotels": "Accounts Payable\n1 Promenade\nBrightwater BW2 4LL",
    "Kestrel Foods": "Mill Estate 6\nKestrelby KB3 1PZ",
    "Lumen Law": "27 Temple Row\nHarbourtown HT1 8RD",
}
# Project, client, whether new, status, begins and is due in so many days, budget in hours, subject tag, members.
PROJECTS = (
    (SERVICE, "Harbor Dental", "active", -320, None, 120, "", ("Tom Okafor", "Priya Nair")),
    ("New panorama X-ray room", "Harbor Dental", "active", -24, 25, 40, "X-ray room", ("Jonas Weber", "Tom Okafor")),
    ("Depot network", "Vega Logistics", "active", -60, 38, 90, "Depot", ("Tom Okafor", "Jonas Weber")),
    (SERVICE, "Brightwater Hotels", "active", -320, None, 80, "", ("Priya Nair",)),
    ("Warehouse move", "Kestrel Foods", "active", -12, 21, 60, "Move", ("Jonas Weber", "Mara Lindqvist")),
    (SERVICE, "Lumen Law", "active", -320, None, 60, "", ("Mara Lindqvist",)),
    ("Document archive", "Lumen Law", "done", -140, -35, 30, "", ("Priya Nair",)),
)
# Project, task, assignee, due in so many days, status.
TASKS = (
    ("New panorama X-ray room", "Measure the room and the cable ways", "Jonas Weber", -18, "done"),
    ("New panorama X-ray room", "Order switch and patch panel", "Jonas Weber", -12, "done"),
    ("New panorama X-ray room", "Network plan with the device’s maker", "Tom Okafor", -6, "done"),
    ("New panorama X-ray room", "Cabling", "Jonas Weber", 9, "doing"),
    ("New panorama X-ray room", "Viewer on the four treatment PCs", "Tom Okafor", 16, "open"),
    ("New panorama X-ray room", "Backup of the image server", "Priya Nair", 20, "open"),
    ("New panorama X-ray room", "First day with patients: somebody on site", None, 25, "open"),
    ("Depot network", "Radio survey of hall 2", "Tom Okafor", -30, "done"),
    ("Depot network", "Access points for hall 2", "Tom Okafor", -4, "doing"),
    ("Depot network", "Guest network at the gate", "Jonas Weber", 14, "open"),
    ("Warehouse move", "Two more sockets at the window side", "Jonas Weber", 3, "open"),
    ("Warehouse move", "Move the printers on the Friday before", "Jonas Weber", 18, "open"),
    ("Warehouse move", "Telephone numbers to the new line", "Mara Lindqvist", 12, "doing"),
    ("Document archive", "Scan the files of 2019", "Priya Nair", -50, "done"),
    ("Document archive", "Hand over to the office manager", "Priya Nair", -36, "done"),
)
CHECKLIST = ("Ceiling opened, landlord knows", "Four lines drawn", "Lines measured, report kept", "Sockets labelled")
# Project, who, days ago, what was said to the client.
UPDATES = (
    (
        "New panorama X-ray room",
        "Jonas Weber",
        5,
        "Cabling begins on Thursday",
        "The switch has come, and the landlord has agreed to open the ceiling. We begin on Thursday after your last "
        "patient and need the room until Friday noon.\n\nNext: the viewer on your four treatment PCs.",
    ),
    (
        "Depot network",
        "Tom Okafor",
        9,
        "Hall 2 is measured",
        "Eleven access points instead of nine: the new racks swallow more than the plan said. They cost nothing extra, "
        "for two of the old ones can be used again.",
    ),
)
# Who did what for which project, in minutes; each is done again every so many days.
WORK = (
    ("Tom Okafor", SERVICE, "Harbor Dental", "Updates of the practice servers", 75, 7),
    ("Priya Nair", SERVICE, "Harbor Dental", "Backup checked, one restore tried", 30, 7),
    ("Jonas Weber", "New panorama X-ray room", "Harbor Dental", "Measuring and planning on site", 150, 6),
    ("Tom Okafor", "Depot network", "Vega Logistics", "Access points, hall 2", 210, 5),
    ("Jonas Weber", "Depot network", "Vega Logistics", "Configuration of the switches", 120, 9),
    ("Priya Nair", SERVICE, "Brightwater Hotels", "Reception PCs: updates and two calls", 60, 6),
    ("Jonas Weber", "Warehouse move", "Kestrel Foods", "Walk through the new office", 90, 8),
    ("Mara Lindqvist", "Warehouse move", "Kestrel Foods", "Calls with the telephone company", 45, 10),
    ("Mara Lindqvist", SERVICE, "Lumen Law", "Mail encryption and certificates", 60, 7),
)
WEEKS = 9
# Which clients pay for how a month of service, besides their time.
SERVICE_PRICES = {"Harbor Dental": 1180, "Brightwater Hotels": 640, "Lumen Law": 420}


@dataclass(frozen=True, slots=True)
class Books:
    """Who and what there is, by name."""

    today: date
    users: dict[str, User]
    clients: dict[str, Client]
    queues: dict[str, Queue]
    tax: TaxRate

    def by(self, name: str) -> int:
        return self.users[name].id

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)


def keep_books() -> None:
    """Give the sample firm, as psa.sandbox.demo made it, its projects, time and invoices. The caller commits."""
    write_firm()
    books = Books(
        clock.today(),
        {user.name: user for user in db.session.scalars(db.select(User))},
        {client.name: client for client in db.session.scalars(db.select(Client))},
        {queue.name: queue for queue in db.session.scalars(db.select(Queue))},
        tax_rates.add_rate("VAT 20 %", Decimal(20)),
    )
    projects = make_projects(books)
    make_tasks(books, projects)
    make_updates(books, projects)
    write_time(books, projects)
    work_on_tickets(books)
    make_invoices(books)
    make_days(books)


def write_firm() -> None:
    firm = db.session.get_one(Firm, 1)
    firm.address = "12 Lighthouse Lane\nHarbourtown HT1 5NW"
    firm.tax_id = "VAT 123 4567 89"
    firm.payment_words = "Please pay to Northwind IT, account 12-34-56 7890123, naming the number of the invoice."
    rates.set_rate(Decimal(95))


def make_projects(books: Books) -> dict[tuple[str, str], Project]:
    rates.set_rate(Decimal(120), user_id=books.by("Mara Lindqvist"))
    made: dict[tuple[str, str], Project] = {}
    for name, client, status, begins, due, hours, tag, members in PROJECTS:
        company = books.clients[client]
        company.billing_address = ADDRESSES[client]
        # A client before their first hour of work.
        company.created_at = min(company.created_at, moment(books.day(min(begins, -WEEKS * 7) - 7), 9))
        there = db.session.scalar(db.select(Project).where(Project.client_id == company.id, Project.name == name))
        project = there or add_project(company, name)
        details = replace(
            Details.of(project),
            status=status,
            starts_on=books.day(begins),
            due_on=None if due is None else books.day(due),
            budget_minutes=hours * HOUR,
            tag=tag,
            member_ids=frozenset(books.by(member) for member in members),
        )
        # What takes the client's mail already goes on with it.
        change_project(project, replace(details, status="active"), project.revision)
        made[client, name] = project
        if status == "done":
            change_project(project, details, project.revision)
    return made


def make_tasks(books: Books, projects: dict[tuple[str, str], Project]) -> None:
    named = {name: project for (_, name), project in projects.items()}
    for name, title, assignee, due, status in TASKS:
        project = named[name]
        was, project.status = project.status, "active"
        task = tasks.add_task(
            project, title, assignee_id=books.by(assignee) if assignee else None, due_on=books.day(due)
        )
        project.status = was
        tasks.set_status(task, status)
        # Whoever signs in today has seen to those of the past: nobody is reminded of them.
        task.reminded_on = task.due_on if due < 0 else None
        if status == "done":
            task.done_at = moment(books.day(due), 16)
        if title == "Cabling":
            for at, words in enumerate(CHECKLIST):
                tasks.tick(tasks.add_item(task, words), done=at == 0)


def make_updates(books: Books, projects: dict[tuple[str, str], Project]) -> None:
    named = {name: project for (_, name), project in projects.items()}
    for name, who, days_ago, subject, body in UPDATES:
        update = updates.post_update(named[name], books.users[who], subject, body, told=())
        update.created_at = moment(books.day(-days_ago), 15)


def write_time(books: Books, projects: dict[tuple[str, str], Project]) -> None:
    for at, (who, name, client, words, minutes, every) in enumerate(WORK):
        for days_ago in range(WEEKS * 7 - at, -1, -every):
            work = Work(last_workday(books.day(-days_ago)), minutes, words)
            entries.book_on_project(books.by(who), projects[client, name], work)
    cabling = db.session.scalars(db.select(Task).where(Task.title == "Cabling")).one()
    work = Work(last_workday(books.day(-1)), 195, "Ceiling opened, lines drawn")
    entries.book_on(books.by("Jonas Weber"), cabling, work)


def work_on_tickets(books: Books) -> None:
    """A little time on each ticket that somebody has taken; help over the telephone is not billed."""
    taken = db.select(Ticket).where(Ticket.assignee_id.is_not(None)).order_by(Ticket.id)
    for at, ticket in enumerate(db.session.scalars(taken).all()):
        assert ticket.assignee_id is not None
        work = Work(last_workday(books.today), 15 * (at % 3 + 1), "Looked into it, called back", billable=at != 1)
        entries.book_on_ticket(ticket.assignee_id, ticket, work)


def make_invoices(books: Books) -> None:
    """The work of two months: paid but for one that is late, sent last week, and a draft of what has come since."""
    by = books.by("Mara Lindqvist")
    for issued in (books.day(-38), books.day(-7)):
        for client in books.clients.values():
            invoice = service_of_month(books, client, issued, by)
            if invoice is None:
                continue
            operations.issue(invoice, by, issued)
            put_back(invoice, issued)
            if issued < books.day(-30) and client.name != "Vega Logistics":
                paid_on = issued + timedelta(days=11)
                payments.mark_paid(invoice, paid_on, by)
                put_back(invoice, paid_on, "Paid")
    for name, price in SERVICE_PRICES.items():
        recur(books, books.clients[name], Decimal(price), by)
    vega = books.clients["Vega Logistics"]
    drafts.draft_from_time(vega, list(unbilled(vega, books.day(1))), by, tax=books.tax)


def service_of_month(books: Books, client: Client, issued: date, by: int) -> Invoice | None:
    """A draft of what was done before ``issued``: a month of service, and the time beside it; None for neither."""
    work = list(unbilled(client, issued))
    price = SERVICE_PRICES.get(client.name)
    if not work and price is None:
        return None
    invoice = operations.draft(client, by)
    if price is not None:
        line = DraftLine(
            None, f"Managed service, {month_of(issued, -1):%B %Y}", Decimal(1), "month", Decimal(price), tax=books.tax
        )
        content = Content(invoice.currency, invoice.payment_days, "", "", None, (line,))
        drafts.write(invoice, content, invoice.revision, by)
    if work:
        drafts.add_time(invoice, work, by, tax=books.tax)
    return invoice


def unbilled(client: Client, until: date) -> Iterator[TimeEntry]:
    """The client's work before a day that is on no invoice."""
    yield from db.session.scalars(
        db.select(TimeEntry)
        .where(
            TimeEntry.client_id == client.id,
            TimeEntry.day < until,
            TimeEntry.billable,
            TimeEntry.invoice_line_id.is_(None),
        )
        .order_by(TimeEntry.day, TimeEntry.id)
    )


def recur(books: Books, client: Client, price: Decimal, by: int) -> None:
    """The service of each month, as a draft that somebody looks at before it leaves."""
    begins = month_of(books.today, 1)
    recurring = RecurringInvoice(
        client_id=client.id, name=SERVICE, starts_on=begins, next_on=begins, words="For {month}.", created_by_id=by
    )
    line = RecurringLine()
    drafts.fill(line, DraftLine(None, SERVICE, Decimal(1), "month", price, tax=books.tax), 0)
    recurring.lines = [line]
    db.session.add(recurring)
    db.session.flush()


def make_days(books: Books) -> None:
    """What the month was like, for the dashboard: busy Mondays, quiet weekends, slowly fewer open tickets."""
    for days_ago in range(29, 0, -1):
        day = books.day(-days_ago)
        opened = (9, 6, 5, 6, 4, 0, 0)[day.weekday()] + days_ago % 3
        closed = (6, 7, 6, 6, 6, 1, 0)[day.weekday()] + days_ago % 2
        db.session.add(
            DayFigures(
                day=day,
                opened=opened,
                answered=opened + days_ago % 4,
                closed=closed,
                open_at_end=5 + days_ago // 3 + (days_ago * 7) % 4,
                first_answer=(22 + days_ago % 9) * 60 if opened else None,
            )
        )


def put_back(invoice: Invoice, day: date, words: str = "") -> None:
    """Let it have happened on that day; ``words`` for only those of its events that begin so."""
    then = moment(day, 9)
    if not words:
        invoice.created_at = invoice.sent_at = then
    events = db.update(InvoiceEvent).where(
        InvoiceEvent.invoice_id == invoice.id, InvoiceEvent.words.startswith(words, autoescape=True)
    )
    db.session.execute(events.values(at=then))


def moment(day: date, hour: int) -> datetime:
    return min(clock.now(), datetime.combine(day, time(hour)).astimezone())


def month_of(day: date, later: int) -> date:
    """The first of the month so many months later."""
    return months_later(day.replace(day=1), later)


def last_workday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
