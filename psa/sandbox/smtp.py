"""SMTP for the sandbox: takes mail from its own users for its own mailboxes, and from nobody else for nobody else."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Deliver = Callable[[str, bytes, str], Awaitable[None]]

log = logging.getLogger(__name__)


class SmtpService:
    """The SMTP side of the sandbox. `deliver(user, raw, folder)` puts a message into a mailbox."""

    def __init__(self, deliver: Deliver, users: Mapping[str, str], host_name: str, size_limit: int) -> None:
        self._deliver = deliver
        self._users = users
        self._domains = {user.rpartition("@")[2] for user in users}
        self._host_name = host_name
        self._size_limit = size_limit

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: self._connection(loop), host, port)

    def _connection(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        return _Connection(
            self,
            data_size_limit=self._size_limit,
            enable_SMTPUTF8=True,
            hostname=self._host_name,
            ident="sandbox",
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=loop,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        if isinstance(given, LoginPassword):
            user, password = (word.decode("utf-8", "replace") for word in (given.login, given.password))
            if self._users.get(user.lower()) == password:
                return AuthResult(success=True, auth_data=user.lower())
        return AuthResult(success=False, handled=False)

    # aiosmtpd finds the following by their names; each answers with the reply line for the client.

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        # "<>" is the null sender: vacation notices and delivery reports use it (RFC 3834, 3.3).
        if address != "<>" and self._mailbox(address) != session.auth_data:
            return f"553 5.7.1 <{address}>: not an address of {session.auth_data}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.rpartition("@")[2].lower() not in self._domains:
            return f"550 5.7.1 <{address}>: the sandbox delivers only to its own mailboxes"
        if self._mailbox(address) not in self._users:
            return f"550 5.1.1 <{address}>: nobody here has this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        queue_id = secrets.token_hex(5).upper()
        recipients: dict[str, list[str]] = {}
        for address in dict.fromkeys(envelope.rcpt_tos):
            recipients.setdefault(self._mailbox(address), []).append(address)
        for user, addresses in recipients.items():
            await self._deliver(user, self._trace(session, envelope, addresses, queue_id) + _content(envelope), "INBOX")
        return f"250 2.0.0 Ok: delivered as {queue_id}"

    async def handle_exception(self, error: Exception) -> str:
        # The one edge of a delivery: whatever went wrong here, the sender keeps the mail and may try again.
        log.error("a delivery to the sandbox failed", exc_info=error)
        return f"451 4.3.0 The sandbox could not do that: {type(error).__name__}"

    def _mailbox(self, address: str) -> str:
        """The user whose address this is: lower case, without a part after "+"."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}"

    def _trace(self, session: Session, envelope: Envelope, addresses: list[str], queue_id: str) -> bytes:
        """The fields that a server puts on top: RFC 5321, 4.4 (Return-Path, Received), RFC 9228 (Delivered-To)."""
        protocol = "UTF8SMTPA" if envelope.smtp_utf8 else "ESMTPA"  # RFC 3848 and 6531, 4.3: "A" is authenticated
        peer = session.peer[0] if session.peer else "unknown"
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        lines = [
            f"Return-Path: <{sender}>",
            *(f"Delivered-To: {address}" for address in addresses),
            f"Received: from {session.host_name} ([{peer}])",
            f"\t(Authenticated sender: {session.auth_data})",
            f"\tby {self._host_name} with {protocol} id {queue_id}",
            f"\tfor <{addresses[0]}>; {format_datetime(datetime.now(UTC))}",
        ]
        return "".join(f"{line}\r\n" for line in lines).encode()


class _Connection(SMTP):
    def _create_session(self) -> Session:
        return _QuietSession(self.loop)


class _QuietSession(Session):
    login_data = None  # aiosmtpd sets this deprecated property at every login, and logs a warning that it does


def _content(envelope: Envelope) -> bytes:
    """aiosmtpd types it as text too, which it is only with decode_data."""
    return envelope.content.encode() if isinstance(envelope.content, str) else envelope.content or b""
