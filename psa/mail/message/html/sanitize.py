"""Mail HTML made harmless: no scripts, forms, frames or classes, no remote content unless asked for, nothing that
leaves its frame, and links that lead elsewhere than they say marked.

It is written anew element by element (bounded in depth, size and time), and what was written passes nh3's allow-list:
that gate, not the writing, is what keeps scripts out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import nh3

from psa.mail.message.html import css
from psa.mail.message.html.links import misleading, usable
from psa.mail.message.html.markup import VOID, Event, Source, elements

MAX_ELEMENTS = 50_000
MAX_INLINED = 1_000_000  # characters that style sheets may add
MAX_ENTITIES = 1_000  # in one stretch of text: the time that nh3 takes for them grows with their square
MARK = "link-target"  # the class of what is added behind a misleading link

_TAGS_AS_TEXT = """
    a abbr address article b bdi bdo big blockquote br caption center cite code dd del details dfn div dl dt em
    figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt ruby s
    samp section
    small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
"""
_TAGS = set(_TAGS_AS_TEXT.split())
_WRITTEN_AS = {"body": "div", "dialog": "div", "fieldset": "div", "hgroup": "div", "search": "div", "aside": "div"}
_WRITTEN_AS |= {"menu": "ul", "dir": "ul"} | {tag: tag for tag in _TAGS}
_COLORED = {"table", "tbody", "thead", "tfoot", "tr", "td", "th"}

_SIZE = re.compile(r"\d{1,4}(?:\.\d{1,9})?(?:px|%)?")
_COLOR = re.compile(r"#?[0-9a-zA-Z]{3,20}")
_WORD = re.compile(r"[a-zA-Z]{1,20}")
_NUMBER = re.compile(r"[+-]?\d{1,3}")
_SPAN = re.compile(r"[1-9]\d?|100")
_LANGUAGE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,20}")
_FONTS = re.compile(r"[\w\s,.+&!-]{1,200}")
_ANY_WORDS = re.compile(r"[^\x00-\x08\x0b-\x1f]{0,2000}")
_EVERYWHERE = {"dir": re.compile("ltr|rtl|auto", re.I), "lang": _LANGUAGE, "title": _ANY_WORDS, "align": _WORD}
_SIZED = {"width": _SIZE, "height": _SIZE}
_CELL = _SIZED | {"valign": _WORD, "bgcolor": _COLOR}
_OWN: dict[str, dict[str, re.Pattern[str]]] = {
    "img": _SIZED | {"alt": _ANY_WORDS, "border": _NUMBER},
    "table": _SIZED | {"bgcolor": _COLOR, "border": _NUMBER, "cellpadding": _NUMBER, "cellspacing": _NUMBER},
    "td": _CELL | {"colspan": _SPAN, "rowspan": _SPAN, "nowrap": _ANY_WORDS},
    "th": _CELL | {"colspan": _SPAN, "rowspan": _SPAN, "nowrap": _ANY_WORDS},
    "tr": _CELL,
    "font": {"color": _COLOR, "face": _FONTS, "size": _NUMBER},
    "ol": {"start": re.compile(r"-?\d{1,8}"), "type": re.compile("[aAiI1]")},
    "ul": {"type": _WORD},
    "li": {"value": re.compile(r"-?\d{1,8}")},
    "blockquote": {"type": _WORD},
    "hr": {"size": _NUMBER, "width": _SIZE},
}
_ATTRIBUTES = {tag: set(_OWN.get(tag, ())) for tag in _TAGS}
_ATTRIBUTES["*"] = {"style", *_EVERYWHERE}
_ATTRIBUTES["a"] |= {"href"}
_ATTRIBUTES["img"] |= {"src"}
_ATTRIBUTES["span"] |= {"class"}

_LINK = re.compile(r"(?:https?|ftp)://|(?:mailto|tel|sms|callto|sip|xmpp):", re.I)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp|avif)(?:;[\w=.-]{1,60}){0,4},", re.I)
_OPEN_LINE = re.compile(r"^http:", re.I)
_REMOTE = re.compile(r"[\x00-\x20]*(?:https?:)?[/\\]{2}", re.I)
_UNSAFE_STYLE = re.compile(r"[\\@<>]|/\*|expression|javascript|image\(|image-set|\bposition\b|z-index", re.I)
_STYLE_URL = re.compile(r"url\(([^)]*)\)?", re.I)

Picture = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may be shown. `held_back`: pictures from elsewhere were left out and can be asked for."""

    html: str
    held_back: bool = False
    marked_links: int = 0


