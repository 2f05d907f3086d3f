"""What people wrote, as HTML: escaped first, then given paragraphs and links."""

from __future__ import annotations

import re
from unicodedata import bidirectional

from markupsafe import Markup, escape

# No quotes and no angle brackets: what is a link cannot end the attribute that it stands in.
LINK = re.compile(r"https?://[^\s<>\"'`]{1,2000}", re.IGNORECASE)
# What HTML would make one blank of.
BLANKS = re.compile(r"^ +|(?<= ) +", re.MULTILINE)
BREAK = Markup("<br>\n")
# Hebrew, Arabic and their neighbours.
FROM_THE_RIGHT = re.compile("[\u05d0-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
PARTING = re.compile(r"\n(?:[ \t]*\n)+")


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs, each in the direction of its script, with its line breaks and links to click."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return Markup("\n").join(
        Markup("<p{}>{}</p>").format(direction(paragraph), BREAK.join(map(linked, paragraph.split("\n"))))
        for paragraph in PARTING.split(text)
        if paragraph.strip()
    )


def direction(paragraph: str) -> Markup:
    """The attribute that has it read from the right, where its first letter says so: Outlook knows no dir="auto"."""
    if not FROM_THE_RIGHT.search(paragraph):
        return Markup("")
    strong = (kind for kind in map(bidirectional, paragraph) if kind in ("L", "R", "AL"))
    return Markup("") if next(strong, "L") == "L" else Markup(' dir="rtl"')


def letter_html(text: str) -> Markup:
    """The same for a mail: there blanks at the beginning of a line and between words keep their width."""
    kept = BLANKS.sub(lambda match: "\N{NO-BREAK SPACE}" * len(match[0]), text.expandtabs(4))
    return paragraphs(kept)


def linked(text: str) -> Markup:
    """A line, with its web addresses as links."""
    pieces, end = [], 0
    for match in LINK.finditer(text):
        address = without_punctuation(match[0])
        pieces += [escape(text[end : match.start()]), link(address)]
        end = match.start() + len(address)
    return Markup("").join([*pieces, escape(text[end:])])


def link(address: str) -> Markup:
    return Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(address)


def without_punctuation(address: str) -> str:
    """Without what ends the sentence rather than the address; a bracket stays when it was opened inside."""
    while address[-1] in ".,;:!?)]}*_":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def folded_words(signature: str, quoted: str) -> str:
    """What a fold holds: “Signature and 14 quoted lines”."""
    lines = len([line for line in quoted.split("\n") if line.strip()])
    parts = []
    if signature.strip():
        first = signature.strip().split("\n")[0].strip()
        short = len(first) <= 40 and "\n" not in signature.strip()
        parts.append(f"“{first}”" if short else "Signature")
    if lines:
        parts.append("1 quoted line" if lines == 1 else f"{lines} quoted lines")
    return " and ".join(parts)
