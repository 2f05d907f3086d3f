"""The dashboard page and its part that stays true by itself."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from flask_security import current_user

from psa import clock
from psa.auth.guards import agent_required
from psa.dashboard.today import in_figures, mail_today, mailboxes, open_tickets, shares, today
from psa.dashboard.todo import needs_a_person
from psa.tickets.views import ticket_counts

bp = Blueprint("dashboard", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_filter(in_figures)


@bp.get("/dashboard")
@agent_required
def index() -> str:
    return render_template(
        "dashboard/index.html",
        greeting=greeting(),
        day=clock.today(),
        counts=ticket_counts(),
        today=today(),
        now=clock.now,
        items=needs_a_person(current_user),
        mail=mail_today(),
        open_tickets=open_tickets(ticket_counts().open),
        shares=shares(),
        mailboxes=mailboxes(),
    )


@bp.get("/dashboard/today")
@agent_required
def show_today() -> str:
    """The numbers at the top, every half a minute."""
    return render_template("dashboard/_today.html", today=today(), now=clock.now)


@bp.get("/dashboard/needs-a-person")
@agent_required
def show_needs_a_person() -> str:
    return render_template("dashboard/_needs_a_person.html", items=needs_a_person(current_user))


def greeting() -> str:
    hour = clock.now().astimezone().hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
