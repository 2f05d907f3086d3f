"""Claim, hand over, write down what happened. No transaction is open while the network is."""

from __future__ import annotations

import random
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, Diagnosis, diagnose
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.models import ConnectionTest, DeliveryAttempt, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.transport import Letter, NotSent, Transport, Unconfirmed
from psa.mail.raw import raw_bytes

log = structlog.get_logger()

# Longer than the ten minutes that a server may think about a message. Whoever is slower before that loses the claim.
LEASE = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=2)
CONNECTION_STAGES = frozenset({"token", "resolve", "connect", "tls", "greeting", "auth"})
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Try:
    """One try for a message that we have claimed; ``number`` is the mark of the claim."""

    email: OutboundEmail
    number: int
    record: DeliveryAttempt


def deliver_due(limit: int = 200) -> int:
    """Send what is due, one connection for each account; returns how many messages were tried.

    Several of these may run at the same time: an account that one of them is busy with is passed over by the others,
    so a server that takes its time holds nobody's mail but its own.
    """
    outbox.recover(GIVE_UP_AFTER)
    waiting: dict[int | None, list[int]] = {}
    for outbound_id, account_id in outbox.due(limit):
        waiting.setdefault(account_id, []).append(outbound_id)
    db.session.commit()
    return sum(deliver_of(account_id, ids) for account_id, ids in waiting.items())


def deliver_of(account_id: int | None, outbound_ids: Sequence[int]) -> int:
    """Send these messages of one account unless somebody is busy with it; returns how many were tried."""
    tried = 0
    transports: dict[int | None, Transport] = {}
    with locks.holding(f"outbox-{account_id}") as ours:
        try:
            for outbound_id in outbound_ids if ours else ():
                if not outbox.claim(outbound_id, LEASE):
                    continue
                record = attempt(outbound_id, transports)
                tried += 1
                if record.outcome != "sent" and record.stage in CONNECTION_STAGES:
                    # What keeps one message from leaving keeps all of this account: they wait for the end of its pause.
                    break
        finally:
            for transport in transports.values():
                transport.close()
    return tried


def deliver(outbound_id: int, *, journal: Journal | None = None) -> DeliveryAttempt | None:
    """Send one message now if nobody else does; returns the attempt. ``journal`` hears of each step."""
    if not outbox.claim(outbound_id, LEASE):
        return None
    transports: dict[int | None, Transport] = {}
    try:
        return attempt(outbound_id, transports, journal)
    finally:
        for transport in transports.values():
            transport.close()


def attempt(
    outbound_id: int, transports: dict[int | None, Transport], journal: Journal | None = None
) -> DeliveryAttempt:
    """One try for a message that we have claimed; commits its outcome, whatever goes wrong.

    Only a database that cannot be used is raised (SQLAlchemyError): then recover() finds the message.
    """
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    this = Try(email, email.attempts, DeliveryAttempt(outbound_id=email.id))
    journal, password = journal or Journal(), ""
    try:
        letter = Letter(email.envelope_sender, tuple(email.recipients), raw_bytes(email.raw_id))
        settings = settings_for(email)
        password = settings.password
        db.session.commit()
        transport = transport_for(email, settings, transports, journal)
        refused = transport.send(letter, lambda: outbox.hand_over(outbound_id, this.number, LEASE))
    except signing.SealBroken:
        db.session.rollback()
        return fail(this, "auth", SEAL_BROKEN.cause.title, SEAL_BROKEN)
    except Unconfirmed as error:
        return finish(this, "unconfirmed", "data", words_of(error))
    except NotSent:
        return finish(this, "failed", "data", "It took so long that it was left to another try")
    except SQLAlchemyError:
        db.session.rollback()
        raise
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return fail_with(error, this, journal.stage, password)
    except Exception as error:
        log.exception("a delivery failed in our own code", outbound=outbound_id)
        db.session.rollback()
        return fail_with(error, this, journal.stage, password)
    this.record.refused = refused
    return finish(this, "sent", "data", "\n".join(refused.values()))


