"""The list of tickets, how it stays true by itself, and what is done with several tickets at once."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.tickets import operations, queries, tags
from psa.tickets.happenings import HAPPENED
from psa.tickets.models import STATUSES, Queue, Ticket
from psa.tickets.operations import MergedAway
from psa.tickets.queries import Wanted
from psa.tickets.tags import RefusedTag
from psa.tickets.views import bp, me, ticket_counts


@bp.get("/tickets")
@agent_required
def index() -> str:
    """The list; for htmx its next page, or the whole list anew when the reader searches."""
    wanted = Wanted.from_args(request.args)
    before = request.args.get("before", "")
    # Asked before the rows are: what arrives in between is then news, and not lost.
    stamp = queries.newest()
    page = queries.page_of(wanted, current_user.id, before)
    if not web.is_htmx():
        template = "tickets/index.html"
    elif before:
        template = "tickets/_page.html"
    else:
        template = "tickets/_found.html"
    return render_list(template, wanted, page, stamp)


@bp.get("/tickets/fresh")
@agent_required
def fresh() -> str | tuple[str, int]:
    """The standing watch of the list: 204 as long as nothing has changed.

    ``after`` is the event that the rows were drawn after, ``known`` the word of ``queries.newest`` that the reader has
    been told of. Rows are drawn anew only when the reader is at the top; else they are told how many have changed.
    """
    wanted = Wanted.from_args(request.args)
    after = queries.event_of(request.args.get("after", ""))
    known = request.args.get("known", "")
    at_top = request.args.get("at_top") == "1"
    stamp = queries.newest()
    shown = queries.event_of(stamp) <= after
    if stamp == known and (shown or not at_top) or not known and shown:
        return "", 204
    if at_top:
        return render_list("tickets/_changed.html", wanted, queries.page_of(wanted, current_user.id), stamp)
    changed = queries.changed_since(after, wanted, current_user.id)
    return render_template("tickets/_waiting.html", wanted=wanted, after=after, stamp=stamp, changed=changed)


@bp.post("/tickets/changes")
@agent_required
def change_several() -> Response:
    """What the bar does with the ticked tickets: ``do`` is assign, close, ``status:S``, ``queue:ID`` or ``tag:NAME``.

    ``tag`` alone adds the one that was typed as ``new_tag``.
    """
    verb, _, value = request.form.get("do", "").partition(":")
    if verb == "tag" and not value:
        value = request.form.get("new_tag", "")
    numbers = [int(number) for number in request.form.getlist("ticket") if queries.is_key(number)]
    for ticket_id in db.session.scalars(db.select(Ticket.id).where(Ticket.id.in_(numbers))).all():
        try:
            change(ticket_id, verb, value)
        except MergedAway:
            flash(f"#{ticket_id} is part of another ticket now and stays as it is.")
    db.session.commit()
    return redirect(address_of(Wanted.from_args(request.args)), 303)


def change(ticket_id: int, verb: str, value: str) -> None:
    if verb == "assign":
        operations.assign(ticket_id, current_user.id, current_user.name, me())
    elif verb == "close":
        operations.set_status(ticket_id, "closed", me())
    elif verb == "status" and value in STATUSES:
        operations.set_status(ticket_id, value, me())
    elif verb == "tag":
        tag(ticket_id, value)
    elif verb == "queue" and queries.is_key(value):
        operations.move(ticket_id, db.get_or_404(Queue, int(value)), me())
    else:
        abort(400)


def tag(ticket_id: int, name: str) -> None:
    try:
        tags.add_tag(ticket_id, name, me())
    except RefusedTag as reason:
        flash(str(reason))


def address_of(wanted: Wanted) -> str:
    """Where a list is found."""
    values: dict[str, Any] = {**wanted.args}
    return url_for("tickets.index", **values)


def render_list(template: str, wanted: Wanted, page: queries.Page, stamp: str) -> str:
    return render_template(
        template,
        wanted=wanted,
        page=page,
        title=title_of(wanted),
        number=ticket_counts().of(wanted),
        after=queries.event_of(stamp),
        stamp=stamp,
        changed=0,
        staff=queries.staff(),
        has_mailbox=bool(page.rows) or has_mailbox(),
    )


def title_of(wanted: Wanted) -> str:
    """What the list is called."""
    if wanted.words:
        return f"Found for “{wanted.words}”"
    if wanted.today:
        return HAPPENED[wanted.today]
    if wanted.queue_id is not None:
        queue = db.session.get(Queue, wanted.queue_id)
        return queue.name if queue is not None else "No such queue"
    return queries.VIEWS[wanted.view]


def has_mailbox() -> bool:
    return db.session.scalar(db.select(MailAccount.id).where(MailAccount.direction == "inbound").limit(1)) is not None
