"""What the filters in front of a mailbox wrote into a message: spam or not, by their own headers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.message.structure.headers import Headers


@dataclass(frozen=True, slots=True)
class SpamVerdict:
    """Whether a filter calls it spam, and the header by which it does."""

    is_spam: bool
    words: str


# (header, what its value says when it is spam, and when it is not): SpamAssassin, Rspamd, Barracuda, Proofpoint.
_SAID = (
    ("x-spam-flag", r"\s*(?:yes|true)\b", r"\s*(?:no|false)\b"),
    ("x-spam-status", r"\s*yes\b", r"\s*no\b"),
    ("x-spam", r"\s*(?:yes|spam)\b", r"\s*no\b"),
    ("x-rspamd-action", r"\s*(?:add[ _]header|rewrite[ _]subject|quarantine|reject)\b", r"\s*no[ _]action\b"),
    ("x-barracuda-spam-status", r"\s*yes\b", r"\s*no\b"),
    ("x-proofpoint-spam-details", r".*\brule=[a-z_]*(?<!not)spam\b", r".*\brule=[a-z_]*notspam\b"),
    # Spam confidence level: 5 and above is junk
    # (https://learn.microsoft.com/exchange/antispam-and-antimalware/antispam-protection/scl).
    ("x-ms-exchange-organization-scl", r"\s*[5-9]\b", r"\s*(?:-1|[0-4])\b"),
    ("x-forefront-antispam-report", r".*(?:\bSCL:[5-9]\b|\bSFV:(?:SPM|SKB|SKS)\b)", r".*\bSCL:(?:-1|[0-4])\b"),
)  # fmt: skip
# Where no filter decides, its number does: SpamAssassin calls 5 points spam, Rspamd marks from 6 on. One sign a point.
_POINTS = (("x-spam-score", 5.0), ("x-rspamd-score", 6.0))
_SIGNS = (("x-spam-level", "*", 5), ("x-spamd-bar", "+", 6), ("x-spam-bar", "+", 5))
_SAYS = tuple((name, re.compile(yes, re.I), re.compile(no, re.I)) for name, yes, no in _SAID)
_NUMBER = re.compile(r"\s*(-?\d{1,4}(?:\.\d{1,4})?)\b")
MAX_VALUE = 2_000
MAX_SHOWN = 80


def read_spam(headers: Headers) -> SpamVerdict | None:
    """What the filters say, None when none has looked at it.

    One that says spam is enough: a sender who writes such a header himself harms nobody else. Points count only where
    no filter says yes or no in words, since not every filter means the same by them.
    """
    clean: SpamVerdict | None = None
    for name, yes, no in _SAYS:
        if headers.first(name) is None:
            continue
        value = headers.text(name)[:MAX_VALUE]
        if yes.match(value):
            return SpamVerdict(True, _shown(name, value))
        if no.match(value):
            clean = clean or SpamVerdict(False, _shown(name, value))
    return clean or _by_points(headers)


def _by_points(headers: Headers) -> SpamVerdict | None:
    for name, limit in _POINTS:
        found = _NUMBER.match(headers.text(name)) if headers.first(name) is not None else None
        if found:
            return SpamVerdict(float(found[1]) >= limit, _shown(name, found[1]))
    for name, sign, signs in _SIGNS:
        value = headers.text(name).strip() if headers.first(name) is not None else ""
        if value:
            return SpamVerdict(value.startswith(sign * signs), _shown(name, value))
    return None


def _shown(name: str, value: str) -> str:
    value = " ".join(value.split())
    title = "-".join(word.upper() if word in ("ms", "scl") else word.capitalize() for word in name.split("-"))
    return f"{title}: {value[:MAX_SHOWN]}{'…' if len(value) > MAX_SHOWN else ''}"
