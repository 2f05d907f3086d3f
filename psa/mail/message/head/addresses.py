"""Address lists as they arrive: groups, comments, encoded words in the wrong places, missing quotes and brackets
(RFC 5322, section 3.4 and 4.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from psa.mail.message.model import Address
from psa.mail.message.structure.header_text import decode_encoded_words, decode_raw, one_line

_SIMPLE = re.compile(r"""\s*(?:"([^"\\=]*)"|([^"'<>,;:()@=\\]*?))\s*<([^<>\s@,"'():;=?]+@[^<>\s@,"'():;=?]+)>\s*\Z""")
_BARE = re.compile(r"\s*([^<>\s@,\"'():;=?]+@[^<>\s@,\"'():;=?]+)\s*\Z")
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)|=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=|<[^<>]*>|\\.|[(),;:]|[^\s",;:<>()=\\]+|\s+|.',
    re.S,
)
# A run that may be an address, with its domain literal: it is cut at the sign afterwards, so that time stays linear.
_RUN = re.compile(r"[^\s<>,;:\"()\[\]]+(?:\[[^\]\s]{1,100}\])?")
# What stands in the quotes may look like an address itself: "ann@bank.example"@evil.example.
_QUOTED_SPEC = re.compile(r'"[^"]{1,100}"@[^\s@<>,;:"()]+')
_AROUND_SIGNS = re.compile(r"[ \t]{0,20}([@.])[ \t]{0,20}")
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED_PAIR = re.compile(r"\\(.)", re.S)
_SCHEME = re.compile(r"\b(?:mailto|smtp):", re.I)
_STRAY_ANGLES = re.compile(r"<\s*>|<\s*\Z|\A\s*>")
_NEXT_MAILBOX = re.compile(r">\s*[,;]")
# What servers write where everybody was a blind copy. It names nobody.
_NOBODY = re.compile(r"undisclosed|unlisted|suppressed|not shown|no[- ]to[- ]header|hidden[- ]recipient", re.I)


def read_addresses(raw: bytes | None, fallback: str | None = None) -> tuple[Address, ...]:
    """All mailboxes of a header value in order, group members included, each once.

    () for None, an empty group and rubbish. `fallback` is the charset of the body, the best guess for raw bytes.
    """
    if not raw:
        return ()
    text = raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode_raw(raw, fallback)
    simple = _SIMPLE.match(text) if len(text) < 400 else None
    if simple:
        return (Address(one_line(simple[1] or simple[2] or ""), _email(simple[3])),)
    bare = _BARE.match(text)
    if bare:
        return (Address("", _email(bare[1])),)
    if "@" not in text and "=?" not in text and _NOBODY.search(text):
        return ()
    if ":" in text:
        text = _SCHEME.sub("", text)
    return tuple(dict.fromkeys(_read_list(text)))


@dataclass(slots=True)
class _Entry:
    """One entry of a list while it is read: its words, these with their comments, the comments, what is in angles."""

    words: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    ends_group: bool = False
    has_sign: bool = False
    before: tuple[int, int] = (0, 0)  # how many of the words, and of the label, stand before the angles

    def add(self, token: str) -> None:
        self.has_sign = self.has_sign or "@" in token
        self.words.append(token)
        self.label.append(token)

    @property
    def is_empty(self) -> bool:
        return not self.words and self.angle is None and not self.comments

    def next(self) -> _Entry:
        """The entry that begins behind this one's angles, with the words that stand there."""
        words, label = self.before
        behind = _Entry(self.words[words:], self.label[label:])
        del self.words[words:], self.label[label:]
        return behind


def _read_list(text: str, *, inner: bool = False) -> list[Address]:
    found: list[Address] = []
    names: list[Address] = []  # without an address as yet: "Berg, Mia <…>" has lost its quotes
    for entry in _entries(text):
        people = _people(entry, inner)
        is_name = len(people) == 1 and not people[0].email
        if is_name and not entry.ends_group and entry.angle is None:
            names += people
            continue
        if names and people and people[0].name and not is_name:
            people[0] = Address(", ".join(a.name for a in (*names, people[0])), people[0].email)
        else:
            found += names
        names = []
        found += people
    return found + names


def _entries(text: str) -> list[_Entry]:
    tokens = _tokens(text)
    has_comments = _are_closed(tokens)
    entries, entry, depth, comment = [], _Entry(), 0, []
    for token in tokens:
        if depth or token == "(" and has_comments:
            depth += (token == "(") - (token == ")")
            comment.append(token)
            if not depth:
                words = "".join(comment)
                comment = []
                entry.comments.append(words[1:-1])
                if entry.angle is None and "@" not in words:
                    entry.label.append(words)
        elif token == "," and entry.is_empty:
            continue
        elif token in (",", ";"):
            entry.ends_group = token == ";"
            entries.append(entry)
            entry = _Entry()
        elif token == ":" and entry.angle is None and not entry.has_sign:
            entry = _Entry()  # the words before name a group, or a scheme as in "mailto:"
        elif token[0] == "<" and len(token) > 1:
            if entry.angle is not None and "@" in entry.angle:  # two mailboxes without a comma between them
                entries.append(entry)
                entry = entry.next()
            elif entry.angle is not None:
                entry.add(f"<{entry.angle}>")
            entry.angle, entry.before = token[1:-1], (len(entry.words), len(entry.label))
        elif entry.angle is not None and "@" in token and "@" in entry.angle:
            entries.append(entry)
            entry = _Entry()
            entry.add(token)
        else:
            entry.add(token)
    return [*entries, entry]


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while match := _TOKEN.match(text, at):
        token = match[0]
        at = match.end()
        if token[0] == '"' and (len(token) < 2 or token[-1] != '"' or _NEXT_MAILBOX.search(token)):
            at = match.start() + 1  # the other quote is missing: this one says nothing, so it is left out
            continue
        tokens.append(token)
    return tokens


