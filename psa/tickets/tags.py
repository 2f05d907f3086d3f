"""Words that tickets are marked with. A tag is made when it is first used; its name counts without regard to case."""

from __future__ import annotations

from sqlalchemy import bindparam

from psa import clock
from psa.extensions import change_rows, db, insert_unless_there
from psa.prepared import Prepared
from psa.tickets.models import Tag, TicketTag
from psa.tickets.operations import Actor, note_event

LENGTH_MAX = 60
TICKET_TAGS = TicketTag.__table__
TAKE_OFF = Prepared(
    TICKET_TAGS.delete().where(
        TICKET_TAGS.c.ticket_id == bindparam("of_ticket"), TICKET_TAGS.c.tag_id == bindparam("the_tag")
    )
)


class RefusedTag(ValueError):
    """What cannot be a tag; the message says why."""


def checked_name(text: str) -> str:
    """A tag's name as it is kept: without # and brackets around it, one blank between words. Raises RefusedTag."""
    name = " ".join(text.split()).strip("[]#, ")
    if not name:
        raise RefusedTag("A tag is one word or a few.")
    if len(name) > LENGTH_MAX or len(name.casefold()) > 2 * LENGTH_MAX:
        raise RefusedTag(f"A tag has at most {LENGTH_MAX} characters.")
    if not name.isprintable() or "," in name:
        raise RefusedTag("A tag has letters, digits and signs, and no comma.")
    return name


def add_tag(ticket_id: int, text: str, by: Actor) -> bool:
    """Mark the ticket, by a new tag if there is none of that name; False when it has it. Raises RefusedTag."""
    name = checked_name(text)
    insert_unless_there(Tag, name=name, folded=name.casefold())
    tag = db.session.execute(db.select(Tag.id, Tag.name).where(Tag.folded == name.casefold())).one()
    if not insert_unless_there(TicketTag, ticket_id=ticket_id, tag_id=tag.id):
        return False
    note_event(ticket_id, "tag", by, clock.now(), detail={"from": "", "to": tag.name})
    return True


def remove_tag(ticket_id: int, tag: Tag, by: Actor) -> bool:
    """Take the tag off the ticket; False when it was not there."""
    if not change_rows(TAKE_OFF, of_ticket=ticket_id, the_tag=tag.id):
        return False
    note_event(ticket_id, "tag", by, clock.now(), detail={"from": tag.name, "to": ""})
    return True


def tags_of(ticket_id: int) -> list[str]:
    """The names of a ticket's tags."""
    query = db.select(Tag.name).join(TicketTag).where(TicketTag.ticket_id == ticket_id).order_by(Tag.folded)
    return list(db.session.scalars(query))


def all_tags() -> list[Tag]:
    """The tags that some ticket has, by name: for completion and filters."""
    is_used = db.exists().where(TicketTag.tag_id == Tag.id)
    return list(db.session.scalars(db.select(Tag).where(is_used).order_by(Tag.folded)))
