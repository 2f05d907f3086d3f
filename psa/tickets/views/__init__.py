"""The agent's desk: the list of tickets, a ticket with its conversation, and mail that waits for a person."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.extensions import db
from psa.tickets import queries
from psa.tickets.models import PRIORITIES, STATUSES, Queue, Ticket
from psa.tickets.operations import Actor
from psa.tickets.prose import folded_words, paragraphs
from psa.tickets.queries import VIEWS, Counts, Wanted

bp = Blueprint("tickets", __name__)

LISTS = ("tickets.index", "tickets.fresh")


def init_app(app: Flask) -> None:
    """Register the pages, and what the sidebar and the conversation are drawn with."""
    from psa.tickets.views import brought, held, index, kin, new, parts, people, ticket, vouching  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)
    app.add_template_filter(paragraphs)
    app.jinja_env.globals.update(
        ticket_counts=ticket_counts,
        ticket_queues=ticket_queues,
        ticket_list=ticket_list,
        folded_words=folded_words,
        page_exists=page_exists,
        TICKET_VIEWS=VIEWS,
        STATUSES=STATUSES,
        PRIORITIES=PRIORITIES,
    )


@bp.get("/")
def front() -> Response:
    return redirect(url_for("tickets.index"), 303)


def me() -> Actor:
    """Who acts in this request."""
    return Actor(user_id=current_user.id)


def ticket_or_404(number: int) -> Ticket:
    """The ticket with this number."""
    return db.get_or_404(Ticket, number)


def page_exists(endpoint: str) -> bool:
    """Whether this installation has the page (the Sandbox is there for demonstrations only)."""
    return endpoint in current_app.view_functions


def ticket_counts() -> Counts:
    """The counts of the sidebar, asked once for each answer."""
    if "ticket_counts" not in g:
        g.ticket_counts = queries.counts(current_user.id)
    return g.ticket_counts  # type: ignore[no-any-return]


def ticket_queues() -> list[Queue]:
    if "ticket_queues" not in g:
        g.ticket_queues = queries.queues()
    return g.ticket_queues  # type: ignore[no-any-return]


def ticket_list() -> Wanted | None:
    """The list that the reader looks at, None on other pages."""
    return Wanted.from_args(request.args) if request.endpoint in LISTS else None
