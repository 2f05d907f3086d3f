"""What a try comes to: for each recipient, for the message, and for the account it left through."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import insert

from psa import clock
from psa.extensions import current_connection, db, run
from psa.mail import accounts
from psa.mail.diagnosis.causes import Diagnosis, diagnose
from psa.mail.journal import Journal
from psa.mail.models import DeliveryAttempt, MailAccount, OutboundEmail
from psa.mail.outbound import addresses, claims, plus_addressing
from psa.mail.outbound.claims import Claim
from psa.mail.outbound.outbox import results_of
from psa.prepared import Prepared
from psa.tickets.lost_answers import open_again

log = structlog.get_logger()

OUT = OutboundEmail.__table__
ATTEMPT = Prepared(
    insert(DeliveryAttempt).inline(),
    *("outbound_id", "started_at", "finished_at", "outcome", "stage", "words", "refused", "steps"),
)
GIVE_UP_AFTER = timedelta(days=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=4)
# What goes wrong here keeps all mail of the account from leaving, not this message.
CONNECTION_STAGES = frozenset({"token", "resolve", "connect", "tls", "greeting", "auth"})
# And so does this, whenever it is said: going on at once would only make it worse.
HOLDS_THE_ACCOUNT = frozenset({"rate_limited", "auth_rate_limited", "too_many_connections", "account_blocked"})
# An address that will not come back.
GONE = "recipient_unknown"
# A server that takes a message within this time takes the next one soon.
QUICK = timedelta(seconds=0.1)


@dataclass(slots=True)
class Try:
    """One try for a message that we have claimed, and what finish() made of it: ``values`` are columns of the message.

    ``account`` is whom it leaves through, None before that is known. More messages may follow at once (``follows``);
    ``is_noted`` when the account knows already that mail leaves.
    """

    email: Claim
    journal: Journal
    follows: bool = False
    is_noted: bool = False
    account: MailAccount | None = None
    secret: str = ""
    outcome: str = ""
    stage: str = ""
    words: str = ""
    diagnosis: Diagnosis | None = None
    values: dict[str, Any] = field(default_factory=dict)
    sender_refused: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime = field(default_factory=clock.now)
    finished_at: datetime | None = None

    @property
    def may_wait(self) -> bool:
        """Whether what came of it is written down with the mark of the next message.

        Not where that may take its time, nor what has begun to be written already, as answers for several people are.
        """
        assert self.finished_at is not None
        is_quick = self.finished_at - self.started_at < QUICK
        return self.follows and is_quick and self.outcome == "sent" and len(self.email.recipients) == 1


def asked_now(email: Claim) -> tuple[str, ...]:
    """The recipients for whom the message is handed over this time: those who have it, or never will, are left out."""
    return tuple(address for address, result in results_of(email).items() if result["state"] == "waiting")


def by_recipient(this: Try, refused: Mapping[str, str], *, accepted: bool) -> None:
    """A try in which the server answered for each recipient: ``refused`` are its words, the others it ``accepted``.

    Whom it refused for now is tried again alone; whom it refused for good has failed; who was too many is asked for
    anew, at once.
    """
    email, results = this.email, results_now(this.email)
    worst: Diagnosis | None = None
    for address in asked_now(email):
        if address in refused and accepted and is_one_too_many(refused[address]):
            results[address] = {"state": "waiting", "words": refused[address]}
        elif address in refused:
            diagnosis = diagnose(
                protocol="smtp", stage="rcpt_to", text=refused[address], code=code_of(refused[address])
            )
            worst = worst or diagnosis
            waits = not email.is_test and may_try_again(email, "rcpt_to", diagnosis)
            results[address] = {"state": "waiting" if waits else "failed", "words": refused[address]}
            if not waits and not diagnosis.retry and diagnosis.cause.code == GONE and not email.is_test:
                addresses.suppress(address, "hard_bounce", refused[address], outbound_id=email.id)
        elif accepted:
            results[address] = {"state": "sent", "words": ""}
    this.refused = refused
    states = {result["state"] for result in results.values()}
    words = "\n".join(refused.values())
    if "waiting" in states:
        # With nobody else's trouble the others are asked for at once: each transaction takes some of them.
        next_attempt_at = clock.now() + (pause_after(email.attempt) if worst is not None else timedelta())
        sent_at = {"sent_at": clock.now()} if accepted else {}
        finish(this, "queued", "rcpt_to", words, worst, results=results, next_attempt_at=next_attempt_at, **sent_at)
    elif accepted or "sent" in states:
        finish(this, "sent", "data", words, worst, results=results)
    else:
        finish(this, "failed", "rcpt_to", words, worst, results=results)


def results_now(email: Claim) -> dict[str, dict[str, str]]:
    """What became of each recipient so far, locked until the end of the transaction where it may have changed.

    A report about somebody who has got the message (psa.mail.inbound.bounces) may come while another is tried again.
    """
    claimed = results_of(email)
    if len(claimed) == 1:
        return claimed
    # A write that changes nothing: on either database nobody else writes to the row from here on.
    run(OUT.update().where(OUT.c.id == email.id).values(attempts=OUT.c.attempts))
    stored: dict[str, dict[str, str]] = run(db.select(OUT.c.results).where(OUT.c.id == email.id)).scalar_one()
    return claimed | stored


def is_one_too_many(words: str) -> bool:
    """Whether a server takes no more recipients at once; the rest belong into another transaction.

    RFC 5321, 4.5.3.1.10, and 4.5.3 of RFC 3463. Old servers say 552 where they mean 452.
    """
    code, status = words[:3], words[4:9]
    return code in ("452", "552") and (status in ("4.5.3", "5.5.3") or "too many recipients" in words.lower())


def code_of(words: str) -> int | None:
    """The reply code in front of a server's words (RFC 5321, 4.2)."""
    return int(words[:3]) if words[:3].isdecimal() else None


