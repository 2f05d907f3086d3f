"""vCards of all versions: name, addresses, numbers, organisation (vCard 2.1, RFC 2426, RFC 6350)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psa.mail.message.cards.content_lines import Line, content_lines, split_value, unescaped
from psa.mail.message.model import ContactCard
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part

MAX_CARDS = 50
MAX_ENTRIES = 20

TYPES = frozenset(
    {"text/vcard", "text/x-vcard", "text/directory", "text/vcf", "application/vcard", "application/x-vcard"}
)


def is_contact_card(kind: str, name: str) -> bool:
    """Is a file of that type and name a vCard?"""
    return kind in TYPES or name.lower().endswith((".vcf", ".vcard"))


def read_contact_cards(files: Iterable[Part], note: Note) -> tuple[ContactCard, ...]:
    """The cards in the vCards among the parts, each once."""
    found: dict[ContactCard, ContactCard] = {}
    for part in files:
        if is_contact_card(part.type, part.file_name):
            if len(found) >= MAX_CARDS:
                break
            for card in read_cards(part.data, part.parameters.get("charset"), part.path, note):
                found.setdefault(replace(card, part=""), card)
    return tuple(found.values())


def read_cards(data: bytes, charset: str | None, part: str, note: Note = lambda _: None) -> list[ContactCard]:
    """The cards in a file that say who somebody is; none for what is no vCard."""
    cards: list[ContactCard] = []
    lines: list[Line] | None = None
    depth = 0
    for line in content_lines(data, charset):
        if line.name == "BEGIN" and line.value.upper() == "VCARD":
            depth += 1  # one card may hold another one, of an agent
            lines = [] if lines is None else lines
        elif line.name == "END" and line.value.upper() == "VCARD":
            depth -= 1
            if depth <= 0 and lines is not None:
                cards.extend(_card(lines, part))
                lines, depth = None, 0
                if len(cards) >= MAX_CARDS:
                    note(f"Of the contacts in part {part} only the first {MAX_CARDS} were read.")
                    return cards
        elif lines is not None and depth == 1:
            lines.append(line)
    return cards + (_card(lines, part) if lines else [])


def _card(lines: list[Line], part: str) -> list[ContactCard]:
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        if line.value:
            by_name.setdefault(line.name, []).append(line)
    organisation = _first(by_name, "ORG")
    places = [field for field in split_value(organisation) if field]
    organisation = ", ".join(places)
    emails = _all(by_name, "EMAIL", "mailto:")
    phones = _all(by_name, "TEL", "tel:")
    name = _one_line(unescaped(_first(by_name, "FN"))) or _structured(_first(by_name, "N")) or organisation
    title = _one_line(unescaped(_first(by_name, "TITLE")))
    if not (name or emails or phones):
        return []
    return [ContactCard(name or (emails or phones)[0], emails, phones, organisation, title, part)]


def _first(by_name: dict[str, list[Line]], name: str) -> str:
    lines = by_name.get(name)
    return lines[0].value if lines else ""


def _all(by_name: dict[str, list[Line]], name: str, scheme: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in by_name.get(name, [])[:MAX_ENTRIES]:
        value = _one_line(unescaped(line.value))
        if value.lower().startswith(scheme):
            value = value[len(scheme) :].partition(";")[0]
        if value:
            found.setdefault(value)
    return tuple(found)


def _structured(value: str) -> str:
    """Family; given; further; before; behind the name, as people say it."""
    family, given, further, before, behind = (split_value(value) + [""] * 5)[:5]
    return " ".join(part for part in (before, given, further, family, behind) if part)


def _one_line(value: str) -> str:
    return " ".join(value.split())
