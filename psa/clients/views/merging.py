"""Two clients, or two contacts, that turned out to be one: choose the other, look at what would move, merge, undo."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import merging
from psa.clients.likeness import likely_clients, likely_contacts
from psa.clients.merging import MODELS, RefusedMerge
from psa.clients.models import Client, ClientMerge, Contact
from psa.clients.views import Page, bp, client_or_404, contact_or_404, me
from psa.extensions import db
from psa.tickets.queries import is_key


@bp.get("/<int:client_id>/merging")
@agent_required
def merge_client(client_id: int) -> Page:
    return choose_or_preview(client_or_404(client_id))


@bp.post("/<int:client_id>/merging")
@agent_required
def merge_client_now(client_id: int) -> Page:
    return merge_now(client_or_404(client_id))


@bp.get("/contacts/<int:contact_id>/merging")
@agent_required
def merge_contact(contact_id: int) -> Page:
    return choose_or_preview(contact_or_404(contact_id))


@bp.post("/contacts/<int:contact_id>/merging")
@agent_required
def merge_contact_now(contact_id: int) -> Page:
    return merge_now(contact_or_404(contact_id))


@bp.post("/merges/<int:merge_id>/undoing")
@agent_required
def undo_merge(merge_id: int) -> Response:
    """Put back what moved, and say what could not be."""
    found = db.get_or_404(ClientMerge, merge_id)
    kept = db.get_or_404(MODELS[found.kind], found.kept_id)
    gone = db.get_or_404(MODELS[found.kind], found.gone_id)
    try:
        missing = merging.undo(merge_id, me().user_id)
    except RefusedMerge as reason:
        db.session.rollback()
        flash(str(reason))
        return redirect(page_of(kept), 303)
    db.session.commit()
    flash("The merge is undone." + (f" Not put back: {'; '.join(missing)}." if missing else ""))
    return redirect(page_of(gone), 303)


def choose_or_preview(gone: Client | Contact) -> Page:
    """The choice of the one that stays, and once it is made, what would move."""
    kept_id, typed = request.args.get("into", ""), request.args.get("q", "").strip()[:200]
    kind = "client" if isinstance(gone, Client) else "contact"
    if not is_key(kept_id):
        found = likely_clients(gone, typed) if isinstance(gone, Client) else likely_contacts(gone, typed)
        return render_template("clients/merge_choose.html", gone=gone, kind=kind, q=typed, found=found), 200
    kept = other_or_404(gone, int(kept_id))
    try:
        outcome = merging.would_become(gone, kept)
    except RefusedMerge as reason:
        flash(str(reason))
        return redirect(page_of(gone), 303)
    return render_template("clients/merge.html", gone=gone, kept=kept, kind=kind, outcome=outcome), 200


def merge_now(gone: Client | Contact) -> Page:
    wanted = request.form.get("into", "")
    kept = other_or_404(gone, int(wanted)) if is_key(wanted) else abort(404)
    name = name_of(gone)
    try:
        merging.merge(gone, kept, me().user_id)
    except RefusedMerge as reason:
        db.session.rollback()
        flash(str(reason))
        return redirect(page_of(gone), 303)
    db.session.commit()
    flash(f"{name} is a part of {name_of(kept)} now.")
    return redirect(page_of(kept), 303)


def other_or_404(gone: Client | Contact, kept_id: int) -> Client | Contact:
    return client_or_404(kept_id) if isinstance(gone, Client) else contact_or_404(kept_id)


def name_of(one: Client | Contact) -> str:
    return one.name if isinstance(one, Client) else one.display_name


def page_of(one: object) -> str:
    if isinstance(one, Client):
        return url_for("clients.show", client_id=one.id)
    assert isinstance(one, Contact)
    return url_for("clients.contact", contact_id=one.id)
