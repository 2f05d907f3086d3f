"""Drafts: begun with a client's time or with nothing, and changed in one form."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.billing.currencies import COMMON
from psa.billing.invoices import drafts as filling
from psa.billing.invoices import operations, queries
from psa.billing.invoices.crediting import Credited, refusals
from psa.billing.invoices.drafts import GROUPINGS, LINES_MAX, DraftLine
from psa.billing.invoices.forms import DraftForm
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import RefusedInvoice
from psa.billing.invoices.tax_rates import all_rates, default_rate
from psa.billing.invoices.typed_lines import TypedLine, arranged, as_line, lines_in, lines_of, read_lines
from psa.billing.invoices.views import (
    Page,
    bp,
    client_asked_for,
    done,
    invoice_or_404,
    read_number,
    refused,
    shown_revision,
)
from psa.billing.invoices.views.lines import TOO_MANY, fresh_line, known, render_sums, sums_shown
from psa.billing.models import TimeEntry
from psa.billing.places import find_client, offered_clients
from psa.clients.models import Client
from psa.extensions import db
from psa.projects.operations import projects_of


@bp.get("/invoices/new")
@agent_required
def new() -> str:
    """Whom to bill, and then for which time."""
    return render_template("billing/invoices/new.html", **beginning(client_asked_for()))


@bp.post("/invoices")
@agent_required
def create() -> Page:
    """A draft for the client that is named: with the time that is ticked, or empty."""
    client = find_client(request.form.get("client", ""))
    if client is None:
        typed = request.form.get("client", "").strip()
        words = f"No client is called {typed}." if typed else "Which client is it for?"
        return render_template("billing/invoices/new.html", **beginning(None), refused=words, typed=typed), 422
    if request.form.get("look"):
        return redirect(url_for("invoices.new", client=client.id), 303)
    try:
        invoice = operations.draft(client, current_user.id)
        usual = invoice.currency
        take_time(invoice)
    except RefusedInvoice as reason:
        db.session.rollback()
        return render_template("billing/invoices/new.html", **beginning(client), refused=str(reason)), 422
    db.session.commit()
    if invoice.currency != usual:
        flash(f"The draft is in {invoice.currency}, as the rates of this time are.")
    return redirect(url_for("invoices.edit", invoice_id=invoice.id), 303)


@bp.get("/invoices/<int:invoice_id>/time")
@agent_required
def time(invoice_id: int) -> str | Response:
    """More of the client's time for a draft."""
    invoice = invoice_or_404(invoice_id)
    if not invoice.is_draft:
        return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)
    return render_template("billing/invoices/new.html", **beginning(invoice.client), invoice=invoice)


@bp.post("/invoices/<int:invoice_id>/time")
@agent_required
def add_time(invoice_id: int) -> Page:
    invoice = invoice_or_404(invoice_id)
    try:
        take_time(invoice)
    except RefusedInvoice as reason:
        return refused(invoice_id, reason)
    db.session.commit()
    return redirect(url_for("invoices.edit", invoice_id=invoice_id), 303)


@bp.get("/invoices/<int:invoice_id>/edit")
@agent_required
def edit(invoice_id: int) -> str | Response:
    invoice = invoice_or_404(invoice_id)
    if not invoice.is_draft:
        flash("It is issued, so it stays as it is. Credit it, or make it void.")
        return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)
    lines = lines_of(invoice.lines, all_rates())
    return editor(invoice, form_of(invoice), lines or [fresh_line()])


@bp.post("/invoices/<int:invoice_id>/edit")
@agent_required
def save(invoice_id: int) -> Page:
    """Keep the draft, or only move its lines about when one of their buttons was pressed."""
    invoice, rates = invoice_or_404(invoice_id), all_rates()
    form = form_of(invoice, sent=True)
    there = {line.id: line for line in invoice.lines}
    typed = lines_in(request.form, there, rates)
    wish = request.form.get("arrange", "")
    if wish:
        return editor(invoice, form, arranged(typed, wish, fresh_line())), 200
    valid = form.validate()
    typed, lines = read_lines(typed, form.code if valid else invoice.currency, rates)
    if not valid or lines is None or len(lines) > LINES_MAX:
        refused_why = TOO_MANY if len(typed) > LINES_MAX else ""
        return editor(invoice, form, typed or [fresh_line()], refused=refused_why), 422
    typed = refuse_what_is_not_left(invoice, typed, lines)
    if any(line.errors for line in typed):
        return editor(invoice, form, typed), 422
    try:
        filling.write(invoice, form.content(lines), form.shown_revision, current_user.id)
    except RefusedInvoice as reason:
        db.session.rollback()
        return conflict(invoice_id, form, typed, str(reason)), 422
    return done(invoice_id, "The draft is saved.")


