"""Each fault is done for real: its cause is named, the decision is right, nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from _pytest.mark.structures import ParameterSet
from structlog.testing import capture_logs

from psa import clock
from psa.extensions import db
from psa.mail.diagnosis.causes import CAUSES, diagnose
from psa.mail.models import OutboundEmail
from psa.mail.outbound import outbox
from tests.lab import fault as known
from tests.lab.fault import Fault
from tests.lab.laboratory import ADDRESS, PASSWORD, USER, Laboratory
from tests.lab.registry import FAULTS

pytestmark = pytest.mark.dovecot
SOON, LATER = timedelta(seconds=10), timedelta(seconds=40)


def stories(*, sends: bool) -> list[ParameterSet]:
    """A parameter for each fault; what is still owed must not hold, or it is owed no longer."""
    return [
        pytest.param(
            fault, id=fault.name, marks=[pytest.mark.xfail(strict=True, reason=fault.owed)] if fault.owed else []
        )
        for fault in FAULTS
        if fault.sends is sends
    ]


@pytest.mark.parametrize("fault", stories(sends=True))
def test_sending(fault: Fault, laboratory: Laboratory):
    fault.inject(laboratory)
    emails = laboratory.queue()
    with capture_logs() as log:
        laboratory.send_due()

    check_sending(fault, laboratory, emails[-1])
    keeps_secrets(laboratory, log)
    laboratory.mend()
    laboratory.let_time_pass()
    laboratory.send_due()
    laboratory.send_due()
    check_afterwards(fault, laboratory, emails)


def check_sending(fault: Fault, laboratory: Laboratory, email: OutboundEmail) -> None:
    """The first try came to what the list says."""
    last = email.delivery_attempts[-1]
    if fault.then == known.THROUGH:
        assert (email.status, email.reason) == ("sent", "")
        return
    assert last.words or fault.then == known.ASKS
    if fault.then == known.ASKS:
        assert (email.status, last.outcome, last.stage) == ("unconfirmed", "unconfirmed", "data")
        return
    pause = laboratory.account.paused_until
    if fault.then == known.NEXT_TRANSACTION:
        assert (email.status, email.cause, pause) == ("queued", "", None)
        assert email.next_attempt_at <= clock.now()
        return
    assert email.cause in fault.causes, last.words
    assert not fault.stages or last.stage in fault.stages, last.words
    names_what_to_do(laboratory, email.cause)
    if fault.then == known.FAILS:
        assert email.status == "failed"
    elif fault.then == known.ONE_FAILS:
        assert (email.status, pause) == ("sent", None)
    elif fault.then == known.MESSAGE_WAITS:
        assert (email.status, pause) == ("queued", None)
        assert email.next_attempt_at > clock.now() + timedelta(seconds=20)
    else:
        assert fault.then == known.ACCOUNT_WAITS
        assert email.status == "queued"
        assert pause is not None and pause > clock.now() + timedelta(seconds=20)
        assert laboratory.account.fault_cause == email.cause
    if fault.heals is not None:
        error = diagnose(protocol="smtp", stage=last.stage, text=last.words)
        assert error.retry is fault.heals


def check_afterwards(fault: Fault, laboratory: Laboratory, emails: list[OutboundEmail]) -> None:
    """The fault is gone: what waited has arrived once, and what needs a person waits for one."""
    once = Counter(list(laboratory.to) * len(emails))
    for email in emails:
        db.session.refresh(email)
    if fault.then in (known.FAILS, known.ONE_FAILS):
        failed = [address for address, result in emails[-1].results.items() if result["state"] != "sent"]
        assert emails[-1].status == ("failed" if fault.then == known.FAILS else "sent")
        assert laboratory.arrived == once - Counter(failed)
        return
    if fault.then == known.ASKS:
        assert emails[-1].status == "unconfirmed"
        assert laboratory.arrived <= once
        # Only a person's word sends it again.
        assert outbox.retry(emails[-1].id)
        db.session.commit()
        laboratory.send_due()
        assert laboratory.arrived[laboratory.to[0]] >= 1
        return
    assert {email.status for email in emails} == {"sent"}
    assert laboratory.arrived == once


@pytest.mark.parametrize("fault", stories(sends=False))
def test_reading(fault: Fault, laboratory: Laboratory):
    laboratory.arrive()
    fault.inject(laboratory)
    with capture_logs() as log:
        looked = laboratory.look()

    check_reading(fault, laboratory, looked.fault)
    keeps_secrets(laboratory, log)
    laboratory.mend()
    laboratory.let_time_pass()
    assert laboratory.look().fault == ""
    assert laboratory.filed == Counter(laboratory.expected)
    assert laboratory.ledger == {"filed"}
    assert laboratory.look().kept == 0
    assert laboratory.account.fault_cause == ""


def check_reading(fault: Fault, laboratory: Laboratory, words: str) -> None:
    """The first look came to what the list says."""
    account = laboratory.account
    db.session.refresh(account)
    if fault.then in (known.THROUGH, known.NOTED):
        assert words == ""
        assert laboratory.filed == Counter(laboratory.expected)
    else:
        assert words
        assert account.next_poll_at is not None
        pause = account.next_poll_at - clock.now()
        assert pause < SOON if fault.then == known.LOOKS_SOON else pause > LATER
    if fault.then == known.THROUGH:
        assert account.fault_cause == ""
        return
    assert account.fault_cause in fault.causes, account.fault_words
    assert not fault.stages or account.fault_stage in fault.stages
    names_what_to_do(laboratory, account.fault_cause)


def names_what_to_do(laboratory: Laboratory, code: str) -> None:
    """What the page says is complete, and where it speaks of the server or its port it names them."""
    account = laboratory.account
    host, port = account.host, account.port
    told = CAUSES[code].told(
        host=host, port=port, address=ADDRESS, username=USER, protocol=account.protocol.upper(), folder="INBOX"
    )
    text = " ".join([told.title, told.meaning, *told.remedies])
    template = " ".join([CAUSES[code].title, CAUSES[code].meaning, *CAUSES[code].remedies])
    assert told.remedies and "{" not in text
    assert ("{host}" not in template or host in text) and ("{port}" not in template or str(port) in text)


def keeps_secrets(laboratory: Laboratory, log: object) -> None:
    """Neither the log nor the database tells the password to anybody."""
    for where in (str(log), laboratory.everything_stored()):
        assert PASSWORD not in where
        assert "ein langer Winter" not in where
