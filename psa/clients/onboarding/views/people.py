"""The third step: who the people are, and what each is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request

from psa.auth.guards import agent_required
from psa.clients.models import Client
from psa.clients.onboarding import journey
from psa.clients.onboarding.journey import NewPerson
from psa.clients.onboarding.views import Page, bp, client_or_404, go_on, me, render_step
from psa.extensions import db
from psa.notifications import choices
from psa.notifications.kinds import TOPICS

# So many of those who are known already are shown, and so many can be entered at once.
MOST_KNOWN, MOST_NEW = 25, 20
WITHOUT_ENDING = "“{}” has no ending such as .com. In their own network? Enter the person on the client’s page."


@dataclass(frozen=True, slots=True)
class Row:
    """A person as typed into one row; ``wrong`` is the reason at its address."""

    name: str = ""
    email: str = ""
    topics: frozenset[str] = frozenset(TOPICS)
    wrong: str = ""


@bp.get("/<int:client_id>/setup/contacts")
@agent_required
def contacts(client_id: int) -> str:
    client = client_or_404(client_id)
    return render_page(client, [Row()])


@bp.post("/<int:client_id>/setup/contacts")
@agent_required
def save_contacts(client_id: int) -> Page:
    client, rows = client_or_404(client_id), typed()
    if "more" in request.form:
        return render_page(client, [*rows, Row()])
    rows = [row for row in rows if row.name or row.email]
    known = journey.people_of(client, MOST_KNOWN)
    if not rows and not known:
        return render_page(client, [Row(wrong="Write whom you talk to there, or go on without.")]), 422
    overtaken = [person.id for person in known if was_shown(person.id) and not say_topics(person.id)]
    if overtaken:
        db.session.rollback()
        return render_page(client_or_404(client_id), rows or [Row()], overtaken), 422
    cut = [replace(row, wrong=WITHOUT_ENDING.format(row.email)) if is_cut(row.email) else row for row in rows]
    if cut != rows:
        db.session.rollback()
        return render_page(client_or_404(client_id), cut), 422
    wrong = journey.add_people(client, [NewPerson(row.name, row.email, row.topics) for row in rows], me())
    if wrong:
        db.session.rollback()
        marked = [
            Row(row.name, row.email, row.topics, wrong_of(row, wrong.get(place, ""))) for place, row in enumerate(rows)
        ]
        return render_page(client_or_404(client_id), marked), 422
    return go_on(client, "contacts", "done")


def was_shown(contact_id: int) -> bool:
    return f"known-{contact_id}" in request.form


def say_topics(contact_id: int) -> bool:
    """What a person is told of, as it is ticked; False when that is not any more what the page has shown."""
    return choices.tell_anew(contact_id, ticked(f"topic-{contact_id}"), had_topics(contact_id))


def had_topics(contact_id: int) -> set[str]:
    """What they were told of when the page was shown first."""
    return set(request.form[f"known-{contact_id}"].split())


def is_cut(email: str) -> bool:
    """Whether what stands behind the @ has no ending: mostly a slip."""
    _, mark, domain = email.rpartition("@")
    return bool(mark and domain) and "." not in domain


def wrong_of(row: Row, reason: str) -> str:
    return "A contact is known by their address. Write it here, or leave out the name." if not row.email else reason


def typed() -> list[Row]:
    """The rows of people who are new, as they were sent."""
    form = request.form
    number = min(len(form.getlist("email")), MOST_NEW)
    names, emails = form.getlist("name")[:number], form.getlist("email")[:number]
    names += [""] * (number - len(names))
    return [
        Row(name.strip(), email.strip(), ticked(f"new-topic-{place}"))
        for place, (name, email) in enumerate(zip(names, emails, strict=True))
    ]


def ticked(name: str) -> frozenset[str]:
    return frozenset(request.form.getlist(name)) & frozenset(TOPICS)


def render_page(client: Client, rows: list[Row], overtaken: Sequence[int] = ()) -> str:
    """What is ticked stays ticked; beside those who are ``overtaken`` stands what somebody has saved meanwhile."""
    known = journey.people_of(client, MOST_KNOWN)
    saved = {person.id: choices.topics_of(person.id) for person in known}
    typed_topics = {person.id: ticked(f"topic-{person.id}") for person in known if was_shown(person.id)}
    shown = {
        person.id: saved[person.id] if person.id in overtaken or not was_shown(person.id) else had_topics(person.id)
        for person in known
    }
    return render_step(
        "contacts",
        client,
        known=known,
        told=saved | typed_topics,
        shown=shown,
        overtaken=overtaken,
        rows=rows[:MOST_NEW],
        is_full=len(rows) >= MOST_NEW,
        TOPICS=TOPICS,
    )