def _are_closed(tokens: list[str]) -> bool:
    """Do all comments end? Where one does not, none is believed, for it would swallow the rest."""
    return tokens.count("(") == tokens.count(")")


def _people(entry: _Entry, inner: bool) -> list[Address]:
    """The mailboxes of one entry, mostly one. With `inner` no further list is looked for inside."""
    if entry.angle is None:
        return _without_angles(entry, inner)
    label = _label(entry.label) or _decoded(" ".join(entry.comments))
    content = _COMMENT.sub("", entry.angle) if "(" in entry.angle else entry.angle
    content = content.strip()
    if content.startswith("@"):  # an obsolete route (RFC 5322, 4.4)
        content = content.rpartition(":")[2]
    if not inner and ("," in content or ";" in content or " " in _AROUND_SIGNS.sub(r"\1", content)):
        people = _read_list(content, inner=True)
        if any(a.email for a in people) and not _QUOTED_SPEC.fullmatch(content):
            return [Address(label or people[0].name, people[0].email), *people[1:]]
    spec = content if content.startswith('"') else "".join(content.split())
    spec = _decoded(spec).strip("'\"") if "=?" in spec else spec.strip("'")
    spec = spec.partition("?")[0]
    if "@" not in spec:
        inside = _specs("".join(entry.words))
        if inside:
            return [Address(_without(label, inside[0]), _email(inside[0]))]
    return [Address(label, _email(spec))] if spec or label else []


def _without_angles(entry: _Entry, inner: bool) -> list[Address]:
    text = "".join(entry.words).strip()
    comment = _decoded(" ".join(entry.comments))
    if not text:
        return [Address("", _email(found)) for found in _specs(comment)]
    label = _label(entry.words)
    if not entry.has_sign and "@" not in label and not comment:  # a name, and no address
        return [Address(label, "")] if label else []
    if not inner and "@" in label and ("<" in label or "," in label):  # all of it was quoted or encoded
        people = _read_list(label, inner=True)
        if any(a.email for a in people):
            return people
    together = _AROUND_SIGNS.sub(r"\1", text)  # RFC 822 allowed blanks there
    if text != together and _specs(together) == [together]:
        return [Address(comment, _email(together))]
    quoted = _QUOTED_SPEC.search(text)
    if quoted:
        return [Address(comment, _email(quoted[0]))]
    specs = _specs(text) or _specs(label)
    if len(specs) > 1:  # blanks between them
        return [Address("", _email(spec)) for spec in specs]
    if specs:
        return [Address(_without(label, specs[0]) or comment, _email(specs[0]))]
    in_comment = _specs(comment)
    if in_comment:
        return [Address(label, _email(in_comment[0]))]
    if "@" in label:
        return [Address("", label)]
    return [Address(label or comment, "")] if label or comment else []


def _specs(text: str) -> list[str]:
    """All addresses in a text, as written."""
    found = []
    for run in _RUN.findall(text) if "@" in text else ():
        local, sign, domain = run.partition("@")
        domain = domain.partition("@")[0]
        if local and sign and domain:
            found.append(f"{local}@{domain}")
    return found


def _label(tokens: list[str]) -> str:
    """The display name: quotes and escapes removed, encoded words decoded even within quotes."""
    parts = [
        _QUOTED_PAIR.sub(r"\1", t[1:-1] if t[0] == '"' and len(t) > 1 else t) if "\\" in t or t[0] == '"' else t
        for t in tokens
    ]
    label = _decoded("".join(parts))
    if "<" in label or ">" in label:
        label = _STRAY_ANGLES.sub("", label).strip()
    if len(label) > 1 and label[0] == label[-1] and label[0] in "'\"":
        label = label[1:-1].strip()  # Outlook's single quotes, or quotes that were encoded too
    return label


def _without(label: str, spec: str) -> str:
    """The name that is left when the address is taken out of it."""
    return " ".join(label.replace(spec.strip("'"), " ").split()).strip(" <>[]{}()\"'")


def _decoded(text: str) -> str:
    if text.isalnum():
        return text
    return " ".join(one_line(decode_encoded_words(text)).split())


def _email(spec: str) -> str:
    """As written but for the domain's case, quotes around all of it, and a final dot that no mailbox has."""
    spec = one_line(spec)
    if len(spec) > 1 and spec[0] == spec[-1] == "'":
        spec = spec[1:-1]
    local, at, domain = spec.rpartition("@")
    return f"{local}@{domain.lower().rstrip('.>')}" if at else spec
