"""Whether an account writes under signed addresses: it may once its server is known to take plus-addresses.

A mail to itself under such an address finds out (psa.mail.outbound.plus_check). When it has arrived, answers go to
signed addresses, and mail leaves under a signed return path until the server refuses that.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam

from psa import clock
from psa.extensions import db, rows_of
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound.models import ReturnAddress
from psa.mail.outbound.signed_addresses import TICKET, reply_address
from psa.prepared import Prepared

# Mail that has not arrived by then is not waited for any more.
PATIENCE = timedelta(days=1)
ACCOUNTS, STATES = MailAccount.__table__, ReturnAddress.__table__
PROVEN = Prepared(
    db.select(ACCOUNTS.c.id)
    .join(STATES, STATES.c.account_id == ACCOUNTS.c.id)
    .where(
        ACCOUNTS.c.direction == "outbound",
        ACCOUNTS.c.address == bindparam("address"),
        STATES.c.proven_at.is_not(None),
    )
)


def state_of(account_id: int) -> ReturnAddress | None:
    """What is known of an account's signed addresses; None while they are switched off. Notes what has arrived since.

    Flushes.
    """
    state = db.session.get(ReturnAddress, account_id, populate_existing=True)
    if state is not None and state.proven_at is None and has_arrived(state):
        state.proven_at = clock.now()
        db.session.flush()
    return state


def has_arrived(state: ReturnAddress) -> bool:
    """Whether the mail that finds out has reached a mailbox of ours."""
    if state.check_id is None or state.checked_at < clock.now() - PATIENCE:
        return False
    # Along the index of the time of keeping: the PSA has few messages that came in since somebody pressed the button.
    arrived = (
        db.select(InboundEmail.id)
        .join(OutboundEmail, OutboundEmail.message_id == InboundEmail.message_id)
        .where(OutboundEmail.id == state.check_id, InboundEmail.kept_at >= state.checked_at)
    )
    return db.session.scalar(arrived.limit(1)) is not None


def answers_to(address: str, reply_to: str, ticket_id: int, about: tuple[str, int] | None = None) -> str:
    """Where answers about a ticket go, to stand in Reply-To: signed where ``address`` does so, else ``reply_to``.

    ``about`` is as in signed_addresses.matter_of_address, for mail about no ticket. Another address
    that somebody entered there is kept: what its server takes is not known.
    """
    is_own = not reply_to or reply_to.lower() == address.lower()
    kind, number = about or (TICKET, ticket_id)
    if not number or not is_own or not rows_of(PROVEN, address=address):
        return reply_to
    return reply_address(address, number, kind)


def signs_return_path(state: ReturnAddress | None, outbound_id: int) -> bool:
    """Whether this mail leaves under a signed return path: the one that finds out does so first."""
    if state is None or state.refused_at is not None:
        return False
    return state.proven_at is not None or state.check_id == outbound_id


def note_refused(account_id: int, words: str) -> None:
    """The server takes no signed return path: from here on mail leaves under the plain one. The caller commits."""
    refused = db.update(ReturnAddress).where(ReturnAddress.account_id == account_id)
    db.session.execute(refused.values(refused_at=clock.now(), refused_words=words[:2000]))


def switch_off(account_id: int) -> None:
    """Write under the plain address again. Signed ones that are out there are understood for ever."""
    db.session.execute(db.delete(ReturnAddress).where(ReturnAddress.account_id == account_id))
