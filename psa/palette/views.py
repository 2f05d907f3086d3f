"""The palette's list while somebody types, and the page of it."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request
from flask_security import current_user

from psa.auth.guards import agent_required
from psa.palette.finding import find

bp = Blueprint("palette", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/search")
@agent_required
def search() -> str:
    """The page: what the palette shows, for a browser without script."""
    typed = request.args.get("q", "")
    return render_template("palette/search.html", typed=typed, groups=find(typed, current_user))


@bp.get("/palette")
@agent_required
def results() -> str:
    """The lines below the palette's field."""
    return render_template("palette/_results.html", groups=find(request.args.get("q", ""), current_user))
