"""The class names, ids and attributes by which mail programs mark quotes, introductions and signatures in HTML."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["", "quote", "wrapper", "introduction", "signature", "from-here-on", "blockquote"]

# Gateways and webmailers put something of their own before the names of what they pass on: Exchange "x_", Hotmail
# "ecx", Gmail "m_-123", Yahoo "yiv123" and "ydp123", AOL "aolmail_", Seznam "-wm-", Yandex a digest.
_PREFIXES = re.compile(r"\A(?:x_|ecx|m_-?\d{5,}_?|yiv\d{5,}|ydp[0-9a-f]{6,}|aolmail_|-wm-|[0-9a-f]{32}-?)+(?=.)")
_SUFFIX = "_mr_css_attr"

_NAMES: dict[Role, str] = {
    # All within is quoted.
    "quote": """
        yahoo_quoted tutanota_quote freshdesk_quote front-blockquote quotedtext cm_replymail_content_wrap iw_mail
        elided-text cafemailquote tmail-quote history_container messagereplysection clean_bq nylas-quote missive_quote
        mail-quote-collapse mail-app-auto-quote inoteshistory domino-section isreplycontent fmoriginalcontent
        original-content olk_src_body_section mac_outlook_attribution_blockquote mail-editor-reference-message-container
        ms-outlook-mobile-reference-message edo-original mqm_quote superhuman-quote blockquote_zmail replyforwardmessage
        bq_quote __aliyun_previous_wrap alimail-quote qm_quote msg-quote email-quote mail-quote quoted-message
        gorgias-quote hs_reply intercom-quote original-message previous-message quoted_text replied-message
    """,
    # An introduction, a blockquote, and what the sender wrote below or between.
    "wrapper": """
        gmail_quote gmail_quote_container gmail_extra protonmail_quote zmail_extra moz-cite-container blue_quote
    """,
    "introduction": "gmail_attr moz-cite-prefix reply-intro airmail_on airmail_ext_on -x-evo-attribution",
    "signature": """
        gmail_signature gmail_signature_prefix moz-signature moz-txt-sig applemailsignature ms-outlook-mobile-signature
        protonmail_signature_block signature mail-signature email-signature mailsignature emailsignature sig
        yahoo-signature yahoo_signature ymail_android_signature ymail_ios_signature composer_signature front-signature
        sh-signature messagesignaturesection cm_signature io-ox-signature ox-signature _rc_sig mac_outlook_signature
        -x-evo-signature-wrapper -x-evo-signature missive_signature airmail_signature fairemail_signature
        zmail_signature zmail_signature_below mb_sig edo-signature __aliyun_signature_wrap ntes-pcmac-signature
        xmail_signature boxer_signature k9mail-signature k9mail_signature hs_signature mailbird_signature
        spike-signature outlooksignature owa-signature gmail-signature user-signature
    """,
    "from-here-on": """
        divrplyfwdmsg appendonsend stopspelling zwchr replysplit outlookmessageheader _persistentheadercontainer
        htc_header lgemailheader ms-outlook-mobile-body-separator-line fsreplyabove _originalcontent
    """,
}
_ROLES: dict[str, Role] = {name: role for role, names in _NAMES.items() for name in names.split()}
_BEGINNINGS: tuple[tuple[str, Role], ...] = (
    ("yahoo_quoted_", "quote"),
    ("bloop_sign", "signature"),
    ("zm-_id_-sgn", "signature"),
    ("gmail_quote", "wrapper"),
)
_BY_ATTRIBUTE: dict[tuple[str, str], Role] = {
    ("data-marker", "__QUOTED_TEXT__"): "quote",
    ("data-marker", "__SIG_PRE__"): "signature",
    ("data-marker", "__SIG_POST__"): "signature",
    ("data-o-mail-quote", "1"): "quote",
    ("data-o-mail-quote-container", "1"): "quote",
    ("data-signature-widget", "container"): "signature",
    ("fairemail", "reference"): "quote",
    ("fairemail", "signature"): "signature",
    ("name", "quote"): "quote",
}
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s*#?(?:e1e1e1|b5c4df|c8c8c8|cccccc)\s*1\.0pt", re.I)
_NO_BORDER = re.compile(r"(?:\A|;)\s*border:\s*(?:none|0)", re.I)

# A cheap look at the source: without any of these the structure tells nothing.
_TELL_QUOTES = tuple(
    """blockquote gmail_quote gmail_attr gmail_extra yahoo_quoted divrplyfwdmsg appendonsend olk_src reference-message
    outlook-mobile-body moz-cite protonmail_quote stopspelling zwchr replysplit outlookmessageheader __quoted_text__
    airmail_ messagereplysection isreplycontent domino-section history_container _persistentheader data-o-mail-quote
    fairemail cm_replymail quotedtext _originalcontent reply-intro inoteshistory""".split()
)
_TELLS_QUOTE = re.compile(r"[_-]quote\b|quoted.(?:text|message)|name=.?quote", re.I)
_TELLS_RULE = re.compile(r"border-top:\s*solid", re.I)
_TELL_SIGNATURES = ("signature", "__sig_p", "moz-txt-sig", "bloop_sign", "_-sgn", "_rc_sig", "mb_sig")
_TELLS_SIGNATURE = re.compile(r"[\s\"']sig[\s\"']", re.I)


def may_quote(markup: str) -> bool:
    """May the structure of the HTML mark a quote?"""
    low = markup.lower()
    if any(name in low for name in _TELL_QUOTES):
        return True
    if "quote" in low and _TELLS_QUOTE.search(low):
        return True
    return "border-top:" in low and _TELLS_RULE.search(low) is not None


def may_sign(markup: str) -> bool:
    """May the structure of the HTML mark a signature?"""
    low = markup.lower()
    return any(name in low for name in _TELL_SIGNATURES) or "sig" in low and _TELLS_SIGNATURE.search(low) is not None


def role_of(name: str, attributes: dict[str, str]) -> Role:
    """What an element says of what it holds; "blockquote" is a quote only where something introduces it."""
    if not attributes:
        return "blockquote" if name == "blockquote" else ""
    role = _named_role(attributes)
    style = attributes.get("style", "")
    if name == "blockquote":
        if role in ("wrapper", "quote") or attributes.get("type", "").lower() == "cite" or attributes.get("cite"):
            return "quote"
        is_indent = _NO_BORDER.search(style) is not None and "border-left" not in style and "type" not in attributes
        return "" if is_indent or role == "signature" else "blockquote"
    if not role and style and _OUTLOOK_RULE.search(style):
        return "from-here-on"
    return role


def _named_role(attributes: dict[str, str]) -> Role:
    for named in attributes.items():
        if named in _BY_ATTRIBUTE:
            return _BY_ATTRIBUTE[named]
    for key in ("class", "id", "name"):
        for word in attributes.get(key, "").lower().split()[:20]:
            bare = _PREFIXES.sub("", word, count=1).removesuffix(_SUFFIX)
            role = _ROLES.get(bare) or next((role for start, role in _BEGINNINGS if bare.startswith(start)), "")
            if role:
                return role
    return ""
