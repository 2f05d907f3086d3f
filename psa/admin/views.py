"""Admin > Firm > Queues."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field

from psa.admin.forms import QueueForm, settings_of
from psa.auth.guards import admin_required
from psa.extensions import db, lock_row
from psa.tickets import queues as operations
from psa.tickets.models import Queue
from psa.tickets.queries import is_key
from psa.tickets.queries import queues as all_queues
from psa.tickets.queues import RefusedQueue

bp = Blueprint("admin", __name__, url_prefix="/admin")

Page = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)


@bp.get("/queues")
@admin_required
def queues() -> str:
    return render_page()


@bp.post("/queues")
@admin_required
def add_queue() -> Page:
    name = request.form.get("name", "")
    try:
        operations.add_queue(name)
    except RefusedQueue as reason:
        return refused(None, reason, name)
    return saved()


@bp.post("/queues/<int:queue_id>")
@admin_required
def change_queue(queue_id: int) -> Page:
    """All that is set about it, by one Save; what somebody else has saved meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Queue, queue_id)
    queue = queue_or_404(queue_id)
    form = QueueForm(queue, request.form)
    if form.validate() and not form.is_overtaken(settings_of(queue)) and settle(queue, form):
        return saved(f"{queue.name} is saved: {operations.in_words(queue)}")
    db.session.rollback()
    return render_page(form=form, form_of=queue_id), 422


def settle(queue: Queue, form: QueueForm) -> bool:
    """Do what the form says. What an operation refuses is said at its field; False when there is any."""
    days = str(form.reopen_days.data).strip()
    settings: list[tuple[Field, Callable[[], None]]] = [
        (form.address, lambda: operations.write_from(queue, form.address.data)),
        (form.reopening, lambda: operations.reopen_by(queue, form.reopening.data)),
        (form.auto_reply, lambda: operations.answer_by_machine(queue, form.auto_reply.data)),
        (form.cc_people, lambda: operations.let_in(queue, form.cc_people.data)),
    ]
    # Days that count for nothing are out of sight, and so would be what is wrong with them.
    if form.reopening.data == "within":
        settings.append((form.reopen_days, lambda: operations.reopen_within(queue, int(days) if is_key(days) else 0)))
    # Last, for a name that somebody takes at the same moment ends the transaction.
    settings.append((form.name, lambda: operations.rename_queue(queue, form.name.data)))
    for field, change in settings:
        try:
            change()
        except RefusedQueue as reason:
            field.errors = [str(reason)]
    return not form.errors


@bp.post("/queues/<int:queue_id>/place")
@admin_required
def move_queue(queue_id: int) -> Response:
    """Up or down by one."""
    steps = {"up": -1, "down": 1}.get(request.form.get("to", ""))
    if steps is None:
        abort(400)
    operations.move_queue(queue_or_404(queue_id), steps)
    return saved()


@bp.post("/queues/<int:queue_id>/removal")
@admin_required
def delete_queue(queue_id: int) -> Page:
    queue = queue_or_404(queue_id)
    try:
        operations.delete_queue(queue)
    except RefusedQueue as reason:
        return refused(queue_id, reason)
    return saved()


def queue_or_404(queue_id: int) -> Queue:
    return db.get_or_404(Queue, queue_id)


def saved(words: str = "") -> Response:
    db.session.commit()
    if words:
        flash(words)
    return redirect(url_for("admin.queues"), 303)


def refused(queue_id: int | None, reason: RefusedQueue, typed: str = "") -> tuple[str, int]:
    """The page with the reason at the queue that it is about, None for the new one, and with what was typed there."""
    db.session.rollback()
    return render_page(refused_id=queue_id, reason=str(reason), typed=typed), 422


def render_page(
    form: QueueForm | None = None,
    form_of: int | None = None,
    refused_id: int | None = None,
    reason: str = "",
    typed: str = "",
) -> str:
    """The page; ``form`` is what was just sent about the queue ``form_of``."""
    found = all_queues()
    return render_template(
        "admin/queues.html",
        queues=found,
        forms={queue.id: form if queue.id == form_of else QueueForm(queue) for queue in found},
        dependents=operations.what_depends_on(found),
        in_words=operations.in_words,
        refused_id=refused_id,
        reason=reason,
        typed=typed,
    )
