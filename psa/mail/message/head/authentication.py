"""What the server that received the mail found about its sender: Authentication-Results (RFC 8601), from the trusted
server only.
"""

from __future__ import annotations

import re

from psa.mail.message.model import AuthenticationVerdict
from psa.mail.message.structure.headers import Headers, decode_words

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.I)
# The best result counts where a message bears several signatures (RFC 8601, 2.7.1): one that holds is enough.
_ORDER = ("pass", "neutral", "policy", "softfail", "fail", "temperror", "permerror", "none")


def read_authentication(headers: Headers, trusted_authserv: str | None) -> AuthenticationVerdict | None:
    """The verdicts that `trusted_authserv` wrote; None when it wrote none, or when no server is trusted.

    A sender may add such a header himself with any name: only the topmost of the trusted server's own counts
    (RFC 8601, 5 and 7.1).
    """
    if not trusted_authserv:
        return None
    for raw in headers.all("authentication-results"):
        text = decode_words(raw)
        for _ in range(3):  # comments may be nested; authres refuses many of them
            text = _COMMENT.sub(" ", text)
        identity, _, results = text.partition(";")
        by = (identity.split() or [""])[0].strip('"').lower()
        if not _is_trusted(by, trusted_authserv.lower()):
            continue
        found: dict[str, list[str]] = {}
        for method, result in _RESULT.findall(results):
            found.setdefault(method.lower(), []).append(result.lower())
        best = {
            method: min(results, key=lambda r: _ORDER.index(r) if r in _ORDER else 99)
            for method, results in found.items()
        }
        return AuthenticationVerdict(best.get("spf"), best.get("dkim"), best.get("dmarc"), by)
    return None


def _is_trusted(by: str, trusted: str) -> bool:
    """The very server, or one below a trusted domain written as ".example.com"."""
    return by == trusted or trusted.startswith(".") and by.endswith(trusted)
