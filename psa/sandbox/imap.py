"""IMAP for the sandbox: pymap speaks the protocol, psa/sandbox/imap_folders.py holds the mail.

These two files are the only ones that know pymap, whose upstream is quiet.
"""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.session import BaseSession
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability, IMAPConfig
from pymap.exceptions import AuthorizationFailure, InvalidAuth, NotAllowedError
from pymap.imap import IMAPServer
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.parsing.message import AppendMessage
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from psa.sandbox.imap_folders import Message, UserFolders
from psa.sandbox.storage import MailStore


class ImapService:
    """The IMAP side of the sandbox: every method belongs on the server's event loop."""

    def __init__(self, store: MailStore, users: Mapping[str, str], host_name: str, size_limit: int) -> None:
        self._config = _Config(host_name, size_limit)
        self._mailboxes = {user: UserFolders(store, user) for user in users}
        self._login = _Login(self._config, users, self._mailboxes)

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Raises OSError when the port is taken."""
        self._config.apply_context()
        accept = ProxyProtocolReader(self._config.proxy_protocol).get_callback(IMAPServer(self._login, self._config))
        return await asyncio.start_server(accept, host, port)

    async def deliver(self, user: str, raw: bytes, folder: str) -> None:
        """Puts a new message into the folder and wakes whoever waits there. Raises KeyError without such a folder."""
        mailbox = await self._mailboxes[user].get_mailbox(folder)
        await mailbox.append(AppendMessage(raw, datetime.now(UTC)), recent=True)

    async def contents(self, user: str, folder: str) -> list[bytes]:
        """Every message of the folder in the order of UIDs. Raises KeyError without such a folder."""
        mailbox = await self._mailboxes[user].get_mailbox(folder)
        return mailbox.contents()


class _Config(IMAPConfig):
    """No TLS, because nothing but this machine can reach the port; PLAIN and LOGIN are then enough."""

    def __init__(self, host_name: str, size_limit: int) -> None:
        super().__init__(
            Namespace(proxy_protocol=None),
            host=None,
            port=0,
            ssl_context=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
            tls_enabled=False,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            invalid_user_sleep=0.0,
            reject_dnsbl=False,
            max_append_len=size_limit,
        )
        self._host_name = host_name

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=False, multi_append=True)

    @property
    def tls_auth(self) -> SASLAuth:
        return SASLAuth.named([b"PLAIN", b"LOGIN"])

    @property
    def greeting(self) -> bytes:
        return f"{self._host_name} sandbox ready".encode()


class _Login(LoginInterface):
    def __init__(self, config: IMAPConfig, users: Mapping[str, str], mailboxes: Mapping[str, UserFolders]) -> None:
        self._config = config
        self._users = users
        self._mailboxes = mailboxes

    @property
    def tokens(self) -> AllTokens:
        return AllTokens(self._config)

    async def authenticate(self, credentials: ServerCredentials) -> "_Identity":
        user = credentials.authcid.lower()
        known = UserMetadata(self._config, credentials.authcid, password=self._users.get(user))
        if user not in self._users or not credentials.verify(known):
            raise InvalidAuth()
        return _Identity(self._config, user, self._mailboxes[user])

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> IdentityInterface:
        if authzid.lower() != authenticated.name:
            raise AuthorizationFailure()
        return authenticated


class _Identity(IdentityInterface):
    def __init__(self, config: IMAPConfig, user: str, mailboxes: UserFolders) -> None:
        self._config = config
        self._user = user
        self._mailboxes = mailboxes

    @property
    def name(self) -> str:
        return self._user

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator["_Session"]:
        yield _Session(self._user, self._config, self._mailboxes)

    async def new_token(self, *, expiration: datetime | None = None) -> str | None:
        return None

    async def get(self) -> UserMetadata:
        return UserMetadata(self._config, self._user)

    async def set(self, metadata: UserMetadata) -> int | None:
        raise NotAllowedError("The sandbox's users are given at its start.")

    async def delete(self) -> None:
        raise NotAllowedError("The sandbox's users are given at its start.")


class _Session(BaseSession[Message]):
    def __init__(self, owner: str, config: IMAPConfig, mailbox_set: UserFolders) -> None:
        super().__init__(owner)
        self._config = config
        self._mailbox_set = mailbox_set

    @property
    def config(self) -> IMAPConfig:
        return self._config

    @property
    def mailbox_set(self) -> UserFolders:
        return self._mailbox_set
