"""What a server refused while it knew a password: diagnosed by its true words, and told without the password.

Passwords are words too: with “browser” or “disabled” taken out of what a server said, another cause is found.
"""

from __future__ import annotations

from dataclasses import replace

from psa.mail.accounts import without_secret
from psa.mail.diagnosis.causes import Diagnosis, diagnose
from psa.mail.journal import words_of


def diagnose_error(
    error: BaseException,
    secret: str,
    *,
    protocol: str,
    stage: str,
    host: str,
    port: int | None,
    code: str | int | None = None,
) -> tuple[str, Diagnosis]:
    """The words of ``error`` without ``secret``, and their cause, which quotes none of them."""
    said = words_of(error)
    found = diagnose(protocol=protocol, stage=stage, text=said, code=code, error=error, host=host, port=port)
    return without_secret(said, secret), replace(found, because=())
