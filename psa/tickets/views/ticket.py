"""One ticket: its conversation, how it grows while somebody looks, what we answer, and the facts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.auth.models import User
from psa.clients.operations import Refused
from psa.extensions import db, run
from psa.mail.outbound.compose import Unwritable, Upload
from psa.tickets import notifications, operations, queries
from psa.tickets.models import PRIORITIES, STATUSES, Comment, Event, Queue, Ticket
from psa.tickets.notifications import NobodyToWriteTo
from psa.tickets.operations import MergedAway, Said
from psa.tickets.seen import mark_seen, seen_up_to
from psa.tickets.undo import RefusedUndo, take_back
from psa.tickets.views import bp, me, ticket_or_404
from psa.tickets.views.recipients import Recipients, going_to, keep_watching, offered

THEN = {"waiting": "then wait for the client", "open": "then leave open", "closed": "then close"}


@dataclass(slots=True)
class Draft:
    """What stands in the composer, up to which event its writer has seen the ticket, and what is wrong with it."""

    seen: int
    kind: str = "reply"
    body: str = ""
    then: str = "waiting"
    error: str = ""
    to: Recipients = Recipients()
    meanwhile: Sequence[Event] = field(default_factory=tuple)


@bp.get("/tickets/<int:number>")
@agent_required
def show(number: int) -> str:
    ticket = ticket_or_404(number)
    seen = seen_up_to(current_user.id, number)
    note_reading(ticket, seen)
    return render_page(ticket, Draft(queries.last_event(number)), seen)


@bp.get("/tickets/<int:number>/fresh")
@agent_required
def fresh_story(number: int) -> Response | tuple[str, int]:
    """The standing watch of a ticket: what happened after the event ``after``, 204 when nothing did."""
    after = queries.event_of(request.args.get("after", ""))
    if queries.last_event(number) <= after:
        return "", 204
    ticket = ticket_or_404(number)
    seen = seen_up_to(current_user.id, number)
    story = queries.story(number, after)
    note_reading(ticket, seen)
    # The panel holds fields, so it is drawn anew only for what somebody else has changed.
    changed = any(event.comment_id is None and event.user_id != current_user.id for event in story)
    return make_response(
        render_template("tickets/_news.html", ticket=ticket, story=story, seen=seen, **facts_of(ticket, changed))
    )


@bp.post("/tickets/<int:number>/replies")
@agent_required
def reply(number: int) -> Response:
    """A public reply: it is filed, and its mail queued, in one transaction."""
    draft, files = read_draft("reply"), read_files()
    wait_for_turn(number)
    ticket = ticket_or_404(number)
    written = [event for event in queries.story(number, draft.seen) if event.comment]
    if any(is_same(event, draft) for event in written):
        return said(number)
    draft.meanwhile = [event for event in written if event.user_id != current_user.id]
    draft.error = why_not_send(ticket, draft)
    if draft.error or draft.meanwhile:
        return refuse(ticket, draft, files)
    try:
        copies = draft.to.copies(ticket)
        comment_id = operations.add_reply(number, Said(body=draft.body), me(), then=draft.then)
        undo = timedelta(seconds=current_app.config["PSA_UNDO_SECONDS"])
        notifications.reply_added(comment_id, files, undo, copies)
        keep_watching(ticket, copies, me())
    except (NobodyToWriteTo, Unwritable, Refused) as reason:
        db.session.rollback()
        draft.error = str(reason)
        return refuse(ticket_or_404(number), draft, files)
    db.session.commit()
    return said(number)


@bp.get("/tickets/<int:number>/recipients")
@agent_required
def recipients(number: int) -> str:
    """Whom the reply in the composer would go to, as its boxes stand."""
    draft = Draft(0, to=Recipients.from_request(request.args))
    return render_template("tickets/_goes_to.html", ticket=ticket_or_404(number), draft=draft, oob=False)


@bp.post("/tickets/<int:number>/notes")
@agent_required
def note(number: int) -> Response:
    """An internal note: it stays here, so nothing that arrives meanwhile stands in its way."""
    wait_for_turn(number)
    ticket, draft = ticket_or_404(number), read_draft("note")
    if ticket.merged_into_id is not None or not draft.body.strip():
        draft.error = gone_on(ticket) if ticket.merged_into_id else "There is nothing in the note yet."
        return refuse(ticket, draft, [])
    operations.add_note(number, Said(body=draft.body), me())
    db.session.commit()
    return said(number, "note")


@bp.post("/comments/<int:comment_id>/undo")
@agent_required
def undo(comment_id: int) -> Response:
    """Take a reply back that has not left: it is gone from the ticket, and its text stands in the composer again."""
    comment = db.session.get(Comment, comment_id)
    if comment is None or comment.user_id != current_user.id:
        abort(404)
    number, files = comment.ticket_id, len(comment.attachments)
    wait_for_turn(number)
    draft = Draft(seen=0, body=comment.body)
    try:
        take_back(comment_id, current_user.name)
    except RefusedUndo as reason:
        db.session.rollback()
        draft, undone = Draft(seen=0, error=str(reason)), None
    else:
        db.session.commit()
        draft.error = "Attach the files once more: they went with the reply." if files else ""
        undone = comment_id
    db.session.expire_all()
    ticket = ticket_or_404(number)
    draft.seen = queries.last_event(number)
    if not web.is_htmx():
        return make_response(render_page(ticket, draft, seen_up_to(current_user.id, number)))
    return tell(
        render_template(
            "tickets/_undone.html", ticket=ticket, draft=draft, undone=undone, THEN=THEN, **facts_of(ticket)
        )
    )


@bp.post("/tickets/<int:number>/facts")
@agent_required
def change_facts(number: int) -> Response:
    """Status, assignee, queue or priority: what is sent and differs from what the sender was shown (``was_…``)."""
    ticket_or_404(number)
    wanted = {name: value for name, value in request.form.items() if value != request.form.get(f"was_{name}")}
    try:
        write_facts(number, wanted)
    except MergedAway:
        return refuse_change(number)
    db.session.commit()
    if not web.is_htmx():
        return redirect(url_for("tickets.show", number=number), 303)
    return show_facts(number)


def write_facts(number: int, wanted: dict[str, str]) -> None:
    if wanted.get("status") in STATUSES:
        operations.set_status(number, wanted["status"], me())
    if wanted.get("priority") in PRIORITIES:
        operations.set_priority(number, wanted["priority"], me())
    if queries.is_key(wanted.get("queue", "")):
        operations.move(number, db.get_or_404(Queue, int(wanted["queue"])), me())
    if wanted.get("assignee") == "":
        operations.assign(number, None, "", me())
    elif queries.is_key(wanted.get("assignee", "")):
        user = db.get_or_404(User, int(wanted["assignee"]))
        operations.assign(number, user.id, user.name, me())


def show_facts(number: int) -> Response:
    """The panel as it is now."""
    db.session.expire_all()
    ticket = ticket_or_404(number)
    return tell(render_template("tickets/_facts_saved.html", ticket=ticket, **facts_of(ticket)))


def refuse_change(number: int) -> Response:
    """The ticket as it is: its page says of which other one it is a part."""
    db.session.rollback()
    if web.is_htmx():
        response = show_facts(number)
    else:
        draft = Draft(queries.last_event(number))
        response = make_response(render_page(ticket_or_404(number), draft, seen_up_to(current_user.id, number)))
    response.status_code = 422
    return response


@bp.post("/tickets/<int:number>/closure")
@agent_required
def close(number: int) -> Response:
    return set_status(number, "closed")


@bp.post("/tickets/<int:number>/opening")
@agent_required
def reopen(number: int) -> Response:
    return set_status(number, "open")


def set_status(number: int, status: str) -> Response:
    ticket_or_404(number)
    try:
        operations.set_status(number, status, me())
    except MergedAway:
        return refuse_change(number)
    db.session.commit()
    return redirect(url_for("tickets.show", number=number), 303)


def note_reading(ticket: Ticket, seen: int) -> None:
    """The reader sees the ticket now; written down only when there was news."""
    if ticket.news_id > seen:
        mark_seen(current_user.id, ticket.id, ticket.news_id)
        db.session.commit()


def read_draft(kind: str) -> Draft:
    then = request.form.get("then", "")
    return Draft(
        seen=queries.event_of(request.form.get("seen_event", "")),
        kind=kind,
        body=request.form.get("body", "").replace("\r\n", "\n").strip("\n"),
        then=then if then in THEN else "waiting",
        to=Recipients.from_request(request.form),
    )


def read_files() -> list[Upload]:
    return [
        Upload(file.filename, file.mimetype or "application/octet-stream", file.read())
        for file in request.files.getlist("files")
        if file.filename
    ]


def wait_for_turn(number: int) -> None:
    """Let nobody else write on the ticket until our transaction ends, so what we look at now is what we act on.

    A write that changes nothing locks the row on PostgreSQL, and on SQLite the database.
    """
    table = Ticket.__table__
    run(table.update().where(table.c.id == number).values(changed_at=table.c.changed_at))


def is_same(event: Event, draft: Draft) -> bool:
    """Whether the draft has been sent already from the same page: somebody pressed the button twice."""
    return (
        event.comment is not None
        and event.user_id == current_user.id
        and (event.comment.kind, event.comment.body) == (draft.kind, draft.body)
    )


def why_not_send(ticket: Ticket, draft: Draft) -> str:
    if ticket.merged_into_id is not None:
        return gone_on(ticket)
    if not draft.body.strip():
        return "There is nothing in the reply yet."
    if ticket.requester is None or not ticket.requester.email:
        return "There is nobody to write to: this ticket has no requester with an address. A note can still be left."
    return ""


def gone_on(ticket: Ticket) -> str:
    return f"This ticket is part of #{ticket.merged_into_id} now. Copy what you wrote, and write there."


def refuse(ticket: Ticket, draft: Draft, files: Sequence[Upload]) -> Response:
    """The same composer again, with the text kept and what stands in the way above it."""
    if files:
        draft.error = f"{draft.error} Attach the files once more: browsers do not keep them.".strip()
    draft.seen = queries.last_event(ticket.id)
    if web.is_htmx():
        return make_response(render_template("tickets/_composer.html", ticket=ticket, draft=draft, THEN=THEN), 422)
    return make_response(render_page(ticket, draft, seen_up_to(current_user.id, ticket.id)), 422)


def said(number: int, kind: str = "reply") -> Response:
    """After something was said: an empty composer, and the watch asks at once for what is new above it."""
    if not web.is_htmx():
        return redirect(url_for("tickets.show", number=number, _anchor="end"), 303)
    db.session.expire_all()
    ticket, draft = ticket_or_404(number), Draft(queries.last_event(number), kind)
    return tell(render_template("tickets/_said.html", ticket=ticket, draft=draft, THEN=THEN, **facts_of(ticket)))


def tell(html: str) -> Response:
    """An answer after which the watch of the ticket asks at once instead of at its next tick."""
    response = make_response(html)
    response.headers["HX-Trigger"] = "told"
    return response


def render_page(ticket: Ticket, draft: Draft, seen: int) -> str:
    return render_template(
        "tickets/show.html",
        ticket=ticket,
        story=queries.story(ticket.id),
        seen=seen,
        draft=draft,
        THEN=THEN,
        **facts_of(ticket),
    )


def facts_of(ticket: Ticket, changed: bool = True) -> dict[str, object]:
    """What the panel beside the conversation shows."""
    if not changed:
        return {"changed": False}
    return {"changed": True, "staff": queries.staff(), "earlier": queries.earlier_tickets(ticket)}


bp.add_app_template_global(offered, "offered_copies")
bp.add_app_template_global(going_to, "goes_to")
bp.add_app_template_global(notifications.own_subject)
