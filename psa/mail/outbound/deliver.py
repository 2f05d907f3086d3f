"""Claim, hand over, write down what happened. No transaction is open while the network is."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from types import TracebackType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, diagnose
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.models import ConnectionTest, DeliveryAttempt, MailAccount
from psa.mail.outbound import claims, outbox, outcomes, plus_addressing
from psa.mail.outbound.claims import Claim
from psa.mail.outbound.models import ReturnAddress
from psa.mail.outbound.outcomes import GIVE_UP_AFTER, Try
from psa.mail.outbound.signed_addresses import return_address
from psa.mail.outbound.transport import AllRefused, Letter, NotSent, Transport, Unconfirmed

log = structlog.get_logger()

# Longer than the ten minutes that a server may think about a message. Whoever is slower before that loses the claim.
LEASE = timedelta(minutes=15)
# Messages are taken in batches that grow as long as each is done within this time, in seconds: who takes many of them
# and dies has kept few waiting, and what is taken cannot be cancelled any more.
QUICK, MOST_AT_ONCE = 1.0, 50
# When a server has become so slow that a batch takes longer, in seconds, what is left of it goes back.
SLOW = 60.0
# What was taken this long ago and not begun, while nobody is busy with its account, was taken by somebody who has died.
UNHEARD_OF = timedelta(minutes=1)


def deliver_due(limit: int = 200) -> int:
    """Send what is due, one connection for each account; returns how many messages were tried.

    Several of these may run at the same time: an account that one of them is busy with is passed over by the others,
    so a server that takes its time holds nobody's mail but its own.
    """
    claims.recover(GIVE_UP_AFTER)
    waiting: dict[int | None, list[int]] = {}
    for outbound_id, account_id in outbox.due(limit):
        waiting.setdefault(account_id, []).append(outbound_id)
    for account_id in claims.accounts_with_old_claims(clock.now() - UNHEARD_OF, LEASE):
        waiting.setdefault(account_id, [])
    db.session.commit()
    tried = sum(deliver_of(account_id, ids) for account_id, ids in waiting.items())
    # What is loaded of these messages is as it was before.
    db.session.expire_all()
    return tried


def deliver_of(account_id: int | None, outbound_ids: Sequence[int]) -> int:
    """Send these messages of one account unless somebody is busy with it; returns how many were tried."""
    tried = 0
    with locks.holding(f"outbox-{account_id}") as ours, Lane() as lane:
        if not ours:
            return 0
        claims.give_back(account_id, clock.now() - UNHEARD_OF, LEASE)
        for claim, taken_too, follows in in_turn(outbound_ids):
            this = attempt(claim, lane, follows=follows)
            tried += 1
            if this.outcome != "sent" and account_id is not None and accounts.is_paused(account_id):
                # What keeps one message from leaving keeps all of this account: they wait for the end of its pause.
                claims.release(taken_too)
                break
    return tried


def in_turn(outbound_ids: Sequence[int]) -> Iterator[tuple[Claim, list[Claim], bool]]:
    """Take the messages batch by batch; each comes with those that were taken after it, and whether any follows."""
    begins, size = 0, 1
    while begins < len(outbound_ids):
        began, ends = time.monotonic(), begins + size
        batch = claims.claim_all(outbound_ids[begins:ends], LEASE)
        for number, claim in enumerate(batch, 1):
            if time.monotonic() - began > SLOW:
                # Other rounds take the rest, in the order of then.
                claims.release(batch[number - 1 :])
                break
            yield claim, batch[number:], number < len(batch) or ends < len(outbound_ids)
        is_quick = time.monotonic() - began < QUICK
        begins, size = ends, min(size * 2, MOST_AT_ONCE) if is_quick else max(size // 2, 1)


def deliver(outbound_id: int, *, journal: Journal | None = None) -> DeliveryAttempt | None:
    """Send one message now if nobody else does; returns the attempt. ``journal`` hears of each step."""
    claim = claims.claim(outbound_id, LEASE)
    if claim is None:
        return None
    with Lane() as lane:
        this = attempt(claim, lane, journal)
    db.session.expire_all()
    return db.session.get_one(DeliveryAttempt, this.record_id)


class Lane:
    """What the messages of one account share in a round: its settings as they were at the first one, one connection.

    What came of a message is written down with the mark of the next one, in one commit that waits for the disk: whoever
    dies has the last one in doubt at most, as it would be with two.
    """

    def __init__(self) -> None:
        self.settings: server.ServerSettings | None = None
        self.account: MailAccount | None = None
        # What is known of its signed return path, None when it writes under its plain one.
        self.signs: ReturnAddress | None = None
        self.transport: Transport | None = None
        # Whether the account knows that mail leaves, and the one that is to hear of it once more at the end.
        self.is_noted = False
        self.unsure: int | None = None
        # The last message, as long as only we know that it has left.
        self.unwritten: Try | None = None

    def __enter__(self) -> Lane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                db.session.rollback()
            self.write_down()
        finally:
            if self.transport is not None:
                self.transport.close()

    def open(self, email: Claim, journal: Journal) -> Transport:
        """The connection, which is made when the first message leaves. Raises signing.SealBroken."""
        if self.settings is None:
            if email.account_id is not None:
                self.account = db.session.get_one(MailAccount, email.account_id, populate_existing=True)
                self.signs = plus_addressing.state_of(email.account_id)
            self.settings = settings_for(email, self.account)
            db.session.commit()
        if self.transport is None:
            # A person waits for a test: its server gets no more time to think than for anything else.
            patience = {"patience": self.settings.timeout} if email.is_test else {}
            self.transport = Transport(self.settings, journal, **patience)
        self.transport.journal = journal
        return self.transport

    def letter(self, email: Claim) -> Letter:
        """What is handed over, under a signed return path where the account has one. Raises zlib.error."""
        plain, raw = email.envelope_sender, email.raw()
        if email.packed is None:
            # Its bytes have just come from the database, of which nothing is held while the network is.
            db.session.commit()
        # What leaves without an envelope sender must not come back at all (RFC 3834, 3.3).
        if plain and not email.is_test and plus_addressing.signs_return_path(self.signs, email.id):
            return Letter(return_address(plain, email.id), outcomes.asked_now(email), raw, plain_sender=plain)
        return Letter(plain, outcomes.asked_now(email), raw)

    def hand_over(self, email: Claim) -> bool:
        """Mark the message as one that the server may have from here on; False when it is no longer ours. Commits."""
        if self.unwritten is not None:
            outcomes.write_down(self.unwritten)
        ours = claims.hand_over(email, LEASE)
        self.unwritten = None
        return ours

    def end(self, this: Try) -> None:
        """Write down what a message came to, unless the next one will in a moment. Commits."""
        if this.sender_refused:
            self.signs = None
        self.is_noted = this.outcome == "sent"
        self.unsure = this.email.account_id if this.outcome == "sent" and this.follows else None
        if self.unwritten is not None:
            outcomes.write_down(self.unwritten)
            self.unwritten = None
        if this.may_wait:
            self.unwritten = this
            return
        outcomes.write_down(this)
        db.session.commit()

    def write_down(self) -> None:
        """What came of the last messages; the account learns anew that mail leaves. Commits."""
        if self.unwritten is not None:
            outcomes.write_down(self.unwritten)
        if self.unsure is not None:
            accounts.note_success(self.unsure)
        self.unwritten = self.unsure = None
        db.session.commit()


def attempt(email: Claim, lane: Lane, journal: Journal | None = None, *, follows: bool = False) -> Try:
    """One try for a message that we have claimed; commits its outcome, whatever goes wrong.

    Only a database that cannot be used is raised (SQLAlchemyError): then recover() finds the message.
    """
    this = Try(email, journal or Journal(), follows, is_noted=lane.is_noted)
    try:
        transport = lane.open(email, this.journal)
        this.account, this.secret = lane.account, transport.settings.password
        letter = lane.letter(email)
        try:
            refused = transport.send(letter, partial(lane.hand_over, email))
        finally:
            this.sender_refused = transport.sender_refused
    except signing.SealBroken:
        db.session.rollback()
        outcomes.fail(this, "auth", SEAL_BROKEN.cause.title, SEAL_BROKEN)
    except Unconfirmed as error:
        outcomes.finish(this, "unconfirmed", "data", words_of(error))
    except NotSent:
        outcomes.finish(this, "failed", "data", "It took so long that it was left to another try")
    except AllRefused as error:
        outcomes.by_recipient(this, refused_in(error), accepted=False)
    except SQLAlchemyError:
        db.session.rollback()
        raise
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        fail_with(error, this)
    except Exception as error:
        log.exception("a delivery failed in our own code", outbound=email.id)
        db.session.rollback()
        fail_with(error, this)
    else:
        outcomes.by_recipient(this, refused, accepted=True)
    lane.end(this)
    return this


def settings_for(email: Claim, account: MailAccount | None) -> server.ServerSettings:
    """The account's settings, or for a test those that are being tested. Raises signing.SealBroken."""
    if email.is_test:
        test = db.session.scalars(db.select(ConnectionTest).where(ConnectionTest.outbound_id == email.id)).one()
        return server.unsealed(test.sealed_settings)
    assert account is not None
    return server.of_account(account)


def fail_with(error: Exception, this: Try) -> None:
    """A try that ended with ``error``: what it means decides what comes next."""
    stage = this.journal.stage
    words = accounts.without_secret(words_of(error), this.secret)
    code = getattr(error, "smtp_code", None)
    host, port = (this.account.host, this.account.port) if this.account is not None else ("", None)
    diagnosis = diagnose(protocol="smtp", stage=stage, text=words, code=code, error=error, host=host, port=port)
    outcomes.fail(this, stage, words, diagnosis)


def refused_in(error: AllRefused) -> dict[str, str]:
    """The recipients that a server refused, each with its words."""
    return {address: f"{code} {as_text(said)}" for address, (code, said) in error.recipients.items()}
