"""All faults of the list, chapter by chapter."""

from __future__ import annotations

from tests.lab.fault import Fault, NotInjected
from tests.lab.faults import login, mailbox, network, sending, tls

CHAPTERS = (network.FAULTS, tls.FAULTS, login.FAULTS, sending.FAULTS, mailbox.FAULTS)
FAULTS: tuple[Fault, ...] = tuple(fault for chapter in CHAPTERS for fault in chapter)
NOT_INJECTED: tuple[NotInjected, ...] = tuple(one for chapter in CHAPTERS for one in chapter.not_injected)
# The list of faults has these numbers.
NUMBERS = tuple(f"L{number:02}" for number in range(1, 86))
