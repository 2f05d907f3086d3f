"""What contacts are told of, as a cell of a file says it and as it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import insert, select

from psa.clients.operations import Refused
from psa.extensions import db
from psa.notifications.kinds import TOPICS
from psa.notifications.models import UnheardTopic
from psa.words import fold

# Whoever was never asked gets no invoices and no updates.
BY_DEFAULT = frozenset({"tickets"})
NOTHING = "nothing"
BY_WORD = {fold(word): topic for topic, title in TOPICS.items() for word in (topic, topic.removesuffix("s"), title)}
AT_ONCE = 500


def topics_in(cell: str) -> frozenset[str]:
    """The topics that a cell names; “nothing” stands for none. Raises Refused."""
    words = fold(cell).split()
    if words == [NOTHING]:
        return frozenset()
    wrong = next((word for word in words if word not in BY_WORD), "")
    if wrong or not words:
        raise Refused(
            "told", f"“{cell[:60]}” is not what somebody can be told of: tickets, projects, invoices, nothing."
        )
    return frozenset(BY_WORD[word] for word in words)


def as_cell(topics: Collection[str]) -> str:
    return " ".join(topic for topic in TOPICS if topic in topics) or NOTHING


def told_now(contact_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """By the ids of contacts what each is told of, in a query for every 500 of them."""
    ordered = sorted(contact_ids)
    found = {contact_id: set(TOPICS) for contact_id in ordered}
    for start in range(0, len(ordered), AT_ONCE):
        some = UnheardTopic.contact_id.in_(ordered[start : start + AT_ONCE])
        for contact_id, topic in db.session.execute(select(UnheardTopic.contact_id, UnheardTopic.topic).where(some)):
            found[contact_id].discard(topic)
    return {contact_id: frozenset(topics) for contact_id, topics in found.items()}


def tell_new(wanted: Iterable[tuple[int, Collection[str]]]) -> None:
    """Tell new contacts of these topics and of no other, however many they are."""
    unheard = [
        {"contact_id": contact_id, "topic": topic}
        for contact_id, topics in wanted
        for topic in TOPICS
        if topic not in topics
    ]
    if unheard:
        db.session.execute(insert(UnheardTopic), unheard)
