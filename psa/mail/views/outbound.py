"""Outbound: the accounts that mail leaves from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, render_template
from flask_security import current_user

from psa.auth.guards import admin_required
from psa.mail import accounts, drafts, queries
from psa.mail.diagnosis import probe
from psa.mail.forms import OutboundForm
from psa.mail.views import bp, tests
from psa.mail.views.drafts import former_of, trial_of
from psa.mail.views.ports import port_hint

if TYPE_CHECKING:
    from psa.mail.views.proposals import Offer


@bp.get("/admin/email/outbound")
@admin_required
def outbound() -> str:
    """The default account, or the form for the first one."""
    return show(OutboundForm(next(iter(accounts.in_direction("outbound")), None)))


@bp.get("/admin/email/outbound/new")
@admin_required
def new_outbound() -> str:
    return show(OutboundForm())


def show(form: OutboundForm, *, outdated: bool = False, offer: Offer | None = None) -> str:
    """The page with the account of ``form`` chosen, None for a new one.

    ``outdated``: somebody else has saved in the meantime; the next save knows of that. ``offer`` is what was proposed
    from the address.
    """
    g.section = "email.outbound"
    account = form.account
    trial = trial_of(account) if account is not None else None
    run = tests.last_run(account)
    if account is not None and outdated:
        form.seen.data = drafts.mark(account)
    return render_template(
        "mail/outbound.html",
        form=form,
        account=account,
        outdated=outdated,
        offer=offer,
        trial=trial,
        former=former_of(account) if account is not None else [],
        uses=queries.uses_of_senders(),
        drafted=drafts.accounts_with_drafts(),
        answers=answers_of(form),
        sent_folders=sent_folders_of(form),
        accounts=accounts.in_direction("outbound"),
        sent_today=queries.sent_today(),
        hint=port_hint("smtp", form.security.data, form.port.data),
        fault=tests.fault_of(account),
        run=run if run is not None and not (trial and trial.run and trial.run.test.id == run.test.id) else None,
        to=current_user.email,
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """Where answers come to, and whether a mailbox under Inbound reads them."""

    address: str
    are_read: bool


def answers_of(form: OutboundForm) -> Answers | None:
    """Nothing as long as nobody has entered an address."""
    address = form.answers_to
    if "@" not in address:
        return None
    mailbox = accounts.find("inbound", address)
    return Answers(address, mailbox is not None and mailbox.parsing)


def sent_folders_of(form: OutboundForm) -> list[str]:
    """Folders of the mailbox of this address, as its last test found them; those for sent mail first."""
    mailbox = accounts.find("inbound", form.address.data or "")
    test = probe.last_test(mailbox.id) if mailbox is not None else None
    found = test.findings.get("folders", []) if test is not None else []
    return [one["name"] for one in sorted(found, key=lambda one: one.get("use") != "sent")]
