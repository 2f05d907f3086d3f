"""Who sends a message: a claim that is committed before the network is touched, and what is done when its owner died.

A claim is a status and a time, not a lock: no transaction is open while we wait for a server (docs/architecture.md).
What must outlive a power cut is the mark that the server may have a message; a claim that is lost is taken again. When
a database loses it and comes back while its owner lives, both know their claim by the time until which it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, func

from psa import clock
from psa.extensions import change_rows, current_connection, db, run
from psa.mail.models import OutboundEmail, RawMessage
from psa.mail.raw import raw_bytes, unpack
from psa.prepared import Prepared, in_one_go, translated
from psa.tickets.lost_answers import open_again

OUT, RAWS = OutboundEmail.__table__, RawMessage.__table__
THIS, THIS_TRY = OUT.c.id == bindparam("this_id"), OUT.c.attempts == bindparam("mark")
THIS_CLAIM = OUT.c.claimed_until == bindparam("claimed")
TAKEN = (
    OUT.c.id,
    OUT.c.account_id,
    OUT.c.attempts,
    OUT.c.purpose,
    OUT.c.envelope_sender,
    OUT.c.recipients,
    OUT.c.results,
    OUT.c.copy_state,
    OUT.c.raw_id,
)
GIVEN_UP = "The PSA was stopped before this message had left"
# Bytes that are fetched ahead, packed, in octets: a batch must fit into memory.
SMALL = 256 * 1024
PACKED = case((func.length(RAWS.c.packed) <= SMALL, RAWS.c.packed))
MARK = Prepared(
    OUT.update()
    .where(THIS, OUT.c.status == "sending", THIS_TRY, THIS_CLAIM)
    .values(handed_over_at=bindparam("now"), claimed_until=bindparam("until"))
)
GIVE_BACK = Prepared(
    OUT.update()
    .where(THIS, OUT.c.status == "sending", THIS_TRY, THIS_CLAIM)
    .values(status="queued", claimed_until=None, attempts=OUT.c.attempts - 1)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send ``until`` then. ``attempt`` says how often it has been tried, with this one.

    ``status``, ``recipients`` and ``results`` are as in OutboundEmail; ``packed`` are its bytes as they are stored, or
    None when they are many.
    """

    id: int
    until: datetime
    account_id: int | None
    attempt: int
    purpose: str
    envelope_sender: str
    recipients: list[str]
    results: dict[str, dict[str, str]]
    copy_state: str
    raw_id: int
    size: int
    packed: bytes | None
    status: str = "sending"

    @property
    def is_test(self) -> bool:
        return self.purpose == "test"

    def raw(self) -> bytes:
        """Its bytes. Raises zlib.error for what cannot be read any more."""
        return unpack(self.packed, self.size) if self.packed is not None else raw_bytes(self.raw_id)


def claim(outbound_id: int, lease: timedelta) -> Claim | None:
    """Take one queued message for ourselves and commit; None when somebody else was quicker."""
    return next(iter(claim_all([outbound_id], lease)), None)


def claim_all(outbound_ids: Sequence[int], lease: timedelta) -> list[Claim]:
    """Take these queued messages for ourselves and commit; returns, in order, those that nobody else had taken."""
    until = clock.now() + lease
    taking = OUT.update().where(OUT.c.id.in_(outbound_ids), OUT.c.status == "queued").returning(*TAKEN)
    values = {"status": "sending", "claimed_until": until, "attempts": OUT.c.attempts + 1, "handed_over_at": None}
    taken = {row.id: row for row in run(taking.values(values))}
    raw_ids = [row.raw_id for row in taken.values()]
    stored = db.select(RAWS.c.id, RAWS.c.size, PACKED.label("packed")).where(RAWS.c.id.in_(raw_ids))
    bytes_of = {raw.id: (raw.size, raw.packed) for raw in run(stored)}
    db.session.commit()
    return [of_row(taken[one], until, *bytes_of[taken[one].raw_id]) for one in outbound_ids if one in taken]


def of_row(row: Row[Any], until: datetime, size: int, packed: bytes | None) -> Claim:
    return Claim(
        id=row.id,
        until=until,
        account_id=row.account_id,
        attempt=row.attempts,
        purpose=row.purpose,
        envelope_sender=row.envelope_sender,
        recipients=row.recipients,
        results=row.results,
        copy_state=row.copy_state,
        raw_id=row.raw_id,
        size=size,
        packed=packed,
    )


def release(claims: Sequence[Claim]) -> None:
    """Give back what was taken and not begun, as if nobody had tried it. Commits."""
    for one in claims:
        change_rows(GIVE_BACK, this_id=one.id, mark=one.attempt, claimed=one.until)
    db.session.commit()


