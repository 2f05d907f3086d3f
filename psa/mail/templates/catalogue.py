"""The Default Templates: when each leaves, what it may speak of, and what it says as long as nobody has changed it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psa.mail.templates.facts import FACTS, Variable, variables_of

SEEDS = Path(__file__).parents[2] / "templates" / "emails"


@dataclass(frozen=True, slots=True)
class Wording:
    """The three parts of a template. Text that is left empty is made from the HTML."""

    subject: str
    html: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of mail. ``facts`` are the names that its variables begin with.

    ``like_a_letter``: written by a person, so it looks like a person's mail, without the firm's logo. ``lives_with``
    is what its real examples are made of: ticket, contact, or nothing. ``must_show`` is the variable without which the
    mail would say nothing.
    """

    name: str
    title: str
    group: str
    when: str
    facts: tuple[str, ...]
    like_a_letter: bool = False
    lives_with: str = ""
    must_show: str = ""

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(variable for name in self.names for variable in variables_of(name))

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.facts, "firm")

    @property
    def kinds(self) -> dict[str, type]:
        """The names with the classes of their values."""
        return {name: FACTS[name] for name in self.names}

    @property
    def default(self) -> Wording:
        """What it says as long as nobody has changed it: the files in templates/emails/<name>."""
        return read_seed(self.name)


@cache
def read_seed(name: str) -> Wording:
    text = SEEDS / name / "text.txt"
    return Wording(
        (SEEDS / name / "subject.txt").read_text().strip(),
        (SEEDS / name / "body.html").read_text().strip(),
        text.read_text().strip() if text.exists() else "",
    )


TEMPLATES = (
    Template(
        "welcome",
        "Welcome message",
        "Clients",
        "Goes to a new contact when you send it from their page: how to reach you, and what happens when they write.",
        ("contact", "client", "account"),
        lives_with="contact",
    ),
    Template(
        "unknown_sender",
        "Unknown sender",
        "Clients",
        "Goes to who belongs to no client, where the mailbox holds such mail and answers politely.",
        ("message",),
    ),
    Template(
        "ticket_opened",
        "Ticket opened",
        "Tickets",
        "Goes to the requester when their message has opened a ticket and the mailbox says so.",
        ("contact", "client", "ticket"),
        lives_with="ticket",
    ),
    Template(
        "auto_reply",
        "Auto-reply",
        "Tickets",
        "Goes to the requester instead of Ticket opened when a rule sends the auto-reply.",
        ("contact", "client", "ticket"),
        lives_with="ticket",
    ),
    Template(
        "reply",
        "Reply",
        "Tickets",
        "What your agents write, as the client reads it.",
        ("reply", "agent", "contact", "client", "ticket", "account"),
        like_a_letter=True,
        lives_with="ticket",
        must_show="reply.words",
    ),
    Template(
        "ticket_closed",
        "Ticket closed",
        "Tickets",
        "Goes to the requester when their ticket is closed.",
        ("contact", "client", "ticket", "agent"),
        lives_with="ticket",
    ),
    Template(
        "forwarded",
        "Forwarded message",
        "Tickets",
        "Goes to the address that a rule forwards a message to, which is attached as it came.",
        ("original",),
    ),
    Template(
        "project_update",
        "Project update",
        "Projects",
        "Goes to the client’s contacts when you write an update on their project.",
        ("contact", "client", "project", "update", "agent"),
    ),
    Template(
        "task_assigned",
        "Task assigned",
        "Projects",
        "Goes to the user whose task it is now.",
        ("user", "task", "project", "agent"),
    ),
    Template(
        "task_due",
        "Task due",
        "Projects",
        "Goes to the user whose task is due, on the morning of that day.",
        ("user", "task", "project"),
    ),
    Template(
        "invoice",
        "Invoice",
        "Invoices",
        "Goes to the client’s contacts with the invoice.",
        ("contact", "client", "invoice"),
    ),
    Template(
        "credit_note",
        "Credit note",
        "Invoices",
        "Goes to the client’s contacts with the credit note.",
        ("contact", "client", "invoice"),
    ),
    Template(
        "invoice_reminder_before",
        "Invoice reminder, before due",
        "Invoices",
        "Goes to the invoice’s contacts some days before the due date.",
        ("contact", "client", "invoice"),
    ),
    Template(
        "invoice_reminder_due",
        "Invoice reminder, on due date",
        "Invoices",
        "Goes to the invoice’s contacts on the due date.",
        ("contact", "client", "invoice"),
    ),
    Template(
        "invoice_reminder_overdue",
        "Invoice reminder, overdue",
        "Invoices",
        "Goes to the invoice’s contacts after the due date, as often as your schedule says.",
        ("contact", "client", "invoice", "reminder"),
    ),
    Template(
        "statement",
        "Statement of account",
        "Invoices",
        "Goes to the client’s contacts when you send it: what was invoiced and paid over a time, and what is open.",
        ("contact", "client", "statement"),
    ),
    Template(
        "user_new_ticket",
        "New ticket",
        "Users",
        "Goes to the users who have chosen the queue that a ticket arrives in.",
        ("user", "contact", "client", "ticket", "reply"),
        lives_with="ticket",
    ),
    Template(
        "user_assigned",
        "Ticket is yours now",
        "Users",
        "Goes to the user whom somebody else has given a ticket.",
        ("user", "contact", "client", "ticket", "agent"),
        lives_with="ticket",
    ),
    Template(
        "user_new_reply",
        "New reply for you",
        "Users",
        "Goes to the assignee when the client has answered.",
        ("user", "contact", "client", "ticket", "reply"),
        lives_with="ticket",
    ),
    Template(
        "user_new_note",
        "Note for you",
        "Users",
        "Goes to the assignee, and to whom an internal note names as in @Tom.",
        ("user", "contact", "client", "ticket", "agent", "note"),
        lives_with="ticket",
    ),
    Template(
        "user_digest",
        "Digest",
        "Users",
        "Goes to users who want to hear of things together, every hour or once a day.",
        ("user", "digest"),
        must_show="digest.notices",
    ),
    Template(
        "alert",
        "Alert",
        "Users",
        "Goes to the administrators when something goes wrong, and when it is over.",
        ("alerts",),
    ),
)

CATALOGUE = {template.name: template for template in TEMPLATES}


def groups() -> dict[str, list[Template]]:
    """The templates under the headings of the page."""
    found: dict[str, list[Template]] = {}
    for template in TEMPLATES:
        found.setdefault(template.group, []).append(template)
    return found
