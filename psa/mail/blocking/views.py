"""The list of blocked senders, the button that blocks one, and the junk folder."""

from __future__ import annotations

import time
from collections import Counter

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.clients.operations import FREE_MAIL
from psa.extensions import db
from psa.mail.blocking import junk as folder
from psa.mail.blocking import operations
from psa.mail.blocking.models import BlockedSender
from psa.mail.blocking.operations import NotBlockable
from psa.mail.inbound import process
from psa.mail.log import dismissal

bp = Blueprint("blocking", __name__)

# How long one press may work on many messages before the page comes back and offers to go on. In seconds.
PATIENCE = 15.0


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(blockable)
    app.add_template_global(folder.count, "junk_count")
    app.add_template_global(folder.called_spam)
    app.add_template_global(folder.called_spam_among)


def blockable(address: str) -> list[str]:
    """What a button may block of a sender: the address and its domain, unless half the world writes from there."""
    domain = address.lower().rpartition("@")[2]
    if not domain:
        return []
    return [address.lower()] if domain in FREE_MAIL else [address.lower(), domain]


@bp.get("/mail/blocked")
@agent_required
def index() -> str:
    return render_template("mail/blocking/index.html", entries=operations.all_blocked())


@bp.post("/mail/blocked")
@agent_required
def block() -> Response | tuple[str, int]:
    """Block an address or a domain; one that might be a client's or one of us only after asking.

    ``message`` is the message from which it was asked for: it is dealt with anew.
    """
    form = request.form
    try:
        value = operations.read(form.get("value", ""))
    except NotBlockable as error:
        return page(str(error)), 422
    warning = operations.warning(value)
    if warning and not form.get("anyway"):
        return render_template("mail/blocking/sure.html", value=value, warning=warning, form=form), 422
    new = operations.block(value, current_user.id, form.get("why", ""))
    db.session.commit()
    message = form.get("message", "")
    if message.isdecimal() and len(message) < 10:
        process.process_again(int(message))
    flash(f"{value} is blocked." if new else f"{value} was blocked already.")
    return redirect(web.own_path(form.get("back", "")) or url_for("blocking.index"), 303)


@bp.post("/mail/blocked/<int:entry_id>/removal")
@agent_required
def unblock(entry_id: int) -> Response:
    """Let its mail in again; what was ignored meanwhile can be processed again."""
    entry = db.session.get(BlockedSender, entry_id)
    if entry is not None:
        operations.unblock(entry)
        db.session.commit()
        flash(f"{entry.value} is not blocked any more. What was ignored meanwhile is in the Mail log.")
    return redirect(url_for("blocking.index"), 303)


def page(error: str) -> str:
    return render_template("mail/blocking/index.html", entries=operations.all_blocked(), error=error, form=request.form)


@bp.get("/mail/junk")
@agent_required
def junk() -> str:
    before = request.args.get("before", "")
    messages = folder.junk(int(before) if before.isdecimal() and len(before) < 10 else None)
    shown = messages[: folder.PAGE]
    return render_template(
        "mail/blocking/junk.html", messages=shown, before=shown[-1].id if len(messages) > len(shown) else None
    )


@bp.post("/mail/junk/decisions")
@agent_required
def decide() -> Response:
    """Do one thing with all ticked messages: not_spam, convert, ignore or block."""
    ids = [int(one) for one in request.form.getlist("message") if one.isdecimal() and len(one) < 10]
    what = request.form.get("do", "")
    if not ids:
        flash("No message was chosen.")
    elif what == "ignore":
        ended = dismissal.dismiss_inbound(ids, current_user.name, "spam")
        db.session.commit()
        flash(f"{len(ended)} ignored for good.")
    elif what == "block":
        blocked = folder.block_senders(ids, current_user.id)
        flash(f"{blocked.new} senders blocked, and their mail here ignored.")
        for reason in blocked.left_out:
            flash(f"Not blocked: {reason}")
    elif what in ("not_spam", "convert"):
        flash(run(ids, what))
    return redirect(url_for("blocking.junk"), 303)


def run(ids: list[int], what: str) -> str:
    """Process the messages once more, as long as the reader's patience lasts; says what became of them."""
    by = current_user.name
    became: Counter[str] = Counter()
    ends = time.monotonic() + PATIENCE
    for inbound_id in ids:
        if time.monotonic() > ends:
            break
        disposition = folder.not_spam(inbound_id) if what == "not_spam" else process.convert(inbound_id, by)
        became[disposition.status if disposition is not None else "untouched"] += 1
    left = len(ids) - became.total()
    words = "Processed again: " + ", ".join(f"{count} {status}" for status, count in became.most_common()) + "."
    return f"{words} {left} are left: choose them once more." if left else words
