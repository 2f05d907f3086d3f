"""The evidence for each cause: what words, codes and the stage speak for, and how strongly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psa.mail.diagnosis.answer import Answer
from psa.mail.diagnosis.clues import CLUES
from psa.mail.diagnosis.clues.stages import GREETING, HOME, READERS_ONLY, SENDERS_ONLY
from psa.mail.diagnosis.greetings import mismatch
from psa.mail.diagnosis.known_codes import known_codes
from psa.mail.diagnosis.notions import notions_in
from psa.mail.diagnosis.statuses import by_status

# So much must speak for a cause before we name it.
ENOUGH = 3
# What a cause loses at a stage where it is not at home.
ABROAD = 4
# At these stages everything can be said.
EVERYWHERE = frozenset({"", "any"})
# What passes by itself, so that a 4xx speaks for it.
PASSING = frozenset(
    {"server_temporary", "greylisted", "rate_limited", "too_many_connections", "auth_rate_limited", "dns_temporary"}
)
# What is doubted when the code says that it will not pass: 5xx.
NEVER_FINAL = frozenset({"connection_dropped", "server_timeout", "greylisted", "dns_temporary"})
A_GREETING_IS_SURE = 15


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for ``cause``. ``kind`` is words, code, status or greeting; ``found`` what it is."""

    cause: str
    weight: int
    kind: str
    found: str


def evidence(protocol: str, stage: str, answer: Answer) -> list[Evidence]:
    """All that speaks for any cause. Who sends is not told of a locked mailbox, who reads not of a recipient."""
    silent = READERS_ONLY if protocol == "smtp" else SENDERS_ONLY if protocol in ("imap", "pop3") else frozenset()
    found = [*in_words(stage, answer), *in_codes(protocol, stage, answer)]
    return [one for one in found if one.cause not in silent]


def in_words(stage: str, answer: Answer) -> Iterator[Evidence]:
    places = notions_in(answer.words)
    for clue in CLUES:
        spots = clue.find(places, stage)
        if spots is not None:
            quoted = " … ".join(" ".join(answer.words[start:end]) for start, end in spots)
            yield Evidence(clue.cause, clue.weight, "words", quoted)


def in_codes(protocol: str, stage: str, answer: Answer) -> Iterator[Evidence]:
    for cause, weight, code in known_codes(answer.text):
        yield Evidence(cause, weight, "code", code)
    for cause, weight, status in by_status(protocol, stage, answer):
        yield Evidence(cause, weight, "status", status)
    wrong = mismatch(protocol, answer.text) if stage in GREETING else None
    if wrong is not None:
        yield Evidence(wrong, A_GREETING_IS_SURE, "greeting", answer.text[:40])


def weigh(found: list[Evidence], stage: str, answer: Answer) -> dict[str, int]:
    """How much speaks for each cause. Of each kind only the strongest counts: ten hints of one kind are still hints."""
    strongest: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one.cause, one.kind)
        strongest[key] = max(strongest.get(key, 0), one.weight)
    total: dict[str, int] = {}
    for (cause, _), weight in strongest.items():
        total[cause] = total.get(cause, 0) + weight
    for cause in total:
        if answer.is_passing and cause in PASSING:
            total[cause] += 1
        if answer.is_final and cause in NEVER_FINAL:
            total[cause] -= ABROAD
        if stage not in EVERYWHERE and stage not in HOME.get(cause, {stage}):
            total[cause] -= ABROAD
    return total
