"""Admin > Email Settings > Deliverability: what receivers find when they ask whether our mail is ours."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa import signing, web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import accounts, dns
from psa.mail.deliverability.dkim_record import PublicKey
from psa.mail.deliverability.finding import Sender
from psa.mail.deliverability.report import Report, examine
from psa.mail.diagnosis import probe
from psa.mail.dns import DnsAway
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.models import DkimKey
from psa.mail.outbound.transport import local_name
from psa.mail.views import account_or_404, bp

ROOT = "/admin/email/deliverability"
NOT_SEEN = "The record of this key is not to be seen yet, so nothing was switched on."
CANNOT_BE_OPENED = "This key cannot be opened any more. Remove it and make another one."


@bp.get(ROOT)
@admin_required
def deliverability() -> str | Response:
    """The account that is asked for, else the default one."""
    chosen = request.args.get("account", type=int)
    if chosen is not None:
        return redirect(url_for("email.deliverability_of", account_id=chosen), 303)
    first = next(iter(accounts.in_direction("outbound")), None)
    return show(first) if first is not None else render_template("mail/deliverability.html", account=None)


@bp.get(f"{ROOT}/<int:account_id>")
@admin_required
def deliverability_of(account_id: int) -> str:
    return show(account_or_404(account_id, "outbound"))


@bp.get(f"{ROOT}/<int:account_id>/dns")
@admin_required
def look_up(account_id: int) -> str:
    """The fragment with what is published now; without script the page with it."""
    account = account_or_404(account_id, "outbound")
    sender, keys = sender_of(account), dkim_keys.keys_of(account.domain)
    # Nothing is held in the database while the name servers think.
    db.session.commit()
    first, second = (dkim_keys.first_of(keys, algorithm) for algorithm in ("rsa", "ed25519"))
    report = examine(sender, half_of(first), dns.ours(), half_of(second))
    if web.is_htmx():
        return render_template("mail/_dns.html", **parts(account, report))
    return show(account, report)


@bp.post(f"{ROOT}/<int:account_id>/keys")
@admin_required
def make_key(account_id: int) -> Response:
    """A key for the account's domain; it signs nothing yet."""
    account = account_or_404(account_id, "outbound")
    dkim_keys.make_key(account.domain, "ed25519" if "short" in request.form else "rsa")
    db.session.commit()
    return back_to(account)


@bp.post(f"{ROOT}/<int:account_id>/keys/<int:key_id>/signing")
@admin_required
def sign_with(account_id: int, key_id: int) -> Response:
    """Switch signing on when the record is there and proves a signature, or when somebody says that it is."""
    account = account_or_404(account_id, "outbound")
    key = key_of(account, key_id)
    if not dkim_keys.can_be_opened(key):
        flash(CANNOT_BE_OPENED)
    elif "anyway" in request.form or is_proven(key):
        dkim_keys.switch_on(key)
    else:
        flash(NOT_SEEN)
    db.session.commit()
    return back_to(account)


@bp.post(f"{ROOT}/<int:account_id>/keys/<int:key_id>/pause")
@admin_required
def stop_signing(account_id: int, key_id: int) -> Response:
    account = account_or_404(account_id, "outbound")
    key_of(account, key_id).active = False
    db.session.commit()
    return back_to(account)


@bp.post(f"{ROOT}/<int:account_id>/keys/<int:key_id>/removal")
@admin_required
def remove_key(account_id: int, key_id: int) -> Response:
    """Forget a key that does not sign. Its record may stay for as long as mail that it signed is under way."""
    account = account_or_404(account_id, "outbound")
    key = key_of(account, key_id)
    if key.active:
        abort(409)
    db.session.delete(key)
    db.session.commit()
    return back_to(account)


def is_proven(key: DkimKey) -> bool:
    try:
        return dkim_keys.is_proven(key, dns.ours())
    except (DnsAway, signing.SealBroken):
        return False


def half_of(key: DkimKey | None) -> PublicKey | None:
    return dkim_keys.public_half(key) if key is not None else None


def key_of(account: MailAccount, key_id: int) -> DkimKey:
    return next((key for key in dkim_keys.keys_of(account.domain) if key.id == key_id), None) or abort(404)


def show(account: MailAccount, report: Report | None = None) -> str:
    """The page of an account; without a ``report`` it asks for one by itself."""
    return render_template(
        "mail/deliverability.html", senders=accounts.in_direction("outbound"), **parts(account, report)
    )


def parts(account: MailAccount, report: Report | None) -> dict[str, object]:
    g.section = "email.deliverability"
    keys = dkim_keys.keys_of(account.domain)
    return {
        "account": account,
        "sender": sender_of(account),
        "report": report,
        "keys": keys,
        "broken": [key for key in keys if not dkim_keys.can_be_opened(key)],
        "introduces_as": local_name(),
        "returned": last_round(account),
    }


def last_round(account: MailAccount) -> ConnectionTest | None:
    """The last full-loop test through an account that came all the way round: its mail was seen by a receiver."""
    passed = db.select(ConnectionTest).where(
        ConnectionTest.account_id == account.id,
        ConnectionTest.direction == probe.LOOP,
        ConnectionTest.state == "passed",
    )
    return db.session.scalars(passed.order_by(ConnectionTest.id.desc()).limit(1)).first()


def sender_of(account: MailAccount) -> Sender:
    return Sender(account.address, account.host)


def back_to(account: MailAccount) -> Response:
    return redirect(url_for("email.deliverability_of", account_id=account.id), 303)
