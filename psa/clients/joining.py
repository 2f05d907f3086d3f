"""What a merge of two clients has to think about: projects of one name, rates for one case, rules that name one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from psa.billing.invoices.models import Invoice, InvoiceLine
from psa.billing.models import Rate, TimeEntry
from psa.billing.rates import key_of
from psa.clients.models import Client
from psa.extensions import db
from psa.projects.models import Project
from psa.projects.operations import project_of, settle_mail
from psa.rules.models import Rule
from psa.rules.operations import note
from psa.rules.sentences import sentence
from psa.words import counted

FIELDS = {
    "default_queue_id": "default queue",
    "currency": "currency",
    "billing_address": "billing address",
    "tax_id": "tax id",
    "payment_days": "days to pay",
    "notes": "notes",
    "active": "state",
    "name": "name",
    "role": "role",
    "phone": "phone number",
    "client_id": "client",
}


def words_for_fields(fields: Mapping[str, Sequence[Any]]) -> list[str]:
    """What the one that stays takes over, in words."""
    said = {"notes": "the notes of both are kept, one below the other", "active": "it is an active client again"}
    return [said.get(name) or f"the {FIELDS.get(name, name)} is taken over" for name in fields]


def make_room_for_projects(gone: Client, kept: Client) -> list[list[Any]]:
    """Let two projects of one name be told apart, and the mail go where it goes now.

    Returns ``[id, name it had, name it has, whether it took the mail]`` of each that is changed.
    """
    settle_mail(kept)
    names = {name.lower() for name in db.session.scalars(select(Project.name).where(Project.client_id == kept.id))}
    kept_takes_mail = project_of(kept.id) is not None
    if not kept_takes_mail:
        settle_mail(gone)
    changed = []
    for project in db.session.scalars(select(Project).where(Project.client_id == gone.id).order_by(Project.id)):
        was, took = project.name, project.takes_mail
        if was.lower() in names:
            project.name = free_name(was, gone.name, names)
        if kept_takes_mail:
            project.takes_mail = False
        names.add(project.name.lower())
        if (project.name, project.takes_mail) != (was, took):
            changed.append([project.id, was, project.name, took])
    db.session.flush()
    return changed


def free_name(name: str, client: str, taken: set[str]) -> str:
    """``name`` with the client's behind it, and a number where that is taken as well."""
    wanted = f"{name[:110]} ({client[:60]})"
    number = 1
    while wanted.lower() in taken:
        number += 1
        wanted = f"{name[:110]} ({client[:60]} {number})"
    return wanted


def projects_back(changed: Sequence[Sequence[Any]], gone_id: int) -> list[str]:
    missing = []
    for project_id, was, became, took in changed:
        project = db.session.get(Project, project_id, populate_existing=True)
        if project is None or project.client_id != gone_id:
            continue
        if project.name == became:
            project.name = was
        else:
            missing.append(f"the name of the project {project.name}, which somebody has changed since")
        project.takes_mail = took and project.active
    db.session.flush()
    return missing


def move_rates(gone_id: int, kept_id: int) -> tuple[list[list[Any]], int]:
    """Move the rates for which the kept client has none of its own; ``[id, key]`` of each, and how many stay."""
    moved, left = [], 0
    for rate in db.session.scalars(select(Rate).where(Rate.client_id == gone_id).order_by(Rate.id)).all():
        wanted = key_of(client_id=kept_id, user_id=rate.user_id)
        if db.session.scalar(select(Rate.id).where(Rate.key == wanted)) is not None:
            left += 1
            continue
        moved.append([rate.id, rate.key])
        rate.key, rate.client_id = wanted, kept_id
    db.session.flush()
    return moved, left


def rates_back(moved: Sequence[Sequence[Any]], kept_id: int, gone_id: int) -> list[str]:
    missing = 0
    for rate_id, key in moved:
        rate = db.session.get(Rate, rate_id, populate_existing=True)
        if rate is None or rate.client_id != kept_id:
            missing += 1
            continue
        rate.key, rate.client_id = key, gone_id
    db.session.flush()
    return [f"{counted(missing, 'rate')}, removed since"] if missing else []


def name_in_rules(gone_id: int, kept_id: int, by: int | None) -> list[list[Any]]:
    """Let the rules that name one client name the other; returns ``[id, name, before, after]`` of each.

    ``before`` and ``after`` are its conditions and actions.
    """
    changed = []
    for rule in db.session.scalars(select(Rule).order_by(Rule.id)):
        conditions = [renamed(one, gone_id, kept_id) for one in rule.conditions]
        actions = [renamed(one, gone_id, kept_id) for one in rule.actions]
        if conditions == rule.conditions and actions == rule.actions:
            continue
        before, said = [rule.conditions, rule.actions], str(sentence(rule))
        rule.conditions, rule.actions = conditions, actions
        note(rule, "changed", by, before=said, after=str(sentence(rule)))
        changed.append([rule.id, rule.name, before, [conditions, actions]])
    return changed


def renamed(part: Mapping[str, Any], gone_id: int, kept_id: int) -> dict[str, Any]:
    """A condition or an action, about the other client when it was about this one."""
    if str(part.get("field", "")).removeprefix("not ") == "client" and str(part.get("value")) == str(gone_id):
        return {**part, "value": str(kept_id)}
    if part.get("set") == "client" and part.get("id") == gone_id:
        return {**part, "id": kept_id}
    return dict(part)


def rules_back(changed: Sequence[Sequence[Any]], by: int | None) -> list[str]:
    missing = []
    for rule_id, name, before, after in changed:
        rule = db.session.get(Rule, rule_id, populate_existing=True)
        if rule is None or [rule.conditions, rule.actions] != after:
            missing.append(f"the rule “{name}”, which somebody has changed or deleted since")
            continue
        said = str(sentence(rule))
        rule.conditions, rule.actions = before
        note(rule, "changed", by, before=said, after=str(sentence(rule)))
    return missing


def drafts_of(client_id: int) -> list[int]:
    """The ids of the client's invoices that are drafts."""
    drafts = select(Invoice.id).where(Invoice.client_id == client_id, Invoice.status == "draft")
    return list(db.session.scalars(drafts.order_by(Invoice.id)))


def keep_what_was_billed(rows: dict[str, list[list[Any]]], drafts: Sequence[int], kept_id: int) -> list[str]:
    """Take out of ``rows``, which are to go back, what was billed to the one that stayed since; returns it in words.

    An invoice of the ``drafts`` that was issued since names them and is in their books. So does the time on it.
    """
    invoices, entries = rows.get("invoices.client_id", []), rows.get("time_entries.client_id", [])
    issued = select(Invoice.id).where(Invoice.client_id == kept_id, Invoice.status != "draft")
    staying = set(db.session.scalars(issued)) & set(drafts)
    going = {key for (key,) in invoices} - staying
    on_invoices = select(TimeEntry.id, InvoiceLine.invoice_id).join(
        InvoiceLine, InvoiceLine.id == TimeEntry.invoice_line_id
    )
    billed = db.session.execute(on_invoices.where(TimeEntry.client_id == kept_id))
    spent = {entry_id for entry_id, invoice_id in billed if invoice_id not in going} & {key for (key,) in entries}
    rows["invoices.client_id"] = [key for key in invoices if key[0] in going]
    rows["time_entries.client_id"] = [key for key in entries if key[0] not in spent]
    missing = []
    if staying:
        missing.append(f"{counted(len(staying), 'invoice')} issued since the merge")
    if spent:
        missing.append(f"{counted(len(spent), 'time entry', 'time entries')} on an invoice that stays")
    return missing
