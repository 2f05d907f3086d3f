"""The page of a contact: who they are, their addresses and whether mail reaches them, what they asked and were told."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import correspondence, merging, operations, people, queries
from psa.clients.forms import AddressForm, PersonForm
from psa.clients.models import Client, Contact, ContactAddress
from psa.clients.references import keeps_from_deleting
from psa.clients.views import Page, bp, contact_or_404
from psa.extensions import db
from psa.mail.log.queries import Key
from psa.mail.log.queries import Wanted as WantedMail
from psa.notifications import choices
from psa.notifications.kinds import TOPIC_HINTS, TOPICS
from psa.saving import refusal_of, tried
from psa.tickets.models import Ticket
from psa.tickets.queries import is_key


@bp.get("/contacts/<int:contact_id>")
@agent_required
def contact(contact_id: int) -> str:
    return render_page(contact_or_404(contact_id))


@bp.post("/contacts/<int:contact_id>")
@agent_required
def change_contact(contact_id: int) -> Page:
    """Who they are; what somebody else has saved meanwhile is shown beside what was typed, and stays."""
    person, form = contact_or_404(contact_id), PersonForm()
    changed = tried(form, lambda: people.change_contact(person, form.person(), form.revision.data))
    if changed is not None:
        return kept(changed, "Saved.")
    person = contact_or_404(contact_id)
    return render_page(person, person_form=form, now=form.meanwhile(person)), 422


@bp.post("/contacts/<int:contact_id>/topics")
@agent_required
def tell_contact(contact_id: int) -> Page:
    """What they are told of from now on; what somebody else has chosen meanwhile is said, and stays."""
    person = contact_or_404(contact_id)
    wanted = set(request.form.getlist("topic")) & set(TOPICS)
    if choices.tell_anew(person.id, wanted, request.form.get("shown", "").split()):
        return kept(person, "Saved.")
    db.session.rollback()
    person = contact_or_404(contact_id)
    return render_page(person, told=wanted, told_now=choices.topics_of(person.id)), 422


@bp.post("/contacts/<int:contact_id>/addresses")
@agent_required
def add_address(contact_id: int) -> Page:
    person, form = contact_or_404(contact_id), AddressForm()
    added = tried(form, lambda: people.add_address(person, form.email.data))
    if added is None:
        return render_page(contact_or_404(contact_id), address_form=form), 422
    odd = operations.elsewhere(person.client_id, added.email) if person.client_id is not None else ""
    return kept(person, f"Mail from that address is theirs from now on. {odd}".strip())


@bp.post("/contacts/<int:contact_id>/addresses/<int:address_id>/first")
@agent_required
def put_address_first(contact_id: int, address_id: int) -> Response:
    person = contact_or_404(contact_id)
    address = address_or_404(person, address_id)
    people.put_first(address)
    return kept(person, f"We write to {address.email} from now on.")


@bp.post("/contacts/<int:contact_id>/addresses/<int:address_id>/removal")
@agent_required
def remove_address(contact_id: int, address_id: int) -> Page:
    person = contact_or_404(contact_id)
    address = address_or_404(person, address_id)
    email, refused = address.email, refusal_of(lambda: people.remove_address(address))
    if refused:
        return render_page(contact_or_404(contact_id), refused=refused), 422
    return kept(person, f"Mail from {email} is no longer theirs.")


@bp.get("/contacts/<int:contact_id>/client")
@agent_required
def choose_client(contact_id: int) -> str:
    """Where else they may belong, found by what is typed."""
    person, typed = contact_or_404(contact_id), request.args.get("q", "").strip()[:200]
    found = queries.clients_like(typed, but=person.client_id or 0)
    return render_template("clients/move_contact.html", contact=person, q=typed, found=found)


@bp.post("/contacts/<int:contact_id>/client")
@agent_required
def move_contact(contact_id: int) -> Page:
    """Let them belong to another client; empty for nobody. ``had`` is the one that the page has shown."""
    person, wanted, had = contact_or_404(contact_id), request.form.get("client", ""), request.form.get("had", "")
    client = db.get_or_404(Client, int(wanted)) if is_key(wanted) else None
    refused = refusal_of(lambda: people.move_contact(person, client, int(had) if is_key(had) else None))
    if refused:
        return render_page(contact_or_404(contact_id), refused=refused), 422
    return kept(person, f"{person.display_name} belongs to {client.name if client else 'nobody'} from now on.")


@bp.post("/contacts/<int:contact_id>/removal")
@agent_required
def remove_contact(contact_id: int) -> Page:
    person = contact_or_404(contact_id)
    name, client_id = person.display_name, person.client_id
    refused = refusal_of(lambda: people.delete_contact(person))
    if refused:
        return render_page(contact_or_404(contact_id), refused=refused), 422
    db.session.commit()
    flash(f"{name} was deleted.")
    away = url_for("clients.contacts", client_id=client_id) if client_id else url_for("clients.index")
    return redirect(away, 303)


def address_or_404(person: Contact, address_id: int) -> ContactAddress:
    address = db.get_or_404(ContactAddress, address_id)
    return address if address.contact_id == person.id else abort(404)


def kept(person: Contact, words: str) -> Response:
    db.session.commit()
    flash(words)
    return redirect(url_for("clients.contact", contact_id=person.id), 303)


def render_page(person: Contact, **shown: Any) -> str:
    conditions = correspondence.with_contact(person)
    entries, older = correspondence.page_of(conditions, Key.read(request.args.get("mail", "")))
    tickets, older_tickets = queries.tickets_before(Ticket.requester_id == person.id, request.args.get("before", ""))
    context = {
        "person_form": PersonForm.of(person),
        "address_form": AddressForm(formdata=None),
        "now": {},
        "topics": TOPICS,
        "hints": TOPIC_HINTS,
        "told": choices.topics_of(person.id),
        "told_now": None,
        "tickets": tickets,
        "older_tickets": older_tickets,
        "entries": entries,
        "older": older,
        "wanted": WantedMail(),
        "row_of": queries.contact_rows([person])[0],
        "depends": keeps_from_deleting(person),
        "merge": merging.latest_into(person),
    }
    return render_template("clients/contact.html", contact=person, **(context | shown))
