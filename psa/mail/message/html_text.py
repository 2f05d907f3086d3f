"""HTML to text that reads well: tables, lists and links, and nothing lost however deep or broken the markup is."""

from __future__ import annotations

import html as entities
import re

MAX_HTML = 500_000
MAX_NESTING = 200


def html_to_text(markup: str) -> str:
    """The text of an HTML body. Markup too large or too deep for a tree is read by cutting the tags out."""
    # Dear to import, and only HTML-only mail needs it.
    import lxml.etree
    import lxml.html
    from inscriptis import Inscriptis
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    from psa.mail.message.sanitize import nesting

    if not markup.strip():
        return ""
    if len(markup) > MAX_HTML or nesting(markup) > MAX_NESTING:
        return strip_tags(markup)
    try:
        parser = lxml.html.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
        lxml.etree.strip_elements(tree, "script", "style", "title", "head", with_tail=False)
        text = Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text()
    except (lxml.etree.LxmlError, RecursionError, ValueError, AssertionError, IndexError, TypeError, KeyError):
        return strip_tags(markup)  # inscriptis assumes sound numbers in colspan and width
    return tidy(text)


def strip_tags(markup: str) -> str:
    markup = re.sub(r"(?is)<(script|style|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", " ", markup)
    markup = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h\d|/table|/blockquote)\b[^<>]*>", "\n", markup)
    return tidy(entities.unescape(re.sub(r"<[^<>]*>", " ", markup)))


def tidy(text: str) -> str:
    """No blanks at line ends, never more than two blank lines in a row."""
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")
