"""What a typed word may mean: a ticket, a client, a person, a project, an invoice, a page, or something to begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from psa import clock, words
from psa.auth.models import User
from psa.billing.invoices import queries as invoices
from psa.clients import queries as clients
from psa.clients.models import Contact
from psa.navigation import Link, email_settings, exists, firm_settings, places
from psa.projects import queries as projects
from psa.tickets import queries as tickets

# So many of each kind; the kind's own list has the rest.
EACH = 5

BEGINNINGS = (
    Link("New ticket", "plus", "tickets.new"),
    Link("New client", "plus", "setup.begin"),
    Link("New project", "plus", "projects.new"),
    Link("New invoice", "plus", "invoices.new"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A line: its icon, what it is, what tells it from others of its name, and where it leads."""

    icon: str
    title: str
    beside: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one kind. ``more`` leads to the list of this kind when it has further ones, else it is empty."""

    title: str
    lines: list[Found]
    more: str = ""


def find(typed: str, user: User) -> list[Group]:
    """What ``typed`` finds, the likeliest kind first; without a word, where one can go and what one can begin."""
    typed = " ".join(typed.split())[:200]
    groups = [*(things(typed, user) if typed else ()), pages(typed, user), beginnings(typed)]
    return [group for group in groups if group.lines]


def things(typed: str, user: User) -> Iterator[Group]:
    yield of_tickets(typed, user)
    yield of_clients(typed)
    yield of_people(typed)
    yield of_projects(typed, user)
    yield of_invoices(typed)


def of_tickets(typed: str, user: User) -> Group:
    rows = tickets.page_of(tickets.Wanted(words=typed), user.id).rows
    lines = [
        Found(
            "circle-check" if row.ticket.status == "closed" else "inbox",
            row.ticket.subject or "(no subject)",
            " · ".join(filter(None, (f"#{row.ticket.id}", row.ticket.client.name if row.ticket.client else ""))),
            url_for("tickets.show", number=row.ticket.id),
        )
        for row in rows[:EACH]
    ]
    return Group("Tickets", lines, url_for("tickets.index", q=typed) if len(rows) > EACH else "")


def of_clients(typed: str) -> Group:
    found = clients.clients_like(typed, but=0, limit=EACH + 1)
    lines = [
        Found(
            "building",
            client.name,
            client.domains[0].name if client.domains else "",
            url_for("clients.show", client_id=client.id),
        )
        for client in found[:EACH]
    ]
    return Group("Clients", lines, url_for("clients.index", q=typed) if len(found) > EACH else "")


def of_people(typed: str) -> Group:
    found = clients.contacts_like(typed, but=0, limit=EACH)
    return Group("People", [line_of(contact) for contact in found])


def line_of(contact: Contact) -> Found:
    address = contact.addresses[0].email if contact.addresses else ""
    beside = (contact.client.name if contact.client else "", address if contact.name else "")
    return Found(
        "user",
        contact.name or address,
        " · ".join(filter(None, beside)),
        url_for("clients.contact", contact_id=contact.id),
    )


def of_projects(typed: str, user: User) -> Group:
    rows, _ = projects.projects_page(projects.Wanted(words=typed, status="all"), user.id)
    lines = [
        Found(
            "folders",
            row.project.name,
            row.project.client.name,
            url_for("projects.show", project_id=row.project.id),
        )
        for row in rows[:EACH]
    ]
    more = url_for("projects.index", q=typed, status="all") if len(rows) > EACH else ""
    return Group("Projects", lines, more)


def of_invoices(typed: str) -> Group:
    found, _ = invoices.page_of(invoices.Wanted(words=typed), clock.today())
    lines = [
        Found(
            "file-invoice",
            invoice.number or "Draft",
            invoice.client.name,
            url_for("invoices.show", invoice_id=invoice.id),
        )
        for invoice in found[:EACH]
    ]
    return Group("Invoices", lines, url_for("invoices.index", q=typed) if len(found) > EACH else "")


def pages(typed: str, user: User) -> Group:
    """The places of the sidebar, and for an admin the settings."""
    links = [("", place.link) for place in places()]
    if user.is_admin:
        links += [("Email Settings", link) for link in email_settings()] + [("Firm", link) for link in firm_settings()]
    lines = [Found(link.icon, link.text, beside, link.href) for beside, link in links if is_meant(typed, link.text)]
    return Group("Go to", lines)


def beginnings(typed: str) -> Group:
    lines = [
        Found(link.icon, link.text, "", link.href) for link in BEGINNINGS if exists(link) and is_meant(typed, link.text)
    ]
    if typed:
        lines.append(Found("list-search", f"Look for “{typed}” in all mail", "", url_for("mail_log.index", q=typed)))
    return Group("Do", lines)


def is_meant(typed: str, title: str) -> bool:
    """Whether each typed word begins one of the title's."""
    names = words.fold(title).split()
    return all(any(name.startswith(word) for name in names) for word in words.fold(typed).split())