def sanitize(
    source: Source, *, picture: Picture, remote_images: bool = False, sheet: css.Sheet | None = None
) -> SafeHtml:
    """Safe HTML. `picture` gives the address of the image that a reference names ("cid:…", a file name, an address),
    None when no part of the mail holds it. `sheet` holds the rules of style sheets outside `source`.
    """
    writer = _Writer(picture, remote_images, sheet or css.Sheet())
    clean = nh3.clean(
        writer.write(elements(source)),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags={"script", "style", "title", "noembed", "template"},
        attribute_filter=writer.passes,
        filter_style_properties=set(css.PROPERTIES),
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel", "sms", "callto", "sip", "xmpp", "ftp", "data", "part"},
    )
    return SafeHtml(clean, writer.held_back, writer.marked)


class _Writer:
    """Writes the elements that may stay, with the attributes that may stay, and knows what it let through."""

    def __init__(self, picture: Picture, remote: bool, sheet: css.Sheet) -> None:
        self.picture, self.remote, self.sheet = picture, remote, sheet
        self.held_back = False
        self.marked = 0
        self.addresses: set[str] = set()  # of pictures, as written
        self.out: list[str] = []
        self.open: list[str] = []  # as written, "" for what was left out
        self.skipped = 0  # open elements whose content is left out
        self.count = 0
        self.inlined = 0
        self.entities = 0
        self.href = ""
        self.words: list[str] = []  # of the open link

    def write(self, events: Sequence[Event]) -> str:
        for kind, value, attributes in events:
            if kind == "text":
                self.text(value)
            elif kind == "open":
                if value in VOID:
                    self.single(value, attributes)
                else:
                    self.begin(value, attributes)
            elif kind == "close":
                self.end(value)
            else:
                self.sheet.add(value)
        return "".join(self.out)

    def passes(self, tag: str, attribute: str, value: str) -> str | None:
        """The gate's own look at an attribute: it takes nothing on trust but the addresses of pictures."""
        if attribute == "href":
            return value if _LINK.match(value) else None
        if attribute == "src":
            return value if value in self.addresses else None
        if attribute == "class":
            return value if value == MARK else None
        if attribute == "style" and (
            _UNSAFE_STYLE.search(value) or any(url not in self.addresses for url in _STYLE_URL.findall(value))
        ):
            return None
        return value

    def text(self, text: str) -> None:
        if self.skipped:
            return
        if self.href:
            self.words.append(text)
        if "&" not in text and "<" not in text and ">" not in text:
            self.out.append(text)
            return
        for begin in range(0, len(text), MAX_ENTITIES):
            piece = html.escape(text[begin : begin + MAX_ENTITIES], quote=False)
            self.entities += piece.count("&")
            if self.entities > MAX_ENTITIES:
                self.entities = 0
                self.out.append("<!---->")  # of which nothing is left behind the gate
            self.out.append(piece)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        tag = _WRITTEN_AS.get(name, "")
        self.count += 1
        if self.skipped or name == "template" or name == "span" and attributes.get("class") == MARK:
            self.skipped += 1
            tag = ""
        elif self.count > MAX_ELEMENTS:
            self.out.append(" ")
            tag = ""
        if tag == "a":
            self.href = usable(attributes.get("href", "")) or ""
        if tag:
            is_bare = not attributes and not self.sheet.rules
            self.out.append(f"<{tag}>" if is_bare else f"<{tag}{self.attributes(tag, name, attributes)}>")
            if tag == "a":
                self.words = []
        self.open.append(tag)

    def end(self, name: str) -> None:
        tag = self.open.pop()
        if tag:
            self.out.append(f"</{tag}>")
            if tag == "a":
                self.mark_link()
        elif self.skipped:
            self.skipped -= 1

    def mark_link(self) -> None:
        mark = misleading(self.href, "".join(self.words)) if self.href else None
        self.href = ""
        if mark is not None:
            self.marked += 1
            reason, target = html.escape(mark.reason), html.escape(mark.target)
            self.out.append(f'<span title="{reason}" class="{MARK}"> (leads to {target})</span>')

    def single(self, name: str, attributes: dict[str, str]) -> None:
        if self.skipped:
            return
        if name in ("br", "hr", "wbr"):
            self.out.append(f"<{name}{self.attributes(name, name, attributes) if attributes else ''}>")
        elif name == "img" or name == "input" and attributes.get("type", "").lower() == "image":
            self.image(attributes)
        elif name == "video" and "poster" in attributes:
            self.image({"src": attributes["poster"]})

    def image(self, attributes: dict[str, str]) -> None:
        if _is_pixel(attributes):  # nothing to see: it only tells its sender that the mail was read
            return
        source = attributes.get("src", "").strip() or attributes.get("srcset", "").strip().partition(" ")[0].rstrip(",")
        address = self.address(source) if source else None
        shown = f' src="{html.escape(address)}"' if address else ""
        self.out.append(f"<img{shown}{self.attributes('img', 'img', attributes)}>")

    def address(self, reference: str) -> str | None:
        """The address to use for a picture, which is then let through."""
        if _DATA_IMAGE.match(reference):
            address: str | None = "".join(reference.split())
        else:
            address = self.picture(reference)
            if address is None and _REMOTE.match(reference):
                # Never over an open line, and the policy of the page lets no other through.
                address = _OPEN_LINE.sub("https:", usable(reference) or "") if self.remote else None
                self.held_back = self.held_back or address is None
        if address:
            self.addresses.add(address)
        return address

    def attributes(self, tag: str, name: str, attributes: dict[str, str]) -> str:
        kept = []
        own = _OWN.get(tag)
        for attribute, value in attributes.items():
            pattern = _EVERYWHERE.get(attribute) or (own.get(attribute) if own else None)
            if attribute == "title" and tag == "a":  # a tooltip that could name another target
                continue
            if pattern is not None and pattern.fullmatch(value.strip()):
                kept.append(f' {attribute}="{html.escape(value.strip())}"')
        if tag == "a" and self.href:
            kept.append(f' href="{html.escape(self.href)}"')
        style = self.style(name, attributes)
        if style:
            kept.append(f' style="{html.escape(style)}"')
        return "".join(kept)

    def style(self, name: str, attributes: dict[str, str]) -> str:
        found: css.Declarations = {}
        if name == "body" or name in _COLORED:
            if "background" in attributes:
                found["background-image"] = f"url('{attributes['background']}')"
            if name == "body":
                found |= {"background-color": attributes.get("bgcolor", ""), "color": attributes.get("text", "")}
        if "hidden" in attributes:
            found["display"] = "none"
        if self.inlined < MAX_INLINED:
            before = len(attributes.get("style", ""))
            found |= css.style_of(name, attributes, self.sheet)
        else:
            before = 0
            found |= css.declarations(attributes.get("style", ""))
        if not found:
            return ""
        style = css.written(css.harmless(found, self.address))
        self.inlined += max(0, len(style) - before)
        return style


def _is_pixel(attributes: dict[str, str]) -> bool:
    found = css.declarations(attributes["style"]) if "style" in attributes else {}
    sizes = [css.pixels(found.get(side) or attributes.get(side, "").strip()) for side in ("width", "height")]
    return all(size is not None and size <= 2 for size in sizes)
