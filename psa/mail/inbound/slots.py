"""How many connections this process holds to one mail server: whoever wants one more waits until one is given back.

Servers refuse, and some lock out, an address that comes with too many. Dovecot allows a user ten from one address
(mail_max_userip_connections), and the people of the firm read the same mailbox from behind the same router.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

from psa.mail.inbound.mailbox import Unfit
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings

# The listener, a look or a test, a check, a copy into Sent, and one to spare.
MOST_FOR_A_USER = 5
MOST_AT_A_SERVER = 40
# So many of them may be held by listeners (IMAP IDLE), which never give theirs back; further mailboxes of the server
# are looked into at their interval.
MOST_LISTENING = 30
# How long one waits. In seconds; no conversation with a server lasts as long as that without an end in sight.
PATIENCE = 300.0

taken: Counter[tuple[str, ...]] = Counter()
turn = threading.Condition()


class Slot:
    """The right to one connection, until it is given back; giving back twice is no harm."""

    def __init__(self, keys: tuple[tuple[str, ...], ...]) -> None:
        self.keys = keys

    def release(self) -> None:
        with turn:
            taken.subtract(self.keys)
            self.keys = ()
            turn.notify_all()


def take(settings: ServerSettings, journal: Journal) -> Slot:
    """Wait for a connection to the server that nobody else uses. Raises Unfit when none gets free for minutes."""
    server = (settings.host.lower(), str(settings.port))
    user = (*server, settings.username.lower())
    slot = take_within(0, server, user)
    if slot is None:
        with journal.step("connect", "Wait for a free connection") as step:
            begun = time.monotonic()
            slot = take_within(PATIENCE, server, user)
            if slot is None:
                raise Unfit("too_many_connections", f"All our connections to {settings.host} are in use")
            step.title = f"Waited {time.monotonic() - begun:.1f} s for a free connection"
    return slot


def take_within(seconds: float, server: tuple[str, ...], user: tuple[str, ...]) -> Slot | None:
    def is_free() -> bool:
        return taken[server] < MOST_AT_A_SERVER and taken[user] < MOST_FOR_A_USER

    with turn:
        if not turn.wait_for(is_free, seconds):
            return None
        taken.update((server, user))
    return Slot((server, user))
