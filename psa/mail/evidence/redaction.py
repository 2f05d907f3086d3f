"""Taking secrets out of what people hand on: known ones wherever they stand, and whatever looks like one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from psa.mail.outbound.signed_addresses import KINDS

HIDDEN = "(hidden)"
# Shorter secrets stand in too many innocent words; where they are spoken the patterns below hide them.
SHORTEST = 4

# Each hides its last group.
SPOKEN = (
    # RFC 4954, 5321, 3501, 5034: AUTH and AUTHENTICATE with what follows them on the line
    r"(?i)\b(auth(?:enticate)? +(?:plain|login|xoauth2|oauthbearer|cram-md5|ntlm) +)([A-Za-z0-9+/=_-]{4,})",
    # RFC 3501, 6.2.3 and RFC 1939, 7
    r"(?i)(\blogin +(?:\"[^\"]*\"|\S+) +)(\"(?:[^\"\\]|\\.)*\"|\S+)",
    r"(?im)(^(?:[CS>]: *)?pass +)(\S.*)$",
    r"(?i)(\bbearer +)([A-Za-z0-9._~+/=-]{8,})",
    # RFC 6749: as JSON, as a form, and as people write them down
    r"(?i)(\b(?:access_token|refresh_token|id_token|client_secret|client_assertion|code_verifier|password|passwd|secret)"
    r"\\?\"? *[=:] *\\?\"?)([^\s\"&,}\\]+)",
    r"(?i)([?&](?:code|sig|signature|token|key)=)([^\s&\"]+)",
    # Our signed addresses: who has one can answer on its ticket, or about its invoice.
    rf"(?i)(\+[{''.join(KINDS)}]\d{{1,18}}\.)([0-9a-z]{{16}})(?=@)",
    # What stops a contact's notices, in List-Unsubscribe.
    r"(/unsubscribe/)([^\s/<>\"]+)",
    # RFC 3986: user:password@
    r"(://[^\s:/@]+:)([^\s/@]+)(?=@)",
)
# What a token looks like, wherever it stands: JSON Web Tokens (RFC 7519), Google's and Microsoft's.
TOKENS = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?|\bya29\.[\w.-]{8,}|\b1//0[\w-]{20,}|\b0\.A[\w-]{30,}")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
# A login in base64 has NUL or ^A in it (RFC 4616, RFC 7628).
LOGIN_SIGNS = (b"\0", b"\1", b"auth=")
PATTERNS = tuple(re.compile(pattern) for pattern in SPOKEN)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """What hides ``secrets``, in clear, quoted or inside base64, and everything that is spoken as one or looks so."""
    known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
    forms = list(dict.fromkeys(form for secret in known for form in (secret, quote(secret, safe=""))))
    as_bytes = [secret.encode() for secret in known]

    def redact(text: str) -> str:
        for form in forms:
            text = text.replace(form, HIDDEN)
        for pattern in PATTERNS:
            text = pattern.sub(lambda match: match.group(1) + HIDDEN, text)
        text = TOKENS.sub(HIDDEN, text)
        return BASE64.sub(lambda match: HIDDEN if tells(match.group(), as_bytes) else match.group(), text)

    return redact


def tells(text: str, secrets: Iterable[bytes]) -> bool:
    """Whether base64 holds a secret, or is a login."""
    raw = decoded(text)
    return any(secret in raw for secret in secrets) or any(sign in raw for sign in LOGIN_SIGNS)


def decoded(text: str) -> bytes:
    """The bytes in base64 of either alphabet (RFC 4648); nothing when it is none."""
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    if len(plain) % 4 == 1:
        return b""
    raw = base64.b64decode(plain + "=" * (-len(plain) % 4))
    # A word of letters decodes to something too: what is a login is mostly readable.
    readable = sum(32 <= byte < 127 or byte in (0, 1) for byte in raw)
    return raw if readable >= 0.9 * len(raw) else b""


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """The same structure with each of its texts redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: redacted(one, redact) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(one, redact) for one in value]
    return value
