"""What the messages of one account share in a round: settings, connections, and when what came of them is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

from psa.extensions import db
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.journal import Journal
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.outbound import claims, outcomes, plus_addressing
from psa.mail.outbound.claims import Claim
from psa.mail.outbound.further import Opening
from psa.mail.outbound.models import ReturnAddress
from psa.mail.outbound.outcomes import Try
from psa.mail.outbound.signed_addresses import return_address
from psa.mail.outbound.transport import Letter, Transport

# Longer than all that comes after the mark for those that leave side by side: their dots, one after the other, then the
# ten minutes that the server may think, which begin for each with its own dot. Whoever is slower before the mark loses
# the claim.
LEASE = timedelta(minutes=15)
# Connections to one server at a time (Exchange Online takes three of one mailbox), and from how many waiting messages
# on another one is worth its greeting and sign-in.
MOST_CONNECTIONS, ENOUGH = 3, 20


class Lane:
    """What the messages of one account share in a round: its settings as they were at the first one, its connections.

    What came of messages is written down with the marks of the next ones, in one commit that waits for the disk:
    whoever dies leaves one in doubt at most for each connection.
    """

    def __init__(self) -> None:
        self.settings: server.ServerSettings | None = None
        self.account: MailAccount | None = None
        # What is known of its signed return path, None when it writes under its plain one.
        self.signs: ReturnAddress | None = None
        self.transports: list[Transport] = []
        # One more that is on its way.
        self.opening: Opening | None = None
        # Whether the server takes no more connections.
        self.is_full = False
        # Whether the account knows that mail leaves, and the one that is to hear of it once more at the end.
        self.is_noted = False
        self.unsure: int | None = None
        # The latest messages, as long as only we know that they have left.
        self.unwritten: list[Try] = []

    def __enter__(self) -> Lane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                db.session.rollback()
            self.finish()
        finally:
            if self.opening is not None:
                self.opening.leave()
            for transport in self.transports:
                transport.close()

    @property
    def width(self) -> int:
        """How many messages can leave side by side."""
        return max(1, len(self.transports))

    def open(self, email: Claim, journal: Journal, place: int) -> Transport:
        """The connection at ``place``; the first is made when the first message leaves. Raises signing.SealBroken."""
        if self.settings is None:
            if email.account_id is not None:
                self.account = db.session.get_one(MailAccount, email.account_id, populate_existing=True)
                self.signs = plus_addressing.state_of(email.account_id)
            self.settings = settings_for(email, self.account)
            db.session.commit()
        if not self.transports:
            # A person waits for a test: its server gets no more time to think than for anything else.
            patience = {"patience": self.settings.timeout} if email.is_test else {}
            self.transports.append(Transport(self.settings, journal, **patience))
        self.transports[place].journal = journal
        return self.transports[place]

    def adapt(self, left: int) -> None:
        """Open one more connection when many are ``left``; never again, in this round, where one was refused or lost.

        What it is refused for is nobody's trouble: mail leaves through the others, and the account does not pause.
        """
        if not self.transports:
            return
        alive = [self.transports[0], *(other for other in self.transports[1:] if other.connection is not None)]
        self.is_full = self.is_full or len(alive) < len(self.transports)
        self.transports = alive
        if self.is_full or left < ENOUGH or len(alive) == MOST_CONNECTIONS or alive[0].connection is None:
            return
        self.opening = self.opening or Opening(alive[0].settings)
        if self.opening.is_over():
            another, self.opening = self.opening.transport, None
            self.is_full = another.connection is None
            self.transports += [another] if another.connection is not None else []

    def letter(self, email: Claim) -> Letter:
        """What is handed over, under a signed return path where the account has one. Raises zlib.error."""
        plain, raw = email.envelope_sender, email.raw()
        if email.packed is None:
            # Its bytes have just come from the database, of which nothing is held while the network is.
            db.session.commit()
        # What leaves without an envelope sender must not come back at all (RFC 3834, 3.3).
        if plain and not email.is_test and plus_addressing.signs_return_path(self.signs, email.id):
            return Letter(return_address(plain, email.id), outcomes.asked_now(email), raw, plain_sender=plain)
        return Letter(plain, outcomes.asked_now(email), raw)

    def hand_over(self, tries: Sequence[Try]) -> list[bool]:
        """Mark messages as ones that the server may have from here on; False where one is no longer ours. Commits."""
        emails = [this.email for this in tries]
        held = claims.hand_over(emails, LEASE, lambda: outcomes.write_down(self.unwritten))
        for this, email in zip(tries, held, strict=True):
            this.email = email or this.email
        self.unwritten = []
        return [email is not None for email in held]

    def end(self, this: Try) -> None:
        """Write down what a message came to, unless the next one will in a moment. Commits."""
        if this.sender_refused:
            self.signs = None
        self.is_noted = this.outcome == "sent"
        self.unsure = this.email.account_id if this.outcome == "sent" and this.follows else None
        self.unwritten.append(this)
        if not this.may_wait:
            self.write_down()

    def write_down(self) -> None:
        """What came of the latest messages. Commits."""
        outcomes.write_down(self.unwritten)
        db.session.commit()
        self.unwritten = []

    def finish(self) -> None:
        """Write down what is left to be; the account learns anew that mail leaves. Commits."""
        if self.unsure is not None:
            accounts.note_success(self.unsure)
        self.write_down()


def settings_for(email: Claim, account: MailAccount | None) -> server.ServerSettings:
    """The account's settings, or for a test those that are being tested. Raises signing.SealBroken."""
    if email.is_test:
        test = db.session.scalars(db.select(ConnectionTest).where(ConnectionTest.outbound_id == email.id)).one()
        return server.unsealed(test.sealed_settings)
    assert account is not None
    return server.of_account(account)
