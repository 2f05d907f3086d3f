"""Is this line one by which mail programs introduce what they quote? The words are those of `phrases.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from psa.mail.message.quoting.phrases import ABOVE_PIECES, ABOVE_WORDS, LANGUAGES, OTHER_LABELS, REPLY_ABOVE

MAX_LABEL = 40
MAX_MARKER = 200
LONGEST_TITLE = 62  # of what introduces by its words alone

# Marks of direction, soft hyphens, joiners, the "object replacement" that Apple leaves where a picture was.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xFFFC]
)
_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_DASHES = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x2500, 0x2501, 0x30FC, 0xFF0D], "-")
_CLEANED = _INVISIBLE | _BLANKS
# The dot above that is left of a Turkish capital I goes too.
_SQUEEZED = dict.fromkeys([*map(ord, " \t\n\r\f\v-'’‘`‐‑.\u0307"), *_BLANKS])
_TAIL_SIGNS = "\t *_>-–—‐"
_RULE_SIGNS = " \t>*_=~#.+-–—‐‑―−─━●■◆…【】[]<|"
_ENDS_OF_NO_TEXT = frozenset(_RULE_SIGNS) - {"."}
_LABEL_SIGNS = " \t*_>|【】[]■●◆・•-"

RULE_LINE = re.compile(r"\s*+(?:[_\-=*~#+.─━═—–‐]{5,}|_{4,}|-{4,}|(?:[-=*] ?){8,})\s*\Z")
_QUOTED = re.compile(r"\s{0,3}(?:>|＞|&gt;|»(?=\s|\Z))")
# QQ Mail's. The word alone says too little.
_LONE_ORIGINAL = re.compile(r"\s*-{5,}\s*original\s*-{5,}\s*\Z", re.I)
_OTHER_MARK = re.compile(r"\s{0,3}(?:([A-Z]{1,3})>|(\|)(?:\s|\Z))")
_BROKEN_END = re.compile(r"\s*>\s*(?::|(?:wrote|schrieb|a écrit)\s*:)\s*\Z")


def cleaned(line: str) -> str:
    """The line without what is invisible, every blank a plain one."""
    return line if line.isascii() else line.translate(_CLEANED)


def squeezed(text: str) -> str:
    """For looking words up: no case, blanks, hyphens or apostrophes."""
    return text.casefold().translate(_SQUEEZED)


def _words_of(field: str) -> list[tuple[str, str]]:
    return [(w, tag) for tag, language in LANGUAGES.items() for w in getattr(language, field).split("|") if w]


def _labels() -> dict[str, str]:
    found: dict[str, str] = {squeezed(word): "other" for word in OTHER_LABELS.split("|")}
    for kind, field in (("cc", "cc"), ("subject", "subject"), ("to", "to"), ("date", "date"), ("from", "sender")):
        found.update((squeezed(word), kind) for word, _ in _words_of(field))
    return found


_KIND_OF = _labels()
_TAGS_OF: dict[str, set[str]] = {}
for _field in ("sender", "date", "to", "subject"):
    for _word, _tag in _words_of(_field):
        _TAGS_OF.setdefault(squeezed(_word), set()).add(_tag)
_ORIGINAL = frozenset(squeezed(word) for word, _ in _words_of("original"))
_ORIGINAL_STARTS = frozenset(word[0] for word in _ORIGINAL)
_MOST_ORIGINAL_BLANKS = 5
_FORWARDED = frozenset(squeezed(word) for word, _ in _words_of("forwarded"))
_FORWARDED_STARTS = frozenset(word[:2] for word in _FORWARDED)
_LONGEST_FORWARDED = 60  # where no rule sets the words off
_UNSPACED = tuple(sorted((w for w in _FORWARDED if ord(w[0]) > 0x2E80), key=len, reverse=True))
_VERBS = sorted({word for word, _ in _words_of("wrote")}, key=len, reverse=True)
_UNSPACED_VERBS = [v for v in _VERBS if ord(v[0]) > 0x2E80 or 0xE00 <= ord(v[0]) < 0xE80]
_WROTE_UNSPACED = re.compile("|".join(map(re.escape, _UNSPACED_VERBS)))
AROUND = frozenset(word for words, _ in _words_of("around") for word in words.casefold().split())
_LAST_WORDS = frozenset(verb.casefold() for verb in _VERBS)
_LAST_LETTERS = frozenset(verb[-2:] for verb in _LAST_WORDS)
_LAST_SIGNS = frozenset("道到寫写작성씀書きました하다ルジว")
_WORD = re.compile(r"\w+")
_VERBS_BY_WORD: dict[str, list[str]] = {}
for _verb in _VERBS:
    if _verb not in _UNSPACED_VERBS:
        _VERBS_BY_WORD.setdefault(_WORD.findall(_verb.casefold())[0], []).append(re.escape(_verb))
_WROTE = {word: re.compile(rf"(?:{'|'.join(verbs)})(?!\w)", re.I) for word, verbs in _VERBS_BY_WORD.items()}
_UNSPACED_MARK = re.compile(r"[\u0e00-\u0e7f\u2e80-\ufaff]")
_REPLY_ABOVE = re.compile(
    rf"\W{{0,40}}(?:when replying,? |to reply,? )?(?:{REPLY_ABOVE})|[-#=*_~<>\[\s]{{2,40}}.{{0,80}}\babove this line\b",
    re.I,
)


def is_quoted(line: str) -> bool:
    """A line marked as quoted by ">". The ">:" left over from a wrapped "<ann@…>:" is none."""
    if not line or line[0].isalnum():  # as nearly all lines that are none
        return False
    return _QUOTED.match(line) is not None and _BROKEN_END.match(line) is None


def other_mark(line: str) -> str:
    """The sign by which few programs quote: initials before ">", as "AB", or "|"; "" when there is none.

    A prompt and a table begin so too: it counts only below a line that introduces a quote.
    """
    if ">" not in line[:8] and "|" not in line[:5]:
        return ""
    match = _OTHER_MARK.match(line)
    return (match[1] or match[2]) if match else ""


def unquoted(line: str) -> str:
    """The line without one level of quoting."""
    match = re.match(r"\s{0,3}(?:[>＞]|&gt;) ?", line)
    return line[match.end() :] if match else line


def closes_attribution(line: str) -> bool:
    """Does the line end as an introduction ends: with a colon, or with the verb?"""
    tail = line[-80:].rstrip(_TAIL_SIGNS)
    if tail[-1:] in (":", "："):
        return True
    if tail[-2:].casefold() not in _LAST_LETTERS and tail[-1:] not in _LAST_SIGNS:  # as nearly all lines
        return False
    words = tail[-40:].casefold().split()
    return bool(words) and (
        words[-1] in _LAST_WORDS
        or " ".join(words[-2:]) in _LAST_WORDS
        or words[-1][-1] in _LAST_SIGNS
        and find_verb(words[-1]) is not None
    )


def may_say_who_wrote(line: str) -> bool:
    """A cheap look: may "wrote" or its kin begin on this line, or an address?"""
    if "@" in line or "<" in line or "mailto" in line:
        return True
    return not _WROTE.keys().isdisjoint(_WORD.findall(line.casefold())) or _UNSPACED_MARK.search(line) is not None


def find_verb(text: str, begin: int = 0, end: int | None = None) -> re.Match[str] | None:
    """Where "wrote" or its kin stands in a text, beginning in [begin, end)."""
    end = len(text) if end is None else end
    found = None
    # One look at the words spares the patterns nearly always.
    if not _WROTE.keys().isdisjoint(_WORD.findall(text[begin:end].casefold())):
        for word in _WORD.finditer(text, begin, end):
            verb = _WROTE.get(word[0].casefold())
            found = verb.match(text, word.start()) if verb else None
            if found:
                break
    if _UNSPACED_MARK.search(text):
        unspaced = _WROTE_UNSPACED.search(text, begin)
        if unspaced and unspaced.start() < (found.start() if found else end):
            return unspaced
    return found


def without_verbs(text: str, instead: str = " ") -> str:
    """The text with something else in the place of "wrote" and its kin."""
    pieces, at = [], 0
    while verb := find_verb(text, at):
        pieces.append(text[at : verb.start()])
        at = verb.end()
    return instead.join((*pieces, text[at:]))


def words_above_replies(text: str) -> list[str]:
    """Which of the words are in a text without one of which no line of it is a reply marker."""
    low = text.lower()
    words = ABOVE_WORDS.keys() & set(low.split())
    found = [stretch for word in words for stretch in ABOVE_WORDS[word] if stretch in low]
    return found if low.isascii() else found + [piece for piece in ABOVE_PIECES if piece in low]


def is_reply_marker(line: str, words: Sequence[str]) -> bool:
    """The line that helpdesks put above their notifications: what stands below is theirs. `words` are those of
    `words_above_replies`.
    """
    if len(line) >= MAX_MARKER:
        return False
    low = line.lower()
    return any(word in low for word in words) and _REPLY_ABOVE.match(line) is not None


def is_prose(line: str) -> bool:
    """A line that can be nothing but text, except a reply marker: spares the closer looks."""
    return (
        len(line) > LONGEST_TITLE
        and line[0].isalpha()
        and line[-1] not in _ENDS_OF_NO_TEXT
        and ":" not in line
        and "：" not in line
        and "--" not in line
        and "––" not in line
        and "——" not in line
        and "|" not in line
        and "\t" not in line
        and not closes_attribution(line)
    )


def is_original_line(line: str) -> bool:
    """ "-----Original Message-----" and its kin."""
    core = line.strip(_RULE_SIGNS)
    if not 2 < len(core) < 60 or core[0].casefold() not in _ORIGINAL_STARTS or core.count(" ") > _MOST_ORIGINAL_BLANKS:
        return False
    return squeezed(core.rstrip(" :：")) in _ORIGINAL or _LONE_ORIGINAL.match(line) is not None


def is_forwarded_line(line: str) -> bool:
    """ "---------- Forwarded message ---------" and its kin, also with a name or date behind the words."""
    if len(line) > MAX_MARKER:
        return False
    is_set_off = line[:1] in "-_*=>~#\t‐–—" or line.startswith("  ")
    if not is_set_off and len(line) > 2 * _LONGEST_FORWARDED:
        return False
    core = line.strip(_RULE_SIGNS)
    start = core[:2].casefold()
    if len(core) < 4 or start not in _FORWARDED_STARTS and start.isalpha():
        return False
    is_set_off = is_set_off or core.endswith((":", "："))
    bare = core.rstrip(" :：")
    if not is_set_off and len(bare) > _LONGEST_FORWARDED:
        return False
    if not bare.isascii() and squeezed(bare).startswith(_UNSPACED):
        return is_set_off or len(bare) < 20
    words = bare.split(" ", 8)
    begun = ""
    for count, word in enumerate(words[:8], 1):
        begun += squeezed(word)
        if begun in _FORWARDED:
            behind = " ".join(words[count:])
            if not behind or is_set_off and (line[:1] in "-_*=>~#" or "@" in behind or any(map(str.isdigit, behind))):
                return True
        if begun[:2] not in _FORWARDED_STARTS:
            return False
    return False


def label_of(line: str) -> tuple[str, str] | None:
    """("subject", "Printer") for "Betreff: Printer": which header of a quoted mail a line is, and its value; None
    for other lines.
    """
    found = labelled(line)
    return found and (found[0], found[1])


def labelled(line: str) -> tuple[str, str, str] | None:
    """As `label_of`, with the label itself as the third."""
    head, colon, value = line[:2000].partition(":") if ":" in line[: MAX_LABEL + 20] else line[:2000].partition("：")
    if not colon:
        return None
    wide = head.find("：")
    if wide >= 0:
        head, value = head[:wide], f"{head[wide + 1 :]}:{value}"
    head = head.strip(_LABEL_SIGNS)
    if not 0 < len(head) <= MAX_LABEL:
        return None
    label = squeezed(head)
    kind = _KIND_OF.get(label)
    return (kind, value.strip(" \t*_|:：").removeprefix("> "), label) if kind else None


def bare_label_of(line: str) -> tuple[str, str] | None:
    """ "To<tab>Ann", "To | Ann" and "To" alone, as Lotus Notes lays its headers out in columns."""
    head, _, value = line.strip(_LABEL_SIGNS).replace(" | ", "\t", 1).partition("\t")
    kind = _KIND_OF.get(squeezed(head)) if 0 < len(head) <= MAX_LABEL else None
    return (kind, value.strip()) if kind else None


def languages_of(label: str) -> set[str]:
    """The languages that have this label, as {"de", "nl"} for "van"."""
    return _TAGS_OF.get(label, set())
