"""The folders and messages that pymap shows, on top of the MailStore.

Neither of pymap's own backends would do. The one in memory forgets everything at a restart, drops keywords and can
miss a message that arrives while IDLE is writing; the one on maildir rebuilds messages from parsed parts, so bytes
change, and wakes IDLE only once a second.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from pymap.backend.mailbox import MailboxDataInterface, MailboxSetInterface
from pymap.bytes import Writeable
from pymap.concurrent import Event
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListTree
from pymap.mailbox import MailboxSnapshot
from pymap.message import BaseLoadedMessage, BaseMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.response.fetch import BodyStructure, EnvelopeStructure
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Recent, Seen, Wildcard
from pymap.selected import SelectedMailbox, SelectedSet

from psa.sandbox.storage import Folder, Kept, MailStore

STANDARD_FOLDERS = ("Sent", "Drafts", "Archive", "Junk", "Trash")


class UserFolders(MailboxSetInterface["Mailbox"]):
    """All folders of one user, shared by the user's connections."""

    def __init__(self, store: MailStore, user: str) -> None:
        self._store = store
        self._user = user
        self._mailboxes = {folder.name: Mailbox(store, folder) for folder in store.folders(user)}
        if "INBOX" not in self._mailboxes:
            for name in ("INBOX", *STANDARD_FOLDERS):
                self._create(name)
                store.subscribe(user, name, True)

    def _create(self, name: str) -> "Mailbox":
        mailbox = self._mailboxes[name] = Mailbox(self._store, self._store.create_folder(self._user, name))
        return mailbox

    @property
    def delimiter(self) -> str:
        return "/"

    async def set_subscribed(self, name: str, subscribed: bool) -> None:
        self._store.subscribe(self._user, name, subscribed)

    async def list_subscribed(self) -> ListTree:
        return ListTree(self.delimiter).update(*self._store.subscriptions(self._user))

    async def list_mailboxes(self) -> ListTree:
        return ListTree(self.delimiter).update(*self._mailboxes)

    async def get_mailbox(self, name: str) -> "Mailbox":
        return self._mailboxes["INBOX" if name.upper() == "INBOX" else name]

    async def add_mailbox(self, name: str) -> ObjectId:
        return self._create(name).mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        self._store.delete_folder(self._mailboxes.pop(name).folder_id)

    async def rename_mailbox(self, before: str, after: str) -> None:
        if after in self._mailboxes:
            raise ValueError(after)
        renames = (await self.list_mailboxes()).get_renames(before, after)
        if not renames:
            raise KeyError(before)
        for old, new in renames:
            mailbox = self._mailboxes[new] = self._mailboxes.pop(old)
            self._store.rename_folder(mailbox.folder_id, new)
        if before == "INBOX":  # RFC 3501, 6.3.5: its mail goes to the new name, and INBOX stays, empty.
            self._create("INBOX")


class Mailbox(MailboxDataInterface["Message"]):
    """One folder. What a client sees in it is the list `_messages`; the store is always written first."""

    def __init__(self, store: MailStore, folder: Folder) -> None:
        self._store = store
        self._folder = folder
        self._messages = {kept.uid: Message.of(self, kept) for kept in store.messages(folder.id)}
        self._recent: set[int] = set()
        self._mailbox_id = ObjectId.random_mailbox_id()
        self._selected_set = SelectedSet()
        self._changes = 0
        self._changed = Event.for_asyncio()

    def _announce(self) -> None:
        self._changes += 1
        self._changed.set()

    @property
    def folder_id(self) -> int:
        return self._folder.id

    @property
    def mailbox_id(self) -> ObjectId:
        return self._mailbox_id

    @property
    def readonly(self) -> bool:
        return False

    @property
    def uid_validity(self) -> int:
        return self._folder.uid_validity

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return super().permanent_flags | {Wildcard}

    @property
    def selected_set(self) -> SelectedSet:
        return self._selected_set

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        # Comparing counters first means that a change between two looks of an IDLE is never slept through.
        if wait_on is not None and selected.mod_sequence == self._changes:
            await wait_on.or_event(self._changed).wait()
        if selected.mod_sequence != self._changes:
            selected.mod_sequence = self._changes
            selected.set_messages(list(self._messages.values()))
        return selected

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> "Message":
        flags = frozenset(str(flag) for flag in append_msg.flag_set - {Recent})
        kept = self._store.add(self.folder_id, append_msg.literal, append_msg.when or datetime.now(UTC), flags)
        return self._arrived(kept, recent)

    def _arrived(self, kept: Kept, recent: bool) -> "Message":
        message = self._messages[kept.uid] = Message.of(self, kept)
        if recent:
            self._recent.add(kept.uid)
        self._announce()
        return message

    async def copy(self, uid: int, destination: "Mailbox", *, recent: bool = False) -> int | None:
        message = self._messages.get(uid)
        if message is None:
            return None
        kept = message.kept_as(self._store.copy(self.folder_id, uid, destination.folder_id))
        return destination._arrived(kept, recent).uid

    async def move(self, uid: int, destination: "Mailbox", *, recent: bool = False) -> int | None:
        message = self._messages.get(uid)
        if message is None:
            return None
        kept = message.kept_as(self._store.move(self.folder_id, uid, destination.folder_id))
        self._gone([uid])
        return destination._arrived(kept, recent).uid

    async def get(self, uid: int, cached_msg: CachedMessage) -> "Message":
        return self._messages.get(uid) or Message.expunged_from(self, cached_msg)

    async def update(self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp) -> "Message":
        message = await self.get(uid, cached_msg)
        flags = mode.apply(message.permanent_flags, flag_set - {Recent})
        if message.expunged or flags == message.permanent_flags:
            return message
        kept = Kept(uid, message.internal_date, frozenset(str(flag) for flag in flags))
        self._store.set_flags(self.folder_id, uid, kept.flags)
        message = self._messages[uid] = Message.of(self, kept)
        self._announce()
        return message

    async def delete(self, uids: Iterable[int]) -> None:
        gone = [uid for uid in uids if uid in self._messages]
        self._store.remove(self.folder_id, gone)
        self._gone(gone)

    def _gone(self, uids: Iterable[int]) -> None:
        for uid in uids:
            del self._messages[uid]
            self._recent.discard(uid)
        self._announce()

    async def claim_recent(self, selected: SelectedMailbox) -> None:
        for uid in self._recent:
            selected.session_flags.add_recent(uid)
        self._recent.clear()

    async def cleanup(self) -> None:
        """Nothing is ever left over."""

    async def snapshot(self) -> MailboxSnapshot:
        unseen = [number for number, m in enumerate(self._messages.values(), 1) if Seen not in m.permanent_flags]
        return Snapshot(
            self.mailbox_id,
            self.readonly,
            self.uid_validity,
            self.permanent_flags,
            self.session_flags,
            len(self._messages),
            len(self._recent),
            len(unseen),
            unseen[0] if unseen else None,
            self._store.next_uid(self.folder_id),
        )

    def raw(self, uid: int) -> bytes | None:
        return self._store.raw(self.folder_id, uid)

    def contents(self) -> list[bytes]:
        return [raw for uid in self._messages if (raw := self.raw(uid)) is not None]


