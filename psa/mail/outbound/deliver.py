"""Claim, hand over, write down what happened. No transaction is open while the network is."""

from __future__ import annotations

import random
import smtplib
from datetime import timedelta

import structlog

from psa import clock, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, Diagnosis, diagnose
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.models import ConnectionTest, DeliveryAttempt, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.transport import Letter, Transport, Unconfirmed
from psa.mail.raw import raw_bytes

log = structlog.get_logger()

# Longer than the slowest honest conversation: every step has its own time limit of 30 s.
LEASE = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=2)
CONNECTION_STAGES = frozenset({"resolve", "connect", "tls", "greeting", "auth"})
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=4)


def deliver_due(limit: int = 200) -> int:
    """Send what is due, one connection for each account; returns how many messages were tried."""
    outbox.recover()
    tried = 0
    transports: dict[int | None, Transport] = {}
    unreachable: set[int | None] = set()
    try:
        for outbound_id, account_id in outbox.due(limit):
            if account_id in unreachable or not outbox.claim(outbound_id, LEASE):
                continue
            record = attempt(outbound_id, transports)
            tried += 1
            if record.outcome != "sent" and record.stage in CONNECTION_STAGES:
                # What keeps one message from leaving keeps all of this account: the next round asks again.
                unreachable.add(account_id)
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
    """One try for a message that we have claimed; commits its outcome."""
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    record = DeliveryAttempt(outbound_id=email.id)
    letter = Letter(email.envelope_sender, tuple(email.recipients), raw_bytes(email.raw_id))
    try:
        settings = settings_for(email)
    except signing.SealBroken:
        db.session.rollback()
        return fail(email, record, "auth", SEAL_BROKEN.cause.title, SEAL_BROKEN)
    db.session.commit()

    # A test opens a connection of its own, so that it always shows every step.
    key = email.account_id if email.purpose != "test" else -email.id
    transport = transports.get(key)
    if transport is None:
        transport = transports[key] = Transport(settings, journal or Journal())
    transport.journal = journal or Journal()
    try:
        refused = transport.send(letter, lambda: note_handing_over(email))
    except Unconfirmed as error:
        return finish(email, record, "unconfirmed", "data", words_of(error))
    except (OSError, smtplib.SMTPException) as error:
        words, stage = accounts.without_secret(words_of(error), settings.password), transport.journal.stage
        record.refused = refused_in(error)
        code = getattr(error, "smtp_code", None)
        diagnosis = diagnose(protocol="smtp", stage=stage, text=words, code=code, error=error)
        return fail(email, record, stage, words, diagnosis)
    record.refused = refused
    return finish(email, record, "sent", "data", "\n".join(refused.values()))


def settings_for(email: OutboundEmail) -> server.ServerSettings:
    """The account's settings, or for a test those that are being tested. Raises signing.SealBroken."""
    if email.purpose == "test":
        test = db.session.scalar(db.select(ConnectionTest).where(ConnectionTest.outbound_id == email.id))
        if test is not None and test.sealed_settings:
            return server.unsealed(test.sealed_settings)
    assert email.account is not None
    return server.of_account(email.account)


def note_handing_over(email: OutboundEmail) -> None:
    """Write down that from here on the server may have the message, before it can."""
    email.handed_over_at = clock.now()
    db.session.commit()


def refused_in(error: BaseException) -> dict[str, str]:
    """The recipients that a server refused, each with its words."""
    refused = getattr(error, "recipients", None)
    if not isinstance(refused, dict):
        return {}
    return {address: f"{code} {as_text(said)}" for address, (code, said) in refused.items()}


def fail(
    email: OutboundEmail, record: DeliveryAttempt, stage: str, words: str, diagnosis: Diagnosis
) -> DeliveryAttempt:
    """A try that did not work: again later when that can help, else it has failed. A test is never tried again."""
    if email.purpose != "test" and may_try_again(email, stage, diagnosis):
        email.next_attempt_at = clock.now() + pause_after(email.attempts)
        return finish(email, record, "queued", stage, words, diagnosis)
    return finish(email, record, "failed", stage, words, diagnosis)


def may_try_again(email: OutboundEmail, stage: str, diagnosis: Diagnosis) -> bool:
    """Whether the message waits: for as long as the server may come round, or an admin may mend the account."""
    return (diagnosis.retry or stage in CONNECTION_STAGES) and clock.now() - email.queued_at < GIVE_UP_AFTER


def pause_after(attempts: int) -> timedelta:
    """Twice as long each time, up to four hours, and never at the same moment for all."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return timedelta(seconds=pause.total_seconds() * random.uniform(0.8, 1.2))


def finish(
    email: OutboundEmail,
    record: DeliveryAttempt,
    outcome: str,
    stage: str,
    words: str,
    diagnosis: Diagnosis | None = None,
) -> DeliveryAttempt:
    """Commit message, attempt and the account's state together."""
    now = clock.now()
    record.finished_at, record.outcome, record.stage, record.words = now, outcome, stage, words
    email.status, email.claimed_until = outcome, None
    email.reason, email.cause = (words, diagnosis.cause.code) if diagnosis else (words, "")
    if outcome == "sent":
        email.sent_at = now
    db.session.add(record)
    if email.account_id is not None and email.purpose != "test":
        if diagnosis is not None and stage in CONNECTION_STAGES:
            accounts.note_failure(email.account_id, stage, diagnosis, words)
        elif outcome == "sent":
            accounts.note_success(email.account_id)
    db.session.commit()
    log.info("delivery", outbound=email.id, purpose=email.purpose, outcome=outcome, stage=stage)
    return record