def fail(this: Try, stage: str, words: str, diagnosis: Diagnosis) -> None:
    """A try that did not work: again later when that can help, else it has failed. A test is never tried again."""
    email = this.email
    if email.is_test or not may_try_again(email, stage, diagnosis):
        results = {
            address: {"state": "failed", "words": words} if result["state"] == "waiting" else result
            for address, result in results_now(email).items()
        }
        finish(this, "failed", stage, words, diagnosis, results=results)
    elif stage in CONNECTION_STAGES:
        # The account pauses, not the message: when the server is back all that waits leaves at once.
        finish(this, "queued", stage, words, diagnosis)
    else:
        finish(this, "queued", stage, words, diagnosis, next_attempt_at=clock.now() + pause_after(email.attempt))


def may_try_again(email: Claim, stage: str, diagnosis: Diagnosis) -> bool:
    """Whether the message waits: for as long as the server may come round, or an admin may mend the account."""
    if not diagnosis.retry and stage not in CONNECTION_STAGES:
        return False
    queued_at = db.session.execute(db.select(OutboundEmail.queued_at).where(OutboundEmail.id == email.id)).scalar_one()
    return bool(clock.now() - queued_at < GIVE_UP_AFTER)


def pause_after(attempts: int) -> timedelta:
    """Twice as long each time, up to four hours, and never at the same moment for all."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return timedelta(seconds=pause.total_seconds() * random.uniform(0.8, 1.2))


def finish(this: Try, outcome: str, stage: str, words: str, diagnosis: Diagnosis | None = None, **values: Any) -> None:
    """Say what the try came to; ``values`` are further columns of the message. write_down() keeps it."""
    this.outcome, this.stage, this.words, this.diagnosis = outcome, stage, words, diagnosis
    this.finished_at = clock.now()
    this.values = values | {"sent_at": this.finished_at} if outcome == "sent" else values


def write_down(tries: Sequence[Try]) -> None:
    """The messages, their attempts, the state of their account, and tickets whose answer is lost; the caller commits.

    A message that somebody else has claimed since is left as it is: only the attempt is written down.
    """
    if not tries:
        return
    claims.end_claims((this.email, columns_of(this)) for this in tries)
    ATTEMPT.run_all(current_connection(), [record_of(this) for this in tries])
    for this in tries:
        email = this.email
        if email.account_id is not None and not email.is_test:
            note_account(email.account_id, this)
        if this.outcome == "failed":
            open_again(email.id, this.diagnosis.cause.title if this.diagnosis and this.diagnosis.known else this.words)
        log.info("delivery", outbound=email.id, purpose=email.purpose, outcome=this.outcome, stage=this.stage)


def columns_of(this: Try) -> dict[str, Any]:
    """What the try makes of its OutboundEmail."""
    cause = this.diagnosis.cause.code if this.diagnosis else ""
    columns = {"status": this.outcome, "reason": this.words, "cause": cause} | this.values
    if this.outcome == "sent" and this.email.copy_state == "" and wants_copy(this):
        columns["copy_state"] = "wanted"
    return columns


def record_of(this: Try) -> dict[str, Any]:
    """Its DeliveryAttempt."""
    return {
        "outbound_id": this.email.id,
        "started_at": this.started_at,
        "finished_at": this.finished_at,
        "outcome": this.outcome,
        "stage": this.stage,
        "words": this.words,
        "refused": dict(this.refused),
        "steps": without_secret(this.journal.as_list(), this.secret),
    }


def without_secret(steps: Iterable[dict[str, Any]], secret: str) -> list[dict[str, Any]]:
    """The steps of a journal to be kept and shown: the password taken out of what was said in them."""
    if not secret:
        return list(steps)
    clean = []
    for step in steps:
        hidden: dict[str, Any] = {name: accounts.without_secret(step[name], secret) for name in ("words", "detail")}
        if "said" in step:
            hidden["said"] = accounts.without_secret("\n".join(step["said"]), secret).split("\n")
        clean.append(step | hidden)
    return clean


def note_account(account_id: int, this: Try) -> None:
    """Write down what the try says about the account: it pauses when all of its mail would meet the same.

    Of many successes in a row the first and the last are noted.
    """
    if this.sender_refused:
        plus_addressing.note_refused(account_id, this.sender_refused)
    diagnosis = this.diagnosis
    if diagnosis is not None and (this.stage in CONNECTION_STAGES or diagnosis.cause.code in HOLDS_THE_ACCOUNT):
        accounts.note_failure(account_id, this.stage, diagnosis, this.words)
        accounts.pause(account_id, this.stage)
    elif this.outcome == "sent" and not (this.is_noted and this.follows):
        accounts.note_success(account_id)


def wants_copy(this: Try) -> bool:
    """Whether a copy goes to the Sent folder: of what people write, where the account names one.

    What goes to a mailbox of our own, as the reply of a full-loop test does, lies there already.
    """
    if this.email.purpose != "reply" or this.account is None or not this.account.sent_folder:
        return False
    return any(accounts.find("inbound", address) is None for address in this.email.recipients)
