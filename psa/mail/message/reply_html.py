"""The HTML body without what it quotes: by the structure that mail programs leave (their class names and ids), then
by wording.
"""

from __future__ import annotations

import html
import itertools
import re
from typing import Any

from psa.mail.message.sanitize import MAX_HTML, MAX_NESTING, nesting

_QUOTE_CLASS = re.compile(
    r"(?:^|\s)(?:gmail_quote\S*|gmail_extra|moz-cite-prefix|yahoo_quoted\S*|yahoo-quoted\S*|protonmail_quote"
    r"|tutanota_quote|zmail_extra|quotedtext|"
    r"OutlookMessageHeader|WordSection_quote|ms-outlook-mobile-reference-message|skiptranslate_quote|freshdesk_quote"
    r"|front-blockquote|"
    r"gmail_attr|iw_mail|mcntmcntmcnt|HmEnU_quote|elided-text|cafEmailQuote|tmail-quote"
    r"|history_container)(?:\s|$)",
    re.I,
)
_QUOTE_ID = re.compile(
    r"(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|reply-intro|mail-editor-reference-message-container"
    r"|isForwardContent|isReplyContent|"
    r"yahoo_quoted_\d+|zwchr|replySplit|stopSpelling|mqm_quote|QuotedText|lineBreakAtBeginningOfMessage_quote"
    r"|edo-original|3D.*)\Z",
    re.I,
)
_FROM_HERE_ON = re.compile(r"(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|zwchr|replySplit)\Z", re.I)
_OUTLOOK_RULE = re.compile(
    r"border:\s*none;\s*border-top:\s*solid\s*#?(?:e1e1e1|b5c4df|c8c8c8"
    r"|cccccc)\s*1\.0pt",
    re.I,
)


def without_quotes(markup: str, introduction: str = "") -> str:
    """The HTML with its quotes taken out; all of it when nothing tells a quote, or nothing else would be left.

    `introduction` is the line that begins the quote in the text of the same message: where no structure tells one,
    the element that begins with it does.
    """
    if len(markup) > MAX_HTML or nesting(markup) > MAX_NESTING or not markup.strip():
        return markup
    # Dear to import.
    import lxml.etree
    import lxml.html

    try:
        parser = lxml.html.HTMLParser(huge_tree=True, encoding="utf-8")
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return markup
    body = tree.find("body")
    if body is None or not (_cut_by_structure(body) or _cut_at_introduction(body, introduction)):
        return markup
    if not "".join(body.itertext()).strip() and not body.findall(".//img"):
        return markup
    return "".join(
        [html.escape(body.text or "", quote=False), *(lxml.html.tostring(part, encoding="unicode") for part in body)]
    )


def _cut_by_structure(body: Any) -> bool:
    """Take out what the mail program marked as quoted. Quotes that are answered one by one stay, as in the text."""
    quotes = [element for element in body.iter() if isinstance(element.tag, str) and _is_quote(element)]
    answered = [quote for quote in quotes if quote.tag == "blockquote" and _is_answered(quote)]
    kept = set(answered) if len(answered) > 1 else set()
    for quote in kept.copy():
        kept.update(quote.iterancestors())
    found = False
    for element in list(body.iter()):
        if not isinstance(element.tag, str) or element is body or element.getparent() is None or element in kept:
            continue
        if _OUTLOOK_RULE.search(element.get("style") or "") or _FROM_HERE_ON.match(element.get("id") or ""):
            _cut_from(element, body)
            return True
        if _is_quote(element):
            element.drop_tree()
            found = True
    return found


def _cut_at_introduction(body: Any, introduction: str) -> bool:
    sought = _letters(introduction)[:60]
    if len(sought) < 12:
        return False
    for element in body.iter():
        if element is body or not isinstance(element.tag, str) or element.tag in ("script", "style"):
            continue
        # Only as much text as is compared, so that deep trees are not read over and over.
        begins = _letters("".join(itertools.islice(element.itertext(), 40))[:400])
        if begins.startswith(sought):
            _cut_from(element, body)
            return True
    return False


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _is_answered(quote: Any) -> bool:
    """Does text of the sender's own follow a quote, before the next one?"""
    if (quote.tail or "").strip():
        return True
    for later in itertools.islice(quote.itersiblings(), 50):
        if later.tag == "blockquote" or next(later.iter("blockquote"), None) is not None:
            return False
        if "".join(later.itertext()).strip() or (later.tail or "").strip():
            return True
    return False


def _is_quote(element: Any) -> bool:
    if element.tag == "blockquote" and (element.get("type") or "").lower() == "cite":
        return True
    return bool(_QUOTE_CLASS.search(element.get("class") or "") or _QUOTE_ID.match(element.get("id") or ""))


def _cut_from(element: Any, body: Any) -> None:
    """Remove an element and all that follows it in the document; what holds it stays."""
    first = True
    while element is not body and (parent := element.getparent()) is not None:
        for later in list(element.itersiblings()):
            parent.remove(later)
        if first:
            parent.remove(element)
            first = False
        else:
            element.tail = None
        element = parent
