"""Beside a ticket: the tags that it has, and who follows it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.auth.models import User
from psa.clients.operations import Refused
from psa.extensions import db
from psa.tickets import tags, watchers
from psa.tickets.models import Tag, Ticket, Watcher
from psa.tickets.tags import RefusedTag
from psa.tickets.views import bp, me, ticket_or_404
from psa.tickets.views.recipients import added, let_in


@bp.post("/tickets/<int:number>/tags")
@agent_required
def add_tag(number: int) -> Response | tuple[str, int]:
    """Add the tag ``name``; several have commas between them."""
    ticket = ticket_or_404(number)
    try:
        for name in request.form.get("name", "").split(","):
            tags.add_tag(number, name, me())
    except RefusedTag as reason:
        return refused(ticket, "tags", str(reason), request.form.get("name", ""))
    return changed(ticket, "tags")


@bp.post("/tickets/<int:number>/tags/<int:tag_id>/removal")
@agent_required
def remove_tag(number: int, tag_id: int) -> Response | tuple[str, int]:
    ticket = ticket_or_404(number)
    tags.remove_tag(number, db.get_or_404(Tag, tag_id), me())
    return changed(ticket, "tags")


@bp.post("/tickets/<int:number>/watchers")
@agent_required
def add_watcher(number: int) -> Response | tuple[str, int]:
    """Let me follow the ticket, or those whose addresses were typed: users as such, everybody else gets copies."""
    ticket, typed = ticket_or_404(number), request.form.get("address", "").strip()
    if "me" in request.form:
        watchers.watch(number, user_id=current_user.id, name=current_user.name, because="by own choice", by=me())
        return changed(ticket, "watchers")
    try:
        people = added(typed)
        if not people:
            raise Refused("email", "Whose copy? Type an address.")
    except Refused as reason:
        return refused(ticket, "watchers", str(reason), typed)
    for name, address in people:
        user = db.session.scalars(db.select(User).where(User.email == address, User.active)).one_or_none()
        if user is not None:
            because = f"added by {current_user.name}"
            watchers.watch(number, user_id=user.id, name=user.name, because=because, by=me())
        else:
            let_in(number, name, address, me())
    return changed(ticket, "watchers")


@bp.post("/tickets/<int:number>/watchers/<int:watcher_id>/removal")
@agent_required
def remove_watcher(number: int, watcher_id: int) -> Response | tuple[str, int]:
    ticket, watcher = ticket_or_404(number), db.get_or_404(Watcher, watcher_id)
    if watcher.ticket_id != ticket.id:
        abort(404)
    watchers.unwatch(watcher, me())
    return changed(ticket, "watchers")


def changed(ticket: Ticket, part: str) -> Response | tuple[str, int]:
    """Keep it, and answer with the part of the panel as it is now."""
    db.session.commit()
    if not web.is_htmx():
        return redirect(url_for("tickets.show", number=ticket.number, _anchor=part), 303)
    db.session.expire_all()
    return draw(ticket, part), 200


def refused(ticket: Ticket, part: str, reason: str, typed: str) -> Response | tuple[str, int]:
    """The same part again with what was typed and what is wrong with it."""
    db.session.rollback()
    if not web.is_htmx():
        flash(reason)
        return redirect(url_for("tickets.show", number=ticket.number, _anchor=part), 303)
    return draw(ticket, part, reason, typed), 422


def draw(ticket: Ticket, part: str, reason: str = "", typed: str = "") -> str:
    template = "tickets/_watchers_changed.html" if part == "watchers" else "tickets/_tags.html"
    return render_template(template, ticket=ticket, reason=reason, typed=typed, draft=None)


bp.add_app_template_global(watchers.watchers_of, "watchers_of")
bp.add_app_template_global(tags.all_tags, "all_tags")
