"""Admin > Email Settings > Inbound > Auto-Assignment Rules."""

from __future__ import annotations

from operator import itemgetter

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import admin_required
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound.explain import explain
from psa.mail.models import MailAccount
from psa.projects.models import Project
from psa.rules import operations
from psa.rules.conditions import QUESTIONS, Question
from psa.rules.forms import RuleForm
from psa.rules.models import SCOPES, Rule
from psa.rules.sentences import client_names, sentences
from psa.rules.wording import RefusedRule
from psa.tickets.models import PRIORITIES, Queue

bp = Blueprint("rules", __name__, url_prefix="/admin/email/rules")


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)


@bp.get("")
@admin_required
def index() -> str:
    return render_page(RuleForm())


@bp.post("")
@admin_required
def create() -> Response | tuple[str, int]:
    """A new rule from the editor, or from the one line on the page (``quick``)."""
    form = RuleForm.from_request(request.form)
    if form.rearrange(request.form):
        return render_editor(form, None), 200
    try:
        operations.make_rule(form.wording(), me())
    except RefusedRule as reason:
        form.refuse(reason)
        return (render_page(form) if "quick" in request.form else render_editor(form, None)), 422
    db.session.commit()
    return to_the_list()


@bp.get("/new")
@admin_required
def new() -> str:
    return render_editor(RuleForm(), None)


@bp.get("/<int:rule_id>")
@admin_required
def edit(rule_id: int) -> str:
    rule = rule_or_404(rule_id)
    return render_editor(RuleForm.of(rule, client_names([rule])), rule)


@bp.post("/<int:rule_id>")
@admin_required
def change(rule_id: int) -> Response | tuple[str, int]:
    rule, form = rule_or_404(rule_id), RuleForm.from_request(request.form)
    if form.rearrange(request.form):
        return render_editor(form, rule), 200
    try:
        operations.change_rule(rule, form.wording(), me())
    except RefusedRule as reason:
        db.session.rollback()
        form.refuse(reason)
        return render_editor(form, rule), 422
    db.session.commit()
    return to_the_list()


@bp.post("/<int:rule_id>/place")
@admin_required
def move(rule_id: int) -> Response | str:
    """Up or down by one."""
    steps = {"up": -1, "down": 1}.get(request.form.get("to", ""))
    if steps is None:
        abort(400)
    operations.move_rule(rule_or_404(rule_id), steps, me())
    return save_list()


@bp.post("/<int:rule_id>/activation")
@admin_required
def activate(rule_id: int) -> Response | str:
    """On when ``active`` is sent, as a ticked box is; else off."""
    operations.switch_rule(rule_or_404(rule_id), "active" in request.form, me())
    return save_list()


@bp.post("/<int:rule_id>/removal")
@admin_required
def remove(rule_id: int) -> Response:
    operations.delete_rule(rule_or_404(rule_id), me())
    db.session.commit()
    return to_the_list()


@bp.post("/explanations")
@admin_required
def try_message() -> str | tuple[str, int]:
    """What would happen to a message: an .eml file, or its source as text. Nothing is filed."""
    file = request.files.get("eml")
    raw = file.read() if file and file.filename else request.form.get("source", "").encode()
    account = account_to_try()
    error = ""
    if account is None:
        error = "There is no mailbox yet that the message could arrive in. Add one under Inbound."
    elif not raw.strip():
        error = "There is no message. Choose an .eml file, or paste the source of a message."
    if error or account is None:
        return render_template("rules/explanation.html", error=error, explanation=None, mailboxes=mailboxes()), 422
    return render_template(
        "rules/explanation.html",
        error="",
        explanation=explain(raw, account),
        address=account.address,
        mailboxes=mailboxes(),
    )


def account_to_try() -> MailAccount | None:
    """The mailbox that was chosen, else the first."""
    chosen = request.form.get("account", "")
    found = [account for account in mailboxes() if str(account.id) == chosen]
    return next(iter(found or mailboxes()), None)


def mailboxes() -> list[MailAccount]:
    return accounts.in_direction("inbound")


def save_list() -> Response | str:
    """Keep the change, and answer with the list as it is now."""
    db.session.commit()
    if not web.is_htmx():
        return to_the_list()
    rules = operations.all_rules()
    return render_template("rules/_list.html", rules=rules, sentences=sentences(rules))


def to_the_list() -> Response:
    return redirect(url_for("rules.index"), 303)


def render_page(quick: RuleForm) -> str:
    rules = operations.all_rules()
    return render_template(
        "rules/index.html",
        rules=rules,
        sentences=sentences(rules),
        mailboxes=mailboxes(),
        quick=quick,
        **vocabulary(),
    )


def render_editor(form: RuleForm, rule: Rule | None) -> str:
    return render_template("rules/rule.html", form=form, rule=rule, **vocabulary())


def vocabulary() -> dict[str, object]:
    """The words of the editor, and what can be chosen in it as (id, name)."""
    topics: dict[str, list[tuple[str, Question]]] = {}
    for key, question in QUESTIONS.items():
        topics.setdefault(question.about, []).append((key, question))
    clients = {client.id: client.name for client in db.session.scalars(select(Client).order_by(Client.name))}
    projects = db.session.scalars(select(Project).where(Project.active).order_by(Project.name))
    return {
        "TOPICS": topics,
        "SCOPES": SCOPES,
        "PRIORITIES": PRIORITIES,
        "QUEUES": db.session.execute(select(Queue.id, Queue.name).order_by(Queue.position, Queue.id)).all(),
        "USERS": db.session.execute(select(User.id, User.name).where(User.active).order_by(User.name)).all(),
        "CLIENTS": list(clients.items()),
        "PROJECTS": sorted(((one.id, f"{clients[one.client_id]}: {one.name}") for one in projects), key=itemgetter(1)),
    }


def me() -> int:
    user_id: int = current_user.id
    return user_id


def rule_or_404(rule_id: int) -> Rule:
    return db.get_or_404(Rule, rule_id) if rule_id < 2**31 else abort(404)
