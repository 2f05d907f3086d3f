"""Two tickets become one, and two again.

The messages, their mail and all keys go to the ticket that stays; the other one is closed, keeps its history, and
leads there. What moved is written down, so that it can be undone as long as it can be told apart.
"""

from __future__ import annotations

from dataclasses import replace

from psa import clock
from psa.extensions import db, insert_row, update_row
from psa.tickets.models import STATUSES, Event, Ticket, Watcher
from psa.tickets.moving import EVENTS, Moved, carry, chunks, ids, move_all, part_keys, show_last_words
from psa.tickets.operations import Actor, note_event, set_status
from psa.tickets.relations import Merge
from psa.tickets.tags import add_tag, tags_of
from psa.tickets.watchers import copy_in, watch, watchers_of

MOST_MERGES = 10


class RefusedMerge(ValueError):
    """Two tickets that cannot be merged, or a merge that cannot be undone; the message says why."""


def merge(source_id: int, target_id: int, by: Actor) -> int:
    """Merge the ticket ``source_id`` into ``target_id``; returns the merge's id. Raises RefusedMerge."""
    source, target = locked(source_id, target_id)
    if source is None or target is None:
        raise RefusedMerge(f"There is no ticket #{source_id if source is None else target_id}.")
    if source_id == target_id:
        raise RefusedMerge("A ticket cannot be merged into itself.")
    for ticket in (source, target):
        if ticket.merged_into_id is not None:
            raise RefusedMerge(f"#{ticket.id} is part of #{ticket.merged_into_id} already. Merge with that one.")
    now, was = clock.now(), source.status
    brought = bring_people(source, target, by)
    reopened = target.status == "closed" and was != "closed"
    moved = replace(move_all(source_id, target_id), watchers=brought, reopened=reopened)
    merge_id = insert_row(
        Merge,
        source_id=source_id,
        target_id=target_id,
        was=was,
        moved=moved.as_dict(),
        user_id=by.user_id,
        made_at=now,
    )
    update_row(Ticket, source_id, status="closed", merged_into_id=target_id, changed_at=now)
    update_row(Ticket, target_id, changed_at=now)
    note_event(
        source_id, "merged", by, now, detail={"other": target_id, "way": "into", "messages": len(moved.comments)}
    )
    note_event(
        target_id, "merged", by, now, detail={"other": source_id, "way": "from", "messages": len(moved.comments)}
    )
    if reopened:
        # What somebody still waits for must not be closed along with it.
        set_status(target_id, was, by)
    show_last_words(target_id)
    return merge_id


def bring_people(source: Ticket, target: Ticket, by: Actor) -> list[int]:
    """Who follows the source follows the target from now on, and who asked for it; returns the ids of the new rows.

    A contact only on a ticket of their own client: replies are copied to those who watch.
    """
    before, because = {one.id for one in watchers_of(target.id)}, f"was on #{source.id}, which was merged"
    contacts = [source.requester, *(one.contact for one in watchers_of(source.id))]
    for contact in contacts:
        is_theirs = contact is not None and contact.client_id is not None and contact.client_id == target.client_id
        if contact is not None and is_theirs and contact.id != target.requester_id:
            copy_in(target.id, contact_id=contact.id, name=contact.display_name, because=because, by=by)
    for one in watchers_of(source.id):
        if one.user is not None:
            watch(target.id, user_id=one.user.id, name=one.user.name, because=because, by=by)
    for name in tags_of(source.id):
        add_tag(target.id, name, by)
    return [one.id for one in watchers_of(target.id) if one.id not in before]


def unmerge(merge_id: int, by: Actor) -> None:
    """Undo a merge: what came goes back, unless it was moved on since; what was said on the other ticket since stays.

    Raises RefusedMerge.
    """
    found = db.session.get(Merge, merge_id)
    if found is None or found.undone_at is not None:
        raise RefusedMerge("This merge has been undone already.")
    source, target = locked(found.source_id, found.target_id)
    assert source is not None and target is not None
    if target.merged_into_id is not None:
        raise RefusedMerge(f"#{target.id} itself is part of #{target.merged_into_id} now. Undo that one first.")
    now, moved = clock.now(), Moved(**found.moved)
    carry(replace(moved, opening=[]), target.id, source.id)
    part_keys(moved.shared, source.id, target.id)
    for some in chunks(moved.opening):
        returned = ids(EVENTS, EVENTS.c.ticket_id == source.id, EVENTS.c.id.in_(some))
        db.session.execute(db.update(Event).where(Event.id.in_(returned)).values(kind="opened"))
    db.session.execute(db.delete(Watcher).where(Watcher.ticket_id == target.id, Watcher.id.in_(moved.watchers)))
    found.undone_at = now
    db.session.flush()
    update_row(Ticket, source.id, status=found.was, merged_into_id=None, changed_at=now)
    update_row(Ticket, target.id, changed_at=now)
    if moved.reopened and target.status == found.was:
        set_status(target.id, "closed", by)
    note_event(source.id, "unmerged", by, now, detail={"other": target.id, "status": STATUSES[found.was]})
    note_event(target.id, "unmerged", by, now, detail={"other": source.id})
    for ticket_id in (source.id, target.id):
        show_last_words(ticket_id)


def locked(*ticket_ids: int) -> tuple[Ticket | None, ...]:
    """The tickets as they are now; nobody else changes them until the transaction ends."""
    found = {}
    for ticket_id in sorted(ticket_ids):
        # A write that changes nothing locks the row on PostgreSQL, and on SQLite the database.
        table = Ticket.__table__
        db.session.execute(db.update(table).where(table.c.id == ticket_id).values(changed_at=table.c.changed_at))
        found[ticket_id] = db.session.get(Ticket, ticket_id, populate_existing=True)
    return tuple(found[ticket_id] for ticket_id in ticket_ids)


def standing_ticket(ticket_id: int) -> Ticket | None:
    """The ticket itself, or the one that it was merged into; None when it does not exist."""
    ticket = db.session.get(Ticket, ticket_id, populate_existing=True)
    for _ in range(MOST_MERGES):
        if ticket is None or ticket.merged_into_id is None:
            break
        ticket = db.session.get(Ticket, ticket.merged_into_id, populate_existing=True)
    return ticket


def merge_of(ticket: Ticket) -> Merge | None:
    """The merge by which ``ticket`` became part of another one, while it is in force."""
    if ticket.merged_into_id is None:
        return None
    query = db.select(Merge).where(Merge.source_id == ticket.id, Merge.undone_at.is_(None)).order_by(Merge.id.desc())
    found: Merge | None = db.session.scalars(query).first()
    return found


def merges_into(ticket: Ticket) -> list[Merge]:
    """The merges that are in force and brought something to ``ticket``, oldest first."""
    query = db.select(Merge).where(Merge.target_id == ticket.id, Merge.undone_at.is_(None)).order_by(Merge.id)
    return list(db.session.scalars(query))
