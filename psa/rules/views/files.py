"""Rules from a file and into a file."""

from __future__ import annotations

import json

from flask import Response as FlaskResponse
from flask import render_template, request
from werkzeug.wrappers import Response

from psa import clock
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.rules import operations
from psa.rules.exchange import LARGEST, UnreadableFile, export, read
from psa.rules.views import bp
from psa.rules.views.parts import me, to_the_list


@bp.get("/export")
@admin_required
def download() -> Response:
    """All rules as a JSON file."""
    text = json.dumps(export(operations.all_rules()), ensure_ascii=False, indent=2)
    name = f"rules-{clock.today():%Y-%m-%d}.json"
    return FlaskResponse(
        text, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@bp.get("/import")
@admin_required
def choose_file() -> str:
    return render_template("rules/import.html", offers=None, text="", error="")


@bp.post("/import")
@admin_required
def take_file() -> Response | str | tuple[str, int]:
    """Show what a file holds; with ``confirmed`` take those of its rules that can be taken, below the others."""
    file = request.files.get("file")
    text = file.read(LARGEST + 1).decode("utf-8", "replace") if file and file.filename else request.form.get("text", "")
    try:
        offers = read(text)
    except UnreadableFile as error:
        return render_template("rules/import.html", offers=None, text="", error=str(error)), 422
    taken = [offer for offer in offers if offer.checked is not None]
    if "confirmed" not in request.form or not taken:
        return render_template("rules/import.html", offers=offers, text=text, error="")
    for offer in taken:
        assert offer.checked is not None
        operations.add_rule(offer.checked, me(), active=offer.active)
    db.session.commit()
    return to_the_list()
