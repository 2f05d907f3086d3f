"""Two clients, or two contacts, that turned out to be one, and two again.

All that hangs on the one that goes hangs on the one that stays from then on. The row of the one that goes remains,
hidden, so that old links lead on. What moved is written down, and for a day it can move back.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from psa import clock, words
from psa.clients import joining
from psa.clients.models import Client, ClientMerge, Contact, ContactAddress
from psa.clients.references import Reference, count, move, move_back, named, references_to
from psa.extensions import db, run
from psa.tickets.models import Queue
from psa.words import counted

UNDONE_WITHIN = timedelta(days=1)
# Mail that was being filed while its client was merged names the one that went. So long after, nothing does any more.
FOLLOWED_FOR = timedelta(hours=1)
MODELS: dict[str, type[Client] | type[Contact]] = {"client": Client, "contact": Contact}
# What a hidden row would still be found by, where somebody asks who uses a queue or belongs to a client.
EMPTIED = {"client": "default_queue_id", "contact": "client_id"}
# What the one that stays takes over where it has nothing of its own.
FILLED = {
    "client": ("default_queue_id", "currency", "billing_address", "tax_id", "payment_days"),
    "contact": ("name", "role", "phone", "client_id"),
}


class RefusedMerge(ValueError):
    """Two that cannot be merged, or a merge that cannot be undone; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merge moved, and what it left because the other one had it already, each in words."""

    moved: tuple[str, ...] = ()
    stayed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """What a merge did, as it is kept: rows by the column that refers, values by what they were and became."""

    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    fields: dict[str, list[Any]] = field(default_factory=dict)
    name: str = ""
    was_active: bool = True
    emptied: int | None = None
    rates: list[list[Any]] = field(default_factory=list)
    projects: list[list[Any]] = field(default_factory=list)
    rules: list[list[Any]] = field(default_factory=list)
    # The ids of the invoices that were drafts still.
    drafts: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def merge_clients(gone: Client, kept: Client, by: int | None) -> tuple[ClientMerge, Outcome]:
    """Merge ``gone`` into ``kept``, in the caller's transaction. Raises RefusedMerge."""
    lock("client", gone, kept)
    record = Record(name=gone.name, was_active=gone.active)
    record.projects = joining.make_room_for_projects(gone, kept)
    record.rates, left_rates = joining.move_rates(gone.id, kept.id)
    record.drafts = joining.drafts_of(gone.id)
    stayed = move_all(record, Client, gone.id, kept.id)
    record.rules = joining.name_in_rules(gone.id, kept.id, by)
    fill("client", record, gone, kept)
    if gone.notes and gone.notes != kept.notes:
        became = f"{kept.notes}\n\nFrom {gone.name}:\n{gone.notes}".strip()
        record.fields["notes"] = [kept.notes, became]
        kept.notes = became
    if gone.active and not kept.active:
        record.fields["active"] = [False, True]
        kept.active = True
    # The name is free for another client from now on.
    gone.name = f"{gone.name[:170]} (merged, {gone.id})"
    gone.folded = words.fold(gone.name)
    gone.active = False
    changed = [f"the project {was} is called {now} from now on" for _, was, now, *_ in record.projects if was != now]
    changed += [f"the rule “{name}” names {kept.name}" for _, name, *_ in record.rules]
    changed += joining.words_for_fields(record.fields)
    if left_rates:
        stayed.append(f"{counted(left_rates, 'rate')}, since {kept.name} has its own")
    return keep("client", gone, kept, record, by), outcome(record, Client, stayed, changed)


def merge_contacts(gone: Contact, kept: Contact, by: int | None) -> tuple[ClientMerge, Outcome]:
    """Merge ``gone`` into ``kept``, in the caller's transaction. Raises RefusedMerge."""
    lock("contact", gone, kept)
    record = Record(name=gone.name)
    last = db.session.scalar(select(func.max(ContactAddress.position)).where(ContactAddress.contact_id == kept.id))
    run(
        ContactAddress.__table__.update()
        .where(ContactAddress.__table__.c.contact_id == gone.id)
        .values(position=ContactAddress.__table__.c.position + (last or 0) + 1)
    )
    stayed = move_all(record, Contact, gone.id, kept.id)
    fill("contact", record, gone, kept)
    changed = joining.words_for_fields(record.fields)
    return keep("contact", gone, kept, record, by), outcome(record, Contact, stayed, changed)