def settings_for(email: OutboundEmail) -> server.ServerSettings:
    """The account's settings, or for a test those that are being tested. Raises signing.SealBroken."""
    if email.purpose == "test":
        test = db.session.scalars(db.select(ConnectionTest).where(ConnectionTest.outbound_id == email.id)).one()
        return server.unsealed(test.sealed_settings)
    assert email.account is not None
    return server.of_account(email.account)


def transport_for(
    email: OutboundEmail,
    settings: server.ServerSettings,
    transports: dict[int | None, Transport],
    journal: Journal,
) -> Transport:
    """The connection of the message's account, with ``journal`` for the steps of this message."""
    if email.purpose == "test":
        # A test opens a connection of its own, so that it always shows every step, and somebody is waiting for it.
        transport = transports[-email.id] = Transport(settings, journal, patience=settings.timeout)
    elif email.account_id in transports:
        transport = transports[email.account_id]
    else:
        transport = transports[email.account_id] = Transport(settings, journal)
    transport.journal = journal
    return transport


def fail_with(error: Exception, this: Try, stage: str, password: str) -> DeliveryAttempt:
    """A try that ended with ``error``: what it means decides what comes next."""
    words = accounts.without_secret(words_of(error), password)
    this.record.refused = refused_in(error)
    code = getattr(error, "smtp_code", None)
    return fail(this, stage, words, diagnose(protocol="smtp", stage=stage, text=words, code=code, error=error))


def refused_in(error: BaseException) -> dict[str, str]:
    """The recipients that a server refused, each with its words."""
    refused = getattr(error, "recipients", None)
    if not isinstance(refused, dict):
        return {}
    return {address: f"{code} {as_text(said)}" for address, (code, said) in refused.items()}


def fail(this: Try, stage: str, words: str, diagnosis: Diagnosis) -> DeliveryAttempt:
    """A try that did not work: again later when that can help, else it has failed. A test is never tried again."""
    if this.email.purpose == "test" or not may_try_again(this.email, stage, diagnosis):
        return finish(this, "failed", stage, words, diagnosis)
    if stage in CONNECTION_STAGES:
        # The account pauses, not the message: when the server is back all that waits leaves at once.
        return finish(this, "queued", stage, words, diagnosis)
    return finish(this, "queued", stage, words, diagnosis, next_attempt_at=clock.now() + pause_after(this.number))


def may_try_again(email: OutboundEmail, stage: str, diagnosis: Diagnosis) -> bool:
    """Whether the message waits: for as long as the server may come round, or an admin may mend the account."""
    return (diagnosis.retry or stage in CONNECTION_STAGES) and clock.now() - email.queued_at < GIVE_UP_AFTER


def pause_after(attempts: int) -> timedelta:
    """Twice as long each time, up to four hours, and never at the same moment for all."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return timedelta(seconds=pause.total_seconds() * random.uniform(0.8, 1.2))


def finish(
    this: Try, outcome: str, stage: str, words: str, diagnosis: Diagnosis | None = None, **values: Any
) -> DeliveryAttempt:
    """Commit message, attempt and the account's state together; ``values`` are further columns of the message.

    A message that somebody else has claimed since is left as it is: only the attempt is written down.
    """
    email, record, now = this.email, this.record, clock.now()
    record.finished_at, record.outcome, record.stage, record.words = now, outcome, stage, words
    if outcome == "sent":
        values["sent_at"] = now
    cause = diagnosis.cause.code if diagnosis else ""
    outbox.end_claim(email.id, this.number, status=outcome, reason=words, cause=cause, **values)
    db.session.add(record)
    if email.account_id is not None and email.purpose != "test":
        if diagnosis is not None and stage in CONNECTION_STAGES:
            accounts.note_failure(email.account_id, stage, diagnosis, words)
            accounts.pause(email.account_id, stage)
        elif outcome == "sent":
            accounts.note_success(email.account_id)
    db.session.flush()
    db.session.refresh(email)
    db.session.commit()
    log.info("delivery", outbound=email.id, purpose=email.purpose, outcome=outcome, stage=stage)
    return record
