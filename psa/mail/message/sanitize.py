"""Mail HTML made harmless: no scripts, forms, frames or classes, no remote content unless asked for, nothing that
leaves its frame.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import nh3

MAX_HTML = 2_000_000
MAX_NESTING = 400

_TAGS_AS_TEXT = """
    a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del details
    dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p
    pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead
    time tr tt u ul var wbr
"""
_TAGS = set(_TAGS_AS_TEXT.split())
_CELL = {"align", "valign", "bgcolor", "colspan", "rowspan", "width", "height", "nowrap"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "border"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor", "align", "role"},
    "td": _CELL,
    "th": _CELL,
    "tr": _CELL,
    "col": {"width", "span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "blockquote": {"type"},
    "hr": {"size", "width"},
    "time": {"datetime"},
}
# No `position`, `z-index`, `background` (its value may hold a URL), `display` (hides text), `content`, `float`-free
# layouts read well enough.
_STYLES_AS_TEXT = """
    background-color border border-bottom border-collapse border-color border-left border-radius border-right
    border-spacing border-style border-top border-width color direction font font-family font-size font-style
    font-variant font-weight height letter-spacing line-height list-style-type max-height max-width padding
    padding-bottom padding-left padding-right padding-top text-align text-decoration text-indent
    text-transform vertical-align white-space width word-break word-wrap margin margin-bottom margin-left
    margin-right margin-top
"""
_STYLES = set(_STYLES_AS_TEXT.split())
_UNSAFE_STYLE = re.compile(r"url\s*\(|expression\s*\(|image\s*\(|[-:\s]-\d{2,}|\d{5,}|\\", re.I)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp)[;,]", re.I)
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "wbr", "area", "base", "embed", "source", "param"}
_REMOTE_IMAGE = re.compile(r"<img\b[^>]{0,2000}?\bsrc\s*=\s*[\"']?\s*(?:https?:|//)", re.I)


def sanitize(markup: str, *, cid_url: Callable[[str], str | None], remote_images: bool = False) -> str:
    """Safe HTML. `cid_url` gives the address of the image with a Content-ID, None when
    no part has it: the image is left out then.
    """
    if len(markup) > MAX_HTML or nesting(markup) > MAX_NESTING:
        return as_plain(markup)

    def filtered(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            kept = [rule for rule in value.split(";") if rule.strip() and not _UNSAFE_STYLE.search(rule)]
            return ";".join(kept) or None
        if attribute == "src":
            source = value.strip()
            if source[:4].lower() == "cid:":
                return cid_url(source[4:])
            if _DATA_IMAGE.match(source):
                return source
            return source if remote_images and source.lower().startswith(("https://", "http://")) else None
        if attribute == "href":
            return value if re.match(r"\s*(?:https?:|mailto:|tel:|ftp:|#)", value, re.I) else None
        return value

    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags={"script", "style", "title", "noembed"},
        attribute_filter=filtered,
        filter_style_properties=_STYLES,
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel", "ftp", "cid", "data"},
    )


def has_remote_images(markup: str | None) -> bool:
    """Would the HTML fetch pictures from elsewhere if it were let?"""
    return bool(markup and _REMOTE_IMAGE.search(markup))


def nesting(markup: str) -> int:
    """The deepest nesting of elements, roughly: deep trees cost parsers time that grows with the square."""
    depth = deepest = 0
    for closing, name in _ANY_TAG.findall(markup):
        if closing:
            depth = max(0, depth - 1)
        elif name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def as_plain(markup: str) -> str:
    """Tags cut out without building a tree: for HTML that is too large or too deep to be worth more."""
    markup = re.sub(r"(?is)<(script|style|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", " ", markup[:MAX_HTML])
    text = html.unescape(re.sub(r"<[^<>]*>", "\n", markup))
    lines = (line.strip() for line in text.split("\n"))
    return f"<pre>{html.escape(chr(10).join(line for line in lines if line), quote=False)}</pre>"
