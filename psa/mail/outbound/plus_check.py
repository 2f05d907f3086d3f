"""Finding out whether a server takes plus-addresses: a mail to ourselves, from a signed address to the same one."""

from __future__ import annotations

from psa import clock
from psa.extensions import db
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.models import ReturnAddress
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.plus_addressing import switch_off
from psa.mail.outbound.signed_addresses import return_address

TEXT = """\
The PSA sent this to itself, to find out whether mail to {example} arrives in the mailbox of {address}.

It has arrived, so it does. Nothing is left to be done with it.
"""


def find_out(account: MailAccount) -> int:
    """Switch signed addresses on for the time when this mail has arrived; returns its id. Flushes.

    Raises Unwritable.
    """
    switch_off(account.id)
    composed = compose(
        Content(
            "Do answers find their ticket by its own address",
            TEXT.format(address=account.address, example=account.address.replace("@", "+something@")),
        ),
        sender=(account.display_name, account.address),
        to=[("", account.address)],
        automatic="auto-generated",
    )
    outbound_id = enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[account.address],
        purpose="notice",
    )
    # Known only now: the address holds the number of the mail itself.
    signed = return_address(account.address, outbound_id)
    db.session.execute(
        db.update(OutboundEmail)
        .where(OutboundEmail.id == outbound_id)
        .values(recipients=[signed], results={signed: {"state": "waiting", "words": ""}})
    )
    db.session.add(ReturnAddress(account_id=account.id, check_id=outbound_id, checked_at=clock.now()))
    db.session.flush()
    return outbound_id
