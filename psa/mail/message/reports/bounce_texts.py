"""Failures told in prose: which addresses a report names and what it says of each."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache

from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.reports.bounce_reasons import is_telling
from psa.mail.message.reports.bounce_returned import recipients_in, returned_at
from psa.mail.message.reports.bounce_signs import MAX_TEXT, is_delay, is_delivered
from psa.mail.message.reports.delivery_status import Finding, is_status, read_status
from psa.mail.message.structure.headers import Headers

MAX_WORDS = 2_000
MAX_NAMED = 200
MAX_BEFORE = 100  # characters: more than any label before an address has

_ATOM = r"[^\s@<>()\[\],;:\"'`|*=\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]{1,64}"
_ADDRESS = re.compile(rf"(?:\"[^\"\n]{{1,64}}\"|{_ATOM}(?:={_ATOM}){{0,4}})@[\w.-]{{1,200}}\w")
# What may stand between the beginning of a line and the address that failed.
_LABELS = "|".join(
    (
        "smtp",
        "mailto",
        "rfc822;",
        "rcpt to",
        "user",
        r"(?:final|original|failed|intended|the|undeliverable|invalid|rejected)?[ -]?"
        r"(?:recipients?|address(?:es)?|mail ?box)"
        r"(?: address)?(?:\(e?s\))?",
        r"deliver(?:y|ed|ing)? (?:failed )?to",
        "e?-?mail",
        r"empfänger\w*|adresse|destinataires?|destinatari[oa]s?|dirección|destinatári[oa]s?|ontvangers?|mottagare|modtager",
        r"mottaker|odbiorc[aey]|adresat|příjemce|címzett|alıcı|получател[ьи]|адрес",
        "宛先|送信先|受信者|メールアドレス|收件人|收信人|받는 ?사람|수신자|수신인",
    )
)
_LEAD = re.compile(
    r"^[ \t>*|•·-]{0,12}(?:\d{1,3}[.)]?[ \t]{1,4})?[<\[(\"']?"
    rf"(?:(?:{_LABELS})[ \t]{{0,4}}[:：;]?[ \t]{{0,8}})?(?:smtp:|rfc822;)?[ \t]{{0,4}}[<\[(\"']?\Z",
    re.I,
)
_TO = re.compile(
    r"[ \t>*|]{0,12}(?:to|an|à|para|a|aan|till|til|do|komu|кому|宛先|收件人|받는 ?사람)[ \t]{0,4}[:：][ \t]{0,8}"
    r"[<\[(\"']?\Z",
    re.I,
)
_AND = re.compile(r"[>)\]\"']?\s{0,10}(?:[,;]|and|und|et|y|e|en|og|och|oraz|и)\s{1,10}[<(\[\"']?", re.I)
_ASKED = re.compile(r"rcpt to:\s{0,3}<?\Z", re.I)
_NOT_RECIPIENT = re.compile(
    r"(?:postmaster|mailer-daemon|abuse|support|helpdesk|hostmaster|webmaster|admin|helpline)@"
    r"|@(?:\d|.{0,200}\.(?:png|gif|jpg|jpeg)\Z)",
    re.I,
)
# Whose addresses are not those of recipients, in the words before them.
_OTHERS = (
    r"from|sender|by|sent by|return-path|reply-to|contact|e-?mail|message-?id|(?:identifier|reference|id)(?: was)?"
    r"|mail from|from address|absender|von|expéditeur|de|remitente|mittente|da|afzender|van|nadawca|od|отправитель|от"
)
_FROM_CONTEXT = re.compile(rf"(?<!\w)(?:{_OTHERS}|from:?\s*\S{{0,3}})\W{{0,4}}\Z", re.I)
_EXPANDED = re.compile(
    r"\s*(?:\(?(?:ultimately )?(?:expanded|generated|forwarded) from:?|\(?original(?:ly)? (?:sent )?to:?|<-)\s{0,4}"
    r"<?([^\s<>()]{1,100}@[\w.-]{1,200}\w)",
    re.I,
)
_STATEMENT = re.compile(r"[^\W\d_]{3}.*[^\W\d_]{3}|[45]\d\d", re.S)
_INDENTED = re.compile(r"(?:\n[ \t]+\S[^\n]*)*")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_RULE = re.compile(r"^[ \t]*[-=*_~#]{5,}", re.M)
# Sentences for people, behind which nothing is said of an address any more.
_SENTENCES = "|".join(
    (
        "this message was created automatically",
        "no action is required",
        "please (?:do not reply|verify|contact|check)",
        "for (?:further|more) (?:assistance|information|details)",
        "if you (?:need|have|do so|require|continue)",
        "reporting-mta:",
        "the (?:message|mail) (?:subject|date|identifier|reference|sender) was",
        "received: ?from",
        "to learn more",
        "original message headers|message headers follow",
        "рекомендуем",
    )
)
_BOILERPLATE = re.compile(rf"^[ \t]*(?:{_SENTENCES})", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text names an address; `aside`: in the middle of a sentence."""

    email: str
    start: int
    end: int
    aside: bool = False


