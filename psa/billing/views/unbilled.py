"""What clients have not been billed for."""

from __future__ import annotations

from datetime import date

from flask import render_template, request
from werkzeug.wrappers import Response

from psa.admin.operations import firm
from psa.auth.guards import agent_required
from psa.billing import queries
from psa.billing.views import bp
from psa.clients.models import Client
from psa.extensions import db

# So many clients stand on the page, the dearest first.
MOST_SHOWN = 200


@bp.get("/time/unbilled")
@agent_required
def unbilled() -> str:
    clients = queries.unbilled(firm().currency)
    more = len(clients) - MOST_SHOWN
    return render_template("billing/unbilled.html", clients=clients[:MOST_SHOWN], more=more)


@bp.get("/time/unbilled/<int:client_id>")
@agent_required
def unbilled_of(client_id: int) -> str | Response:
    client = db.get_or_404(Client, client_id)
    rows, following = queries.unbilled_of(client.id, place(request.args.get("after", "")))
    return render_template("billing/unbilled_client.html", client=client, entries=rows, following=following)


def place(text: str) -> queries.Place | None:
    """Where a page begins: ``2026-11-23.17``, the day and the id of the last entry before it."""
    day, _, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number[:9])
    except ValueError:
        return None
