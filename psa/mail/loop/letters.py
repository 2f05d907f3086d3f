"""What the client's side of the full loop writes: as a person's mail program would, under a Message-ID not of ours."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime

from psa import clock
from psa.mail.inbound.loop_letters import new_message_id
from psa.mail.outbound.compose import POLICY, Composed, Mailbox, one_line

NAME = "Full-loop test"


def letter(test_id: int, address: str, subject: str, text: str, conversation: Sequence[str] = ()) -> Composed:
    """A letter from ``address`` to itself; ``conversation`` are the Message-IDs that it answers, the oldest first."""
    message = EmailMessage(policy=POLICY)
    message_id = new_message_id(test_id, address.rpartition("@")[2])
    message["From"] = Mailbox(NAME, address)
    message["To"] = Mailbox("", address)
    message["Subject"] = subject = one_line(subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{message_id}>"
    if conversation:
        message["In-Reply-To"] = f"<{conversation[-1]}>"
        message["References"] = " ".join(f"<{one}>" for one in conversation)
    # Nobody is to be told by machine that a ticket was opened which is gone in a moment.
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, subtype="plain", charset="utf-8")
    return Composed(message.as_bytes(), message_id, subject)