class Snapshot(MailboxSnapshot):
    @property
    def flags(self) -> frozenset[Flag]:
        return super().flags - {Wildcard}  # RFC 3501, 7.2.6: "\*" stands in PERMANENTFLAGS only.


class Message(BaseMessage):
    """A message's envelope in memory; its bytes are read from the store when somebody asks for them."""

    __slots__ = ["_mailbox"]

    _mailbox: Mailbox

    @classmethod
    def of(cls, mailbox: Mailbox, kept: Kept, *, expunged: bool = False) -> "Message":
        message = cls(kept.uid, kept.received, [Flag(flag) for flag in kept.flags], expunged=expunged)
        message._mailbox = mailbox
        return message

    @classmethod
    def expunged_from(cls, mailbox: Mailbox, cached: CachedMessage) -> "Message":
        flags = frozenset(str(flag) for flag in cached.permanent_flags)
        return cls.of(mailbox, Kept(cached.uid, cached.internal_date, flags), expunged=True)

    def kept_as(self, uid: int) -> Kept:
        return Kept(uid, self.internal_date, frozenset(str(flag) for flag in self.permanent_flags))

    async def load_content(self, requirement: FetchRequirement) -> "LoadedMessage":
        raw = None if requirement.has_none(FetchRequirement.CONTENT) else self._mailbox.raw(self.uid)
        return LoadedMessage(self, requirement, raw or b"")


class LoadedMessage(BaseLoadedMessage):
    """Whole messages, their size and their headers come from the kept bytes. Only a question about the MIME structure
    parses them, and a message that the parser cannot bear has an empty structure: it must not end the connection."""

    __slots__ = ["_raw"]

    def __init__(self, message: Message, requirement: FetchRequirement, raw: bytes) -> None:
        super().__init__(message, requirement, None)
        self._raw = raw

    @property
    def content(self) -> MessageContent:
        if self._content is None:
            self._content = MessageContent.parse(self._raw)
        return self._content

    def get_size(self, section: Sequence[int] | None = None) -> int:
        return super().get_size(section) if section else len(self._raw)

    def get_body(self, section: Sequence[int] | None = None, binary: bool = False) -> Writeable:
        return super().get_body(section, binary) if section or binary else Writeable.wrap(self._raw)

    def get_message_headers(
        self, section: Sequence[int] | None = None, subset: Collection[bytes] | None = None, inverse: bool = False
    ) -> Writeable:
        if section or subset is not None:
            return super().get_message_headers(section, subset, inverse)
        ends = [self._raw.find(blank) + len(blank) for blank in (b"\r\n\r\n", b"\n\n") if blank in self._raw]
        return Writeable.wrap(self._raw[: min(ends, default=len(self._raw))])

    # pymap asks Python's strict header classes, which raise many kinds of exceptions on the mail of real life.
    def get_envelope_structure(self) -> EnvelopeStructure:
        try:
            envelope = super().get_envelope_structure()
            bytes(envelope)
        except Exception:  # noqa: BLE001
            return EnvelopeStructure.empty()
        return envelope

    def get_body_structure(self) -> BodyStructure:
        try:
            structure = super().get_body_structure()
            bytes(structure)
        except Exception:  # noqa: BLE001
            return BodyStructure.empty()
        return structure
