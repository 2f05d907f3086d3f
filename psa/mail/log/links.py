"""What a trace names as links: tickets, messages, incidents."""

from __future__ import annotations

import re

from flask import url_for
from markupsafe import Markup

# Whoever writes “#12” into a subject that a trace quotes gets a link for us to ticket 12, and nothing more.
NAMED = re.compile(r"(?<![\w&#/])#(?P<ticket>[1-9][0-9]{0,8})\b|\b(?:message|incident) (?P<id>[1-9][0-9]{0,8})\b")


def linked(words: str) -> Markup:
    """``words``, made harmless, with links to what they name."""
    pieces, after = [], 0
    for found in NAMED.finditer(words):
        pieces += [Markup.escape(words[after : found.start()]), link(found)]
        after = found.end()
    return Markup("").join([*pieces, Markup.escape(words[after:])])


def link(found: re.Match[str]) -> Markup:
    if found["ticket"]:
        href = url_for("tickets.show", number=int(found["ticket"]))
    elif found[0].startswith("incident"):
        href = url_for("fuse.show", incident_id=int(found["id"]))
    else:
        href = url_for("tickets.message", inbound_id=int(found["id"]))
    return Markup('<a href="{}">{}</a>').format(href, found[0])