def read_failures(text: str, headers: Headers, original: Headers | None) -> list[Finding]:
    """Each address the report names, with the words between it and the next one."""
    text = text[:MAX_TEXT]
    if is_status(text):  # a report whose parts arrived as one text
        blocks = [f for f in read_status(text) if "@" in f.email]
        if blocks:
            return blocks
    told = text[: returned_at(text)]
    subject = headers.text("subject")
    action = "delivered" if is_delivered(subject) else "delayed" if is_delay(told, subject) else "failed"
    ours = _our_addresses(headers, original)
    failed = [a.email for a in read_addresses(headers.first("x-failed-recipients")) if a.email]
    places = _named(told, ours)
    if failed:
        known = {f.lower() for f in failed}
        places = [p for p in places if p.email.lower() in known]
    findings = _with_words(told, places, action)
    named = {f.email.lower() for f in findings}
    findings += [Finding(e, action, words=_last(told)) for e in failed if e.lower() not in named]
    if not findings:
        findings = [Finding(e, action, words=_last(told)) for e in _written_to(text[len(told) :], headers, original)]
    return findings


def _our_addresses(headers: Headers, original: Headers | None) -> set[str]:
    """Those that a report names because it was sent to them, or by them."""
    ours = {a.email.lower() for name in ("to", "from", "reply-to") for a in read_addresses(headers.first(name))}
    if original is not None:
        ours |= {
            a.email.lower()
            for name in ("from", "reply-to", "return-path", "sender")
            for a in read_addresses(original.first(name))
        }
    return ours


def _written_to(returned: str, headers: Headers, original: Headers | None) -> list[str]:
    """Whom the returned message was for: the last resort."""
    values = (
        [original.first(name) for name in ("x-failed-recipients", "x-envelope-to", "x-rcpt-to", "envelope-to", "to")]
        if original
        else []
    )
    for value in (*values, recipients_in(returned)):
        people = [a.email for a in read_addresses(value) if "@" in a.email]
        if people:
            return people[:1]
    # VERP: the report went to bounces+nils=harbour.example@…
    for name in ("x-original-to", "delivered-to", "to", "envelope-to"):
        for address in read_addresses(headers.first(name)):
            inside = re.search(r"[+-]([^\s+=@]{1,64})=([\w.-]{1,200}\.[a-z]{2,20})@", address.email)
            if inside:
                return [f"{inside[1]}@{inside[2]}"]
    return []


def _named(text: str, ours: set[str]) -> list[Place]:
    """Where those stand that stand where recipients do: first on their line, if any does, else anywhere."""
    leading: list[Place] = []
    written_to: list[Place] = []
    others: list[Place] = []
    for match in _ADDRESS.finditer(text) if "@" in text else ():
        place = Place(match[0].strip(".'\""), match.start(), match.end())
        if place.email.lower() in ours:
            continue
        line_start = text.rfind("\n", 0, place.start) + 1
        before = text[max(line_start, place.start - MAX_BEFORE) : place.start]
        if _TO.match(before):  # a line of the message that came back, or the only place where it is said
            written_to.append(place)
        elif _leads(text, before, place) or leading and _AND.fullmatch(text, leading[-1].end, place.start):
            leading.append(place)
        elif (
            len(others) < MAX_NAMED
            and not _NOT_RECIPIENT.search(place.email)
            and not _FROM_CONTEXT.search(before[-40:])
        ):
            others.append(replace(place, aside=True))
    asked = [o for o in others if _ASKED.search(text, max(0, o.start - 12), o.start)]
    return (leading or asked or written_to[:1] or others[:1])[:MAX_NAMED]


def _leads(text: str, before: str, place: Place) -> bool:
    return len(before) < 60 and _LEAD.match(before) is not None or _ends_a_label(text, before, place)


def _ends_a_label(text: str, before: str, place: Place) -> bool:
    """ "Could not be delivered to: <nils@…>": behind a colon, and nothing behind it."""
    if len(before) > 80 or not before.rstrip(" \t<[(\"'").endswith((":", "：")) or _FROM_CONTEXT.search(before[-40:]):
        return False
    line_end = text.find("\n", place.end, place.end + 20)
    rest = text[place.end : line_end if line_end >= 0 else place.end + 20]
    return not rest.strip(" \t\r>)].,;\"'")


