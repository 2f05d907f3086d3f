"""What a try comes to: for each recipient, for the message, and for the account it left through."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from psa import clock
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.causes import Diagnosis, diagnose
from psa.mail.journal import Journal
from psa.mail.models import DeliveryAttempt, OutboundEmail
from psa.mail.outbound import addresses, claims
from psa.mail.outbound.outbox import results_of

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(days=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=4)
# What goes wrong here keeps all mail of the account from leaving, not this message.
CONNECTION_STAGES = frozenset({"token", "resolve", "connect", "tls", "greeting", "auth"})
# And so does this, whenever it is said: going on at once would only make it worse.
HOLDS_THE_ACCOUNT = frozenset({"rate_limited", "auth_rate_limited", "too_many_connections", "account_blocked"})
# An address that will not come back.
GONE = "recipient_unknown"


@dataclass(slots=True)
class Try:
    """One try for a message that we have claimed; ``number`` is the mark of the claim."""

    email: OutboundEmail
    number: int
    record: DeliveryAttempt
    journal: Journal
    secret: str = ""


def asked_now(email: OutboundEmail) -> tuple[str, ...]:
    """The recipients for whom the message is handed over this time: those who have it, or never will, are left out."""
    return tuple(address for address, result in results_of(email).items() if result["state"] == "waiting")


def by_recipient(this: Try, refused: Mapping[str, str], *, accepted: bool) -> DeliveryAttempt:
    """A try in which the server answered for each recipient: ``refused`` are its words, the others it ``accepted``.

    Whom it refused for now is tried again alone; whom it refused for good has failed; who was too many is asked for
    anew, at once.
    """
    email, results = this.email, results_of(this.email)
    worst: Diagnosis | None = None
    for address in asked_now(email):
        if address in refused and accepted and is_one_too_many(refused[address]):
            results[address] = {"state": "waiting", "words": refused[address]}
        elif address in refused:
            diagnosis = diagnose(
                protocol="smtp", stage="rcpt_to", text=refused[address], code=code_of(refused[address])
            )
            worst = worst or diagnosis
            waits = email.purpose != "test" and may_try_again(email, "rcpt_to", diagnosis)
            results[address] = {"state": "waiting" if waits else "failed", "words": refused[address]}
            if not waits and not diagnosis.retry and diagnosis.cause.code == GONE and email.purpose != "test":
                addresses.suppress(address, "hard_bounce", refused[address], outbound_id=email.id)
        elif accepted:
            results[address] = {"state": "sent", "words": ""}
    this.record.refused = dict(refused)
    states = {result["state"] for result in results.values()}
    words = "\n".join(refused.values())
    if "waiting" in states:
        # With nobody else's trouble the others are asked for at once: each transaction takes some of them.
        next_attempt_at = clock.now() + (pause_after(this.number) if worst is not None else timedelta())
        sent_at = {"sent_at": clock.now()} if accepted else {}
        return finish(
            this, "queued", "rcpt_to", words, worst, results=results, next_attempt_at=next_attempt_at, **sent_at
        )
    if accepted or "sent" in states:
        return finish(this, "sent", "data", words, worst, results=results)
    return finish(this, "failed", "rcpt_to", words, worst, results=results)


def is_one_too_many(words: str) -> bool:
    """Whether a server takes no more recipients at once; the rest belong into another transaction.

    RFC 5321, 4.5.3.1.10, and 4.5.3 of RFC 3463. Old servers say 552 where they mean 452.
    """
    code, status = words[:3], words[4:9]
    return code in ("452", "552") and (status in ("4.5.3", "5.5.3") or "too many recipients" in words.lower())


def code_of(words: str) -> int | None:
    """The reply code in front of a server's words (RFC 5321, 4.2)."""
    return int(words[:3]) if words[:3].isdecimal() else None


def fail(this: Try, stage: str, words: str, diagnosis: Diagnosis) -> DeliveryAttempt:
    """A try that did not work: again later when that can help, else it has failed. A test is never tried again."""
    if this.email.purpose == "test" or not may_try_again(this.email, stage, diagnosis):
        results = {
            address: {"state": "failed", "words": words} if result["state"] == "waiting" else result
            for address, result in results_of(this.email).items()
        }
        return finish(this, "failed", stage, words, diagnosis, results=results)
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
    record.steps = [
        step | {"words": accounts.without_secret(step["words"], this.secret)} for step in this.journal.as_list()
    ]
    if outcome == "sent":
        values["sent_at"] = now
        if email.copy_state == "" and wants_copy(email):
            values["copy_state"] = "wanted"
    cause = diagnosis.cause.code if diagnosis else ""
    claims.end_claim(email.id, this.number, status=outcome, reason=words, cause=cause, **values)
    db.session.add(record)
    if email.account_id is not None and email.purpose != "test":
        note_account(email.account_id, outcome, stage, words, diagnosis)
    db.session.flush()
    db.session.refresh(email)
    db.session.commit()
    log.info("delivery", outbound=email.id, purpose=email.purpose, outcome=outcome, stage=stage)
    return record


def note_account(account_id: int, outcome: str, stage: str, words: str, diagnosis: Diagnosis | None) -> None:
    """Write down what the try says about the account: it pauses when all of its mail would meet the same."""
    if diagnosis is not None and (stage in CONNECTION_STAGES or diagnosis.cause.code in HOLDS_THE_ACCOUNT):
        accounts.note_failure(account_id, stage, diagnosis, words)
        accounts.pause(account_id, stage)
    elif outcome == "sent":
        accounts.note_success(account_id)


def wants_copy(email: OutboundEmail) -> bool:
    """Whether a copy goes to the Sent folder: of what people write, where the account names one."""
    return email.purpose == "reply" and email.account is not None and email.account.sent_folder != ""
