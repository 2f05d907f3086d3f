"""What there is to hear of: the kinds of notices, to whom each goes, and whether it is on as long as nobody says."""

from __future__ import annotations

from dataclasses import dataclass

TOPICS = {
    "tickets": "Tickets",
    "projects": "Projects",
    "invoices": "Invoices",
}
TOPIC_HINTS = {
    "tickets": "That a ticket is open or closed. What your agents write reaches them all the same.",
    "projects": "Updates on their projects.",
    "invoices": "Invoices and reminders.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice, named as its template.

    ``topic`` is set for what goes to contacts, who can be told nothing of a topic. ``by_queue``: a queue may differ
    from the others. ``on`` is what holds as long as no admin has said anything.
    """

    name: str
    title: str
    when: str
    topic: str = ""
    by_queue: bool = False
    on: bool = True

    @property
    def is_for_users(self) -> bool:
        return not self.topic


KINDS = (
    Kind(
        "ticket_opened",
        "Ticket opened",
        "The requester hears that their message has opened a ticket, where the mailbox acknowledges.",
        topic="tickets",
    ),
    Kind(
        "ticket_closed",
        "Ticket closed",
        "The requester hears that their ticket was closed.",
        topic="tickets",
        by_queue=True,
        on=False,
    ),
    Kind(
        "user_new_ticket",
        "New ticket in my queues",
        "Users hear of it who have chosen the queue.",
        by_queue=True,
    ),
    Kind("user_assigned", "Somebody gives me a ticket", "The new assignee hears of it."),
    Kind(
        "user_new_reply", "A client answers on my tickets", "The assignee hears of it, and users who watch the ticket."
    ),
    Kind(
        "user_new_note",
        "A note on my tickets, or one that names me",
        "The assignee, users who watch the ticket, and whoever the note names.",
    ),
)
NAMED = {kind.name: kind for kind in KINDS}
FOR_USERS = tuple(kind for kind in KINDS if kind.is_for_users)
