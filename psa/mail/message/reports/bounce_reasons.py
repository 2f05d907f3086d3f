"""Why an address refused: the server's words and codes, weighed → one of the reasons of MAIL-JSON.md."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from psa.mail.message.reports.reasons.failures import FAILURES
from psa.mail.message.reports.reasons.notation import HINT, MAX_WORDS, plain
from psa.mail.message.reports.reasons.phrases import beginnings_in
from psa.mail.message.reports.reasons.providers import by_sign
from psa.mail.message.reports.reasons.recipients import RECIPIENTS
from psa.mail.message.reports.reasons.refusals import REFUSALS
from psa.mail.message.reports.reasons.registry import REPLIES, by_status
from psa.mail.message.reports.reasons.tongues import TONGUES
from psa.mail.message.reports.server_codes import CODE, STATUS

# The address itself is gone: mail to it must stop.
HARD = frozenset({"user-unknown", "host-unknown", "mailbox-disabled", "moved"})

# Of two reasons that weigh the same the one that stands first is taken: it names the cause more exactly.
_ORDER = (
    "greylisted",
    "over-quota",
    "mailbox-full",
    "rate-limited",
    "authentication",
    "security",
    "message-too-big",
    "relay-denied",
    "policy",
    "blocked",
    "spam",
    "mailbox-disabled",
    "suspended",
    "moved",
    "host-unknown",
    "user-unknown",
    "content",
    "network",
    "expired",
    "system",
)
_EVIDENCE = RECIPIENTS + REFUSALS + FAILURES + TONGUES
# RFC 3463's words for our reasons.
_MEANING = {
    "user-unknown": "1.1",
    "host-unknown": "1.2",
    "moved": "1.6",
    "suspended": "2.1",
    "mailbox-disabled": "2.1",
    "mailbox-full": "2.2",
    "over-quota": "2.2",
    "system": "3.0",
    "message-too-big": "3.4",
    "network": "4.0",
    "rate-limited": "4.5",
    "expired": "4.7",
    "content": "6.0",
    "security": "7.0",
    "policy": "7.1",
    "spam": "7.1",
    "blocked": "7.1",
    "relay-denied": "7.1",
    "greylisted": "7.1",
    "authentication": "7.26",
}
# What stands behind it is the cause of what stands before it.
_BECAUSE = re.compile(r"\b(?:because|due to|owing to|weil|wegen|parce que|en raison|debido|porque|a causa|из-за)\b")
# The answer of the other server, as against the sentences around it.
_ANSWER = re.compile(
    r"(?:said|says|response|responded|replied|reason|error|because|diagnostic|details|antwort\w*"
    r"|failure)[^\n:=]{0,30}:|(?<![\d.])[45]\d\d[ -]|(?<![\d.#(])[45]\.\d{1,3}\.\d{1,3}(?![\d.])",
    re.I,
)


def reason_for(words: str, status: str | None, code: str | None = None) -> str:
    """The reason that weighs most, "unknown" when nothing tells one.

    What the server says counts for more than the code beside it: servers give 5.1.1 and 5.7.1 for almost anything.
    A provider's own code decides.
    """
    words = words[:MAX_WORDS]
    answer = _ANSWER.search(words)
    said = words[answer.start() : answer.start() + 600] if answer else words
    sign = by_sign(said)
    if sign is not None:
        return sign
    scores = weigh(said, status, code)
    if answer and max(scores.values(), default=0) <= HINT:
        # The answer is a bare code: the report around it may say more.
        for reason, weight in weigh(words[: answer.start()] + words[answer.start() + 600 :], status, code).items():
            scores[reason] = max(scores[reason], weight)
    return max(_ORDER, key=lambda reason: scores[reason]) if any(scores.values()) else "unknown"


def weigh(words: str, status: str | None, code: str | None) -> dict[str, int]:
    """Each reason with the weight of the strongest words for it and of the codes that mean it."""
    scores: dict[str, int] = defaultdict(int, _heard(plain(words)))
    by_code = by_status(status)
    if by_code is None and code is not None and (status is None or status.endswith(".0.0")):
        by_code = REPLIES.get(code)
    if by_code is not None and by_code[1] > 0:
        scores[by_code[0]] += by_code[1]
    return scores


@lru_cache(maxsize=256)  # a report says one thing of many addresses
def _heard(said: str) -> dict[str, int]:
    scores: dict[str, int] = defaultdict(int)
    because = _BECAUSE.search(said)
    beginnings = beginnings_in(said)
    for reason, weight, phrases in _EVIDENCE:
        if weight >= scores[reason] and phrases.may_be_in(beginnings) and phrases.pattern.search(said):
            is_cause = because is not None and phrases.pattern.search(said, because.end()) is not None
            scores[reason] = max(scores[reason], weight + is_cause)
    return scores


def is_telling(words: str) -> bool:
    """Does a server say here what is the matter, by a code or in words?"""
    if CODE.search(words) or STATUS.search(words):
        return True
    return max(weigh(words[:MAX_WORDS], None, None).values(), default=0) > HINT


def status_for(reason: str, digit: str) -> str:
    """The enhanced status that says `reason`, for an answer that gave none; `digit` is its class."""
    return f"{digit}.{_MEANING.get(reason, '0.0')}"
