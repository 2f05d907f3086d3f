"""Whom a mailbox believes: the server that checks senders, our own people, and who may write for others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psa.admin.operations import firm
from psa.auth.models import User
from psa.clients.operations import FREE_MAIL
from psa.extensions import db
from psa.mail.models import MailAccount


@dataclass(frozen=True, slots=True)
class Staff:
    """A user who may act."""

    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """What decides whether a sender is believed, of one mailbox; loaded once for a chunk.

    ``authserv`` is the server whose Authentication-Results count, "" for none. ``users`` are those who are active, by
    their addresses in lower case. ``reply_to_counts`` are addresses and domains whose Reply-To is the sender.
    ``vouched_by`` is the name of the person who says that a message is really from whom it says.
    """

    authserv: str = ""
    agents_may_answer: bool = False
    reply_to_counts: frozenset[str] = frozenset()
    users: Mapping[str, Staff] = field(default_factory=dict)
    firm_name: str = ""
    own_domains: frozenset[str] = frozenset()
    address: str = ""
    vouched_by: str = ""

    @classmethod
    def of(cls, account: MailAccount) -> TrustPolicy:
        return cls(
            authserv=account.authserv,
            agents_may_answer=account.agents_may_answer,
            reply_to_counts=frozenset(account.reply_to_counts.lower().split()),
            users=active_users(),
            firm_name=firm().name,
            # At a provider of the whole world the domain says nothing.
            own_domains=frozenset({account.domain.lower()}) - FREE_MAIL,
            address=account.address.lower(),
        )

    def user_at(self, address: str) -> Staff | None:
        return self.users.get(address.lower())

    def is_ours(self, address: str, domain: str) -> bool:
        """Whether it is an address of the firm's, with or without a tag behind a plus, and no user's own."""
        local, _, _ = address.lower().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return plain == self.address or (domain in self.own_domains and self.user_at(address) is None)

    def speaks_for_others(self, address: str, domain: str) -> bool:
        """Whether an admin has said that the Reply-To of mail from there is the sender."""
        return address.lower() in self.reply_to_counts or domain in self.reply_to_counts


def active_users() -> dict[str, Staff]:
    """Users by their addresses. That of a mailbox is nobody's own: whoever may send from it is not one person."""
    ours = db.select(db.func.lower(MailAccount.address))
    rows = db.session.execute(
        db.select(User.id, User.name, User.email).where(User.active, User.email.not_in(ours)).order_by(User.id)
    )
    return {row.email.lower(): Staff(row.id, row.name, row.email) for row in rows}
