"""Settings proposed from the address, while it is typed or by a button."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request

from psa import web
from psa.auth.guards import admin_required
from psa.mail import autoconfig, dns, plausible
from psa.mail.autoconfig import Proposal
from psa.mail.forms import InboundForm, OutboundForm
from psa.mail.settings import SettingsError
from psa.mail.views import account_or_404, bp, inbound, outbound
from psa.mail.views.ports import port_hint


@dataclass(frozen=True, slots=True)
class Offer:
    """What is said below the address: a proposal that was ``taken`` into the fields or is offered, or a ``problem``."""

    proposal: Proposal | None = None
    taken: bool = False
    problem: str = ""


@bp.post("/admin/email/<direction>/proposals")
@bp.post("/admin/email/<direction>/<int:account_id>/proposals")
@admin_required
def propose(direction: str, account_id: int | None = None) -> str:
    """The server's fields again, filled in where nobody has entered a server; without script the whole page.

    What somebody entered is kept, unless the button was pressed.
    """
    if direction not in ("outbound", "inbound"):
        abort(404)
    account = account_or_404(account_id, direction) if account_id is not None else None
    form = OutboundForm(account) if direction == "outbound" else InboundForm(account)
    offer = offer_for(form, insists="propose" in request.form)
    if not web.is_htmx():
        return outbound.show(form, offer=offer) if isinstance(form, OutboundForm) else inbound.show(form, offer=offer)
    hint = port_hint(form.protocol_value, form.security.data, form.port.data)
    return render_template("mail/_proposed.html", form=form, account=account, offer=offer, hint=hint)


def offer_for(form: OutboundForm | InboundForm, *, insists: bool) -> Offer:
    if not (form.address.data or "").strip() and not insists:
        return Offer()
    try:
        address = plausible.address(form.address.data or "")
    except SettingsError as error:
        return Offer(problem=str(error))
    proposal = autoconfig.propose(address, form.protocol_value, dns.ours())
    taken = insists or form.server_is_untouched
    if taken:
        form.take(proposal)
    return Offer(proposal, taken)
