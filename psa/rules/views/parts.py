"""What the pages of the rules share."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from flask import redirect, render_template, url_for
from flask_security import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import db
from psa.mail import accounts
from psa.mail.log.queries import decisions
from psa.mail.message.languages import NAMES
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.steps import STEPS
from psa.projects.models import Project
from psa.revisions import mark_of
from psa.rules import operations
from psa.rules.conditions import QUESTIONS, Question
from psa.rules.forms import RuleForm
from psa.rules.hits import PERIOD, hits_of, messages_of
from psa.rules.models import SCOPES, Rule
from psa.rules.sentences import sentence, sentences
from psa.saving import now_is
from psa.tickets.models import PRIORITIES, Queue
from psa.tickets.tags import all_tags

LAST_MATCHED = 5


def render_page(quick: RuleForm) -> str:
    rules = operations.all_rules()
    return render_template(
        "rules/index.html",
        **list_of(rules),
        steps=STEPS,
        decisions=decisions(clock.now() - PERIOD),
        mailboxes=mailboxes(),
        quick=quick,
        changes=operations.changes()[:8],
    )


def list_of(rules: list[Rule]) -> dict[str, object]:
    """What the list of the rules shows, and the choices of the lines below it."""
    shown = {"rules": rules, "sentences": sentences(rules), "hits": hits_of(rules), "days": PERIOD.days}
    return shown | vocabulary()


def render_editor(
    form: RuleForm,
    rule: Rule | None,
    made_from: InboundEmail | None = None,
    shown: str | None = None,
    theirs: Sequence[str] = (),
) -> str:
    """``shown`` is the mark of the rule that the editor began with, where that is not as it is now."""
    return render_template(
        "rules/rule.html",
        form=form,
        rule=rule,
        shown=shown or (mark_of(operations.wording_of(rule)) if rule is not None else ""),
        theirs=theirs,
        made_from=made_from,
        changes=operations.changes(rule) if rule is not None else [],
        matched=messages_of(rule, LAST_MATCHED) if rule is not None else [],
        mailboxes=mailboxes(),
        **vocabulary(),
    )


def as_it_is(rule: Rule) -> list[str]:
    """What it is called and says now, a sentence each."""
    return [now_is("Name", rule.name), now_is("The rule", str(sentence(rule)))]


def vocabulary() -> dict[str, object]:
    """The words of the editor, and what can be chosen in it as (id, name)."""
    topics: dict[str, list[tuple[str, Question]]] = {}
    for key, question in QUESTIONS.items():
        topics.setdefault(question.about, []).append((key, question))
    there = select(Client).where(Client.merged_into_id.is_(None))
    clients = {client.id: client.name for client in db.session.scalars(there.order_by(Client.name))}
    projects = db.session.scalars(select(Project).where(Project.active).order_by(Project.name))
    return {
        "TOPICS": topics,
        "SCOPES": SCOPES,
        "PRIORITIES": PRIORITIES,
        "QUEUES": db.session.execute(select(Queue.id, Queue.name).order_by(Queue.position, Queue.id)).all(),
        "USERS": db.session.execute(select(User.id, User.name).where(User.active).order_by(User.name)).all(),
        "USER_ADDRESSES": db.session.execute(
            select(User.email, User.name).where(User.active).order_by(User.name)
        ).all(),
        "TAGS": all_tags(),
        "LANGUAGES": sorted(NAMES.values()),
        "CLIENTS": list(clients.items()),
        "PROJECTS": sorted(((one.id, f"{clients[one.client_id]}: {one.name}") for one in projects), key=itemgetter(1)),
    }


def mailboxes() -> list[MailAccount]:
    return accounts.in_direction("inbound")


def to_the_list() -> Response:
    return redirect(url_for("rules.index"), 303)


def me() -> int:
    user_id: int = current_user.id
    return user_id


def rule_or_404(rule_id: int) -> Rule:
    return db.get_or_404(Rule, rule_id)
