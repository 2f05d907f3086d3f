"""Mail that waits for a person, and what became of one message."""

from __future__ import annotations

import re
from io import BytesIO

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.extensions import db
from psa.foreign import hand_out
from psa.mail import trace
from psa.mail.inbound import process
from psa.mail.inbound.refetch import can_fetch_again, fetch_again
from psa.mail.message import attachment_bytes, parse
from psa.mail.models import InboundEmail
from psa.mail.raw import raw_bytes
from psa.tickets import queries
from psa.tickets.views import bp


@bp.get("/tickets/held")
@agent_required
def held() -> str:
    before = request.args.get("before", "")
    messages = queries.held_messages(int(before) if queries.is_key(before) else None)
    page = messages[: queries.PAGE]
    return render_template(
        "tickets/held.html", messages=page, before=page[-1].id if len(messages) > len(page) else None
    )


@bp.get("/mail/inbound/<int:inbound_id>")
@agent_required
def message(inbound_id: int) -> str:
    """What became of a message and why, its headers, and what it says."""
    inbound = message_or_404(inbound_id)
    email = parse(raw_bytes(inbound.raw_id)) if inbound.raw_id is not None else None
    return render_template("mail/message.html", message=inbound, email=email)


@bp.get("/mail/inbound/<int:inbound_id>/trust")
@agent_required
def trust(inbound_id: int) -> str:
    """Whether the sender of a message is proven, as far as that is known by now."""
    return render_template("tickets/_trust.html", mail=message_or_404(inbound_id))


@bp.get("/mail/inbound/<int:inbound_id>/raw")
@agent_required
def raw_message(inbound_id: int) -> Response:
    """The very bytes, as a file for a mail program."""
    inbound = message_or_404(inbound_id)
    if inbound.raw_id is None:
        abort(404)
    name = re.sub(r"[^\w .-]+", "_", inbound.subject)[:80].strip(" ._") or "message"
    return send_file(
        BytesIO(raw_bytes(inbound.raw_id)),
        mimetype="message/rfc822",
        as_attachment=True,
        download_name=f"{name}.eml",
    )


@bp.get("/mail/inbound/<int:inbound_id>/files/<part>/<path:name>")
@agent_required
def file(inbound_id: int, part: str, name: str) -> Response:
    """A file out of a message, whatever became of it. ``name`` is for the reader: the part decides."""
    inbound = message_or_404(inbound_id)
    if inbound.raw_id is None:
        abort(404)
    try:
        found, data = attachment_bytes(raw_bytes(inbound.raw_id), part)
    except KeyError:
        abort(404)
    return hand_out(data, name=found.name, media_type=found.type, digest=found.sha256)


@bp.post("/mail/inbound/<int:inbound_id>/runs")
@agent_required
def run_again(inbound_id: int) -> Response:
    """Process again, by the rules of today."""
    message_or_404(inbound_id)
    disposition = process.process_again(inbound_id)
    if disposition is None:
        flash("It could not be processed again: somebody was quicker, or its text was never fetched.")
    elif disposition.ticket_id is None:
        # Where it comes to the same, the page would look as if nothing had been done.
        flash(f"Processed again just now: it is {disposition.status}.")
    return back_to(inbound_id)


@bp.post("/mail/inbound/<int:inbound_id>/ticket")
@agent_required
def convert_anyway(inbound_id: int) -> Response:
    """Make a ticket of it whatever held it back."""
    message_or_404(inbound_id)
    process.convert(inbound_id, current_user.name)
    return back_to(inbound_id)


@bp.post("/mail/inbound/<int:inbound_id>/fetching")
@agent_required
def fetch_message(inbound_id: int) -> Response:
    """Fetch a message whole that was over the size limit, or that the server did not hand over."""
    message_or_404(inbound_id)
    asked = fetch_again(inbound_id)
    db.session.commit()
    flash(
        "Asked for: the next look into the mailbox fetches it."
        if asked
        else "There is nothing to fetch: all that the server had is here."
    )
    return redirect(url_for("tickets.message", inbound_id=inbound_id), 303)


def back_to(inbound_id: int) -> Response:
    """To the ticket that the message is on now, else to what became of it this time."""
    db.session.expire_all()
    inbound = message_or_404(inbound_id)
    if inbound.ticket_id is not None:
        return redirect(url_for("tickets.show", number=inbound.ticket_id), 303)
    return redirect(url_for("tickets.message", inbound_id=inbound_id), 303)


def message_or_404(inbound_id: int) -> InboundEmail:
    return db.get_or_404(InboundEmail, inbound_id)


bp.add_app_template_global(trace.lines, "trace_lines")
bp.add_app_template_global(can_fetch_again)