def hand_over(
    emails: Sequence[Claim], lease: timedelta, write_too: Callable[[], None] = lambda: None
) -> list[Claim | None]:
    """Write down that from here on the server may have these messages, and commit before it can.

    Returns the claims as they hold from now on, None where one is no longer ours: then it must not be ended.
    ``write_too`` writes what goes into the same transaction. All of it is waited for once.
    """
    now = clock.now()
    until = now + lease
    rows = [
        {"this_id": one.id, "mark": one.attempt, "claimed": one.until, "now": now, "until": until} for one in emails
    ]
    connection = current_connection()
    with in_one_go(connection):
        write_too()
        marked = MARK.run_all(connection, rows)
        commit_in_passing()
    if marked.rowcount == len(rows):
        return [replace(one, until=until) for one in emails]
    ours = db.select(OUT.c.id).where(OUT.c.id.in_([one.id for one in emails]), OUT.c.claimed_until == until)
    ids = set(run(ours.where(OUT.c.handed_over_at == now)).scalars())
    commit_in_passing()
    return [replace(one, until=until) if one.id in ids else None for one in emails]


def commit_in_passing() -> None:
    """Commit by the driver alone, where each mail passes: session and connection go on as if nothing had been.

    No transaction is open in the database after it; the next statement begins one. Waits for the disk where the
    session's transaction was begun so. Raises what SQLAlchemy raises.
    """
    db.session.flush()
    connection = current_connection()
    try:
        connection.dialect.do_commit(connection.connection)
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(error, "COMMIT", connection) from error


def end_claims(ended: Iterable[tuple[Claim, dict[str, Any]]]) -> None:
    """Write down what became of claimed messages, as columns of theirs. The caller commits.

    Nothing is written where a message is somebody else's by now, though it be at the same try. One that recover() gave
    up as unconfirmed is still ours to tell of.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for email, columns in ended:
        values = {"claimed_until": None} | columns
        this = {"this_id": email.id, "mark": email.attempt, "claimed": email.until}
        alike.setdefault(tuple(values), []).append(values | this)
    for names, rows in alike.items():
        ending(names).run_all(current_connection(), rows)


@cache
def ending(columns: tuple[str, ...]) -> Prepared:
    is_ours = db.or_(OUT.c.status == "sending", OUT.c.status == "unconfirmed")
    return Prepared(OUT.update().where(THIS, is_ours, THIS_TRY, THIS_CLAIM), *columns)


def accounts_with_old_claims(taken_before: datetime, lease: timedelta) -> list[int | None]:
    """The accounts of which somebody took messages before then and has not begun to send them."""
    return list(run(db.select(OUT.c.account_id).where(unbegun(taken_before, lease)).distinct()).scalars())


def give_back(account_id: int | None, taken_before: datetime, lease: timedelta) -> None:
    """Queue again what was taken for an account before then and not begun. Commits.

    For whoever holds the account's lock: who took it is dead, or so slow that hand_over() will refuse it.
    """
    these = unbegun(taken_before, lease) & (OUT.c.account_id == account_id)
    run(OUT.update().where(these).values(status="queued", claimed_until=None))
    db.session.commit()


def unbegun(taken_before: datetime, lease: timedelta) -> ColumnElement[bool]:
    is_claimed = (OUT.c.status == "sending") & OUT.c.handed_over_at.is_(None) & (OUT.c.purpose != "test")
    return is_claimed & (OUT.c.claimed_until < taken_before + lease)


def recover(give_up_after: timedelta) -> int:
    """Look after messages whose sender died; commits and returns how many there were.

    Before the message was handed over it is simply queued again, unless it has been waiting for longer than
    ``give_up_after``, or is a test, which is over without its sender. After that the server may have it: a person
    decides.
    """
    now = clock.now()
    dead = (OUT.c.status == "sending") & (OUT.c.claimed_until < now)
    unsent = dead & OUT.c.handed_over_at.is_(None)
    is_test = OUT.c.purpose == "test"
    forgotten = is_test & (OUT.c.status == "queued") & (OUT.c.next_attempt_at < now)
    # Two statements, each along an index of its own: this is asked every second, with whatever waits in the outbox.
    given_up = {"status": "failed", "claimed_until": None, "reason": GIVEN_UP}
    too_late = unsent & (is_test | (OUT.c.queued_at < now - give_up_after))
    failed = [
        outbound_id
        for which in (too_late, forgotten)
        for outbound_id in run(OUT.update().where(which).values(given_up).returning(OUT.c.id)).scalars()
    ]
    for outbound_id in failed:
        open_again(outbound_id, GIVEN_UP)
    again = run(OUT.update().where(unsent).values(status="queued", claimed_until=None))
    unclear = run(
        OUT.update()
        .where(dead)
        .values(
            # The claim stays: by it its owner, who was only slow, may still say what came of it.
            status="unconfirmed",
            reason="The PSA was stopped while the server was taking this message: it may have arrived or not",
        )
    )
    db.session.commit()
    return len(failed) + again.rowcount + unclear.rowcount
