"""`python -m psa.mail.message.reader`: reads messages for another process, one after the other.

In: pickles of `Asked`; out: for each a pickle of its ParsedEmail, with all that the intake asks worked out, or of None.
It is there to use another core. It is given no keys, and it opens neither database nor network. That is how it is
written and no wall: it runs as the same user with the same rights, and whoever asks unpickles what it answers, so it is
trusted as our own code is.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from psa.mail.message.parse import ParsedEmail, parse
from psa.mail.message.structure.part import Part

# In the order in which they are asked for where nobody has read it beforehand, so that defects stand in the same order.
WORKED_OUT = (
    "in_reply_to",
    "references",
    "reply_text",
    "html_source",
    "attachments",
    "sender",
    "original_sender",
    "defects",
    "automatic",
    "content_hash",
    "former_ids",
    "thread_index",
    "delivered_to",
    "recipients",
    "base_subject",
    "headers",
    "is_forward",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that is to be read."""

    raw: bytes
    own_domains: frozenset[str] = frozenset()


class Left:
    """Stands for the bytes of the message, which who asks has."""

    def __reduce__(self) -> tuple[type[Left], tuple[()]]:
        return Left, ()


class Sealer(pickle.Pickler):
    """Leaves the bytes of the message out, wherever they are held."""

    def __init__(self, file: IO[bytes], raw: bytes) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.raw = raw
        self.left = Left()

    def reducer_override(self, value: object) -> Any:
        if not isinstance(value, Part | ParsedEmail) or value.raw is not self.raw:
            return NotImplemented
        reduced = value.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        assert isinstance(reduced, tuple)
        made_by, arguments, held = reduced[:3]
        if isinstance(value, Part):  # the state of what has slots (copyreg in the library reference)
            return made_by, arguments, (None, held[1] | {"raw": self.left})
        return made_by, arguments, held | {"raw": self.left}


# What the answers are made of, the same dozen classes each time.
FOUND: dict[tuple[str, str], Any] = {}


class Opener(pickle.Unpickler):
    """Puts the bytes back in."""

    def __init__(self, file: IO[bytes], raw: bytes) -> None:
        super().__init__(file)
        self.raw = raw

    def find_class(self, module: str, name: str) -> Any:
        if name == Left.__name__:  # whatever its module: that of a process's own program is called __main__
            # Without ourselves in it: what is found stands in our memo, into which the collector does not look, and
            # every message that was ever opened would stay in memory.
            raw = self.raw
            return lambda: raw
        found = FOUND.get((module, name))
        if found is None:
            found = FOUND[module, name] = super().find_class(module, name)
        return found


def work_out(asked: Asked) -> ParsedEmail:
    """The message with everything worked out that costs time, and without what only led there."""
    email = parse(asked.raw, own_domains=asked.own_domains)
    for name in WORKED_OUT:
        getattr(email, name)
    # An answer is folded once more when it is known what it answers, by the introductions that were found.
    kept = ("_folded", "_introductions") if email.is_answer else ("_folded",)
    for name in [name for name in email.__dict__ if name.startswith("_") and name not in kept]:
        del email.__dict__[name]
    return email


def sealed(asked: Asked) -> bytes:
    """The answer. A message that is nested too deep to be handed over is left to who asks."""
    answer = BytesIO()
    try:
        Sealer(answer, asked.raw).dump(work_out(asked))
    except (RecursionError, MemoryError, pickle.PicklingError):
        return pickle.dumps(None)
    return answer.getvalue()


def everything_asked(asking: IO[bytes]) -> Iterator[Asked]:
    """Until nobody asks any more; who asked may have been killed in the middle of it."""
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(asking)


def main() -> None:
    with suppress(BrokenPipeError):
        for asked in everything_asked(sys.stdin.buffer):
            sys.stdout.buffer.write(sealed(asked))
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
