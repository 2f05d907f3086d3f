"""Clients: who the firm works for, by which domains their mail is known, their people, and all that is theirs."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, url_for
from flask_security import current_user
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from psa.clients.models import Client, Contact
from psa.extensions import db
from psa.tickets.operations import Actor

bp = Blueprint("clients", __name__, url_prefix="/clients")

Page = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages."""
    from psa.clients.views import changes, contacts, files, listing, merging, page  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)


def me() -> Actor:
    """Who acts in this request."""
    return Actor(user_id=current_user.id)


def client_or_404(client_id: int) -> Client:
    """The client, or on to the one that it was merged into."""
    client = db.get_or_404(Client, client_id)
    if client.merged_into_id is not None:
        abort(redirect(url_for("clients.show", client_id=client.merged_into_id), 303))
    return client


def contact_or_404(contact_id: int) -> Contact:
    """The contact, or on to the one that they were merged into."""
    contact = db.get_or_404(Contact, contact_id)
    if contact.merged_into_id is not None:
        abort(redirect(url_for("clients.contact", contact_id=contact.merged_into_id), 303))
    return contact


def saved(client: Client, words: str = "", page: str = "clients.show") -> Response:
    """Keep what was done, and show the client with what is to be said about it."""
    db.session.commit()
    if words:
        flash(words.strip())
    return redirect(url_for(page, client_id=client.id), 303)
