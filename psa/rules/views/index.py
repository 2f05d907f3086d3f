"""The rules in their order, between what is always decided."""

from __future__ import annotations

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.rules import operations
from psa.rules.forms import RuleForm
from psa.rules.views import bp
from psa.rules.views.parts import list_of, me, render_page, rule_or_404, to_the_list


@bp.get("")
@admin_required
def index() -> str:
    return render_page(RuleForm())


@bp.get("/changes")
@admin_required
def changes() -> str:
    """Who changed which rule."""
    return render_template("rules/changes.html", changes=operations.changes())


@bp.post("/<int:rule_id>/place")
@admin_required
def move(rule_id: int) -> Response | str:
    """Up or down by one, or to a number."""
    rule, to = rule_or_404(rule_id), request.form.get("to", "")
    if to in ("up", "down"):
        operations.move_rule(rule, -1 if to == "up" else 1, me())
    elif to.isdecimal() and len(to) < 6:
        operations.place_rule(rule, int(to), me())
    else:
        abort(400)
    return save_list()


@bp.post("/<int:rule_id>/activation")
@admin_required
def activate(rule_id: int) -> Response | str:
    """On when ``active`` is sent, as a ticked box is; else off."""
    operations.switch_rule(rule_or_404(rule_id), "active" in request.form, me())
    return save_list()


def save_list() -> Response | str:
    """Keep the change, and answer with the list as it is now."""
    db.session.commit()
    if not web.is_htmx():
        return to_the_list()
    return render_template("rules/_list.html", **list_of(operations.all_rules()))
