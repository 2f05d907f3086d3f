"""Which server checks senders in front of a mailbox, as far as its own mails tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from psa.extensions import db
from psa.mail.message import parse
from psa.mail.message.head.authentication import MICROSOFT, topmost_authserv
from psa.mail.models import InboundEmail, MailAccount, RawMessage
from psa.mail.raw import raw_bytes

# So many of the latest mails are looked at, and no large ones: their headers say the same.
LATEST, LARGEST = 20, 200_000
# Fewer mails, or mails of fewer senders, may all be one person's forgeries.
FEWEST, FEWEST_SENDERS = 5, 3
# Whose mail says so at the top in all of their mailboxes, as they document.
OF_PROVIDERS = {
    "imap.gmail.com": "mx.google.com",
    "pop.gmail.com": "mx.google.com",
    "outlook.office365.com": MICROSOFT,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A server's name, and in words why it is likely the one."""

    authserv: str
    words: str


def propose(account: MailAccount) -> Proposal | None:
    """The server that the mailbox's own mails name at their top, else that of a known provider; None where neither
    tells.
    """
    of_provider = OF_PROVIDERS.get(account.host.lower())
    if of_provider is not None:
        return Proposal(of_provider, f"{account.host} is known to have its mail checked by it")
    rows = db.session.execute(
        db.select(InboundEmail.raw_id, InboundEmail.sender_email)
        .join(RawMessage, RawMessage.id == InboundEmail.raw_id)
        .where(InboundEmail.account_id == account.id, RawMessage.size <= LARGEST)
        .order_by(InboundEmail.kept_at.desc(), InboundEmail.id.desc())
        .limit(LATEST)
    ).all()
    named = [(topmost_authserv(parse(raw_bytes(row.raw_id)).tree.headers), row.sender_email) for row in rows]
    counted = Counter(name for name, _ in named if name)
    if not counted:
        return None
    name, times = counted.most_common(1)[0]
    senders = {sender.rpartition("@")[2] for of, sender in named if of == name}
    if times < FEWEST or times * 2 <= len(rows) or len(senders) < FEWEST_SENDERS:
        return None
    return Proposal(name, f"{times} of the last {len(rows)} mails bear its word at their top")
