"""One account, whatever its direction: its page, and saving it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from flask import abort, flash
from flask_security import current_user
from sqlalchemy.exc import InvalidRequestError
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.extensions import db, lock_row
from psa.mail import drafts, setup
from psa.mail import settings as server
from psa.mail.forms import InboundForm, OutboundForm, ServerForm
from psa.mail.models import MailAccount
from psa.mail.settings import ServerSettings
from psa.mail.setup import Reading
from psa.mail.views import account_or_404, bp, counting, inbound, outbound
from psa.mail.views.drafts import back_to


@bp.get("/admin/email/accounts/<int:account_id>")
@admin_required
def account(account_id: int) -> str:
    chosen = account_or_404(account_id)
    if chosen.direction == "outbound":
        return outbound.show(OutboundForm(chosen))
    return inbound.show(InboundForm(chosen))


@bp.post("/admin/email/accounts/<int:account_id>")
@admin_required
def save_account(account_id: int) -> Response | tuple[str, int]:
    chosen = account_or_404(account_id)
    return save_outbound(chosen) if chosen.direction == "outbound" else save_inbound(chosen)


@bp.post("/admin/email/outbound/new")
@admin_required
def add_outbound() -> Response | tuple[str, int]:
    return save_outbound(None)


@bp.post("/admin/email/inbound/new")
@admin_required
def add_inbound() -> Response | tuple[str, int]:
    return save_inbound(None)


def save_outbound(chosen: MailAccount | None) -> Response | tuple[str, int]:
    form = OutboundForm(chosen)
    if form.is_outdated:
        return outbound.show(form, outdated=True), 422
    if not (form.validate_on_submit() and form.is_free(form.address)):
        return outbound.show(form), 422
    if is_overtaken(form):
        return outbound.show(form, outdated=True), 422
    if chosen is not None and drafts.must_be_tried(chosen, form.settings_to_test()):
        return try_out_first(chosen, form)
    if chosen is not None:
        drafts.discard(chosen.id)
    saved = setup.save_outbound(form.settings(), form.writing(), account=chosen, is_default=form.is_default.data)
    db.session.commit()
    flash("Saved.")
    return back_to(saved.id)


def try_out_first(chosen: MailAccount, form: OutboundForm) -> Response:
    """Save how it writes, and try the way to its server by a test email before it is used."""
    settings = form.settings_to_test()
    live = replace(server.of_account(chosen), display_name=settings.display_name, password="")
    setup.save_outbound(live, form.writing(), account=chosen, is_default=form.is_default.data)
    draft = None
    with suppress(ValueError):  # the draft waits then, untested, and the page says so
        draft = drafts.propose(chosen, settings, {"to": current_user.email})
    return back_to(chosen.id, draft)


def save_inbound(chosen: MailAccount | None) -> Response | tuple[str, int]:
    form = InboundForm(chosen)
    if form.is_outdated:
        return inbound.show(form, outdated=True), 422
    if not (form.validate_on_submit() and form.is_free(form.address)):
        return inbound.show(form), 422
    if counting.needs_count(form):
        return inbound.show(form, counted=counting.count(form)), 422
    if is_overtaken(form):
        return inbound.show(form, outdated=True), 422
    settings, reading = form.settings(), form.reading()
    if chosen is not None and drafts.must_be_tried(chosen, form.settings_to_test(), reading):
        return try_first(chosen, form.settings_to_test(), reading)
    return save_at_once(chosen, settings, reading)


def is_overtaken(form: ServerForm) -> bool:
    """Whether somebody has saved, or a draft has gone live, while this was looked at; from here on nobody can.

    Of two at once the second waits here, and then sees what the first has saved.
    """
    if form.account is None:
        return False
    lock_row(MailAccount, form.account.id)
    try:
        db.session.refresh(form.account)
    except InvalidRequestError:  # it has been removed
        abort(404)
    if form.is_outdated:
        db.session.rollback()
        return True
    return False


def save_at_once(chosen: MailAccount | None, settings: ServerSettings, reading: Reading) -> Response:
    """Save a mailbox that nothing is lost by: a new one, one that never worked, or one whose connection stays."""
    begins = chosen is None
    if chosen is not None:
        drafts.discard(chosen.id)
    saved = setup.save_inbound(settings, reading, account=chosen)
    db.session.commit()
    if not begins or setup.remember_start(saved.id):
        flash("Saved.")
    else:
        flash("Saved, but the server does not answer yet. Test Connection tells why.")
    return back_to(saved.id)


def try_first(chosen: MailAccount, settings: ServerSettings, reading: Reading) -> Response:
    """Save what has nothing to do with the connection, and try the rest before it is used."""
    live = replace(server.of_account(chosen), address=settings.address, password="")
    at_once = replace(reading, after_filing=chosen.after_filing, move_to=chosen.move_to)
    setup.save_inbound(live, at_once, account=chosen)
    draft = drafts.propose(chosen, settings, drafts.filing_of(reading))
    return back_to(chosen.id, draft)
