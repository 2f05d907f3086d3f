"""Claim, hand over, write down what happened. No transaction is open while the network is."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from psa import locks, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, diagnose
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.models import ConnectionTest, DeliveryAttempt, OutboundEmail
from psa.mail.outbound import claims, outbox, outcomes
from psa.mail.outbound.outcomes import GIVE_UP_AFTER, Try
from psa.mail.outbound.transport import AllRefused, Letter, NotSent, Transport, Unconfirmed
from psa.mail.raw import raw_bytes

log = structlog.get_logger()

# Longer than the ten minutes that a server may think about a message. Whoever is slower before that loses the claim.
LEASE = timedelta(minutes=15)


def deliver_due(limit: int = 200) -> int:
    """Send what is due, one connection for each account; returns how many messages were tried.

    Several of these may run at the same time: an account that one of them is busy with is passed over by the others,
    so a server that takes its time holds nobody's mail but its own.
    """
    claims.recover(GIVE_UP_AFTER)
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
                if not claims.claim(outbound_id, LEASE):
                    continue
                record = attempt(outbound_id, transports)
                tried += 1
                if record.outcome != "sent" and account_id is not None and accounts.is_paused(account_id):
                    # What keeps one message from leaving keeps all of this account: they wait for the end of its pause.
                    break
        finally:
            for transport in transports.values():
                transport.close()
    return tried


def deliver(outbound_id: int, *, journal: Journal | None = None) -> DeliveryAttempt | None:
    """Send one message now if nobody else does; returns the attempt. ``journal`` hears of each step."""
    if not claims.claim(outbound_id, LEASE):
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
    this = Try(email, email.attempts, DeliveryAttempt(outbound_id=email.id), journal or Journal())
    try:
        letter = Letter(email.envelope_sender, outcomes.asked_now(email), raw_bytes(email.raw_id))
        settings = settings_for(email)
        this.secret = settings.password
        db.session.commit()
        transport = transport_for(email, settings, transports, this.journal)
        refused = transport.send(letter, lambda: claims.hand_over(outbound_id, this.number, LEASE))
    except signing.SealBroken:
        db.session.rollback()
        return outcomes.fail(this, "auth", SEAL_BROKEN.cause.title, SEAL_BROKEN)
    except Unconfirmed as error:
        return outcomes.finish(this, "unconfirmed", "data", words_of(error))
    except NotSent:
        return outcomes.finish(this, "failed", "data", "It took so long that it was left to another try")
    except AllRefused as error:
        return outcomes.by_recipient(this, refused_in(error), accepted=False)
    except SQLAlchemyError:
        db.session.rollback()
        raise
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return fail_with(error, this)
    except Exception as error:
        log.exception("a delivery failed in our own code", outbound=outbound_id)
        db.session.rollback()
        return fail_with(error, this)
    return outcomes.by_recipient(this, refused, accepted=True)


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


def fail_with(error: Exception, this: Try) -> DeliveryAttempt:
    """A try that ended with ``error``: what it means decides what comes next."""
    stage = this.journal.stage
    words = accounts.without_secret(words_of(error), this.secret)
    code = getattr(error, "smtp_code", None)
    account = this.email.account
    host, port = (account.host, account.port) if account is not None else ("", None)
    diagnosis = diagnose(protocol="smtp", stage=stage, text=words, code=code, error=error, host=host, port=port)
    return outcomes.fail(this, stage, words, diagnosis)


def refused_in(error: AllRefused) -> dict[str, str]:
    """The recipients that a server refused, each with its words."""
    return {address: f"{code} {as_text(said)}" for address, (code, said) in error.recipients.items()}
