"""Admin > Email Settings > Notifications: one table of who hears about what, and who would get it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import accounts
from psa.mail.templates.catalogue import CATALOGUE
from psa.notifications import choices
from psa.notifications.audience import MOST_TO_A_CONTACT, Cause, Staff, audience
from psa.notifications.kinds import KINDS, NAMED
from psa.notifications.telling import MOST_AN_HOUR
from psa.notifications.views import bp
from psa.tickets.models import Ticket
from psa.tickets.queries import is_key
from psa.tickets.queries import queues as all_queues

SAID = {"on": True, "off": False, "": None}
OFFERED = 20


@bp.get("/admin/email/notifications")
@admin_required
def index() -> str:
    users = choices.active_users()
    chosen = choices.choices_of([user.id for user in users])
    return render_template(
        "notifications/index.html",
        kinds=KINDS,
        templates=CATALOGUE,
        switches=choices.switches(),
        queues=all_queues(),
        mailboxes=accounts.in_direction("inbound"),
        users=users,
        chosen=chosen,
        RHYTHMS=choices.RHYTHMS,
        awaiting=[one for one in CATALOGUE.values() if one.awaits],
        budgets=(MOST_AN_HOUR, MOST_TO_A_CONTACT),
    )


@bp.post("/admin/email/notifications")
@admin_required
def save() -> Response:
    """What is on for all, and for each queue as it was sent: on, off, or as the others."""
    wanted: dict[tuple[str, int | None], bool | None] = {}
    for kind in KINDS:
        wanted[kind.name, None] = f"{kind.name}-on" in request.form
        for queue in all_queues() if kind.by_queue else ():
            said = request.form.get(f"{kind.name}-{queue.id}")
            if said in SAID:
                wanted[kind.name, queue.id] = SAID[said]
    choices.switch(wanted)
    db.session.commit()
    flash("Saved.")
    return redirect(url_for("notifications.index"), 303)


@bp.get("/admin/email/notifications/<kind>")
@admin_required
def preview(kind: str) -> str:
    """Who would hear of it, about one of the latest tickets: asked of what sends it."""
    if kind not in NAMED:
        abort(404)
    tickets = db.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(OFFERED)).all()
    asked = request.args.get("ticket", "")
    ticket = db.session.get(Ticket, int(asked)) if is_key(asked) else next(iter(tickets), None)
    if asked and ticket is None:
        abort(404)
    return render_template(
        "notifications/preview.html",
        kind=NAMED[kind],
        template=CATALOGUE[kind],
        tickets=tickets,
        ticket=ticket,
        found=audience(kind, ticket, Cause(), Staff.now()) if ticket is not None else None,
    )
