"""How commands speak: sentences for people, or with ``--json`` one object a line with stable keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.exc import DatabaseError

# What a database says, in small letters, and what to do about it.
REMEDIES = (
    (("no such table", "does not exist"), "Run bin/run once, or flask db upgrade."),
    (("not a database", "malformed"), "Put it back from your backup."),
    (("disk", "readonly", "no space", "permission"), "Is the disk full, or may we not write to PSA_DATA?"),
    (("unable to open", "connection"), "Does DATABASE_URL name the right place, and is the server running?"),
)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")(command)


def say(as_json: bool, values: dict[str, Any], sentence: str) -> None:
    """One line: the object for programs, the sentence for people."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str) if as_json else sentence)


def database_trouble(error: DatabaseError) -> str:
    """The database's own first line and, where we know it, what to do."""
    lines = str(error.orig if error.orig is not None else error).splitlines() or [type(error).__name__]
    remedy = next((remedy for said, remedy in REMEDIES if any(word in lines[0].lower() for word in said)), "")
    return f"{lines[0].rstrip('.')}. {remedy}".strip()
