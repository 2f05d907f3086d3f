"""imaplib and IMAPClient over a socket that is open already, with what they get wrong put right."""

from __future__ import annotations

import imaplib
import socket
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient import imapclient as library

from psa.mail.settings import ServerSettings

# A SEARCH in a folder of a million messages answers with one line of some 8 MB; imaplib would refuse it at one.
imaplib._MAXLINE = 32 * 1024 * 1024  # type: ignore[attr-defined]
# A message is asked for in pieces of a megabyte, whole only when it is said to be smaller; a server that announces so
# much more (in octets) is broken, and the room for it would be made beforehand.
MOST_AT_ONCE = 64 * 1024 * 1024
# After two silent minutes the kernel asks whether the other side is still there, so that a router or a firewall that
# forgets connections is noticed while we wait. In seconds, and tries.
KEEPALIVE = ((socket.TCP_KEEPIDLE, 120), (socket.TCP_KEEPINTVL, 30), (socket.TCP_KEEPCNT, 4))


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a socket that is there already."""

    def __init__(self, connection: socket.socket, settings: ServerSettings) -> None:
        self.connection = connection
        # Folders whose names the server has in plain UTF-8.
        self.eight_bit: set[str] = set()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
        super().__init__(
            settings.host,
            settings.port,
            ssl=False,
            timeout=SocketTimeout(connect=settings.timeout, read=settings.timeout),
        )
        # IMAPClient has imaplib write down every answer, mails and all, as a text that nobody reads: a third of the
        # time of fetching, and a copy of the largest answer in memory.
        self._imap.debug = 0
        # Aware moments: by default they come naive and in local time.
        self.normalise_times = False

    def open_folder(self, name: str) -> dict[bytes, Any]:
        """The state of the folder, which is selected from now on; b"READ-ONLY" is in it when nothing can be changed."""
        try:
            return self.select(name)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if name.isascii() and "&" not in name:
                raise
            # RFC 3501 (5.1.3) wants modified UTF-7, and some servers want back what they sent instead.
            self.eight_bit.add(name)
            return self.select(name)

    def select(self, name: str) -> dict[bytes, Any]:
        try:
            state: dict[bytes, Any] = self.select_folder(name)
        except imaplib.IMAP4.readonly:
            # imaplib ends the conversation over a folder that may only be read, unless one says so beforehand.
            state = self.select_folder(name, readonly=True)
        return state

    def _normalise_folder(self, name: str | bytes) -> Any:
        if name in self.eight_bit:
            assert isinstance(name, str)
            return library._quote(name.encode())
        return super()._normalise_folder(name)

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return Imap4(self.connection, self.host, self.port)

    def shutdown(self) -> None:
        try:
            self._imap.shutdown()
        except OSError:
            self.connection.close()


class Imap4(imaplib.IMAP4):
    def __init__(self, connection: socket.socket, host: str, port: int) -> None:
        self.connection = connection
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self.connection

    def read(self, size: int) -> bytes:
        if size > MOST_AT_ONCE:
            raise self.abort(f"the server announces {size} octets at once")
        return super().read(size)
