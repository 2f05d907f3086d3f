"""What the parser of templates says, in the words of who writes them, with what to do."""

from __future__ import annotations

import re

# Jinja2's messages (jinja2.lexer, jinja2.parser), each with what is wrong and a hint; \1 is what they name.
SAYINGS = (
    (r"unexpected '([}\])])'.*", r"there is a “\1” without its partner.", "Write {{ … }} with two on each side."),
    (
        r"expected token 'end of print statement', got '(.+)'",
        r"“\1” is not expected here.",
        "Write {{ contact.name }}.",
    ),
    (r"[Uu]nexpected end of template, expected .*", "a {{ or {% is not closed.", "Write {{ … }} or {% … %}."),
    (
        r"Unexpected end of template\..* that needs to be closed is '(if|for)'\.?",
        r"there is a {% \1 %} without its end.",
        r"Write {% end\1 %} behind what belongs to it.",
    ),
    (r"[Uu]nexpected end of template.*", "it ends in the middle of a {{ or {%.", "Write {{ … }} or {% … %}."),
    (r"unexpected char ['\"](.)['\"] at [0-9]+", r"“\1” cannot stand here.", "Write {{ contact.name }}."),
    (
        r"Expected an expression, got .*",
        "there is nothing in it.",
        "Write {{ contact.name }} or {% if contact.name %}.",
    ),
    (r"expected token 'name', got .*", "a name is missing behind “.” or “|”.", "Write {{ contact.name|upper }}."),
    (r"Missing end of comment tag", "there is a {# without its end.", "Write #} behind the remark."),
    (
        r"Encountered unknown tag '(end\w+)'\..*",
        r"there is a {% \1 %} without its beginning.",
        "Take it out, or write the {% if %} or {% for %} that it ends.",
    ),
    (
        r"Encountered unknown tag '(\w+)'\..*",
        r"there is no {% \1 %}.",
        "Only {{ values }}, {% if %} and {% for %} can stand in a template.",
    ),
)


def told(message: str) -> tuple[str, str]:
    """What is wrong, and what to do; the parser's own words without a hint where nobody has put them into ours."""
    for pattern, words, hint in SAYINGS:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return match.expand(words), match.expand(hint)
    return f"{message.rstrip('.')}.", ""
