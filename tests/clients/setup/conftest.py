"""What the stories about a new client's set-up share: an agent who has begun one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from psa.clients.models import Client
from psa.extensions import db
from psa.mail.dns import DnsAway

PATH = "/clients/setup"


class NoAnswer:
    """A resolver whose name servers are silent: nothing here asks the real DNS."""

    def mx(self, name: str) -> list[tuple[int, str]]:
        raise DnsAway("No name server answers.")

    addresses = mx


@pytest.fixture
def agent(app, sign_in) -> FlaskClient:
    app.extensions["psa.dns"] = NoAnswer
    return sign_in("agent")


@pytest.fixture
def begun(agent: FlaskClient) -> Callable[..., Client]:
    """``begun()``: Millbrook Dental Lab, with nothing but its name; further fields of the first form by keyword."""

    def begin(**fields: str) -> Client:
        answer = agent.post(PATH, data={"name": "Millbrook Dental Lab"} | fields)
        assert answer.status_code == 303, answer.text
        return db.session.scalars(db.select(Client).where(Client.name == "Millbrook Dental Lab")).one()

    return begin


def at(client: Client, step: str = "") -> str:
    """The address of a step: ``at(client, "domains")``."""
    return f"/clients/{client.id}/setup{'/' + step if step else ''}"
