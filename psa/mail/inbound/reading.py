"""Reading beside: while one message is dealt with, a process of its own reads those behind it.

Where many wait, reading them is a third of the work, and a second processor does it meanwhile. It changes nothing else:
what that process does not hand over, for whatever reason, is read here.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import structlog

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

    def __init__(self, may_start: bool) -> None:
        self.may_start = may_start
        self.seen = 0
        self.process: subprocess.Popen[bytes] | None = None

    def read(self, kept: Mapping[int, Kept | None], own_domains: frozenset[str]) -> Iterator[tuple[int, Kept | None]]:
        """The same messages in the same order, each with what was read in it as far as it was read beside."""
        small = [message for message in kept.values() if message is not None]
        self.seen += len(small)
        if not self.may_start or self.seen < WORTH_IT:
            yield from kept.items()
            return
        emails = self.answers(small, own_domains)
        for inbound_id, message in kept.items():
            email = next(emails, None) if message is not None else None
            yield inbound_id, replace(message, email=email) if message is not None else None

    def answers(self, messages: Sequence[Kept], own_domains: frozenset[str]) -> Iterator[ParsedEmail | None]:
        """What was read in each; ends early when the process dies."""
        try:
            process = self.process = self.process or start()
            assert process.stdin is not None and process.stdout is not None
            asking = threading.Thread(
                target=ask, args=(process.stdin, messages, own_domains), name="ask the reader", daemon=True
            )
            asking.start()
            for message in messages:
                yield Opener(process.stdout, message.raw).load()
            asking.join()
        except GONE as error:
            log.warning("the reader has died", error=repr(error))
            self.close()

    def close(self) -> None:
        """End it, whatever it is reading."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def ask(asking: IO[bytes], messages: Sequence[Kept], own_domains: frozenset[str]) -> None:
    """Hand over all of them; a process that reads takes the next one when it is ready for it."""
    with suppress(OSError, ValueError):
        for message in messages:
            pickle.dump(Asked(message.raw, own_domains), asking, pickle.HIGHEST_PROTOCOL)
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
def reading_beside() -> Iterator[Reader]:
    """A reader until the end of the block; one that reads nothing beside while another mailbox has the process."""
    is_free = BUSY.acquire(blocking=False)
    reader = Reader(is_free)
    try:
        yield reader
    finally:
        reader.close()
        if is_free:
            BUSY.release()
