"""Servers' answers brought into one plain form, and the short notation in which we write what they may say.

SURE words can mean only one thing, STRONG ones nearly always do, LIKELY ones lose against a code that says otherwise, a
HINT counts where there is nothing else. Some sure words hold others that are sure of something else ("sender address
rejected: domain not found"): they weigh a little more.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from psa.mail.message.reports.reasons.phrases import Phrases

MAX_WORDS = 2_000

# Letters that do not decompose into a plain one and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"} | dict.fromkeys("’‘`´", "'")
)
_MARKS = re.compile("[\u0300-\u036f]+")
_LINK = re.compile(r"<?\bhttps?[:;]\s?//[^\s>]+>?|\bwww\.[^\s>]+")
_ADDRESS = re.compile(r"[<(]?[^\s<>()\"',;:]{1,100}@[^\s<>()\"',;:]{1,200}[>)]?(?:\.\.\.)?")
_IP = re.compile(r"\[?(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)\]?|\[?\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\b\]?")
_STATUS = re.compile(r"#?(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
_HOST = re.compile(r"[<\[(']?\b(?:[a-z0-9_-]{1,63}\.){1,8}(?:xn--[a-z0-9-]{1,30}|[a-z]{2,12})\b\.?(?![a-z])[>\])']?")
_NOT = (
    (re.compile(r"\bcan(?: ?not|'t|t)\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\b(could|does|do|did|is|was|were|has|have|would|are|should)n'?t\b"), r"\1 not"),
)
_FEW_WORDS = "[^.!?;:]{0,60}?"
_MANY_WORDS = "[^.!?;]{0,200}?"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_CONTINUED = re.compile(r"\n\s*\|")
# With what some programs begin whatever another server said.
_PREFACES = re.compile(r"unknown address error|delivery temporarily suspended:")
_BLANKS = re.compile(r"[\s_]+")


Evidence = tuple[str, int, Phrases]

SURE, STRONG, LIKELY, HINT = 9, 6, 4, 2

# What may stand for {name} in a phrase.
_WORDS = {
    "who": (
        r"users?|user ?ids?|user ?names?|recipients?|mail ?box(es)?|accounts?|addressees?|address(es)?|alias(es)?"
        r"|local[ -]part|customer|subscriber|person|inbox|rcpt|maildrop|forward-path|member|name|login|<address>"
    ),
    "missing": (
        r"unknown|un-known|not (be )?(found|known|recogni[sz]ed|located|resolved|listed in|registered|present)"
        r"|(does|do|did) not (currently |seem to |appear to |yet |even )?exist|not exist|non-?existent|no longer exist"
        r"|is not (a )?(valid|known|correct|local)|is invalid|no such|not (a )?valid|has been (removed|deleted)"
        r"|not in (our|the|this|my) (\w+ )?(system|director|database|list|table|record)|undeliverable"
        r"|not (exists|here\b|on this (system|server))|(can|could) not be (verified|found|validated)"
        r"|is (incorrect|wrong)"
    ),
    "bad": (
        r"unknown|invalid|bad|illegal|incorrect|wrong|inexistent|non-?existent|undeliverable|unrecogni[sz]ed|nonvalid"
    ),
    "box": r"mail ?box|inbox|mail ?folder|maildir|mail ?drop|message store|user|recipient|account|<address>|he|she|box",
    "sender": (
        r"sender(?! (ip|host|server|network|mta|reputation))|envelope[- ]from|envelope sender"
        r"|mail[- ]from(?! (dynamic|your|this|ip|<ip>|<host>|host))"
        r"|from[- ](address|domain|header)|return[- ]path"
        r"|originator|reverse[- ]path|sending (domain|address|user)|your (e-?mail )?(address|domain)"
    ),
    "mail": r"message|mail|e-?mail|letter|body|data|file|attachments?|content|it|size",
    "client": (
        r"(client|your|the|this|sending|sender|remote|connecting|source|smtp)('s)? "
        r"(ip|host|server|network|mta|mail ?server|domain|address|client|isp|connection|country)"
    ),
    "shut": (
        r"blocked|banned|black ?-?listed|denied|refused|rejected|listed|blocklisted|unwelcome|barred"
        r"|not (allowed|permitted|accepted|welcome)"
    ),
    "isnt": r"is not|are not|was not|does not|do not|did not|has not|can not|could not|may not",
}


@lru_cache(maxsize=256)
def plain(words: str) -> str:
    """The words in lower case without accents; addresses, hosts, links and codes become <address>, <host>, <ip>,
    <link> and nothing: names say nothing about a cause, but often hold its words.
    """
    text = unaccented(words[:MAX_WORDS])
    text = _LINK.sub(" <link> ", text)
    text = _ADDRESS.sub(" <address> ", text)
    text = _IP.sub(" <ip> ", text)
    text = _STATUS.sub(" ", text)
    text = _PREFACES.sub("", text)
    text = _HOST.sub(" <host> ", text)
    for pattern, replacement in _NOT:
        text = pattern.sub(replacement, text)
    return _BLANKS.sub(" ", text)


def unaccented(words: str) -> str:
    """Lower case; letters of Latin, Greek and Cyrillic without their marks."""
    if words.isascii():
        return words.lower().replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", words).lower().translate(_LETTERS)
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))


def says(reason: str, weight: int, spoken: str) -> Evidence:
    """The phrases, one on each line, that are evidence of a reason."""
    return (reason, weight, phrases(spoken))


def phrases(lines: str) -> Phrases:
    """One pattern for several phrases, one on each line ("|" goes on with the line before), to be searched in `plain`
    words.

    A phrase is a regular expression in which "…" stands for a few words of the same sentence and "……" for many, and
    {name} for one of the words of that name. It begins where a word begins; its last word may go on. It is made plain
    itself, so it holds no class in upper case.
    """
    spoken = [line.strip() for line in _CONTINUED.sub("|", lines).splitlines() if line.strip()]
    return Phrases([_expression(phrase) for phrase in spoken])


def _expression(phrase: str) -> str:
    for name, alternatives in _WORDS.items():
        phrase = phrase.replace("{" + name + "}", f"({alternatives})")
    # "…" decomposes into three dots.
    phrase = _GROUP.sub("(?:", unaccented(phrase))
    return phrase.replace("......", _MANY_WORDS).replace("...", _FEW_WORDS)
