"""The HTML body without what it quotes: by the structure that mail programs leave (their class names and ids), then
by wording.
"""

from __future__ import annotations

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


def without_quotes(markup: str) -> str:
    """The HTML with its quotes taken out; all of it when no structure tells a quote, or nothing else would be left."""
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
    if body is None:
        return markup
    for element in list(body.iter()):
        if not isinstance(element.tag, str) or element is body or element.getparent() is None:
            continue
        if _OUTLOOK_RULE.search(element.get("style") or "") or _FROM_HERE_ON.match(element.get("id") or ""):
            _cut_from(element, body)
        elif _is_quote(element):
            element.drop_tree()
    if not "".join(body.itertext()).strip() and not body.findall(".//img"):
        return markup
    return (
        lxml.html.tostring(body, encoding="unicode")[len("<body>") : -len("</body>")]
        if not body.attrib
        else "".join([body.text or "", *(lxml.html.tostring(child, encoding="unicode") for child in body)])
    )


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
