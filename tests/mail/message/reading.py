"""The fixtures of tests/emails, read."""

from __future__ import annotations

from pathlib import Path

from psa.mail.message import ParsedEmail, parse

EMAILS = Path(__file__).parents[2] / "emails"


def read(name: str, **options: object) -> ParsedEmail:
    return parse((EMAILS / name).read_bytes(), **options)  # type: ignore[arg-type]
