"""Two reports about two recipients of one message, dealt with at the same moment: neither outcome is lost."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from psa.extensions import db
from psa.mail.inbound import bounces
from psa.mail.inbound.receive import receive_piped
from tests.mail.inbound.test_bounces_come_back import DANA, report
from tests.mail.inbound.test_reports_about_two_addresses import RUBEN, answer
from tests.mail.inbound.test_two_at_once import at_once

__all__ = ["answer"]


@pytest.fixture
def database_url(either_database) -> str:
    return either_database


def test_each_recipient_keeps_its_outcome(app, cast, answer, monkeypatch):
    refusal = "550 5.1.1 User unknown"
    ids = [receive_piped(cast.inbound, report(answer, who, "5.1.1", refusal).encode()) for who in (DANA, RUBEN)]
    both_have_read = threading.Barrier(2, timeout=0.5)
    real = bounces.addresses.suppress

    def wait_for_the_other(*arguments, **values):
        with suppress(threading.BrokenBarrierError):
            both_have_read.wait()
        real(*arguments, **values)

    monkeypatch.setattr(bounces.addresses, "suppress", wait_for_the_other)
    at_once(app, *ids)
    db.session.refresh(answer)
    assert {address: result["state"] for address, result in answer.results.items()} == {
        DANA: "bounced",
        RUBEN: "bounced",
    }
    assert answer.status == "bounced"