def _with_words(text: str, places: list[Place], action: str) -> list[Finding]:
    """A finding for each address with what is said from its place to the next one's."""
    places = [p for n, p in enumerate(places) if not n or places[n - 1].email.lower() != p.email.lower()]
    found: dict[str, Finding] = {}
    passed_on: set[str] = set()
    for n, place in enumerate(places):
        if place.email.lower() in passed_on:
            continue
        source = _EXPANDED.match(text, place.end + (text[place.end : place.end + 1] in ">)\"'"))
        if source:
            passed_on.add(source[1].lower())
        following = [p.start for p in places[n + 1 : n + 3] if not source or p.start >= source.end()]
        until = following[0] if following else len(text)
        words = _clean(_own_line(text, place.end, until) if len(places) > 1 else text[place.end : until])
        known = found.get(place.email.lower())
        if known is None:
            found[place.email.lower()] = Finding(
                place.email, action, words=words, original=source[1] if source else "", aside=place.aside
            )
        else:
            known.words = f"{known.words}\n{words}".strip()
    if len(found) == 1:
        _look_before(next(iter(found.values())), text, places[0].start)
    _share_words(list(found.values()))
    return list(found.values())


def _look_before(only: Finding, text: str, start: int) -> None:
    """Where nothing is said behind the only address it may stand before it."""
    only.context = text[:MAX_WORDS]
    before = "" if is_telling(only.words) else _clean(text[:start])
    if before and (is_telling(before) or not _STATEMENT.search(only.words)):
        only.words = before


def _own_line(text: str, start: int, until: int) -> str:
    """What is said of an address among several: the rest of its line and what is indented below it, when that says
    something; else everything up to the next address.
    """
    line_end = text.find("\n", start, until)
    if line_end < 0 or not is_telling(text[start:line_end]):
        return text[start:until]
    more = _INDENTED.match(text, line_end, until)
    return text[start : more.end() if more else line_end]


def _share_words(findings: list[Finding]) -> None:
    """Addresses that stand one below the other share what is said behind the last of them."""
    for this, following in zip(reversed(findings[:-1]), reversed(findings[1:]), strict=True):
        if not _STATEMENT.search(this.words):
            this.words = following.words


@lru_cache(maxsize=256)  # a report says one thing of many addresses
def _clean(words: str) -> str:
    """The server's words without the sentences for people around them."""
    words = words[:MAX_WORDS]
    ends = [
        m.start() for m in (_BOILERPLATE.search(words), _RULE.search(words)) if m and is_telling(words[: m.start()])
    ]
    paragraphs = _PARAGRAPHS.split(words[: min(ends, default=len(words))])
    telling = [n for n, paragraph in enumerate(paragraphs) if is_telling(paragraph)]
    if telling:
        paragraphs = paragraphs[telling[0] : telling[-1] + 1]
    return "\n".join(paragraphs).lstrip("<>:;,.)]\"' \t\r\n").rstrip("<([{\"' \t\r\n")


def _last(text: str) -> str:
    return _clean(text[-MAX_WORDS:])


def complete(findings: list[Finding], text: str, headers: Headers, original: Headers | None) -> None:
    """Give a terse status block the words of the text, and the address where the block holds only a part of one."""
    told = text[:MAX_TEXT]
    told = told[: returned_at(told)]
    broken = [f for f in findings if not _ADDRESS.fullmatch(f.email)]
    if broken:
        known = {x.email for x in findings} | {x.original for x in findings}
        others = [f for f in read_failures(text, headers, original) if f.email not in known]
        for finding, other in zip(broken, others, strict=False):
            finding.email = other.email
    contexts = _contexts(told, [f.email for f in findings])
    for finding, context in zip(findings, contexts, strict=True):
        finding.context = context
        if len(finding.words) < 12 and told:
            finding.words = f"{finding.words} {_clean(finding.context)}".strip()


def _contexts(text: str, emails: list[str]) -> list[str]:
    """For each address the words behind it up to the next of the others; the whole text when only one is told of."""
    lowered = text.lower()
    places = [lowered.find(email.lower()) for email in emails]
    if len(emails) < 2:
        return [text[:MAX_WORDS]] * len(emails)
    starts = sorted({place for place in places if place >= 0})
    contexts = []
    for place in places:
        following = bisect_right(starts, place)
        end = starts[following] if following < len(starts) else len(text)
        contexts.append(text[:MAX_WORDS] if place < 0 else text[place : min(place + 1500, end)])
    return contexts
