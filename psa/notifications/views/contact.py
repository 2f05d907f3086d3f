"""The welcome message to a contact, with a look at it before it leaves."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients.models import Contact
from psa.extensions import db
from psa.foreign import as_page, framed
from psa.mail import accounts
from psa.mail.outbound.compose import Unwritable
from psa.notifications import welcome
from psa.notifications.views import bp
from psa.notifications.welcome import NotWelcomed


@bp.get("/clients/contacts/<int:contact_id>/notifications")
@agent_required
def contact(contact_id: int) -> str:
    return render_page(contact_or_404(contact_id))


@bp.get("/clients/contacts/<int:contact_id>/welcome-message")
@agent_required
def welcome_preview(contact_id: int) -> Response:
    """The message as it would leave, as a page for a frame: nothing of it runs."""
    return framed(as_page(welcome.preview(contact_or_404(contact_id))))


@bp.post("/clients/contacts/<int:contact_id>/welcome-messages")
@agent_required
def send_welcome(contact_id: int) -> Response:
    person = contact_or_404(contact_id)
    try:
        welcome.welcome(person)
    except (NotWelcomed, Unwritable) as reason:
        db.session.rollback()
        return make_response(render_page(contact_or_404(contact_id), str(reason)), 422)
    db.session.commit()
    flash(f"The welcome message to {person.display_name} is on its way.")
    return redirect(url_for("notifications.contact", contact_id=person.id), 303)


def contact_or_404(contact_id: int) -> Contact:
    return db.get_or_404(Contact, contact_id)


def render_page(person: Contact, refused: str = "") -> str:
    sent = welcome.last_sent(Contact.id == person.id).get(person.id)
    return render_template(
        "notifications/contact.html",
        contact=person,
        mail=welcome.preview(person),
        account=accounts.default_outbound(),
        sent=sent,
        why_not=welcome.why_not_welcome(person, sent),
        refused=refused,
    )