def would_become(gone: Client | Contact, kept: Client | Contact) -> Outcome:
    """What a merge would do, by doing it and taking it back: this rolls back. Raises RefusedMerge."""
    try:
        return merge(gone, kept, None)[1]
    finally:
        db.session.rollback()
        db.session.expire_all()


def merge(gone: Client | Contact, kept: Client | Contact, by: int | None) -> tuple[ClientMerge, Outcome]:
    """Merge two of a kind. Raises RefusedMerge."""
    if isinstance(gone, Client) and isinstance(kept, Client):
        return merge_clients(gone, kept, by)
    if isinstance(gone, Contact) and isinstance(kept, Contact):
        return merge_contacts(gone, kept, by)
    raise RefusedMerge("A client and a contact are two different things.")


def lock(kind: str, gone: Client | Contact, kept: Client | Contact) -> None:
    """Nobody else changes the two meanwhile; a write comes first so that SQLite reads what nobody can change."""
    if gone.id == kept.id:
        raise RefusedMerge("Choose another one: nothing can be merged with itself.")
    table = MODELS[kind].__table__
    both = sorted((gone.id, kept.id))
    run(table.update().where(table.c.id.in_(both)).values(revision=table.c.revision + 1))
    for one in (gone, kept):
        db.session.refresh(one)
        if one.merged_into_id is not None:
            raise RefusedMerge("One of the two has been merged already. Look at it again first.")


def move_all(record: Record, model: type[Client] | type[Contact], gone_id: int, kept_id: int) -> list[str]:
    """Move every row that refers to the one that goes; returns what stays, in words."""
    stayed = []
    for reference in references_to(model):
        if str(reference) == "rates.client_id":
            continue
        if keys := move(reference, gone_id, kept_id):
            record.rows[str(reference)] = record.rows.get(str(reference), []) + keys
        if left := count(reference, gone_id):
            stayed.append(reference.counted(left))
    return stayed


def fill(kind: str, record: Record, gone: Client | Contact, kept: Client | Contact) -> None:
    for name in FILLED[kind]:
        was, theirs = getattr(kept, name), getattr(gone, name)
        if was in ("", None) and theirs not in ("", None):
            record.fields[name] = [was, theirs]
            setattr(kept, name, theirs)


def keep(kind: str, gone: Client | Contact, kept: Client | Contact, record: Record, by: int | None) -> ClientMerge:
    gone.merged_into_id = kept.id
    record.emptied = getattr(gone, EMPTIED[kind])
    setattr(gone, EMPTIED[kind], None)
    found = ClientMerge(
        kind=kind, gone_id=gone.id, kept_id=kept.id, moved=record.as_dict(), user_id=by, made_at=clock.now()
    )
    db.session.add(found)
    db.session.flush()
    # Rows were moved past the session: what it has loaded of them is old.
    db.session.expire_all()
    return found


def outcome(
    record: Record, model: type[Client] | type[Contact], stayed: Sequence[str], changed: Sequence[str]
) -> Outcome:
    moved = [one.counted(len(record.rows[str(one)])) for one in references_to(model) if str(one) in record.rows]
    if record.rates:
        moved.append(counted(len(record.rates), "rate"))
    return Outcome(tuple(moved), tuple(stayed), tuple(changed))


def latest_into(kept: Client | Contact) -> ClientMerge | None:
    """The last merge into ``kept`` that can still be undone."""
    kind = "client" if isinstance(kept, Client) else "contact"
    query = select(ClientMerge).where(
        ClientMerge.kind == kind,
        ClientMerge.kept_id == kept.id,
        ClientMerge.undone_at.is_(None),
        ClientMerge.made_at > clock.now() - UNDONE_WITHIN,
    )
    found: ClientMerge | None = db.session.scalar(query.order_by(ClientMerge.id.desc()).limit(1))
    return found


