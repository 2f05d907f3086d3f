"""Address lists as they arrive: groups, comments, encoded words in the wrong places, missing quotes (RFC 5322,
section 3.4).
"""

from __future__ import annotations

import re

from psa.mail.message.header_text import decode_encoded_words, decode_raw, one_line
from psa.mail.message.model import Address

MAX_ADDRESSES = 5_000

_SIMPLE = re.compile(r"""\s*(?:"([^"\\=]*)"|([^"'<>,;:()@=\\]*?))\s*<([^<>\s@,"'():;=?]+@[^<>\s@,"'():;=?]+)>\s*\Z""")
_BARE = re.compile(r"\s*([^<>\s@,\"():;=?]+@[^<>\s@,\"():;=?]+)\s*\Z")
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)|=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=|<[^<>]*>|[(),;:]|[^\s",;:<>()]+|\s+|.', re.S
)
_SPEC = re.compile(r"[^\s@<>,;:\"()\[\]]+@(?:\[[^\]\s]+\]|[^\s@<>,;:\"()\[\]]+)")
_AROUND_SIGNS = re.compile(r"[ \t]{0,20}([@.])[ \t]{0,20}")
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED_PAIR = re.compile(r"\\(.)", re.S)


def read_addresses(raw: bytes | None, fallback: str | None = None) -> tuple[Address, ...]:
    """All mailboxes of a header value in order, group members included, each once.

    () for None, an empty group and rubbish.
    """
    if not raw:
        return ()
    text = raw.decode("ascii") if raw.isascii() else decode_raw(raw, fallback)
    simple = _SIMPLE.match(text) if len(text) < 400 else None
    if simple:
        return (Address(one_line(simple[1] or simple[2] or ""), _email(simple[3])),)
    bare = _BARE.match(text)
    if bare:
        return (Address("", _email(bare[1])),)
    return tuple(dict.fromkeys(_read_list(text)))[:MAX_ADDRESSES]


def _read_list(text: str) -> list[Address]:
    found: list[Address] = []
    name: list[str] = []
    comment: list[str] = []
    angle: str | None = None
    named = 0  # how many of the tokens in `name` stand before `angle`
    depth = 0

    def finish() -> None:
        nonlocal angle
        found.extend(_mailbox(name, comment, angle))
        name.clear()
        comment.clear()
        angle = None

    for token in _tokens(text):
        if token == "(":
            depth += 1
            if depth > 1:
                comment.append(token)
        elif depth:
            depth -= token == ")"
            comment.append(token if depth else " ")
        elif token in (",", ";"):
            finish()
        elif token == ":":
            # A display name before a colon names a group; an address or a URL before it only contains one.
            if "@" in "".join(name) or angle is not None:
                name.append(token)
            else:
                name.clear()
        elif token[:1] == "<" and len(token) > 1:
            if angle is not None:  # two mailboxes without a comma between them
                following = name[named:]
                del name[named:]
                finish()
                name.extend(following)
            angle, named = token[1:-1], len(name)
        elif angle is not None and token.strip() and "@" in token:
            finish()
            name.append(token)
        else:
            name.append(token)
    finish()
    return found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while match := _TOKEN.match(text, at):
        token = match[0]
        at = match.end()
        if token[0] == '"' and (len(token) < 2 or token[-1] != '"') and "," in token:
            # The closing quote is missing: the quotes say nothing, so they are left out.
            return tokens + _TOKEN.findall(token.replace('"', ""))
        tokens.append(token)
    return tokens


def _mailbox(name: list[str], comment: list[str], angle: str | None) -> list[Address]:
    if angle is not None:
        angle = _COMMENT.sub("", angle) if "(" in angle else angle
        spec = "".join(angle.split()).rpartition(":")[2] if angle.startswith("@") else "".join(angle.split())
        spec = _decoded(spec).strip("'\"") if "=?" in spec else spec.strip("'")
        spec = spec.removeprefix("mailto:").removeprefix("MAILTO:")
        label = _label(name) or _decoded("".join(comment))
        if "@" not in spec:
            inside = _SPEC.search(label)
            if inside and not spec:
                return [Address("" if inside[0] == label else label, _email(inside[0]))]
            if not spec and not label:
                return []
        return [Address(label, _email(spec))]
    text = "".join(name).strip()
    if not text:
        return []
    label = _label(name)
    together = _AROUND_SIGNS.sub(r"\1", text)
    # blanks around @ and dots: RFC 822 allowed them
    if "@" in text and text != together and _SPEC.fullmatch(together):
        return [Address(_decoded("".join(comment)), _email(together))]
    specs = _SPEC.findall(text) or _SPEC.findall(label)
    if not specs:
        quoted_local = re.search(r'"[^"]+"@\S+', text)
        if quoted_local:
            return [Address(_decoded("".join(comment)), _email(quoted_local[0]))]
        return (
            [Address(label or _decoded("".join(comment)), "")]
            if label and "@" not in label
            else [Address("", label)]
            if label
            else []
        )
    if len(specs) == 1:
        rest = label.replace(specs[0], "").strip(" \t<>[]\"'")
        return [Address(rest or _decoded("".join(comment)), _email(specs[0]))]
    return [Address("", _email(spec)) for spec in specs]  # several addresses with blanks between them


def _label(tokens: list[str]) -> str:
    """The display name: quotes and escapes removed, encoded words decoded even within quotes."""
    parts = [_QUOTED_PAIR.sub(r"\1", t[1:].removesuffix('"')) if t[:1] == '"' else t for t in tokens]
    label = _decoded("".join(parts))
    if len(label) > 1 and label[0] == label[-1] and label[0] in "'\"":
        label = label[1:-1].strip()  # Outlook's single quotes, or quotes that were encoded too
    return label


def _decoded(text: str) -> str:
    return " ".join(one_line(decode_encoded_words(text)).split())


def _email(spec: str) -> str:
    """As written but for the domain's case, and a final dot that no mailbox has."""
    spec = one_line(spec)
    local, at, domain = spec.rpartition("@")
    return f"{local}@{domain.lower().rstrip('.>')}" if at else spec
