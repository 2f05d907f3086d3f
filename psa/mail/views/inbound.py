"""Inbound: the mailboxes that the PSA reads, and how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, render_template

from psa import web
from psa.auth.guards import admin_required
from psa.mail import accounts, drafts, queries
from psa.mail.forms import InboundForm
from psa.mail.inbound import checking_servers
from psa.mail.views import account_or_404, bp, tests
from psa.mail.views.counting import Counted
from psa.mail.views.drafts import former_of, trial_of
from psa.mail.views.folders import Picker, ask, picker_of
from psa.mail.views.health import overview_of, panel_of
from psa.mail.views.ports import port_hint

if TYPE_CHECKING:
    from psa.mail.views.proposals import Offer


@bp.get("/admin/email/inbound")
@admin_required
def inbound() -> str:
    """The first mailbox, or the form for it."""
    return show(InboundForm(next(iter(accounts.in_direction("inbound")), None)))


@bp.get("/admin/email/inbound/new")
@admin_required
def new_inbound() -> str:
    return show(InboundForm())


def show(
    form: InboundForm,
    *,
    outdated: bool = False,
    picker: Picker | None = None,
    counted: Counted | None = None,
    offer: Offer | None = None,
) -> str:
    """The page with the mailbox of ``form`` chosen, None for a new one.

    ``outdated``: somebody else has saved in the meantime; the next save knows of that. ``counted`` is what its start
    would import, ``offer`` what was proposed from the address.
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
        overview=overview_of(account),
        hint=port_hint(form.protocol_value, form.security.data, form.port.data),
        panel=panel_of(account) if account is not None else None,
        run=run if run is not None and not (trial and trial.run and trial.run.test.id == run.test.id) else None,
        summary=queries.rules_summary(),
        outdated=outdated,
        offer=offer,
        trial=trial,
        former=former_of(account) if account is not None else [],
        checks=checking_servers.propose(account) if account is not None and not account.authserv else None,
        picker=picker or picker_of(form),
        counted=counted or Counted(),
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
