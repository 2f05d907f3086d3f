"""What there is to hear of: the kinds of notices, to whom each goes, and whether it is on as long as nobody says."""

from __future__ import annotations

from dataclasses import dataclass

TOPICS = {
    "tickets": "Tickets",
    "projects": "Projects",
    "invoices": "Invoices",
}
TOPIC_HINTS = {
    "tickets": "That a ticket is open or closed. What is written on one arrives all the same.",
    "projects": "Updates on projects.",
    "invoices": "Invoices and reminders.",
}

QUIET = "Quiet for a backlog and for what is imported."
IMPORTED = "Quiet for what is imported."
BY_HAND = "Never by itself: a person sends each one."


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice, named as its template.

    ``about`` is what it tells of: a ticket, a project, an invoice, a task or a client. ``topic`` is set where contacts
    choose whether they are told of it. ``by_queue``: a queue may differ from the others. ``by_hand``: a person sends
    each one. ``quiet`` says when nothing of it leaves although it is on. ``on`` is what holds as long as no admin has
    said anything.
    """

    name: str
    title: str
    when: str
    topic: str = ""
    about: str = "ticket"
    is_for_users: bool = True
    by_queue: bool = False
    by_hand: bool = False
    quiet: str = QUIET
    on: bool = True


KINDS = (
    Kind(
        "ticket_opened",
        "Ticket opened",
        "The requester hears that their message has opened a ticket, where the mailbox acknowledges.",
        topic="tickets",
        is_for_users=False,
    ),
    Kind(
        "ticket_closed",
        "Ticket closed",
        "The requester hears that their ticket was closed.",
        topic="tickets",
        is_for_users=False,
        by_queue=True,
        on=False,
    ),
    Kind(
        "welcome",
        "Welcome message",
        "A new contact is told how to reach you.",
        about="client",
        is_for_users=False,
        by_hand=True,
        quiet=BY_HAND,
    ),
    Kind(
        "project_update",
        "Project update",
        "Contacts who are told of projects hear what you have written on one of theirs.",
        topic="projects",
        about="project",
        is_for_users=False,
        by_hand=True,
        quiet=BY_HAND,
    ),
    Kind(
        "invoice",
        "Invoice",
        "Contacts who are told of invoices get it with its PDF.",
        topic="invoices",
        about="invoice",
        is_for_users=False,
        by_hand=True,
        quiet=BY_HAND,
    ),
    *(
        Kind(
            f"invoice_reminder_{name}",
            f"Invoice reminder, {title}",
            when,
            topic="invoices",
            about="invoice",
            is_for_users=False,
            quiet="Quiet for what is paid, void, disputed or imported.",
        )
        for name, title, when in (
            ("before", "before due", "Whoever got the invoice is reminded some days before it is due."),
            ("due", "on due date", "Whoever got the invoice is reminded on the day it is due."),
            ("overdue", "overdue", "Whoever got the invoice is reminded after that, as often as your schedule says."),
        )
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
        "The assignee, users who watch the ticket, and whoever the note names. The first two hear by it, too, that an "
        "answer reached nobody, so that its ticket is open again.",
    ),
    Kind("task_assigned", "Somebody gives me a task", "The new assignee hears of it.", about="task", quiet=IMPORTED),
    Kind(
        "task_due",
        "A task of mine is due",
        "The assignee hears of it on the morning of the day.",
        about="task",
        quiet="Quiet for tasks that are done, and for closed projects.",
    ),
)
NAMED = {kind.name: kind for kind in KINDS}
FOR_USERS = tuple(kind for kind in KINDS if kind.is_for_users)
