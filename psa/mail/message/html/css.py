"""The styles of mail: declarations that can only change how its own words look, and style sheets brought to the
elements that they mean, so that no sheet and no class need be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from psa.mail.message.html.markup import Source, elements

MAX_STYLE = 20_000
MAX_SHEET = 500_000
MAX_RULES = 3_000
MAX_BLOCKS = 10_000  # that are looked at for such rules
MAX_ALIKE = 10
MAX_CLASSES = 8
MAX_PIXELS = 3_000
MAX_TEXT_PIXELS = 100

Declarations = dict[str, str]

_PROPERTIES_AS_TEXT = """
    color background-color background-repeat background-position background-size display visibility overflow opacity
    float clear width height max-width max-height min-width min-height box-sizing table-layout border-collapse
    border-spacing border-radius border-color border-style border-width vertical-align
    font-style font-variant font-weight text-align text-transform text-decoration text-decoration-color
    text-decoration-line white-space word-break word-wrap overflow-wrap word-spacing letter-spacing text-indent
    direction unicode-bidi list-style list-style-type list-style-position caption-side empty-cells
"""
_SIDES = ("", "-top", "-right", "-bottom", "-left")
_TEXT_SIZES = {"font", "font-size", "line-height", "letter-spacing", "word-spacing"}
_MAY_BE_NEGATIVE = {"letter-spacing", "word-spacing", "text-indent"}
PROPERTIES = frozenset(
    _TEXT_SIZES
    | set(_PROPERTIES_AS_TEXT.split())
    | {f"{box}{side}" for box in ("margin", "padding", "border") for side in _SIDES}
    | {f"border{side}-{what}" for side in _SIDES for what in ("color", "style", "width")}
    | {"font-family", "background-image"}
)

_FUNCTION = re.compile(r"(?:rgb|hsl)a?\([\d.,%/\s]{1,60}\)", re.I)
_KEYWORD = re.compile(r"#[0-9a-f]{3,8}|[a-z][a-z-]{0,40}", re.I)
_NUMBER = re.compile(r"([+-]?(?:\d{1,7}|\d{0,7}\.\d{1,20}))([a-z%]*)", re.I)
_FONT_NAMES = re.compile(r"[\w\s,'\".+&!-]{1,400}")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "em": 16.0, "rem": 16.0}
_PIXELS |= {"ex": 8.0, "ch": 8.0, "": 1.0, "%": 0.2}
_URL = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'()]+))\s*\)", re.I)
_UNQUOTABLE = re.compile(r"[\s\"'()\\;<>]")
_SIMPLE_SELECTOR = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)?(?:([.#])([\w-]{1,100}))?")

Picture = Callable[[str], str | None]


def declarations(style: str) -> Declarations:
    """The content of a `style` attribute, without comments and escapes, names in lower case. Nothing is judged."""
    found: Declarations = {}
    for piece in _split(plain(style[:MAX_STYLE])):
        name, colon, value = piece.partition(":")
        if colon:
            found[name.strip().lower()] = " ".join(value.split())
    return found


def plain(style: str) -> str:
    """Comments cut out and escapes read (CSS Syntax 4.3.7), so that what is judged is what a browser would see."""
    if "/*" in style:
        pieces = style.split("/*")
        style = pieces[0] + "".join(" " + piece.partition("*/")[2] for piece in pieces[1:])
    if "\\" not in style:
        return style
    return re.sub(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", _unescaped, style, flags=re.S)


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def harmless(found: Declarations, picture: Picture) -> Declarations:
    """The declarations that may stay. `picture` gives the address to use for that of a picture, None for none."""
    kept: Declarations = {}
    for name, value in found.items():
        value = _without_weight(value)
        if name in ("background", "background-image"):
            kept.update(_background(value, picture))
        elif name == "font-family":
            if _FONT_NAMES.fullmatch(value):
                kept[name] = value.replace('"', "'")
        elif name in PROPERTIES and value and _is_harmless(name, value):
            kept[name] = value.replace('"', "'")
    return kept


def _is_harmless(name: str, value: str) -> bool:
    """Only words, colours and small lengths: whatever the property is, they cannot name anything outside."""
    if name == "font":
        size, comma, names = value.partition(",")
        value = re.sub(r"[\"'][^\"']*[\"']\s*\Z", "", size)
        if comma and not _FONT_NAMES.fullmatch(names):
            return False
    return all(_is_small(name, word) for word in re.split(r"[\s,/]+", _FUNCTION.sub(" ", value)) if word)


def pixels(word: str) -> float | None:
    """A length in pixels, roughly where it depends on the font; None for what is no length in a unit that we take."""
    number = _NUMBER.fullmatch(word)
    # Not vh and vw: a frame that fits its content would grow for ever.
    factor = _PIXELS.get(number[2].lower()) if number else None
    return float(number[1]) * factor if number and factor is not None else None


def _is_small(name: str, word: str) -> bool:
    size = pixels(word)
    if size is None:
        return _KEYWORD.fullmatch(word) is not None
    if size < 0:
        return name in _MAY_BE_NEGATIVE and -size <= MAX_TEXT_PIXELS
    return size <= (MAX_TEXT_PIXELS if name in _TEXT_SIZES else MAX_PIXELS) or name == "font-weight"


def _background(value: str, picture: Picture) -> Declarations:
    """Of a background its colour and its picture, which are what mail uses."""
    kept: Declarations = {}
    url = _URL.search(value)
    rest = _URL.sub(" ", value)
    function = _FUNCTION.search(rest)
    words = [word for word in rest.split() if word[:1] == "#" or word.isalpha() and word.lower() not in _NO_COLORS]
    color = function[0] if function else words[0] if words else ""
    if color and _is_harmless("background-color", color):
        kept["background-color"] = color
    if url is not None:
        address = picture(url[1] or url[2] or url[3] or "")
        if address is not None and not _UNQUOTABLE.search(address):
            kept["background-image"] = f"url({address})"
    return kept


_NO_COLORS = frozenset("none repeat fixed scroll left right top bottom center cover contain initial inherit".split())


def written(found: Declarations) -> str:
    """Declarations as the value of an attribute."""
    return ";".join(f"{name}:{value}" for name, value in found.items())


@dataclass(slots=True)
class Sheet:
    """Rules by what their selector names: "p", ".MsoNormal", "p.MsoNormal", "#id"."""

    rules: dict[str, list[tuple[int, Declarations]]] = field(default_factory=dict)
    count: int = 0
    blocks: int = 0

    def add(self, css: str) -> None:
        """Read a style sheet's rules of one simple selector; all others, and all @ rules, are left out."""
        css = plain(css[:MAX_SHEET]).replace("<!--", " ").replace("-->", " ")
        for selectors, block in _rules(css):
            self.blocks += 1
            if self.count >= MAX_RULES or self.blocks > MAX_BLOCKS:
                return
            found: Declarations | None = None
            for selector in selectors.split(",")[:50]:
                match = _SIMPLE_SELECTOR.fullmatch(selector.strip())
                if match is None or not match[0]:
                    continue
                if found is None:
                    found = declarations(block)
                self.count += 1
                key = (match[1] or "").lower() + (match[2] or "") + (match[3] or "")
                alike = self.rules.setdefault(key, [])
                if len(alike) < MAX_ALIKE:
                    alike.append((self.count, found))

    def of(self, name: str, attributes: dict[str, str]) -> tuple[Declarations, Declarations]:
        """What the sheet says of an element: what yields to its own style, and what is "!important" and does not."""
        keys = [(0, name)]
        for one in attributes.get("class", "").split()[:MAX_CLASSES]:
            keys += [(1, f".{one}"), (1, f"{name}.{one}")]
        if "id" in attributes:
            keys += [(2, f"#{attributes['id']}"), (2, f"{name}#{attributes['id']}")]
        found = [(weight, number, block) for weight, key in keys for number, block in self.rules.get(key, ())]
        yielding: Declarations = {}
        lasting: Declarations = {}
        for _, _, block in sorted(found, key=lambda rule: rule[:2]):
            for prop, value in block.items():
                (lasting if value.lower().endswith("!important") else yielding)[prop] = value
        return yielding, lasting


