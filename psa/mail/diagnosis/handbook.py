"""docs/diagnosis.md, made of the catalogue: `flask psa mail causes > docs/diagnosis.md`."""

from __future__ import annotations

from collections.abc import Iterator

from psa.mail.diagnosis.catalogue import CAUSES, GROUPS
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.causes import CODE_DECIDES
from psa.mail.diagnosis.providers import Provider, providers

OPENING = """\
# What keeps mail from getting through, and what to do

Made by `flask psa mail causes > docs/diagnosis.md`; change the catalogue in `psa/mail/diagnosis`, not this page.

Tests, polls and deliveries name one of these causes when something fails. What the server said is read by its meaning,
in the languages that servers write; its own words are always shown beside it. What nobody recognises is called unknown,
and is not guessed.

To ask about an answer that you have from elsewhere, such as a log:

```
flask psa mail diagnose --protocol smtp --stage auth --host smtp.example.com --text "535 5.7.8 Login failed"
```

**Tried again** means that the PSA repeats it by itself, with growing pauses, for it can pass without anybody’s help;
**tried again after 4xx** that it depends on the server’s code. All else waits for somebody to change something.
"""
TITLES = {
    "network": "The way to the server",
    "login": "Signing in",
    "delivery": "Sending",
    "mailbox": "Reading a mailbox, and the server itself",
    "ours": "On our own machine",
}


def handbook() -> str:
    """The whole page, in Markdown."""
    lines = [OPENING]
    for group, causes in GROUPS.items():
        lines.append(f"## {TITLES[group]}\n")
        for cause in causes:
            lines += about(cause.told())
    lines.append("## At the providers\n")
    lines.append("There these steps hold instead of the general ones.\n")
    for provider in sorted(providers().values(), key=lambda one: one.name.casefold()):
        lines += at(provider)
    return "\n".join(lines).rstrip() + "\n"


def about(cause: Cause) -> Iterator[str]:
    yield f"### {cause.title}\n"
    again = ", tried again" if cause.retry else ", tried again after 4xx" if cause.code in CODE_DECIDES else ""
    yield f"`{cause.code}`{again}. {cause.meaning}\n"
    yield from numbered(cause.remedies)


def at(provider: Provider) -> Iterator[str]:
    yield f"### {provider.name}\n"
    for code, steps in provider.remedies.items():
        yield f"**{CAUSES[code].told().title}**\n"
        yield from numbered(CAUSES[code].at(steps).told().remedies)


def numbered(steps: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    yield ""
