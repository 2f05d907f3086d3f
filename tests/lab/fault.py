"""What a fault is: how it is made, what must be recognised in it, and what must then become of the mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.lab.laboratory import Laboratory

Injection = Callable[["Laboratory"], object]

# What the PSA does then. For mail that leaves:
ACCOUNT_WAITS = "the account waits, all of its mail with it, and leaves by itself"
MESSAGE_WAITS = "this message waits and leaves by itself; others leave meanwhile"
FAILS = "it has failed, with the server’s words, until a person sends it again"
ASKS = "it is unconfirmed: a person decides, it never leaves again by itself"
ONE_FAILS = "the others have it; this recipient has failed, and nothing more is sent there"
NEXT_TRANSACTION = "those whom it took have it, the others get it in the next transaction, at once"
# For mail that is fetched:
LOOKS_SOON = "the mailbox is looked into again within seconds"
LOOKS_LATER = "the mailbox is looked into again within minutes"
NOTED = "the mail is filed; what could not be done stands at the mailbox"
# For both:
THROUGH = "nothing is to be seen of it: the mail gets through"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault on one protocol. ``number`` is its place in the list of faults, L01 to L85.

    ``causes`` are codes of the catalogue, the expected one first and then what is as good an answer; none where the
    mail gets through. ``stages`` are where it may be noticed, any where empty. ``then`` is one of the sentences above.
    ``what`` is the fault in words, ``how`` the way in which it is made.
    """

    number: str
    protocol: str
    what: str
    how: str
    inject: Injection
    causes: tuple[str, ...]
    stages: tuple[str, ...]
    then: str
    # Whether it heals although nobody does anything, as the diagnosis has it; None where no server said a word.
    heals: bool | None = None
    # What is still wrong in the PSA, in a sentence: then the story is expected not to hold, and to say so when it does.
    owed: str = ""

    @property
    def name(self) -> str:
        return f"{self.number} {self.protocol}: {self.what}"

    @property
    def sends(self) -> bool:
        return self.protocol == "smtp"


@dataclass(frozen=True, slots=True)
class NotInjected:
    """A fault that no test of ours can make, and why; ``instead`` is what comes nearest."""

    number: str
    what: str
    why: str
    instead: str


class Faults:
    """A chapter of the list: its faults are functions that make them."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.faults: list[Fault] = []
        self.not_injected: list[NotInjected] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def add(
        self,
        number: str,
        protocols: str,
        what: str,
        how: str,
        *,
        cause: str = "",
        stage: str = "",
        then: str | tuple[str, str] = THROUGH,
        heals: bool | None = None,
        owed: Mapping[str, str] | None = None,
    ) -> Callable[[Injection], Injection]:
        """Enter a fault for each of ``protocols``; several causes and stages are divided by blanks.

        ``then`` are two sentences where sending and reading differ; ``owed`` is what is still wrong, by protocol.
        """
        sending, reading = (then, then) if isinstance(then, str) else then

        def enter(inject: Injection) -> Injection:
            for protocol in protocols.split():
                follows = sending if protocol == "smtp" else reading
                causes, stages = tuple(cause.split()), tuple(stage.split())
                still_wrong = (owed or {}).get(protocol, "")
                self.faults.append(
                    Fault(number, protocol, what, how, inject, causes, stages, follows, heals, still_wrong)
                )
            return inject

        return enter

    def cannot(self, number: str, what: str, *, why: str, instead: str) -> None:
        self.not_injected.append(NotInjected(number, what, why, instead))
