"""Outbound: the accounts that mail leaves from."""

from __future__ import annotations

from flask import g, render_template
from flask_security import current_user

from psa.auth.guards import admin_required
from psa.mail import accounts, queries
from psa.mail.forms import OutboundForm
from psa.mail.views import bp, tests
from psa.mail.views.ports import port_hint


@bp.get("/admin/email/outbound")
@admin_required
def outbound() -> str:
    """The default account, or the form for the first one."""
    return show(OutboundForm(next(iter(accounts.in_direction("outbound")), None)))


@bp.get("/admin/email/outbound/new")
@admin_required
def new_outbound() -> str:
    return show(OutboundForm())


def show(form: OutboundForm) -> str:
    """The page with the account of ``form`` chosen, None for a new one."""
    g.section = "email.outbound"
    return render_template(
        "mail/outbound.html",
        form=form,
        account=form.account,
        accounts=accounts.in_direction("outbound"),
        sent_today=queries.sent_today(),
        hint=port_hint("smtp", form.security.data, form.port.data),
        fault=tests.fault_of(form.account),
        run=tests.last_run(form.account),
        to=current_user.email,
    )
