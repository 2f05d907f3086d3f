"""Admin > Firm > Queues."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import accounts
from psa.tickets import queues as operations
from psa.tickets.models import AUTO_REPLIES, CC_PEOPLE, REOPENINGS, Queue
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
def rename_queue(queue_id: int) -> Page:
    queue, name = queue_or_404(queue_id), request.form.get("name", "")
    try:
        operations.rename_queue(queue, name)
    except RefusedQueue as reason:
        return refused(queue_id, reason, name)
    return saved()


@bp.post("/queues/<int:queue_id>/sender")
@admin_required
def write_from(queue_id: int) -> Page:
    """Which sending account mail about its tickets leaves from."""
    queue = queue_or_404(queue_id)
    try:
        operations.write_from(queue, request.form.get("address", ""))
    except RefusedQueue as reason:
        return refused(queue_id, reason, queue.name)
    return saved()


@bp.post("/queues/<int:queue_id>/reopening")
@admin_required
def reopen_by(queue_id: int) -> Page:
    """What a client's reply to a closed ticket of it does."""
    queue, days = queue_or_404(queue_id), request.form.get("days", "").strip()
    try:
        operations.reopen_by(queue, request.form.get("reopening", ""), int(days) if is_key(days) else 0)
    except RefusedQueue as reason:
        return refused(queue_id, reason, queue.name)
    return saved()


@bp.post("/queues/<int:queue_id>/auto-reply")
@admin_required
def answer_by_machine(queue_id: int) -> Page:
    """Whether who opens a ticket in it by mail hears the auto-reply."""
    queue = queue_or_404(queue_id)
    try:
        operations.answer_by_machine(queue, request.form.get("auto_reply", ""))
    except RefusedQueue as reason:
        return refused(queue_id, reason, queue.name)
    return saved()


@bp.post("/queues/<int:queue_id>/cc-people")
@admin_required
def let_in(queue_id: int) -> Page:
    """Who in To and Cc of a client's mail watches its ticket."""
    queue = queue_or_404(queue_id)
    try:
        operations.let_in(queue, request.form.get("cc_people", ""))
    except RefusedQueue as reason:
        return refused(queue_id, reason, queue.name)
    return saved()


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
        return refused(queue_id, reason, queue.name)
    return saved()


def queue_or_404(queue_id: int) -> Queue:
    return db.get_or_404(Queue, queue_id)


def saved() -> Response:
    db.session.commit()
    return redirect(url_for("admin.queues"), 303)


def refused(queue_id: int | None, reason: RefusedQueue, typed: str) -> tuple[str, int]:
    """The page with the reason at the queue that it is about, None for the new one, and with what was typed there."""
    db.session.rollback()
    return render_page(refused_id=queue_id, reason=str(reason), typed=typed), 422


def render_page(refused_id: int | None = None, reason: str = "", typed: str = "") -> str:
    found = all_queues()
    return render_template(
        "admin/queues.html",
        queues=found,
        senders=accounts.in_direction("outbound"),
        dependents=operations.what_depends_on(found),
        REOPENINGS=REOPENINGS,
        AUTO_REPLIES=AUTO_REPLIES,
        CC_PEOPLE=CC_PEOPLE,
        refused_id=refused_id,
        reason=reason,
        typed=typed,
    )
