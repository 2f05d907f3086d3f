"""The sixth step: the welcome message, looked at and then sent to those who are ticked."""

from __future__ import annotations

from flask import request

from psa.auth.guards import agent_required
from psa.clients.models import Client, Contact
from psa.clients.onboarding import journey
from psa.clients.onboarding.views import Page, bp, client_or_404, go_on, render_step
from psa.extensions import db
from psa.mail import accounts
from psa.mail.outbound.compose import Unwritable
from psa.notifications import welcome as messages
from psa.notifications.welcome import NotWelcomed
from psa.tickets.queries import is_key
from psa.words import counted

MOST = 25


@bp.get("/<int:client_id>/setup/welcome")
@agent_required
def welcome(client_id: int) -> str:
    return render_page(client_or_404(client_id))


@bp.post("/<int:client_id>/setup/welcome")
@agent_required
def send_welcome(client_id: int) -> Page:
    """All of them or none: a page that says why one cannot get it has sent nothing."""
    client, wanted = client_or_404(client_id), request.form.getlist("contact")
    chosen = [person for person in journey.people_of(client, MOST) if str(person.id) in wanted]
    if not chosen:
        return render_page(client, refused="Tick who gets it, or send none."), 422
    for person in chosen:
        try:
            messages.welcome(person)
        except (NotWelcomed, Unwritable) as reason:
            db.session.rollback()
            return render_page(client_or_404(client_id), refused=f"The message went to nobody. {reason}"), 422
    return go_on(client, "welcome", "done", f"{counted(len(chosen), 'welcome message')} on the way.")


def render_page(client: Client, refused: str = "") -> str:
    """With the message as the first of them will see it, or the one who is asked for (``shown``)."""
    people, asked = journey.people_of(client, MOST), request.values.get("shown", "")
    named = [person for person in people if is_key(asked) and person.id == int(asked)]
    shown = next(iter(named or people), None)
    sent = messages.last_sent(Contact.id.in_([person.id for person in people]))
    return render_step(
        "welcome",
        client,
        people=people,
        shown=shown,
        mail=messages.preview(shown) if shown is not None else None,
        account=accounts.default_outbound(),
        sent=sent,
        why_not={person.id: messages.why_not_welcome(person, sent.get(person.id)) for person in people},
        refused=refused,
    )
