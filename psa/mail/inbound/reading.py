"""Reading beside: while a chunk is kept and one message after the other dealt with, a process of its own reads ahead.

Where many wait, reading them is a third of the work, and a second processor does it meanwhile. It changes nothing else:
what that process does not hand over, for whatever reason, is read here.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import structlog

from psa.mail.inbound.mailbox import Fetched
from psa.mail.inbound.receive import Kept
from psa.mail.message import ParsedEmail
from psa.mail.message.reader import Asked, Opener

log = structlog.get_logger()

ROOT = Path(__file__).parents[3]
# From how many messages of a look on: to start the process takes as long as to read some hundred.
WORTH_IT = 100
# One for all mailboxes, so that they do not add up. Who finds it busy reads by himself.
BUSY = threading.Lock()
# What comes when the process has died, and when the program was exchanged below us, so that it speaks of other things.
GONE = (OSError, EOFError, ValueError, TypeError, AttributeError, ImportError, pickle.UnpicklingError)


class Reader:
    """The process, once so many messages have come that it is worth it; ``may_start``: whether there may be one."""

    def __init__(self, own_domains: frozenset[str], may_start: bool = True) -> None:
        self.own_domains = own_domains
        self.may_start = may_start
        self.seen = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.asked: deque[bytes] = deque()

    def begin(self, fetched: Sequence[Fetched]) -> None:
        """Have the messages of a chunk read, from now on; ``read`` hands over what was read."""
        raws = [message.raw for message in fetched if message.raw is not None]
        self.seen += len(raws)
        if not self.may_start or self.seen < WORTH_IT:
            return
        try:
            self.process = self.process or start()
        except OSError as error:
            log.warning("no reader could be started", error=repr(error))
            return
        self.asked.extend(raws)
        to_it = (self.process.stdin, raws, self.own_domains)
        threading.Thread(target=ask, args=to_it, name="ask the reader", daemon=True).start()

    def read(self, kept: Mapping[int, Kept | None]) -> Iterator[tuple[int, Kept | None]]:
        """Those messages of the chunk that are new, in their order, each with what was read in it beside."""
        for inbound_id, message in kept.items():
            email = self.answer(message.raw) if message is not None else None
            yield inbound_id, replace(message, email=email) if message is not None and email is not None else message
        self.answer(None)

    def answer(self, wanted: bytes | None) -> ParsedEmail | None:
        """The next answer, past those about messages that the ledger knew already; None when nobody reads it beside."""
        try:
            while self.asked:
                assert self.process is not None and self.process.stdout is not None
                raw = self.asked.popleft()
                email: ParsedEmail | None = Opener(self.process.stdout, raw).load()
                if raw is wanted:
                    return email
        except GONE as error:
            log.warning("the reader has died", error=repr(error))
            self.close()
        return None

    def close(self) -> None:
        """End it, whatever it is reading."""
        process, self.process = self.process, None
        self.asked.clear()
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def ask(asking: IO[bytes], messages: Sequence[bytes], own_domains: frozenset[str]) -> None:
    """Hand over all of them; a process that reads takes the next one when it is ready for it."""
    with suppress(OSError, ValueError):
        for raw in messages:
            pickle.dump(Asked(raw, own_domains), asking, pickle.HIGHEST_PROTOCOL)
            asking.flush()


def start() -> subprocess.Popen[bytes]:
    """It sees nothing of ours but the messages, not even the environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "psa.mail.message.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )


@contextmanager
def reading_beside(own_domains: frozenset[str]) -> Iterator[Reader]:
    """A reader until the end of the block; one that reads nothing beside while another mailbox has the process."""
    is_free = BUSY.acquire(blocking=False)
    reader = Reader(own_domains, is_free)
    try:
        yield reader
    finally:
        reader.close()
        if is_free:
            BUSY.release()
