"""How commands speak: sentences for people, or with ``--json`` one object a line with stable keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")(command)


def say(as_json: bool, values: dict[str, Any], sentence: str) -> None:
    """One line: the object for programs, the sentence for people."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str) if as_json else sentence)
