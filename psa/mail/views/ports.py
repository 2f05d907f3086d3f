"""Whether port and security fit, said while they are typed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request

from psa.auth.guards import admin_required
from psa.mail.forms import InboundForm, OutboundForm
from psa.mail.settings import PORTS, SECURITIES, port_contradiction
from psa.mail.views import bp


@dataclass(frozen=True, slots=True)
class PortHint:
    """A line under the port; ``fits`` is the port that would do, when the one that was typed cannot be meant."""

    words: str
    fits: int | None = None


@bp.get("/admin/email/port-check")
@admin_required
def port_check() -> str:
    protocol, security, port = typed()
    return render_template("mail/_port_hint.html", hint=port_hint(protocol, security, port))


@bp.get("/admin/email/port-field")
@admin_required
def port_field() -> str:
    """The field again, with the port that fits in it."""
    protocol, security, _ = typed()
    form = OutboundForm() if protocol == "smtp" else InboundForm()
    form.port.data = PORTS[protocol, security]
    return render_template("mail/_port_field.html", form=form, hint=port_hint(protocol, security, form.port.data))


def typed() -> tuple[str, str, int | None]:
    protocol = request.args.get("protocol", "smtp")
    security = request.args.get("security", "")
    text = request.args.get("port", "").strip()
    if (protocol, security) not in PORTS:
        abort(400)
    return protocol, security, int(text) if text.isdecimal() else None


def port_hint(protocol: str, security: str | None, port: int | None) -> PortHint:
    """What is to be said about a port before it is saved."""
    if security not in SECURITIES or port is None:
        return PortHint("")
    fits = PORTS[protocol, security]
    contradiction = port_contradiction(protocol, port, security)
    if contradiction is not None:
        return PortHint(*contradiction)
    if port == fits and security != "none":
        other = "starttls" if security == "ssl" else "ssl"
        return PortHint(
            f"{port} and {SECURITIES[security]} belong together. {SECURITIES[other]} would be {PORTS[protocol, other]}."
        )
    if security == "none":
        return PortHint(
            "Without encryption everybody on the way can read password and mail. Only for a server on this machine."
        )
    return PortHint(f"{SECURITIES[security]} is mostly on {fits}.")
