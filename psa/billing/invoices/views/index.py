"""All invoices, and as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response as FileResponse
from flask import render_template, request

from psa import web
from psa.auth.guards import agent_required
from psa.billing.currencies import rounded
from psa.billing.invoices import queries
from psa.billing.invoices.models import KINDS
from psa.billing.invoices.queries import STATES, Wanted
from psa.billing.invoices.views import bp, client_asked_for, read_number
from psa.clock import today
from psa.tables import MARK, Cell, as_csv

COLUMNS = (
    *("Number", "Kind", "Status", "Disputed", "Client", "Reference", "Issued", "Due", "Paid on", "Currency"),
    *("Net", "Tax", "Total", "Paid", "Credited", "Open", "Client id"),
)


@bp.get("/invoices")
@agent_required
def index() -> str:
    """The list; for htmx its next page, or the list anew while somebody types what they look for."""
    wanted, day = chosen(), today()
    before = read_number(request.args.get("before", ""))
    rows, following = queries.page_of(wanted, day, before)
    found = "billing/invoices/_found.html" if before is None else "billing/invoices/_rows.html"
    return render_template(
        found if web.is_htmx() else "billing/invoices/index.html",
        invoices=rows,
        following=following,
        sums=queries.sums_by_currency(wanted, day) if before is None else [],
        wanted=wanted,
        client=client_asked_for(),
        states=STATES,
        overdue=queries.number_overdue(day),
        today=day,
    )


@bp.get("/invoices.csv")
@agent_required
def export() -> FileResponse:
    """What the list shows, all of it, with plain figures."""
    return FileResponse(
        MARK + as_csv(rows_of(chosen())),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="invoices.csv"'},
    )


def rows_of(wanted: Wanted) -> Iterator[Sequence[Cell]]:
    yield COLUMNS
    day = today()
    for one in queries.all_of(wanted, day):
        due = None if one.is_credit_note else one.due_on
        amounts = (one.net, one.tax, one.total, one.paid, one.credited, one.balance)
        yield [
            one.number or "",
            KINDS[one.kind],
            one.state(day),
            "yes" if one.disputed else "",
            one.client.name,
            one.reference,
            *(on.isoformat() if on else "" for on in (one.issued_on, due, one.paid_on)),
            one.currency,
            *(rounded(amount, one.currency) for amount in amounts),
            one.client_id,
        ]


def chosen() -> Wanted:
    state = request.args.get("state", "")
    words = " ".join(request.args.get("q", "").split())[:100]
    return Wanted(state if state in STATES else "", read_number(request.args.get("client", "")), words)
