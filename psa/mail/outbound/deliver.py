"""Claim, hand over, write down what happened. No transaction is open while the network is."""

from __future__ import annotations

import itertools
import smtplib
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.causes import SEAL_BROKEN
from psa.mail.diagnosis.refusal import diagnose_error
from psa.mail.journal import Journal, as_text, words_of
from psa.mail.models import DeliveryAttempt
from psa.mail.outbound import claims, outbox, outcomes
from psa.mail.outbound.claims import Claim
from psa.mail.outbound.lane import LEASE, Lane
from psa.mail.outbound.outcomes import GIVE_UP_AFTER, Try
from psa.mail.outbound.transport import AllRefused, NotSent, Pause, Unconfirmed

log = structlog.get_logger()

# Messages are taken in batches that grow as long as each is done within this time, in seconds: who takes many of them
# and dies has kept few waiting, and what is taken cannot be cancelled any more.
QUICK, MOST_AT_ONCE = 1.0, 50
# When a server has become so slow that a batch takes longer, in seconds, what is left of it goes back.
SLOW = 60.0
# What was taken this long ago and not begun, while nobody is busy with its account, was taken by somebody who has died.
UNHEARD_OF = timedelta(minutes=1)


def deliver_due(limit: int = 200) -> int:
    """Send what is due, account by account; returns how many messages were tried.

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
        for these, taken_too, left in in_turn(outbound_ids, lane):
            follows = left + len(these) - 1
            tries = [Try(one, Journal(), number < follows, lane.is_noted) for number, one in enumerate(these)]
            side_by_side(tries, lane)
            tried += len(tries)
            if any(this.outcome != "sent" for this in tries) and is_paused(account_id):
                # What keeps one message from leaving keeps all of this account: they wait for the end of its pause.
                claims.release(taken_too)
                break
            lane.adapt(left)
    return tried


def is_paused(account_id: int | None) -> bool:
    paused = account_id is not None and accounts.is_paused(account_id)
    db.session.commit()
    return paused


def in_turn(outbound_ids: Sequence[int], lane: Lane) -> Iterator[tuple[list[Claim], list[Claim], int]]:
    """Take the messages batch by batch, and of each as many at a time as leave side by side.

    They come with those that were taken after them, and with the number of all that are left.
    """
    begins, size = 0, 1
    while begins < len(outbound_ids):
        began, ends = time.monotonic(), begins + size
        taken = claims.claim_all(outbound_ids[begins:ends], LEASE)
        while taken:
            if time.monotonic() - began > SLOW:
                # Other rounds take the rest, in the order of then.
                claims.release(taken)
                break
            number = number_of(taken, lane.width)
            these, taken = taken[:number], taken[number:]
            yield these, taken, len(taken) + max(0, len(outbound_ids) - ends)
        is_quick = time.monotonic() - began < QUICK
        begins, size = ends, min(size * 2, MOST_AT_ONCE) if is_quick else max(size // 2, 1)


def number_of(taken: Sequence[Claim], width: int) -> int:
    """How many of them leave side by side: what is large leaves alone, for it has to fit into memory."""
    small = list(itertools.takewhile(lambda one: one.packed is not None, taken[:width]))
    return max(1, len(small))


def deliver(outbound_id: int, *, journal: Journal | None = None) -> DeliveryAttempt | None:
    """Send one message now if nobody else does; returns the attempt. ``journal`` hears of each step."""
    claim = claims.claim(outbound_id, LEASE)
    if claim is None:
        return None
    with Lane() as lane:
        side_by_side([Try(claim, journal or Journal())], lane)
    db.session.expire_all()
    attempts = db.select(DeliveryAttempt).where(DeliveryAttempt.outbound_id == outbound_id)
    return db.session.scalars(attempts.order_by(DeliveryAttempt.id.desc()).limit(1)).first()


def side_by_side(tries: Sequence[Try], lane: Lane) -> None:
    """One try for each message over a connection of its own. Raises SQLAlchemyError when the database cannot be used.

    Each waits for the others before it waits for the server, so they share its time to think, and the commit that
    marks them.
    """
    talks = [Talk(this, attempt(this, lane, place)) for place, this in enumerate(tries)]
    try:
        go_on(talks, None)
        go_on(talks, Pause.ASKED)
        ready = [talk for talk in talks if talk.at is Pause.READY]
        if ready:
            for talk, is_ours in zip(ready, lane.hand_over([talk.this for talk in ready]), strict=True):
                talk.go_on(is_ours)
        go_on(talks, Pause.ENDED)
    finally:
        for talk in talks:
            talk.steps.close()


@dataclass(slots=True)
class Talk:
    """A try on its way, ``at`` one of its pauses; None before the first one and after the last."""

    this: Try
    steps: Generator[Pause, bool]
    at: Pause | None = None
    is_over: bool = False

    def go_on(self, may_end: bool = True) -> None:
        try:
            self.at = next(self.steps) if self.at is None else self.steps.send(may_end)
        except StopIteration:
            self.at, self.is_over = None, True


def go_on(talks: Sequence[Talk], where: Pause | None) -> None:
    for talk in talks:
        if talk.at is where and not talk.is_over:
            talk.go_on()


def attempt(this: Try, lane: Lane, place: int) -> Generator[Pause, bool]:
    """One try for a message that we have claimed, pausing; commits its outcome, whatever goes wrong.

    Only a database that cannot be used is raised (SQLAlchemyError): then recover() finds the message.
    """
    email = this.email
    try:
        transport = lane.open(email, this.journal, place)
        this.account, this.secret = lane.account, transport.settings.password
        letter = lane.letter(email)
        try:
            refused = yield from transport.sending(letter)
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


def fail_with(error: Exception, this: Try) -> None:
    """A try that ended with ``error``: what it means decides what comes next."""
    stage = this.journal.stage
    code = getattr(error, "smtp_code", None)
    host, port = (this.account.host, this.account.port) if this.account is not None else ("", None)
    words, diagnosis = diagnose_error(error, this.secret, protocol="smtp", stage=stage, host=host, port=port, code=code)
    outcomes.fail(this, stage, words, diagnosis)


def refused_in(error: AllRefused) -> dict[str, str]:
    """The recipients that a server refused, each with its words."""
    return {address: f"{code} {as_text(said)}" for address, (code, said) in error.recipients.items()}
