"""The first step, and the ways into the path, out of it and over a step."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from psa.auth.guards import agent_required
from psa.clients.forms import ClientForm
from psa.clients.models import Client
from psa.clients.onboarding import journey, origin, steps
from psa.clients.onboarding.origin import Origin
from psa.clients.onboarding.views import Page, bp, client_or_404, go_on, href_of, me, render_step
from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.revisions import RevisionField
from psa.saving import tried
from psa.tickets.models import Ticket
from psa.tickets.queries import is_key
from psa.words import trimmed


class CompanyForm(ClientForm):
    name = StringField("Name", [DataRequired("A client needs a name."), Length(max=200)], [trimmed])
    address = TextAreaField(
        "Address", [Length(max=2000, message="An address holds up to 2,000 characters.")], [trimmed]
    )
    revision = RevisionField()

    # Of a sender who belongs to somebody else it is the address that is refused; it stands in no field here.
    parts = {"email": "name"}


@bp.get("/setup")
@agent_required
def begin() -> str:
    """Empty, or with what the sender of ``ticket`` or ``message`` tells of their firm."""
    who = whom_asked_about()
    form = CompanyForm(formdata=None, data={"name": who.company if who is not None else ""})
    return render_step("company", None, form=form, origin=who)


@bp.post("/setup")
@agent_required
def start() -> Page:
    form, who = CompanyForm(), whom_asked_about()
    setup = tried(form, lambda: journey.begin(form.name.data, form.address.data, who, me()))
    if setup is None:
        return render_step("company", None, form=form, origin=whom_asked_about()), 422
    db.session.commit()
    if is_held(request.form.get("message", "")):
        flash("Their message is still held. When this is done, press Process again on it in Held mail.")
    return redirect(url_for("setup.domains", client_id=setup.client_id), 303)


def whom_asked_about() -> Origin | None:
    """The sender of the ticket or the message that the path begins with; 404 for one that is none."""
    ticket_id, message_id = request.values.get("ticket", ""), request.values.get("message", "")
    if ticket_id:
        ticket = db.get_or_404(Ticket, int(ticket_id)) if is_key(ticket_id) else abort(404)
        return origin.of_ticket(ticket)
    if message_id:
        message = db.get_or_404(InboundEmail, int(message_id)) if is_key(message_id) else abort(404)
        return origin.of_message(message)
    return None


def is_held(message_id: str) -> bool:
    message = db.session.get(InboundEmail, int(message_id)) if is_key(message_id) else None
    return message is not None and message.status == "held"


@bp.get("/<int:client_id>/setup")
@agent_required
def resume(client_id: int) -> Response:
    """Where somebody has stopped."""
    client = client_or_404(client_id)
    return redirect(href_of(client, steps.next_open(journey.setup_of(client).steps)), 302)


@bp.get("/<int:client_id>/setup/company")
@agent_required
def company(client_id: int) -> str:
    client = client_or_404(client_id)
    form = CompanyForm(
        formdata=None, data={"name": client.name, "address": client.billing_address, "revision": client.revision}
    )
    return render_step("company", client, form=form, origin=None)


@bp.post("/<int:client_id>/setup/company")
@agent_required
def save_company(client_id: int) -> Page:
    client, form = client_or_404(client_id), CompanyForm()
    changed = tried(form, lambda: journey.change_company(client, form.name.data, form.address.data, form.revision.data))
    if changed is not None:
        return go_on(changed, "company", "done")
    client = client_or_404(client_id)
    if form.is_stale:
        say_theirs(form, client)
    return render_step("company", client, form=form, origin=None), 422


def say_theirs(form: CompanyForm, client: Client) -> None:
    """What somebody has saved meanwhile, beside what was typed; whoever saves again has seen it."""
    form.revision.take_up(client.revision)
    for field, saved in ((form.name, client.name), (form.address, client.billing_address)):
        if field.data != saved:
            field.errors = [f"Somebody has changed this client meanwhile. Saved is: {saved or 'nothing'}"]


@bp.post("/<int:client_id>/setup/<step>/skip")
@agent_required
def skip(client_id: int, step: str) -> Response:
    """Leave a step out; it stays open to whoever comes back."""
    client = client_or_404(client_id)
    if step not in steps.NAMED or not steps.NAMED[step].skip:
        abort(404)
    return go_on(client, step, "skipped")


@bp.post("/<int:client_id>/setup/finish")
@agent_required
def finish(client_id: int) -> Response:
    client = client_or_404(client_id)
    journey.finish(journey.setup_of(client))
    db.session.commit()
    flash(f"{client.name} is set up.")
    return redirect(url_for("clients.show", client_id=client.id), 303)
