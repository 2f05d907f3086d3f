"""Sockets that bound a whole answer: a server that drips one byte at a time would otherwise never be timed out.

A socket's own time limit begins anew with every byte. Here what was waited for is added up, from the moment something
was said to the server: a line has the socket's limit, and all lines of an answer share the longer ``WHOLE``, for
servers say “* OK Still here” while they work on something long. Each ``SLOWEST`` octets that have come earn one second
more, so that a large message on a slow line is no failure. Neither is one that leaves: the limit is that of each block,
where by itself it is that of all that is handed over at once.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

# In seconds, for all lines of one answer.
WHOLE = 120.0
# In octets per second.
SLOWEST = 1024
# In octets.
BLOCK = 64 * 1024


class Paced:
    """Goes before socket.socket or ssl.SSLSocket, whose files (makefile) read by recv_into()."""

    received = 0
    # In seconds: for the whole answer, and for its present line.
    waited = waited_for_line = 0.0

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.await_answer()
        view = memoryview(data)
        for start in range(0, len(view), BLOCK):
            super().sendall(view[start : start + BLOCK], flags)  # type: ignore[misc]

    def await_answer(self) -> None:
        """What comes from here on is another answer, with a time of its own."""
        self.received, self.waited, self.waited_for_line = 0, 0.0, 0.0

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        limit: float | None = self.gettimeout()  # type: ignore[attr-defined]
        if not limit:
            # Whoever only looks what is there does not wait.
            return self.read_into(buffer, nbytes, flags)
        left = self.seconds_left(limit)
        if left <= 0:
            raise TimeoutError("timed out")
        begun = time.monotonic()
        if left < limit:
            self.settimeout(left)  # type: ignore[attr-defined]
        try:
            count = self.read_into(buffer, nbytes, flags)
        finally:
            if left < limit:
                self.settimeout(limit)  # type: ignore[attr-defined]
        waited = time.monotonic() - begun
        self.waited += waited
        self.waited_for_line += waited
        self.received += count
        # Looked for only where there was a wait worth the name: this is asked for every piece of every mail.
        if self.waited_for_line > limit / 10 and b"\n" in bytes(memoryview(buffer)[:count]):
            self.waited_for_line = 0.0
        return count

    def seconds_left(self, limit: float) -> float:
        """For how long the server may be silent now."""
        earned = self.received / SLOWEST
        return min(limit, limit + earned - self.waited_for_line, max(limit, WHOLE) + earned - self.waited)

    def read_into(self, buffer: Any, nbytes: int | None, flags: int) -> int:
        count: int = super().recv_into(buffer, nbytes or 0, flags)  # type: ignore[misc]
        return count


class PacedSocket(Paced, socket.socket):
    pass


class PacedTLSSocket(Paced, ssl.SSLSocket):
    pass
