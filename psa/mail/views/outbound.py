"""Outbound: the accounts that mail leaves from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import g, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import clock, web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import accounts, drafts, queries
from psa.mail.diagnosis import probe
from psa.mail.forms import OutboundForm
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound import plus_addressing, plus_check
from psa.mail.outbound.models import ReturnAddress
from psa.mail.views import account_or_404, bp, tests
from psa.mail.views.drafts import former_of, trial_of
from psa.mail.views.ports import port_hint

if TYPE_CHECKING:
    from psa.mail.views.proposals import Offer

# A mail to ourselves that takes longer is not watched any more; it counts all the same when it arrives within a day.
LONG_ENOUGH = timedelta(minutes=10)


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
        returns=returns_of(account) if account is not None else None,
        run=run if run is not None and not (trial and trial.run and trial.run.test.id == run.test.id) else None,
        to=current_user.email,
    )


@bp.get("/admin/email/accounts/<int:account_id>/return-address")
@admin_required
def return_address(account_id: int) -> str | Response:
    """The fragment; without script the page with it."""
    account = account_or_404(account_id, "outbound")
    if not web.is_htmx():
        return redirect(url_for("email.account", account_id=account.id), 303)
    return render_template("mail/_return_address.html", account=account, returns=returns_of(account))


@bp.post("/admin/email/accounts/<int:account_id>/return-address")
@admin_required
def change_return_address(account_id: int) -> Response:
    """Write under signed addresses once a mail to ourselves has shown that they work, or under the plain one again."""
    account = account_or_404(account_id, "outbound")
    if "sign" in request.form:
        plus_check.find_out(account)
    else:
        plus_addressing.switch_off(account.id)
    db.session.commit()
    return redirect(f"{url_for('email.account', account_id=account.id)}#return-address", 303)


@dataclass(frozen=True, slots=True)
class Returns:
    """Under which address an account writes: see ReturnAddress. ``asked`` is the one that ``check`` went to."""

    state: ReturnAddress | None
    check: OutboundEmail | None
    asked: str
    example: str
    is_read: bool

    @property
    def is_open(self) -> bool:
        """Whether it is being found out just now."""
        if self.state is None or self.state.proven_at is not None or self.check is None:
            return False
        is_recent = self.state.checked_at > clock.now() - LONG_ENOUGH
        return is_recent and self.check.status in ("queued", "sending", "sent")


def returns_of(account: MailAccount) -> Returns:
    state = plus_addressing.state_of(account.id)
    check = db.session.get(OutboundEmail, state.check_id) if state is not None and state.check_id else None
    db.session.commit()
    mailbox = accounts.find("inbound", account.address)
    return Returns(
        state=state,
        check=check,
        asked=check.recipients[0] if check is not None else "",
        example=account.address.replace("@", "+b1042.…@"),
        is_read=mailbox is not None and mailbox.parsing,
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
