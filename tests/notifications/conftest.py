"""What the stories about notices share: a round of the job, and what is in the outbox for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.notifications import choices
from psa.notifications.choices import Choice
from psa.notifications.notices import tell_of_events
from psa.tickets.models import Event
from tests.mailroom import Mailroom


@pytest.fixture
def told(app, mailroom: Mailroom) -> Callable[[], list[OutboundEmail]]:
    """Let a round go by, with nothing that can still be undone; brings the notices that are queued for anybody."""
    app.config["PSA_UNDO_SECONDS"] = 0

    def tell() -> list[OutboundEmail]:
        db.session.commit()
        tell_of_events()
        db.session.expire_all()
        return [email for email in mailroom.outbox if email.purpose == "notice"]

    return tell


@pytest.fixture
def hears(cast) -> Callable[..., None]:
    """``hears(tom, queues={1})``: what a user has chosen."""

    def choose(user, **choice) -> None:
        choices.choose(user.id, Choice(**choice))
        db.session.commit()

    return choose


def happened_before(length: timedelta) -> None:
    """Let everything have happened so long ago."""
    db.session.execute(db.update(Event).values(created_at=clock.now() - length))
    db.session.commit()
