"""What a sign of a cause is, and the groups of stages that signs are tied to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.diagnosis.answer import Answer

CONNECTING = frozenset({"connect"})
TLS = frozenset({"tls", "starttls"})
GREETING = frozenset({"greeting", "ehlo", "capability"})
LOGIN = frozenset({"auth", "capability", "token", "authorize"})
TOKEN = frozenset({"token", "authorize", "auth"})
SENDER = frozenset({"mail_from", "rcpt_to"})
ENVELOPE = frozenset({"mail_from", "rcpt_to", "data", "dsn", "any"})
RECIPIENT = frozenset({"rcpt_to", "data", "dsn", "any"})
CONTENT = frozenset({"data", "dsn", "append"})
# noop and any are where a server speaks up between two commands.
MAILBOX = frozenset({"select", "list", "create", "append", "copy", "store", "search", "fetch", "retr", "noop", "any"})
OPENING = frozenset({"select", "list", "create", "append", "copy", "store", "fetch"})
BEFORE_MAIL = LOGIN | GREETING | frozenset({"mail_from", "select", "any", "data"})


@dataclass(frozen=True, slots=True)
class Sign:
    """``words`` is searched in the answer's words; ``stages`` (all when empty) and ``codes`` (a start of the reply code
    or of the enhanced status) narrow it; ``unless`` takes back what looks alike.
    """

    cause: str
    words: re.Pattern[str]
    stages: frozenset[str]
    codes: tuple[str, ...]
    unless: re.Pattern[str] | None

    def fits(self, answer: Answer, stage: str) -> bool:
        if self.stages and stage not in self.stages:
            return False
        if self.codes and not (answer.code.startswith(self.codes) or answer.enhanced.startswith(self.codes)):
            return False
        if self.unless is not None and self.unless.search(answer.words):
            return False
        return self.words.search(answer.words) is not None


def sign(
    cause: str, words: str, stages: frozenset[str] = frozenset(), *, codes: tuple[str, ...] = (), unless: str = ""
) -> Sign:
    return Sign(cause, re.compile(words), stages, codes, re.compile(unless) if unless else None)
