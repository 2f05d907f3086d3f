"""Inbound: the mailboxes that the PSA reads, and how they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import Response, g, make_response, render_template, request
from flask_security import current_user

from psa import web
from psa.auth.guards import admin_required, agent_required
from psa.mail import accounts, drafts, queries
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.forms import InboundForm
from psa.mail.models import MailAccount
from psa.mail.views import account_or_404, bp, tests
from psa.mail.views.drafts import former_of, trial_of
from psa.mail.views.folders import Picker, ask, picker_of
from psa.mail.views.ports import port_hint


@bp.get("/admin/email/inbound")
@admin_required
def inbound() -> str:
    """The first mailbox, or the form for it."""
    return show(InboundForm(next(iter(accounts.in_direction("inbound")), None)))


@bp.get("/admin/email/inbound/new")
@admin_required
def new_inbound() -> str:
    return show(InboundForm())


def show(form: InboundForm, *, outdated: bool = False, picker: Picker | None = None) -> str:
    """The page with the mailbox of ``form`` chosen, None for a new one.

    ``outdated``: somebody else has saved in the meantime; the next save knows of that.
    """
    g.section = "email.inbound"
    account = form.account
    trial = trial_of(account) if account is not None else None
    run = tests.last_run(account)
    if account is not None and outdated:
        form.seen.data = drafts.mark(account)
    return render_template(
        "mail/inbound.html",
        form=form,
        account=account,
        accounts=accounts.in_direction("inbound"),
        kept_today=queries.kept_today(),
        hint=port_hint(form.protocol_value, form.security.data, form.port.data),
        health=health_of(account) if account is not None else None,
        run=run if run is not None and not (trial and trial.run and trial.run.test.id == run.test.id) else None,
        summary=queries.rules_summary(),
        outdated=outdated,
        trial=trial,
        former=former_of(account) if account is not None else [],
        picker=picker or picker_of(form),
    )


@bp.post("/admin/email/folder-lists")
@bp.post("/admin/email/accounts/<int:account_id>/folder-lists")
@admin_required
def list_folders(account_id: int | None = None) -> str:
    """Choose folders: the field again with what the server has; without script the page with all that was typed."""
    form = InboundForm(account_or_404(account_id, "inbound") if account_id is not None else None)
    picker = ask(form)
    if web.is_htmx():
        return render_template("mail/_folders.html", picker=picker)
    return show(form, picker=picker)


@dataclass(frozen=True, slots=True)
class Health:
    """How a mailbox is; ``seen`` changes when anything of it does."""

    account: MailAccount
    sum: queries.Sum
    is_late: bool
    fault: tests.Fault | None
    seen: str


@bp.get("/admin/email/accounts/<int:account_id>/health")
@admin_required
def health(account_id: int) -> Response:
    """The panel again, or 204 while it is as the page has it."""
    current = health_of(account_or_404(account_id))
    if request.args.get("seen") == current.seen:
        return make_response("", 204)
    return make_response(render_template("mail/_health.html", health=current))


def health_of(account: MailAccount) -> Health:
    counted = queries.sum_of(account)
    late = queries.is_late(account)
    state = (
        counted,
        late,
        account.parsing,
        account.address,
        account.last_success_at,
        account.last_failure_at,
        account.failures,
        account.fault_words,
    )
    seen = hashlib.sha256(repr(state).encode()).hexdigest()[:12]
    return Health(account, counted, late, tests.fault_of(account), seen)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether mail arrives, in a sentence, with the last look where there was one."""

    tone: str
    words: str
    looked_at: datetime | None
    leads_to_settings: bool


@bp.get("/mail/pulse")
@agent_required
def show_pulse() -> str:
    return render_template("mail/_pulse.html")


def pulse() -> Pulse:
    """The state of all mailboxes in one line: the worst of them speaks."""
    admin = bool(getattr(current_user, "is_admin", False))
    mailboxes = [account for account in accounts.in_direction("inbound") if account.parsing]
    if not mailboxes:
        return Pulse("", "No mailbox is read", None, admin)
    for account in mailboxes:
        if account.fault_cause:
            cause = CAUSES.get(account.fault_cause, CAUSES["unknown"])
            tone = "warn" if cause.retry else "bad"
            return Pulse(tone, f"{account.address} cannot be read", account.last_success_at, admin)
    late = [account for account in mailboxes if queries.is_late(account)]
    if late:
        return Pulse("warn", f"Nobody looks into {late[0].address}", late[0].last_success_at, admin)
    looks = [account.last_success_at for account in mailboxes if account.last_success_at is not None]
    if not looks:
        return Pulse("", "No look into the mailbox yet", None, admin)
    return Pulse("ok", "Mail is arriving", max(looks), admin)
