"""The second step: which mail is theirs, told before it is so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template, request

from psa.auth.guards import agent_required
from psa.clients import operations
from psa.clients.models import Client, Domain
from psa.clients.onboarding import journey
from psa.clients.onboarding.claims import Claims, claims
from psa.clients.onboarding.mail_servers import hint_of
from psa.clients.onboarding.origin import own_domain
from psa.clients.onboarding.views import Page, bp, client_or_404, go_on, me, render_step
from psa.clients.operations import Refused
from psa.extensions import db

# So many fields a page has at most, and so many characters a domain (RFC 1035, 2.3.4).
MOST, LONGEST = 20, 253


@bp.get("/<int:client_id>/setup/domains")
@agent_required
def domains(client_id: int) -> str:
    client = client_or_404(client_id)
    return render_page(client, [domain.name for domain in client.domains] or proposed(client) or [""])


@bp.post("/<int:client_id>/setup/domains")
@agent_required
def save_domains(client_id: int) -> Page:
    """Keep them; where something would become theirs that the page has not shown yet, show it first."""
    client, names = client_or_404(client_id), typed()
    if "more" in request.form:
        return render_page(client, [*names, ""])
    if (gone := request.form.get("remove", "")).isdecimal():
        return render_page(client, [name for place, name in enumerate(names) if place != int(gone)] or [""])
    names = list(dict.fromkeys(name for name in names if name))
    if not names and not client.domains:
        return render_page(client, [""], {0: "Write what stands behind the @, or go on without one."}), 422
    found = claims(client, names)
    client = client_or_404(client_id)
    if found and set(request.form.get("shown", "").split()) != set(names):
        return render_page(client, names, found=found), 422
    placed, wrong = journey.set_domains(client, names, had(client), me())
    if wrong:
        db.session.rollback()
        return render_page(client_or_404(client_id), names, wrong, found), 422
    return go_on(client, "domains", "done", placed.words)


@bp.get("/<int:client_id>/setup/claims")
@agent_required
def show_claims(client_id: int) -> str:
    """What would become theirs by what is typed."""
    client, names = client_or_404(client_id), [name for name in typed() if name]
    return render_template(
        "clients/setup/_claims.html", found=claims(client, names), names=names, client=client_or_404(client_id)
    )


@bp.get("/<int:client_id>/setup/domain-hint")
@agent_required
def domain_hint(client_id: int) -> str:
    """Whether a domain can be theirs, at once; and then whether it takes mail, which the DNS may be slow to tell."""
    client, place = client_or_404(client_id), request.args.get("place", "0")
    name = next((name for name in typed() if name), "")
    return render_template(
        "clients/setup/_domain_hint.html",
        client=client,
        place=int(place) if place.isdecimal() and len(place) < 3 else 0,
        name=name,
        wrong=why_not(client, name) if name else "",
        asked=hint_of(name) if "mail" in request.args and name else None,
    )


def why_not(client: Client, name: str) -> str:
    """Why the client cannot have the domain; "" when it can. Keeps nothing: this rolls back."""
    if any(domain.name == name for domain in client.domains):
        return ""
    try:
        operations.add_domain(client, name)
    except Refused as reason:
        return str(reason)
    finally:
        db.session.rollback()
    return ""


def typed() -> list[str]:
    """The domains of the form as they would be kept, empty fields too."""
    fields = request.values.getlist("domain")[:MOST]
    return [operations.host_of(field)[:LONGEST] for field in fields]


def had(client: Client) -> list[str]:
    """The domains that the client had when the page was shown first."""
    return request.form.get("had", "").split() if "had" in request.form else [one.name for one in client.domains]


def proposed(client: Client) -> list[str]:
    """The domains of the people who are known already, where nobody has them."""
    names = dict.fromkeys(own_domain(person.email) for person in journey.people_of(client, MOST) if person.email)
    taken = set(db.session.scalars(db.select(Domain.name).where(Domain.name.in_(list(names)))))
    return [name for name in names if name and name not in taken]


def render_page(
    client: Client, names: Sequence[str], wrong: Mapping[int, str] | None = None, found: Claims | None = None
) -> str:
    return render_step(
        "domains", client, names=names[:MOST], wrong=wrong or {}, found=found, most=MOST, had=had(client)
    )