def undo(merge_id: int, by: int | None) -> list[str]:
    """Put back what a merge moved; returns in sentences what could not be. What came since stays where it is.

    Raises RefusedMerge after a day, and when the one that stayed was itself merged since.
    """
    ours = ClientMerge.__table__
    claimed = run(
        ours.update()
        .where(ours.c.id == merge_id, ours.c.undone_at.is_(None), ours.c.made_at > clock.now() - UNDONE_WITHIN)
        .values(undone_at=clock.now())
    )
    if claimed.rowcount != 1:
        raise RefusedMerge("This merge cannot be undone any more: it is older than a day, or it was undone already.")
    found = db.session.get_one(ClientMerge, merge_id, populate_existing=True)
    model = MODELS[found.kind]
    gone, kept = one_of(model, found.gone_id), one_of(model, found.kept_id)
    if gone is None or kept is None or gone.merged_into_id != kept.id:
        raise RefusedMerge("One of the two is no longer there.")
    if kept.merged_into_id is not None:
        raise RefusedMerge("The one that stayed has itself been merged since. Undo that first.")
    record = Record(**found.moved)
    missing = joining.keep_what_was_billed(record.rows, record.drafts, kept.id)
    missing += rows_back(record, model, gone.id, kept.id)
    missing += fields_back(record, kept)
    if isinstance(gone, Client):
        missing += joining.rates_back(record.rates, kept.id, gone.id)
        missing += joining.projects_back(record.projects, gone.id)
        missing += joining.rules_back(record.rules, by)
        missing += name_back(record, gone)
        gone.active = record.was_active
        if record.emptied is not None and db.session.get(Queue, record.emptied) is not None:
            gone.default_queue_id = record.emptied
    elif record.emptied is not None:
        gone.client_id = where_it_went(record.emptied)
    gone.merged_into_id = None
    kept.revision += 1
    gone.revision += 1
    db.session.flush()
    db.session.expire_all()
    return missing


def where_it_went(client_id: int) -> int | None:
    """The client with this id, or the one that it was merged into since; None when it was deleted."""
    client = db.session.get(Client, client_id, populate_existing=True)
    while client is not None and client.merged_into_id is not None:
        client = db.session.get(Client, client.merged_into_id, populate_existing=True)
    return client.id if client is not None else None


def follow_up() -> int:
    """Let what has named the one that went, since the merge, name the one that stayed; returns how many rows. Commits.

    Who files mail may have read whose it is just before the merge was committed.
    """
    followed = 0
    for merge_id in just_merged():
        found = claimed(merge_id)
        if found is None:
            continue
        # A copy: the session would take one that is changed in place for the one that it knows.
        record = Record(**deepcopy(found.moved))
        before = sum(map(len, record.rows.values()))
        move_all(record, MODELS[found.kind], found.gone_id, found.kept_id)
        moved = sum(map(len, record.rows.values())) - before
        if moved:
            found.moved = record.as_dict()
            followed += moved
        db.session.commit()
    return followed


def just_merged() -> Sequence[int]:
    """The merges that may still be named by what was being filed."""
    since = clock.now() - FOLLOWED_FOR
    query = select(ClientMerge.id).where(ClientMerge.undone_at.is_(None), ClientMerge.made_at > since)
    return db.session.scalars(query.order_by(ClientMerge.id)).all()


def claimed(merge_id: int) -> ClientMerge | None:
    """The merge, which nobody can undo until the transaction ends; None when somebody has."""
    ours = ClientMerge.__table__
    still = ours.update().where(ours.c.id == merge_id, ours.c.undone_at.is_(None)).values(undone_at=None)
    if run(still).rowcount != 1:
        db.session.rollback()
        return None
    return db.session.get_one(ClientMerge, merge_id, populate_existing=True)


def one_of(model: type[Client] | type[Contact], row_id: int) -> Client | Contact | None:
    row = db.session.get(model, row_id, populate_existing=True)
    assert row is None or isinstance(row, Client | Contact)
    return row


def rows_back(record: Record, model: type[Client] | type[Contact], gone_id: int, kept_id: int) -> list[str]:
    missing = []
    for name, keys in record.rows.items():
        reference: Reference | None = named(model, name)
        if reference is None:
            continue
        lost = len(keys) - move_back(reference, keys, kept_id, gone_id)
        if lost:
            missing.append(f"{reference.counted(lost)} of {len(keys):,} moved on or removed since")
    return missing


def fields_back(record: Record, kept: Client | Contact) -> list[str]:
    missing = []
    for name, (was, became) in record.fields.items():
        if getattr(kept, name) == became:
            setattr(kept, name, was)
        else:
            missing.append(f"the {joining.FIELDS.get(name, name)}, which somebody has changed since")
    return missing


def name_back(record: Record, gone: Client) -> list[str]:
    taken = db.session.scalar(
        select(Client.id).where(func.lower(Client.name) == record.name.lower(), Client.id != gone.id)
    )
    if taken is not None:
        return [f"its name {record.name}, which another client has now"]
    gone.name = record.name
    gone.folded = words.fold(record.name)
    return []
