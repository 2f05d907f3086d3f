"""The list of clients, and the form for a new one."""

from __future__ import annotations

from flask import render_template, request

from psa.auth.guards import agent_required
from psa.clients import listing, onboarding
from psa.clients.forms import NewClientForm
from psa.clients.listing import ORDERS, Wanted
from psa.clients.views import Page, bp, me, saved
from psa.saving import tried
from psa.web import is_htmx


@bp.get("")
@agent_required
def index() -> str:
    """The list; for htmx its next page, or the list anew while somebody types."""
    wanted, after = Wanted.from_args(request.args), request.args.get("after", "")
    rows, following = listing.page_of(wanted, after)
    found = "clients/_rows.html" if after else "clients/_found.html"
    return render_template(
        found if is_htmx() else "clients/index.html",
        rows=rows,
        following=following,
        is_first=not after,
        wanted=wanted,
        orders=ORDERS,
    )


@bp.get("/new")
@agent_required
def new() -> str:
    return render_template("clients/new.html", form=NewClientForm())


@bp.post("")
@agent_required
def create() -> Page:
    form = NewClientForm()
    opened = tried(form, lambda: onboarding.open_client(form.new_client(), me()))
    if opened is not None:
        client, placed = opened
        return saved(client, placed.words)
    return render_template("clients/new.html", form=form), 422