def read_sheets(source: Source) -> Sheet:
    """The rules of all style sheets in a document."""
    sheet = Sheet()
    for kind, css, _ in elements(source):
        if kind == "style":
            sheet.add(css)
    return sheet


def style_of(name: str, attributes: dict[str, str], sheet: Sheet) -> Declarations:
    """All that styles an element: the sheet's rules, its own attribute, and what the sheet insists on."""
    yielding, lasting = sheet.of(name, attributes) if sheet.rules else ({}, {})
    own = attributes.get("style")
    return {**yielding, **(declarations(own) if own else {}), **lasting}


def _rules(css: str) -> Iterable[tuple[str, str]]:
    """(selectors, block) of each rule at the top of a sheet; blocks within blocks are stepped over."""
    at = 0
    while True:
        begin = css.find("{", at)
        if begin < 0:
            return
        selectors = css[at:begin].rpartition(";")[2].strip()
        depth, at = 1, begin + 1
        for match in _BRACE.finditer(css, at):
            depth += 1 if match[0] == "{" else -1
            at = match.end()
            if not depth:
                break
        else:
            at = len(css)
        if not selectors.startswith("@"):
            yield selectors, css[begin + 1 : at - 1 if not depth else at]


_BRACE = re.compile(r"[{}]")


def _without_weight(value: str) -> str:
    return value[:-10].rstrip(" !") if value.lower().endswith("!important") else value


def _split(text: str) -> list[str]:
    """Cut at the semicolons that stand in no string and no bracket; what is never closed ends with the text."""
    if "(" not in text and "'" not in text and '"' not in text:
        return text.split(";")
    pieces, begin, depth, quote = [], 0, 0, ""
    for match in _SIGN.finditer(text):
        sign = match[0]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif not depth:
            pieces.append(text[begin : match.start()])
            begin = match.end()
    return [*pieces, text[begin:]]


_SIGN = re.compile(r"[;\"'()]")
