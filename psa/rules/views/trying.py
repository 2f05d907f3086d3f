"""Trying a rule before it is in force: on the latest messages, and on one. Nothing is filed."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from psa import web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail.inbound.dry_run import DRAFT, LATEST, Progress, dry_run, rules_with
from psa.mail.inbound.explain import Explanation, explain, explain_kept
from psa.mail.models import InboundEmail, MailAccount
from psa.rules import operations
from psa.rules.engine import FrozenRule
from psa.rules.forms import RuleForm
from psa.rules.models import Rule
from psa.rules.sentences import client_names
from psa.rules.views import bp
from psa.rules.views.parts import mailboxes
from psa.rules.wording import RefusedRule, check

# So long the first messages are looked at before the page shows how far it has come, in seconds.
PATIENCE = 0.7
SHOWN = 50

Rules = tuple[FrozenRule, ...]


@bp.post("/dry-runs")
@admin_required
def try_rule() -> str | tuple[str, int]:
    """What the rule in the editor would have changed; with htmx piece by piece, from message ``next`` on."""
    sent = request.form
    came = Progress(number(sent, "looked_at"), number(sent, "changed"), number(sent, "ms") / 1000)
    came.next_id, came.matched = number(sent, "next") or None, number(sent, "matched")
    try:
        before, after = rules_to_compare()
    except RefusedRule as reason:
        return web.render_fragment("rules/_dry_run.html", "rules/dry_run.html", came=None, refusal=str(reason)), 422
    began = came.next_id is not None
    before_changed = came.changed
    came = dry_run(before, after, came, PATIENCE if web.is_htmx() else None)
    shown = came.differences[: max(0, SHOWN - before_changed)]
    context = {"came": came, "shown": shown, "SHOWN": SHOWN, "LATEST": LATEST, "refusal": ""}
    if began and web.is_htmx():
        return render_template("rules/_dry_run_more.html", **context)
    return web.render_fragment("rules/_dry_run.html", "rules/dry_run.html", **context)


def number(sent: MultiDict[str, str], name: str) -> int:
    value = sent.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def rules_to_compare() -> tuple[Rules, Rules]:
    """The rules as they are, and with the one in the editor, as if it were on. Raises RefusedRule."""
    form = RuleForm.from_request(request.form)
    draft = operations.written(Rule(id=0), check(form.wording()))
    rules = operations.all_rules()
    edited = [rule for rule in rules if rule.id == number(request.form, "rule")]
    before = operations.frozen(rules)
    new = FrozenRule.of(draft, client_names([draft]), rule_id=DRAFT)
    if not edited:
        return before, rules_with(new, before, None)
    if edited[0].active:
        place = [rule.id for rule in before].index(edited[0].id)
        return before, rules_with(new, before, place)
    place = sum(rule.active for rule in rules[: rules.index(edited[0])])
    return before, (*before[:place], new, *before[place:])


@bp.post("/explanations")
@admin_required
def try_message() -> str | tuple[str, int]:
    """What would happen to a message: one that is here, an .eml file, or its source as text.

    With the fields of the editor beside it, as that rule wants it; else by the rules in force.
    """
    rules: Rules | None = None
    account, explanation, error = account_to_try(), None, ""
    try:
        rules = rules_to_compare()[1] if "of" in request.form else None
    except RefusedRule as reason:
        error = str(reason)
    if not error:
        explanation, error = explained(account, rules)
    answer = web.render_fragment(
        "rules/_explanation.html",
        "rules/explanation.html",
        error=error,
        explanation=explanation,
        with_draft=rules is not None,
        mailboxes=mailboxes(),
    )
    return (answer, 422) if error else answer


def explained(account: MailAccount | None, rules: Rules | None) -> tuple[Explanation | None, str]:
    """What would become of the message that was sent, or what is missing."""
    file = request.files.get("eml")
    raw = file.read() if file and file.filename else request.form.get("source", "").encode()
    inbound_id = number(request.form, "message")
    if not raw.strip() and db.session.get(InboundEmail, inbound_id) is not None:
        found = explain_kept(inbound_id, rules)
        return found, "" if found is not None else "The bytes of that message are not here."
    if account is None:
        return None, "There is no mailbox yet that the message could arrive in. Add one under Inbound."
    if not raw.strip():
        return None, "There is no message. Choose an .eml file, or paste the source of a message."
    return explain(raw, account, rules), ""


def account_to_try() -> MailAccount | None:
    """The mailbox that was chosen, else the first."""
    chosen = request.form.get("account", "")
    found = [account for account in mailboxes() if str(account.id) == chosen]
    return next(iter(found or mailboxes()), None)
