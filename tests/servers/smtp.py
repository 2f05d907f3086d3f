"""An SMTP server as real ones are: AUTH required, STARTTLS and SMTPS. It can be told to misbehave at any verb."""

import asyncio
import base64
import functools
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import tokens

HANG = "hang"
DROP = "drop"


class Received(NamedTuple):
    """`sender` is "<>" for the null sender; `content` is what stood between DATA and the dot, dots unstuffed."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class SmtpServer:
    """Listens on 127.0.0.1 at `port` (plain, offers STARTTLS) and `smtps_port`. Takes passwords and access tokens.

    `answers` maps a verb to the reply that it gets instead of the usual one, e.g. {"RCPT": "550 5.1.1 unknown"};
    HANG answers never, DROP closes the connection. Beside the verbs there are CONNECT for the greeting and MESSAGE
    for the end of the data, after which a message that is refused, dropped or left hanging is not in `received`.
    Change it at any time; a value may also be a list, which is used up from its beginning. `delays` are the seconds
    that a verb is thought about.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        ca: trustme.CA | None = None,
        names: tuple[str, ...] = ("localhost", "127.0.0.1"),
        auth_needs_tls: bool = True,
        size_limit: int = 50 * 1024 * 1024,
    ) -> None:
        self.users = dict(users)
        self.ca = ca or trustme.CA()
        self.auth_needs_tls = auth_needs_tls
        self.size_limit = size_limit
        self.received: list[Received] = []
        self.answers: dict[str, str | list[str | None]] = {}
        self.delays: dict[str, float] = {}
        self.connections = 0
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(*names).configure_cert(self._tls)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp server", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer_for(self, verb: str) -> str | None:
        answer = self.answers.get(verb)
        if isinstance(answer, list):
            return answer.pop(0) if answer else None
        return answer

    async def _listen(self) -> None:
        plain = functools.partial(_Connection, self, tls_context=self._tls, auth_require_tls=self.auth_needs_tls)
        # Behind SMTPS the protocol does not know that it is encrypted, so AUTH must not ask for STARTTLS there.
        wrapped = functools.partial(_Connection, self, auth_require_tls=False)
        self._servers = [
            await self._loop.create_server(plain, "127.0.0.1", 0),
            await self._loop.create_server(wrapped, "127.0.0.1", 0, ssl=self._tls),
        ]
        self.port, self.smtps_port = (int(server.sockets[0].getsockname()[1]) for server in self._servers)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


class _Connection(SMTP):
    def __init__(self, server: SmtpServer, **options: Any) -> None:
        super().__init__(
            _Handler(server),
            data_size_limit=server.size_limit,
            enable_SMTPUTF8=True,
            hostname="smtp.tests.example",
            authenticator=self._authenticator_of(server),
            loop=asyncio.get_running_loop(),
            **options,
        )
        self._server = server
        self.command_size_limits["AUTH"] = 12288  # RFC 4954, 4
        self._smtp_methods = {
            verb: functools.partial(self._answer, verb, do) for verb, do in self._smtp_methods.items()
        }

    @staticmethod
    def _authenticator_of(server: SmtpServer) -> Callable[..., AuthResult]:
        def authenticate(_: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
            known = (
                isinstance(given, LoginPassword) and server.users.get(given.login.decode()) == given.password.decode()
            )
            return AuthResult(success=known, handled=False)

        return authenticate

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:
        """The user's own token signs in; another one gets the reason as a challenge, and then the refusal."""
        user, _, bearer = base64.b64decode(args[1]).decode().partition("\1")
        if tokens.user_of(bearer.strip("\1").removeprefix("auth=Bearer ")) == user.removeprefix("user="):
            return AuthResult(success=True)
        reason = {"status": "401", "schemes": "Bearer", "scope": "https://mail.tests.example/"}
        answer = await self.challenge_auth(json.dumps(reason))
        message = "535 5.7.3 Authentication unsuccessful" if answer == b"" else "501 5.5.2 Not after a refusal"
        return AuthResult(success=False, handled=False, message=message)

    async def _handle_client(self) -> None:
        if self._original_transport is None:  # not the second time, after STARTTLS
            self._server.connections += 1
            if answer := self._server.answer_for("CONNECT"):
                await self._give(answer)
                assert self.transport is not None
                self.transport.close()
                return
        await super()._handle_client()

    async def _answer(self, verb: str, do: Callable[[str], Awaitable[None]], argument: str) -> None:
        await asyncio.sleep(self._server.delays.get(verb, 0))
        if answer := self._server.answer_for(verb):
            await self._give(answer)
        else:
            await do(argument)

    async def _give(self, answer: str) -> None:
        if answer not in (HANG, DROP):
            await self.push(answer)
            return
        if answer == DROP:
            assert self.transport is not None
            self.transport.abort()  # type: ignore[attr-defined]
        await asyncio.Event().wait()  # until the end of the connection cancels this


class _Handler:
    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_MAIL(
        self, connection: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_DATA(self, connection: "_Connection", session: Session, envelope: Envelope) -> str:
        answer = self._server.answer_for("MESSAGE")
        if answer in (HANG, DROP):
            await connection._give(answer)
        if answer and not answer.startswith("2"):
            return answer
        assert envelope.mail_from is not None and isinstance(envelope.content, bytes)
        self._server.received.append(Received(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return answer or f"250 2.0.0 Ok: queued as {len(self._server.received):06}"
