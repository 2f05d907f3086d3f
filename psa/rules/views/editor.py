"""One rule: made, changed, removed."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.clients.models import Client
from psa.clients.operations import FREE_MAIL
from psa.extensions import db, lock_row
from psa.mail.message import parse
from psa.mail.models import InboundEmail
from psa.mail.raw import raw_bytes
from psa.rules import operations
from psa.rules.forms import Group, RuleForm
from psa.rules.models import Rule
from psa.rules.sentences import client_names
from psa.rules.views import bp
from psa.rules.views.parts import as_it_is, me, render_editor, render_page, rule_or_404, to_the_list
from psa.rules.wording import RefusedRule
from psa.saving import was_shown


@bp.get("/new")
@admin_required
def new() -> str:
    """An empty editor, or one filled from a ``message`` or for a ``client``."""
    inbound = db.session.get(InboundEmail, key("message"))
    client = db.session.get(Client, key("client"))
    if inbound is not None:
        return render_editor(form_from(inbound), None, inbound)
    if client is not None:
        return render_editor(RuleForm(groups=[Group(lines=[("client", client.name), ("subject_tag", "")])]), None)
    return render_editor(RuleForm(), None)


def key(name: str) -> int:
    """The key of a row in the query; 0, which no row has, when there is none."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def form_from(inbound: InboundEmail) -> RuleForm:
    """What a message suggests: its sender's domain, or the sender where that is free mail, its tags, its queue."""
    domain = inbound.sender_email.rpartition("@")[2].lower()
    form = RuleForm(groups=[Group()])
    lines = form.groups[0].lines
    if domain:
        lines.append(("sender", inbound.sender_email) if domain in FREE_MAIL else ("sender_domain", domain))
    tags = parse(raw_bytes(inbound.raw_id)).subject_tags if inbound.raw_id is not None else ()
    lines += [("subject_tag", f"[{tag}]") for tag in tags if not tag.startswith("#")][:3]
    lines += [("subject_tag", "")] * max(0, 2 - len(lines))
    if inbound.ticket is not None:
        form.targets["queue"] = str(inbound.ticket.queue_id)
    return form


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


@bp.get("/<int:rule_id>")
@admin_required
def edit(rule_id: int) -> str:
    rule = rule_or_404(rule_id)
    return render_editor(RuleForm.of(rule, client_names([rule])), rule)


@bp.post("/<int:rule_id>")
@admin_required
def change(rule_id: int) -> Response | tuple[str, int]:
    """All it says; what somebody else has made of it meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Rule, rule_id)
    rule, form = rule_or_404(rule_id), RuleForm.from_request(request.form)
    db.session.refresh(rule)
    if form.rearrange(request.form):
        return render_editor(form, rule, shown=request.form.get("shown")), 200
    if not was_shown(request.form.get("shown"), operations.wording_of(rule)):
        return render_editor(form, rule, theirs=as_it_is(rule)), 422
    try:
        operations.change_rule(rule, form.wording(), me())
    except RefusedRule as reason:
        db.session.rollback()
        form.refuse(reason)
        return render_editor(form, rule, shown=request.form.get("shown")), 422
    db.session.commit()
    return to_the_list()


@bp.post("/<int:rule_id>/removal")
@admin_required
def remove(rule_id: int) -> Response:
    operations.delete_rule(rule_or_404(rule_id), me())
    db.session.commit()
    return to_the_list()
