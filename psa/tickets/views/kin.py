"""What a ticket has to do with others: merged, split and linked tickets, and messages that may belong elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.extensions import db
from psa.mail.inbound import accepting
from psa.mail.models import InboundEmail
from psa.tickets import links, merging, splitting, suggestions
from psa.tickets.links import Linked, RefusedLink
from psa.tickets.merging import RefusedMerge
from psa.tickets.models import Comment, Ticket
from psa.tickets.relations import Merge, Suggestion
from psa.tickets.splitting import RefusedSplit
from psa.tickets.suggestions import RefusedSuggestion
from psa.tickets.views import bp, me, ticket_or_404
from psa.tickets.why_client import why_client

Page = Response | tuple[str, int]
NUMBER = re.compile(r"\s*#?(\d{1,9})\s*")


@dataclass(frozen=True, slots=True)
class Kin:
    """The other tickets around one: where it went, what came to it, what it is linked with, and what is in doubt."""

    merge: Merge | None
    came: list[Merge]
    linked: list[Linked]
    asked: list[Suggestion]
    elsewhere: list[Suggestion]


@bp.app_template_global()
def kin_of(ticket: Ticket) -> Kin:
    """Asked once for each answer."""
    known: dict[int, Kin] = g.setdefault("kin", {})
    if ticket.id not in known:
        known[ticket.id] = Kin(
            merge=merging.merge_of(ticket),
            came=merging.merges_into(ticket),
            linked=links.linked_tickets(ticket.id),
            asked=suggestions.open_suggestions(ticket.id),
            elsewhere=suggestions.suggested_for(ticket.id),
        )
    return known[ticket.id]


@bp.get("/tickets/<int:number>/kin")
@agent_required
def kin(number: int) -> str:
    """The page where a ticket is merged or linked; the panel of the ticket holds the same form."""
    return render_template("tickets/kin.html", ticket=ticket_or_404(number), typed="", error="")


@bp.post("/tickets/<int:number>/merge")
@agent_required
def merge(number: int) -> Page:
    """Merge this ticket into the one whose number was typed, and go there."""
    ticket, other = ticket_or_404(number), typed_number()
    if other is None:
        return not_brought_together(ticket, "Type the number of the other ticket.")
    try:
        merging.merge(number, other, me())
    except RefusedMerge as reason:
        return not_brought_together(ticket, str(reason))
    return done(other)


@bp.post("/merges/<int:merge_id>/undo")
@agent_required
def unmerge(merge_id: int) -> Page:
    found = db.get_or_404(Merge, merge_id)
    try:
        merging.unmerge(merge_id, me())
    except RefusedMerge as reason:
        return not_brought_together(ticket_or_404(found.source_id), str(reason))
    return done(found.source_id)


@bp.post("/tickets/<int:number>/links")
@agent_required
def link(number: int) -> Page:
    ticket, other = ticket_or_404(number), typed_number()
    if other is None:
        return not_brought_together(ticket, "Type the number of the other ticket.")
    if db.session.get(Ticket, other) is None:
        return not_brought_together(ticket, f"There is no ticket #{other}.")
    try:
        links.link(number, other, "related", me())
    except RefusedLink as reason:
        return not_brought_together(ticket, str(reason))
    return done(number)


@bp.post("/tickets/<int:number>/links/<int:other>/removal")
@agent_required
def unlink(number: int, other: int) -> Response:
    links.unlink(ticket_or_404(number).id, ticket_or_404(other).id, me())
    return done(number)


@bp.get("/comments/<int:comment_id>/split")
@agent_required
def split(comment_id: int) -> str:
    comment = comment_or_404(comment_id)
    return render_template("tickets/split.html", ticket=comment.ticket, comment=comment, error="")


@bp.post("/comments/<int:comment_id>/split")
@agent_required
def split_off(comment_id: int) -> Page:
    """Make a ticket of the message, ``what=following`` with all that was said after it."""
    comment = comment_or_404(comment_id)
    subject, what = request.form.get("subject", ""), request.form.get("what", "")
    try:
        number = splitting.split_off(comment_id, me(), subject=subject, with_what_follows=what == "following")
    except RefusedSplit as reason:
        db.session.rollback()
        return render_template("tickets/split.html", ticket=comment.ticket, comment=comment, error=str(reason)), 422
    return done(number)


@bp.post("/mail/inbound/<int:inbound_id>/suggestion")
@agent_required
def answer_suggestion(inbound_id: int) -> Page:
    """``answer`` is accept, which brings the message to the ticket suggested, or refuse."""
    suggestion = db.get_or_404(Suggestion, inbound_id)
    answer = request.form.get("answer", "")
    if answer not in ("accept", "refuse"):
        abort(400)
    if suggestion.state != "open":
        return redirect(url_for("tickets.message", inbound_id=inbound_id), 303)
    if answer == "refuse":
        suggestions.refuse(suggestion, me())
        db.session.commit()
        return back_from(inbound_id)
    try:
        return redirect(url_for("tickets.show", number=accepting.accept(suggestion, me())), 303)
    except RefusedSuggestion:
        db.session.rollback()
        return back_from(inbound_id)


def back_from(inbound_id: int) -> Response:
    """To the ticket that the message is on, else to the message."""
    ticket_id = db.session.scalar(db.select(InboundEmail.ticket_id).where(InboundEmail.id == inbound_id))
    if ticket_id is None:
        return redirect(url_for("tickets.message", inbound_id=inbound_id), 303)
    return redirect(url_for("tickets.show", number=ticket_id), 303)


def typed_number() -> int | None:
    found = NUMBER.fullmatch(request.form.get("other", ""))
    return int(found[1]) if found else None


def not_brought_together(ticket: Ticket, error: str) -> tuple[str, int]:
    db.session.rollback()
    typed = request.form.get("other", "")
    return render_template("tickets/kin.html", ticket=ticket_or_404(ticket.id), typed=typed, error=error), 422


def done(number: int) -> Response:
    db.session.commit()
    return redirect(url_for("tickets.show", number=number), 303)


def comment_or_404(comment_id: int) -> Comment:
    return db.get_or_404(Comment, comment_id)


bp.add_app_template_global(suggestions.open_suggestion_of, "open_suggestion_of")
bp.add_app_template_global(why_client)
