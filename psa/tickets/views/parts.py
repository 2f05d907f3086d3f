"""What a conversation is made of and is asked for by itself: HTML of mail, files, and how a reply travels."""

from __future__ import annotations

import math
from datetime import timedelta

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from psa import clock
from psa.auth.guards import agent_required
from psa.extensions import db
from psa.foreign import hand_out, show_mail
from psa.mail.message import attachment_bytes, parse, show_html
from psa.mail.models import OutboundEmail
from psa.mail.raw import raw_bytes
from psa.tickets.models import Attachment, Comment
from psa.tickets.views import bp


@bp.get("/comments/<int:comment_id>/body")
@agent_required
def comment_body(comment_id: int) -> Response:
    """What somebody wrote as HTML, for a frame. Remote images only with ``images=1``: fetching one tells its sender."""
    comment = comment_or_404(comment_id)
    if comment.inbound is None or comment.inbound.raw_id is None:
        abort(404)
    # What was folded in the text is folded here too, however it was recognised when the message came.
    email = parse(raw_bytes(comment.inbound.raw_id)).answering([comment.folded] if comment.folded else [])
    parts = {file.part: file for file in comment.attachments}

    def address(part: str) -> str:
        file = parts.get(part)
        return url_for("tickets.attachment", attachment_id=file.id, name=file.name) if file else "data:,"

    wants_images = request.args.get("images") == "1"
    shown = show_html(email, part_url=address, remote_images=wants_images, quoted=False)
    return show_mail(
        shown.html if shown else None,
        comment.body,
        held_back=shown is not None and shown.held_back,
        remote_images=wants_images,
    )


@bp.get("/attachments/<int:attachment_id>/<path:name>")
@agent_required
def attachment(attachment_id: int, name: str) -> Response:
    """A file out of the message that carried it. ``name`` is for the reader: the id decides."""
    file = db.get_or_404(Attachment, attachment_id)
    try:
        _, data = attachment_bytes(raw_bytes(file.raw_id), file.part)
    except KeyError:
        abort(404)
    return hand_out(data, name=file.name, media_type=file.type, digest=file.sha256)


@bp.get("/comments/<int:comment_id>/delivery")
@agent_required
def delivery(comment_id: int) -> str:
    """How far a reply has come; the fragment asks again as long as that may change soon."""
    return render_template("tickets/_delivery.html", comment=comment_or_404(comment_id))


@bp.app_template_filter()
def asks_again_in(email: OutboundEmail) -> int:
    """After how many seconds a page looks again how ``email`` does: 0 when it has arrived or failed."""
    if email.status not in ("queued", "sending"):
        return 0
    # Its time for being undone runs while somebody looks, so it is shown second by second too.
    return 1 if email.next_attempt_at - clock.now() < timedelta(seconds=10) else 20


@bp.app_template_filter()
def undo_seconds(email: OutboundEmail) -> int:
    """For how many seconds its writer can still take it back."""
    if email.status != "queued" or email.undo_until is None:
        return 0
    return max(0, math.ceil((email.undo_until - clock.now()).total_seconds()))


def comment_or_404(comment_id: int) -> Comment:
    return db.get_or_404(Comment, comment_id)
