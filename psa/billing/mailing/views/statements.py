"""A client's statement: on a page, as PDF, and by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.billing.mailing import statements
from psa.billing.mailing.place import NobodyToWriteFrom
from psa.billing.mailing.schedule import steps
from psa.billing.mailing.sending import KIND, hearers
from psa.billing.mailing.statements import SentJustNow, Statement, statement_of
from psa.billing.mailing.views import bp, chosen_among, pdf
from psa.clients.models import Client, Contact
from psa.clock import today
from psa.extensions import db
from psa.foreign import as_page, framed
from psa.mail.outbound.compose import Unwritable
from psa.notifications.audience import of_client


class UnreadablePeriod(ValueError):
    """Days that make no period; the message says why."""


@bp.get("/clients/<int:client_id>/statement")
@agent_required
def statement(client_id: int) -> Response:
    client = db.get_or_404(Client, client_id)
    try:
        return make_response(page_of(wanted(client)))
    except UnreadablePeriod as reason:
        return make_response(page_of(usual(client), str(reason)), 422)


@bp.get("/clients/<int:client_id>/statement.pdf")
@agent_required
def statement_pdf(client_id: int) -> Response:
    try:
        made = wanted(db.get_or_404(Client, client_id))
        data = statements.pdf_of_statement(made)
    except UnreadablePeriod:
        return redirect(url_for("documents.statement", client_id=client_id), 303)
    except Unwritable as reason:
        flash(str(reason))
        return redirect(url_for("documents.statement", client_id=client_id), 303)
    return pdf(data, statements.file_name(made))


@bp.get("/clients/<int:client_id>/statement/preview")
@agent_required
def statement_preview(client_id: int) -> Response:
    """The mail as it would leave, as a page for a frame."""
    client = db.get_or_404(Client, client_id)
    try:
        made = wanted(client)
    except UnreadablePeriod:
        made = usual(client)
    return framed(as_page(statements.preview(made, next(iter(hearers(of_client(KIND, client_id))), None))))


@bp.post("/clients/<int:client_id>/statement/mails")
@agent_required
def send_statement(client_id: int) -> Response:
    client = db.get_or_404(Client, client_id)
    contacts = chosen_among(hearers(of_client(KIND, client_id)))
    try:
        made = wanted(client)
        if not contacts:
            return make_response(page_of(made, "Choose at least one person to send it to.", ()), 422)
        statements.send_statement(made, contacts)
    except (UnreadablePeriod, SentJustNow, NobodyToWriteFrom, Unwritable) as reason:
        db.session.rollback()
        return make_response(page_of(usual(client), str(reason), contacts), 422)
    db.session.commit()
    flash(f"The statement is on its way to {' and '.join(one.display_name for one in contacts)}.")
    since, until = made.since.isoformat(), made.until.isoformat()
    return redirect(url_for("documents.statement", client_id=client_id, since=since, until=until), 303)


def page_of(made: Statement, refused: str = "", chosen: Sequence[Contact] | None = None) -> str:
    audience = of_client(KIND, made.client.id)
    people = hearers(audience)
    return render_template(
        "billing/documents/statement.html",
        statement=made,
        days=days_of(made),
        client=made.client,
        audience=audience,
        people=people,
        chosen=people if chosen is None else chosen,
        mail=statements.preview(made, next(iter(people), None)),
        today=today(),
        has_schedule=bool(steps()),
        refused=refused,
    )


def wanted(client: Client) -> Statement:
    """The statement of the days that are asked for; without any, of this year. Raises UnreadablePeriod."""
    standard = usual_days()
    since, until = (read_day(name, standard[name]) for name in ("since", "until"))
    if since > until:
        raise UnreadablePeriod("The first day is after the last one.")
    return statement_of(client, since, until)


def usual(client: Client) -> Statement:
    return statement_of(client, **usual_days())


def usual_days() -> dict[str, date]:
    now = today()
    return {"since": date(now.year, 1, 1), "until": now}


def read_day(name: str, otherwise: date) -> date:
    typed = request.values.get(name, "").strip()
    if not typed:
        return otherwise
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise UnreadablePeriod("Write both days as year, month and day: 2026-01-31.") from error


def days_of(made: Statement) -> dict[str, str]:
    """The days as an address has them."""
    return {"since": made.since.isoformat(), "until": made.until.isoformat()}
