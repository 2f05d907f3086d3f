"""What was kept when the PSA was stopped is dealt with, whatever has become of its mailbox since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock, locks
from psa.extensions import db
from psa.mail import removal
from psa.mail.inbound.left_over import deal_with_left_over
from psa.mail.inbound.process import convert, process_again
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail
from tests.mail.inbound.world import statuses, subjects
from tests.mailroom import letter


@pytest.fixture
def left(cast) -> int:
    """A message that was kept some minutes ago, just before the machine was switched off."""
    inbound_id = receive_piped(cast.inbound, letter(subject="Projector").as_bytes())
    db.session.get_one(InboundEmail, inbound_id).kept_at = clock.now() - timedelta(minutes=5)
    db.session.commit()
    return inbound_id


@pytest.mark.parametrize("since_then", ["cannot be reached", "is switched off", "was removed"])
def test_mail_of_a_mailbox_that_is_not_read_any_more_becomes_its_ticket(cast, left, since_then):
    if since_then == "is switched off":
        cast.inbound.parsing = False
        db.session.commit()
    elif since_then == "was removed":
        removal.remove(cast.inbound)
    assert deal_with_left_over() == 1
    assert (subjects(), statuses()) == (["Projector"], ["filed"])
    assert deal_with_left_over() == 0


def test_what_somebody_has_just_kept_or_is_reading_is_left_to_them(cast, left):
    with locks.holding(f"mailbox-{cast.inbound.id}") as ours:
        assert ours
        assert deal_with_left_over() == 0
    db.session.get_one(InboundEmail, left).kept_at = clock.now()
    db.session.commit()
    assert deal_with_left_over() == 0
    assert statuses() == ["new"]


def test_a_person_need_not_wait_for_it(left):
    assert process_again(left).status == "filed"
    assert subjects() == ["Projector"]


def test_a_person_can_make_a_ticket_of_it(cast, left, sign_in):
    cast.inbound.create_tickets = False
    db.session.commit()
    page = sign_in("agent").get(f"/mail/inbound/{left}").text
    assert "waits to be processed" in page
    assert "Convert anyway" in page
    assert convert(left).status == "filed"
