"""The page of a client, tab by tab."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from psa import clock
from psa.auth.guards import agent_required
from psa.billing.invoices.queries import invoices_with
from psa.clients import correspondence, merging, queries
from psa.clients.forms import ContactForm, DetailsForm, DomainForm, NotesForm, ProjectForm
from psa.clients.models import Client
from psa.clients.references import keeps_from_deleting
from psa.clients.views import bp, client_or_404
from psa.mail.log.queries import Key
from psa.mail.log.queries import Wanted as WantedMail
from psa.projects import operations as projects
from psa.projects import queries as project_queries
from psa.tickets.models import Ticket
from psa.tickets.queries import is_key
from psa.web import is_htmx

SHOWN_CONTACTS = 8
SHOWN_PROJECTS = 4


@bp.get("/<int:client_id>")
@agent_required
def show(client_id: int) -> str:
    return overview(client_or_404(client_id))


@bp.get("/<int:client_id>/tickets")
@agent_required
def tickets(client_id: int) -> str:
    client = client_or_404(client_id)
    rows, older = queries.tickets_before(Ticket.client_id == client.id, request.args.get("before", ""))
    return tab(client, "tickets", tickets=rows, older=older)


@bp.get("/<int:client_id>/contacts")
@agent_required
def contacts(client_id: int) -> str:
    return contacts_tab(client_or_404(client_id))


@bp.get("/<int:client_id>/projects")
@agent_required
def project_list(client_id: int) -> str:
    return projects_tab(client_or_404(client_id))


@bp.get("/<int:client_id>/time")
@agent_required
def time(client_id: int) -> str:
    client = client_or_404(client_id)
    entries, older = queries.time_before(client, request.args.get("before", ""))
    found = {"entries": entries, "on_invoices": invoices_with(entries), "older": older}
    return tab(client, "time", **found, not_billed=queries.not_billed(client), has_time=bool(entries))


@bp.get("/<int:client_id>/invoices")
@agent_required
def invoices(client_id: int) -> str:
    client, before = client_or_404(client_id), request.args.get("before", "")
    rows, older = queries.invoices_before(client, int(before) if is_key(before) else None)
    work = {"not_billed": queries.not_billed(client), "has_time": queries.has_time(client)}
    return tab(client, "invoices", invoices=rows, older=older, **work)


@bp.get("/<int:client_id>/mail")
@agent_required
def mail(client_id: int) -> str:
    """All mail in and out; htmx asks for the rows of the next page alone."""
    client = client_or_404(client_id)
    entries, older = correspondence.page_of(
        correspondence.with_client(client), Key.read(request.args.get("before", ""))
    )
    if is_htmx():
        return render_template("clients/_mail.html", client=client, entries=entries, older=older, wanted=WantedMail())
    return tab(client, "mail", entries=entries, older=older, wanted=WantedMail())


@bp.get("/<int:client_id>/edit")
@agent_required
def edit(client_id: int) -> str:
    return edit_page(client_or_404(client_id))


def overview(client: Client, **forms: Any) -> str:
    conditions = correspondence.with_client(client)
    contact_rows, more_contacts = queries.contacts_after(client, 0, SHOWN_CONTACTS)
    rows, more_projects = client_projects(client)
    shown = {"domain_form": DomainForm(formdata=None), "notes_form": NotesForm.of(client)}
    return tab(
        client,
        "show",
        tickets=queries.open_tickets(client),
        rows=contact_rows,
        following=more_contacts,
        projects=rows[:SHOWN_PROJECTS],
        more_projects=bool(more_projects) or len(rows) > SHOWN_PROJECTS,
        mail_project=projects.project_of(client.id),
        side=queries.side_of(client, conditions),
        merge=merging.latest_into(client),
        **(shown | forms),
    )


def contacts_tab(client: Client, **forms: Any) -> str:
    after = request.args.get("after", "")
    rows, following = queries.contacts_after(client, int(after) if is_key(after) else 0)
    shown = {"contact_form": ContactForm(formdata=None)} | forms
    return tab(client, "contacts", rows=rows, following=following, **shown)


def projects_tab(client: Client, **forms: Any) -> str:
    rows, following = client_projects(client, request.args.get("after", ""))
    shown = {"project_form": ProjectForm(formdata=None)} | forms
    found = projects.project_of(client.id)
    return tab(client, "project_list", projects=rows, following=following, mail_project=found, **shown)


def client_projects(client: Client, after: str = "") -> tuple[list[project_queries.Row], str]:
    wanted = project_queries.Wanted(client_id=client.id, status="all")
    return project_queries.projects_page(wanted, 0, after)


def edit_page(client: Client, **shown: Any) -> str:
    context = {"details": DetailsForm.of(client), "now": {}, "depends": keeps_from_deleting(client)} | shown
    return render_template("clients/edit.html", client=client, **context)


def tab(client: Client, name: str, **context: Any) -> str:
    """The page of a client with one of its tabs."""
    conditions = correspondence.with_client(client)
    return render_template(
        f"clients/tabs/{name}.html",
        client=client,
        tab=name,
        numbers=queries.numbers_of(client, conditions),
        today=clock.today(),
        head_project=projects.project_of(client.id),
        **context,
    )
