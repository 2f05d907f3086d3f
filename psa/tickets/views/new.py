"""A ticket that an agent opens."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import operations as clients
from psa.extensions import db
from psa.notifications.choices import meet_contact
from psa.projects.operations import project_of
from psa.tickets import notifications, operations
from psa.tickets.forms import NewTicketForm
from psa.tickets.notifications import NobodyToWriteTo
from psa.tickets.operations import Said
from psa.tickets.views import bp, me


@bp.get("/tickets/new")
@agent_required
def new() -> str:
    form = NewTicketForm()
    form.client.data = request.args.get("client", "")
    # Who is the only one at a client is meant.
    known = form.people[0] if len(form.people) == 1 else ""
    form.email.data, form.name.data = request.args.get("email", known), request.args.get("name", "")
    return render_template("tickets/new.html", form=form)


@bp.post("/tickets/new")
@agent_required
def create() -> Response | tuple[str, int]:
    """Open the ticket, and mail its first message when that is ticked: both or neither."""
    form = NewTicketForm()
    if form.validate_on_submit():
        try:
            ticket_id = open_ticket(form)
        except NobodyToWriteTo as reason:
            db.session.rollback()
            form.mail.errors = [f"{reason} Untick this to open the ticket without a message."]
        else:
            db.session.commit()
            return redirect(url_for("tickets.show", number=ticket_id), 303)
    return render_template("tickets/new.html", form=form), 422


def open_ticket(form: NewTicketForm) -> int:
    """The ticket under the client of the address, else the chosen one, in the client's project."""
    person = clients.find_person(form.email.data)
    client_id = person.client_id or (form.chosen.id if form.chosen is not None else None)
    contact_id = person.contact_id or meet_contact(form.email.data, form.name.data.strip(), client_id)
    if client_id is not None:
        clients.place_contact(contact_id, client_id)
    project = project_of(client_id) if client_id is not None else None
    ticket_id, comment_id = operations.open_ticket(
        subject=form.subject.data.strip(),
        queue_id=form.queue.data,
        said=Said(body=form.body.data.replace("\r\n", "\n").strip("\n")),
        by=me(),
        requester_id=contact_id,
        client_id=client_id,
        project_id=project[0] if project else None,
    )
    if form.mail.data:
        # The status first: a message that leaves for nobody opens the ticket again.
        operations.set_status(ticket_id, "waiting", me())
        notifications.reply_added(comment_id)
    return ticket_id
