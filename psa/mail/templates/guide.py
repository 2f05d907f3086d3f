"""The tables of the guide, made of the catalogue: `.venv/bin/python -m psa.mail.templates.guide`."""

from __future__ import annotations

import sys

from psa.mail.templates.catalogue import TEMPLATES, Template
from psa.mail.templates.facts import FACTS, variables_of


def templates_table() -> str:
    """Each template, when it leaves, and the names that its variables begin with."""
    rows = [f"| {one.title} | {leaves(one)} | {', '.join(f'`{name}`' for name in one.names)} |" for one in TEMPLATES]
    return "\n".join(["| template | leaves | variables |", "|---|---|---|", *rows])


def variables_table() -> str:
    """Each variable with its meaning; what the entries of a list have stands below the list."""
    rows = []
    for name in FACTS:
        for variable in variables_of(name):
            rows.append(f"| `{variable.path}` | {variable.meaning} |")
            rows += [f"| `{member.path}` | … {lowered(member.meaning)} |" for member in variable.members]
    return "\n".join(["| variable | what it is |", "|---|---|", *rows])


def leaves(template: Template) -> str:
    first, _, rest = template.when.partition(" ")
    return f"{first.lower() if first == 'Goes' else first} {rest}".rstrip(".") + "."


def lowered(words: str) -> str:
    return words[0].lower() + words[1:]


if __name__ == "__main__":
    sys.stdout.write(f"{templates_table()}\n\n{variables_table()}\n")
