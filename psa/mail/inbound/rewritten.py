"""Our own mail under a Message-ID that a relay gave it: answers will refer to that one, and not to ours.

It is learnt where it shows: in a copy of our mail that comes back, and in a report about it. Both can be made up by who
has got a mail of ours, so what is learnt is a weak key, which counts only from somebody who is on the ticket.
"""

from __future__ import annotations

from psa.mail.inbound.classify import token_of
from psa.mail.message import ParsedEmail, Report
from psa.mail.outbound.compose import ticket_of
from psa.mail.threads import remember_seen


def learn_from_copy(email: ParsedEmail) -> None:
    """Remember the id under which our own mail came back, beside the one that we had given it."""
    ours = next((one for one in (token_of(email), *email.former_ids) if ticket_of(one)), "")
    ticket_id = ticket_of(ours)
    if ticket_id and email.message_id and email.message_id != ours:
        remember_seen(email.message_id, ticket_id)


def learn_from_report(report: Report, ticket_id: int | None) -> None:
    """Remember the id under which a report names our mail, when it was known by something else (a signed address)."""
    reported = report.original_message_id
    if ticket_id is not None and reported and ticket_of(reported) is None:
        remember_seen(reported, ticket_id)
