"""A TCP proxy that stands between a client and a real server and breaks what it is told to break."""

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

HANG, DROP, DROP_AFTER = "hang", "drop", "drop after"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: closing sends RST instead of FIN


@dataclass
class Faults:
    """What happens to connections and bytes from now on; change it while the proxy runs.

    `blackhole`: accepts and then says nothing. `cut_after`: ends the connection after so many bytes from the server.
    `reset`: ends with a reset instead. `stall_after`: goes silent after so many bytes from the server, but stays
    connected. `delay`: seconds before each chunk from the server.
    """

    blackhole: bool = False
    cut_after: int | None = None
    reset: bool = False
    stall_after: int | None = None
    delay: float = 0.0


class FaultProxy:
    """Listens on `port` of 127.0.0.1 and passes everything on to `target_port`, subject to `faults`."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.faults = Faults()
        self.port = 0
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        self.accept()
        return self

    def refuse(self) -> None:
        """Nobody listens on the port until `accept()`; open connections stay."""
        self._ask(self._refuse())

    def accept(self) -> None:
        """Listens (again) on the same port."""
        self._ask(self._accept())

    def kill(self) -> None:
        """Resets every open connection at once."""
        self._ask(self._kill())

    def stop(self) -> None:
        self.refuse()
        self.kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _accept(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _kill(self) -> None:
        for connection in list(self._open):
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        ends = [writer]
        try:
            if self.faults.blackhole:
                await reader.read(-1)
                return
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            ends.append(server_writer)
            up = asyncio.create_task(self._pass_on(reader, server_writer))
            try:
                await self._pass_down(server_reader, writer)
            finally:
                up.cancel()
            if self.faults.reset:
                _reset(writer)
        except asyncio.CancelledError:
            _reset(writer)
        except OSError:
            pass  # one end is gone: closing the other below is all there is to do
        finally:
            self._open.discard(task)
            for end in ends:
                end.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # an end that is reset has nothing more to say, as one that is closed
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while chunk := await reader.read(65536):
            faults = self.faults
            if faults.delay:
                await asyncio.sleep(faults.delay)
            limits = [limit for limit in (faults.cut_after, faults.stall_after) if limit is not None]
            room = min(limits, default=passed + len(chunk)) - passed
            writer.write(chunk[: max(room, 0)])
            await writer.drain()
            passed += len(chunk)
            if faults.stall_after is not None and passed >= faults.stall_after:
                await asyncio.Event().wait()
            if faults.cut_after is not None and passed >= faults.cut_after:
                return


class Meddler(FaultProxy):
    """Stands between a client and a server that speak in lines without encryption, and changes what is said.

    `answers` maps words of a command ("UID STORE", "QUIT") to the reply that it gets instead of the server's, with
    {tag} for the command's; HANG answers never, DROP closes the connection before the server hears of it, and
    DROP_AFTER when the server has done it and before the client hears. A value may also be a list, which is used up
    from its beginning; None lets the command pass. `translated` maps words of the client to others, and `replaced`
    words of the server; with b"" for the others the server's whole line is left out.
    """

    def __init__(self, target_port: int) -> None:
        super().__init__(target_port)
        self.answers: dict[str, str | list[str | None]] = {}
        self.translated: dict[bytes, bytes] = {}
        self.replaced: dict[bytes, bytes] = {}
        self.commands: list[str] = []

    def _answer_to(self, line: bytes) -> str | None:
        said = line.decode("latin-1").strip()
        self.commands.append(said)
        for words, answer in self.answers.items():
            if re.search(rf"(^|\s){re.escape(words)}(\s|$)", said, re.IGNORECASE):
                if not isinstance(answer, list):
                    return answer
                return answer.pop(0) if answer else None
        return None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target_port, limit=2**26)
        down = asyncio.create_task(self._speak_down(server_reader, writer))
        try:
            with suppress(OSError):
                while line := await reader.readline():
                    answer = self._answer_to(line)
                    for words, others in self.translated.items():
                        line = line.replace(words, others)
                    if answer == DROP:
                        break
                    if answer == DROP_AFTER:
                        down.cancel()
                        await asyncio.gather(down, return_exceptions=True)
                        server_writer.write(line)
                        await asyncio.wait_for(server_reader.readline(), 5)
                        break
                    if answer is None:
                        server_writer.write(line)
                    elif answer != HANG:
                        tag = line.split(maxsplit=1)[0].decode("latin-1")
                        writer.write(answer.format(tag=tag).encode() + b"\r\n")
        except asyncio.CancelledError:
            _reset(writer)
        finally:
            down.cancel()
            self._open.discard(task)
            server_writer.close()
            writer.close()

    async def _speak_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                for words, others in self.replaced.items():
                    if words in line:
                        line = line.replace(words, others) if others else b""
                writer.write(line)
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
