"""Admin > Email Settings > Notifications: one table of who hears about what, and who would get it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from psa import words
from psa.admin.models import Firm
from psa.auth.guards import admin_required
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import db, lock_row
from psa.mail import accounts
from psa.mail.templates.catalogue import CATALOGUE
from psa.notifications import choices
from psa.notifications.audience import MOST_TO_A_CONTACT, Audience, Cause, Staff, audience, of_client, of_user
from psa.notifications.choices import Switches
from psa.notifications.digest import waiting_digests
from psa.notifications.kinds import KINDS, NAMED, QUIET, Kind
from psa.notifications.telling import MOST_AN_HOUR
from psa.notifications.views import bp
from psa.revisions import mark_of
from psa.saving import now_is, was_shown
from psa.tickets.models import Ticket
from psa.tickets.queries import is_key
from psa.tickets.queries import queues as all_queues

Wanted = dict[tuple[str, int | None], bool | None]
SAID = {"on": True, "off": False, "": None}
SPOKEN = {True: "on", False: "off", None: "as in the others"}
OFFERED = 20


@bp.get("/admin/email/notifications")
@admin_required
def index() -> str:
    return render_table(choices.switches())


def render_table(switches: Switches, theirs: Sequence[str] = ()) -> str:
    """The table with these switches; ``theirs`` is what somebody else has saved meanwhile, a sentence each."""
    users = choices.active_users()
    return render_template(
        "notifications/index.html",
        kinds=KINDS,
        QUIET=QUIET,
        templates=CATALOGUE,
        switches=switches,
        shown=mark_of(in_force()),
        theirs=theirs,
        queues=all_queues(),
        mailboxes=accounts.in_direction("inbound"),
        users=users,
        chosen=choices.choices_of([user.id for user in users]),
        waiting=waiting_digests(),
        RHYTHMS=choices.RHYTHMS,
        budgets=(MOST_AN_HOUR, MOST_TO_A_CONTACT),
    )


@bp.post("/admin/email/notifications")
@admin_required
def save() -> Response:
    """What is on for all, and for each queue as it was sent: on, off, or as the others.

    What somebody else has saved meanwhile is said, and stays.
    """
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Firm, 1)
    wanted: Wanted = {}
    for kind in KINDS:
        wanted[kind.name, None] = f"{kind.name}-on" in request.form
        for queue in all_queues() if kind.by_queue else ():
            said = request.form.get(f"{kind.name}-{queue.id}")
            if said in SAID:
                wanted[kind.name, queue.id] = SAID[said]
    if not was_shown(request.form.get("shown"), in_force()) and (theirs := undone_by(wanted)):
        db.session.rollback()
        return make_response(render_table(as_ticked(wanted), theirs), 422)
    choices.switch(wanted)
    db.session.commit()
    flash("Saved.")
    return redirect(url_for("notifications.index"), 303)


def in_force() -> Switches:
    """The table as it is now, with what is so at first where nobody has said anything for all."""
    return {(kind.name, None): kind.on for kind in KINDS} | choices.switches()


def undone_by(wanted: Wanted) -> list[str]:
    """What is saved by now where somebody has ticked it otherwise, a sentence each."""
    saved, names = in_force(), {queue.id: queue.name for queue in all_queues()}
    return [
        now_is(f"“{NAMED[kind].title}”{f' in {names[queue_id]}' if queue_id is not None else ''}", SPOKEN[is_on])
        for (kind, queue_id), on in wanted.items()
        if (is_on := saved.get((kind, queue_id))) is not on
    ]


def as_ticked(wanted: Wanted) -> Switches:
    """The table as somebody has filled it in."""
    return {key: on for key, on in (in_force() | wanted).items() if on is not None}


@bp.get("/admin/email/notifications/<kind>")
@admin_required
def preview(kind: str) -> str:
    """Who would hear of it: asked of what sends it, about one of the latest tickets, a client, or somebody's task."""
    if kind not in NAMED:
        abort(404)
    asked = NAMED[kind]
    if asked.about == "ticket":
        return preview_ticket(asked)
    return preview_task(asked) if asked.about == "task" else preview_client(asked)


def preview_ticket(kind: Kind) -> str:
    tickets = db.session.scalars(
        select(Ticket).order_by(Ticket.id.desc()).limit(OFFERED).options(joinedload(Ticket.queue))
    ).all()
    asked = request.args.get("ticket", "")
    ticket = db.session.get(Ticket, int(asked)) if is_key(asked) else next(iter(tickets), None)
    if asked and ticket is None:
        abort(404)
    found = audience(kind.name, ticket, Cause(), Staff.now()) if ticket is not None else None
    return render_preview(kind, found, tickets=tickets, ticket=ticket)


def preview_client(kind: Kind) -> str:
    """About a client by its name, or by the beginning of it; the latest one as long as none is named."""
    typed = request.args.get("client", "").strip()
    stands = select(Client).where(Client.active, Client.merged_into_id.is_(None))
    latest = db.session.scalars(stands.order_by(Client.id.desc()).limit(OFFERED)).all()
    begins = Client.folded.startswith(words.fold(typed), autoescape=True)
    named = db.session.scalars(stands.where(begins).order_by(Client.folded, Client.id).limit(1)).first()
    client = named if typed else next(iter(latest), None)
    found = of_client(kind.name, client.id) if client is not None else None
    return render_preview(kind, found, clients=latest, client=client, typed=typed)


def preview_task(kind: Kind) -> str:
    users, asked = choices.active_users(), request.args.get("user", "")
    user = db.session.get(User, int(asked)) if is_key(asked) else next(iter(users), None)
    if user is None:
        abort(404)
    return render_preview(kind, of_user(kind.name, user, Cause()), users=users, user=user)


def render_preview(kind: Kind, found: Audience | None, **about: object) -> str:
    return render_template("notifications/preview.html", kind=kind, template=CATALOGUE[kind.name], found=found, **about)
