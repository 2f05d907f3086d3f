"""The pages of a new client's set-up: /clients/setup begins it, /clients/7/setup goes on where somebody has stopped."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.clients.models import Client
from psa.clients.onboarding import journey, steps
from psa.clients.onboarding.models import ClientSetup
from psa.clients.onboarding.origin import is_unknown
from psa.clients.onboarding.so_far import so_far
from psa.clients.onboarding.steps import Step
from psa.extensions import db
from psa.tickets.operations import Actor

bp = Blueprint("setup", __name__, url_prefix="/clients")

Page = Response | tuple[str, int] | str


def init_app(app: Flask) -> None:
    """Bind the pages; each module puts its routes on ``bp``."""
    from psa.clients.onboarding.views import company, domains, first_mail, people, welcome, work

    del company, domains, first_mail, people, welcome, work
    app.add_template_global(journey.unfinished, "unfinished_setups")
    app.add_template_global(journey.is_unfinished, "setup_is_unfinished")
    app.add_template_global(steps.next_open, "next_setup_step")
    app.add_template_global(is_unknown, "is_unknown_sender")
    app.register_blueprint(bp)


def me() -> Actor:
    return Actor(user_id=current_user.id)


def client_or_404(client_id: int) -> Client:
    client = db.get_or_404(Client, client_id)
    return client if client.merged_into_id is None else abort(404)


def href_of(client: Client, step: Step) -> str:
    return url_for(f"setup.{step.name}", client_id=client.id)


def go_on(client: Client, name: str, became: str, words: str = "") -> Response:
    """Keep what the step has done, and show the next one."""
    journey.leave(journey.setup_of(client), name, became)
    db.session.commit()
    if words:
        flash(words)
    return redirect(href_of(client, steps.after(steps.NAMED[name])), 303)


def render_step(name: str, client: Client | None, **shown: Any) -> str:
    """A page of the path: the steps above it, what is known beside it."""
    setup: ClientSetup | None = journey.setup_of(client) if client is not None else None
    here = steps.NAMED[name]
    back = steps.before(here)
    return render_template(
        f"clients/setup/{name}.html",
        client=client,
        setup=setup,
        step=here,
        number=steps.STEPS.index(here) + 1,
        steps=[(one, steps.state_of(one, setup.steps if setup is not None else {})) for one in steps.STEPS],
        so_far=so_far(client) if client is not None else None,
        following=steps.after(here),
        back=href_of(client, back) if client is not None and back is not None else "",
        **shown,
    )