@bp.post("/invoices/<int:invoice_id>/sums")
@agent_required
def sums(invoice_id: int) -> str:
    """What the lines come to as they are typed; those that cannot be read yet count for nothing."""
    invoice, rates = invoice_or_404(invoice_id), all_rates()
    there = {line.id: line for line in invoice.lines}
    currency = known(request.form.get("currency", ""), invoice.currency)
    return render_sums(lines_in(request.form, there, rates), there, currency, invoice.credits)


@bp.post("/invoices/<int:invoice_id>/removal")
@agent_required
def delete(invoice_id: int) -> Page:
    invoice = invoice_or_404(invoice_id)
    try:
        operations.delete(invoice, shown_revision() or 0)
    except RefusedInvoice as reason:
        return refused(invoice_id, reason)
    db.session.commit()
    flash("The draft is deleted. Its time can be invoiced again.")
    return redirect(url_for("invoices.index"), 303)


def refuse_what_is_not_left(
    credit_note: Invoice, typed: list[TypedLine], lines: tuple[DraftLine, ...]
) -> list[TypedLine]:
    """The lines of a credit note, with a sentence at each that takes more than its invoice has left."""
    if credit_note.credits is None:
        return typed
    there = {line.id: line for line in credit_note.lines}
    takes = {line.id: line.credits_line_id for line in credit_note.lines}
    credited = [Credited(takes.get(line.id or 0), as_line(line, there)) for line in lines]
    refused = refusals(credit_note.credits, credited)
    return [
        replace(line, errors={"quantity": refused[place]}) if place in refused else line
        for place, line in enumerate(typed)
    ]


def take_time(invoice: Invoice) -> None:
    """Put the ticked time on the draft, if any. Raises RefusedInvoice."""
    ids = [number for one in request.form.getlist("entry") if (number := read_number(one)) is not None]
    if not ids:
        return
    grouping = request.form.get("grouping", "")
    entries = queries.entries_by_ids(invoice.client_id, ids)
    if len(entries) != len(set(ids)):
        raise RefusedInvoice("Some of this time is not there any more. Look at it again.")
    filling.add_time(
        invoice,
        entries,
        current_user.id,
        grouping=grouping if grouping in GROUPINGS else "ticket",
        tax=default_rate(),
    )


def beginning(client: Client | None) -> dict[str, object]:
    """What the page of a new invoice shows."""
    entries: list[TimeEntry] = list(queries.open_entries_of(client.id)) if client is not None else []
    return {
        "client": client,
        "entries": entries,
        "groupings": GROUPINGS,
        "offered": offered_clients() if client is None else [],
        "most": queries.MOST_TIME,
    }


def form_of(invoice: Invoice, *, sent: bool = False) -> DraftForm:
    projects = [(str(project.id), project.name) for project in projects_of(invoice.client)]
    return DraftForm(invoice, projects, request.form if sent else None)


def editor(invoice: Invoice, form: DraftForm, lines: list[TypedLine], **shown: object) -> str:
    rates = all_rates()
    there = {line.id: line for line in invoice.lines}
    currency = known(str(form.currency.data or ""), invoice.currency)
    page = "_lines.html" if web.is_htmx() and request.form.get("arrange") else "edit.html"
    return render_template(
        f"billing/invoices/{page}",
        invoice=invoice,
        form=form,
        lines=lines,
        rates=rates,
        currency=currency,
        offered=COMMON,
        save_url=url_for("invoices.save", invoice_id=invoice.id),
        sums_url=url_for("invoices.sums", invoice_id=invoice.id),
        **sums_shown(lines, there, currency, invoice.credits),
        **shown,
    )


def conflict(invoice_id: int, form: DraftForm, typed: list[TypedLine], reason: str) -> str:
    """What was typed, beside what the draft says now; saving again keeps what was typed."""
    kept = db.session.get(Invoice, invoice_id)
    if kept is None or not kept.is_draft:
        return render_template("billing/invoices/gone.html", invoice=kept, reason=reason)
    form.revision.data = str(kept.revision)
    rates = all_rates()
    there = {str(line.id) for line in kept.lines}
    # A line that the other one has taken out would come back as a new one.
    typed = [line if line.id in there else replace(line, id="", kept_tax="") for line in typed]
    return editor(
        kept, form, typed, refused=reason, theirs=lines_of(kept.lines, rates), history=queries.history_of(kept)
    )
