"""Removing an account, of either direction: what depends on it first, then the button."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.mail import accounts
from psa.mail import removal as mailboxes
from psa.mail.models import MailAccount
from psa.mail.outbound import removal as senders
from psa.mail.outbound.removal import StillNeeded
from psa.mail.views import account_or_404, bp


@bp.get("/admin/email/accounts/<int:account_id>/removal")
@admin_required
def removal(account_id: int) -> str:
    """What depends on an account, and the button that removes it."""
    account = account_or_404(account_id)
    if account.direction == "outbound":
        return sender_removal(account)
    return render_template("mail/removal.html", account=account, dependents=mailboxes.what_depends_on(account))


@bp.post("/admin/email/accounts/<int:account_id>/removal")
@admin_required
def remove_account(account_id: int) -> Response | tuple[str, int]:
    account = account_or_404(account_id)
    return remove_sender(account) if account.direction == "outbound" else remove_mailbox(account)


def remove_mailbox(account: MailAccount) -> Response:
    try:
        is_gone = mailboxes.remove(account)
    except NoResultFound:  # somebody else was quicker
        is_gone = True
    if is_gone:
        return redirect(url_for("email.inbound"), 303)
    flash("Removed: it is not read any more, and its password is forgotten.")
    return redirect(url_for("email.account", account_id=account.id), 303)


def remove_sender(account: MailAccount) -> Response | tuple[str, int]:
    others = {str(other.id): other for other in others_than(account)}
    successor = others.get(request.form.get("successor", "")) or next(iter(others.values()), None)
    cancelled_by = current_user.name if request.form.get("waiting") == "cancel" else ""
    address = account.address
    try:
        senders.remove(account, successor, cancelled_by=cancelled_by)
    except StillNeeded as reason:
        return sender_removal(account, str(reason)), 422
    flash(f"{address} is removed.")
    return redirect(url_for("email.outbound"), 303)


def sender_removal(account: MailAccount, reason: str = "") -> str:
    return render_template(
        "mail/removal_outbound.html",
        account=account,
        dependents=senders.what_depends_on(account),
        others=others_than(account),
        reason=reason,
    )


def others_than(account: MailAccount) -> list[MailAccount]:
    """The other sending accounts, the default one first."""
    return [other for other in accounts.in_direction("outbound") if other.id != account.id]
