"""The sandbox mail server: SMTP and IMAP on loopback in one daemon thread, for trials, demos and tests.

Nothing leaves: it delivers to its own mailboxes only. Its mail outlives a restart.
"""

import asyncio
import errno
import fcntl
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from psa.sandbox.imap import ImapService
from psa.sandbox.smtp import SmtpService
from psa.sandbox.storage import MailStore

HOST_NAME = "mail.sandbox.example"
SIZE_LIMIT = 50 * 1024 * 1024  # bytes, of one message
PATIENCE = 30  # seconds for anything that another thread asks of the server's

T = TypeVar("T")


class SandboxInUse(RuntimeError):
    """Another server already works on this directory."""


class MailSandbox:
    """`users` are addresses with their passwords; each has a mailbox, which also gets what is sent to address+anything.

    A port of 0, or one that cannot be had, becomes a free one: read `smtp_port` and `imap_port` after `start()`.
    """

    def __init__(
        self,
        directory: Path,
        users: Mapping[str, str],
        *,
        host: str = "127.0.0.1",
        smtp_port: int = 0,
        imap_port: int = 0,
    ) -> None:
        self.directory = directory
        self.users = {user.lower(): password for user, password in users.items()}
        self.host = host
        self.smtp_port = smtp_port
        self.imap_port = imap_port

    def start(self) -> Self:
        """Returns once both ports listen. Raises SandboxInUse, and OSError when the host or directory is no good."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = _only_one(self.directory / "lock")
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._listening = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="mail sandbox", daemon=True)
        self._thread.start()
        self._listening.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Ends every connection. What was accepted is on disk."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(PATIENCE)

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Puts the bytes into the mailbox as they are. Raises KeyError for an unknown user or folder."""
        self._ask(self._imap.deliver(user.lower(), raw, folder))

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """What is in the folder, in the order of arrival. Raises KeyError for an unknown user or folder."""
        return self._ask(self._imap.contents(user.lower(), folder))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # noqa: BLE001 - start() raises it in the thread that called
            self._failure = failure
        finally:
            self._loop.close()
            os.close(self._lock)
            self._listening.set()

    async def _serve(self) -> None:
        store = MailStore(self.directory / "mail.sqlite3")
        try:
            self._imap = ImapService(store, self.users, HOST_NAME, SIZE_LIMIT)
            smtp = SmtpService(self._imap.deliver, self.users, HOST_NAME, SIZE_LIMIT)
            async with (
                await _listen(self._imap.listen, self.host, self.imap_port) as imap_server,
                await _listen(smtp.listen, self.host, self.smtp_port) as smtp_server,
            ):
                self.imap_port, self.smtp_port = _port(imap_server), _port(smtp_server)
                self._listening.set()
                await self._stopping.wait()
                await _end_connections()
        finally:
            store.close()


def _only_one(path: Path) -> int:
    """A lock that the kernel releases when its holder dies, however it dies."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        os.close(lock)
        raise SandboxInUse(f"another sandbox works in {path.parent}") from held
    return lock


async def _listen(listen: Callable[[str, int], Awaitable[asyncio.Server]], host: str, port: int) -> asyncio.Server:
    try:
        return await listen(host, port)
    except OSError as taken:
        if taken.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return await listen(host, 0)


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _end_connections() -> None:
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
