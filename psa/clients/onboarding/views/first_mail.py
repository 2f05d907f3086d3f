"""The last step: a test message to them, and waiting for the first one from them."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients.models import Client
from psa.clients.onboarding import journey, trial
from psa.clients.onboarding.models import ClientSetup
from psa.clients.onboarding.trial import NotTestable
from psa.clients.onboarding.views import Page, bp, client_or_404, render_step
from psa.extensions import db, lock_row
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Unwritable

MOST = 25
OURSELVES = "me"


@bp.get("/<int:client_id>/setup/test")
@agent_required
def test(client_id: int) -> str:
    return render_page(client_or_404(client_id))


@bp.post("/<int:client_id>/setup/test-messages")
@agent_required
def send_test(client_id: int) -> Page:
    client, wanted = client_or_404(client_id), request.form.get("to", "")
    person = next((one for one in journey.people_of(client, MOST) if str(one.id) == wanted and one.email), None)
    if person is None and wanted != OURSELVES:
        return render_page(client, "Choose who gets it."), 422
    to = (person.name, person.email) if person is not None else (current_user.name, current_user.email)
    try:
        trial.send_test(kept_setup(client), client, *to)
    except (NotTestable, Unwritable) as reason:
        db.session.rollback()
        return render_page(client_or_404(client_id), str(reason)), 422
    db.session.commit()
    return redirect(url_for("setup.test", client_id=client.id), 303)


@bp.get("/<int:client_id>/setup/delivery")
@agent_required
def delivery(client_id: int) -> str:
    """How far the test message has come; asks again while that may change."""
    client = client_or_404(client_id)
    return render_template("clients/setup/_delivery.html", client=client, email=test_message(journey.setup_of(client)))


@bp.get("/<int:client_id>/setup/arrival")
@agent_required
def arrival(client_id: int) -> Response:
    """The first message from them. As long as there is none, nothing changes and the page asks again."""
    client = client_or_404(client_id)
    found = trial.first_arrival(journey.setup_of(client), client)
    if found is None:
        return make_response("", 204)
    return make_response(render_template("clients/setup/_arrival.html", client=client, arrival=found))


def kept_setup(client: Client) -> ClientSetup:
    """The set-up as it is now. Of two presses at once the second waits for the first."""
    lock_row(Client, client.id)
    setup = journey.setup_of(client)
    db.session.add(setup)
    db.session.flush()
    return setup


def test_message(setup: ClientSetup) -> OutboundEmail | None:
    return db.session.get(OutboundEmail, setup.test_outbound_id) if setup.test_outbound_id is not None else None


def render_page(client: Client, refused: str = "") -> str:
    setup = journey.setup_of(client)
    wanted = request.form.get("to", "")
    people = [person for person in journey.people_of(client, MOST) if person.email]
    return render_step(
        "test",
        client,
        people=people,
        wanted=wanted or (str(people[0].id) if people else OURSELVES),
        email=test_message(setup),
        mailboxes=trial.mailboxes(client),
        arrival=trial.first_arrival(setup, client),
        refused=refused,
    )
