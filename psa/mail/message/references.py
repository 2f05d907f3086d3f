"""Message-IDs as Outlook, Exchange, web forms and gateways really write them (RFC 5322, section 3.6.4), and subject
chains.
"""

from __future__ import annotations

import re

MAX_REFERENCES = 500

_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_BARE = re.compile(r"[^\s<>\",;()]+@[^\s<>\",;()]+")
# The answer and forward marks of mail programs in many languages, with the counters some put in: RE[2]:, Re(3):,
# Re^2:
_REPLY_MARKS = (
    "re|r|aw|antw|antwort|sv|vs|vá|va|ref|odp|odpowiedź|res|resp|respuesta|réponse|rép|rif|risposta|bls|ynt|yan"
    "|yanıt|cevap|atb|ats|atbilde"
    "|απ|απάντηση|σχετ|на|отв|ответ|відп|отг|תגובה|השב|رد|回复|回覆|答复|答覆|返信|답장|회신|trả lời|tl|balas"
    "|hri|vl|re\u00a0|sv"
)
_FORWARD_MARKS = (
    "fwd?|fw|wg|weitergeleitet|tr|transf|rv|reenv|enc|enc\u00a0|i|vb|vs|doorst|továbbítás|fs|videres|vidb|pd|prz"
    "|podaj|fwd|пересл|fw\u00a0"
    "|πρθ|إعادة توجيه|הועבר|转发|轉寄|轉發|転送|전달|chuyển tiếp|trs|ilt|redir|přeposláno|předáno|továbbított|edasi"
    "|pārsūtīt|persiųsta"
)
_CHAIN = re.compile(
    rf"\s*(?:{_REPLY_MARKS}|{_FORWARD_MARKS})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}}"
    rf"|\*\d{{1,3}}|\d{{1,2}})?\s*[:：]",
    re.I,
)
_TAG = re.compile(r"\[([^\[\]\r\n]{1,80})\]")
_TAG_CHAIN = re.compile(r"\s*\[[^\[\]]{1,80}\]")


def read_message_ids(raw: bytes | None) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value in order, without brackets and each once.

    In-Reply-To of old programs holds prose ("Your message of … <id>"); blanks inside brackets come from broken folding.
    """
    if not raw:
        return ()
    text = raw.decode("utf-8", "replace")
    found = ["".join(m.split()) for m in _BRACKETED.findall(text)] if "<" in text else []
    if not found:
        found = _BARE.findall(text)
    if not found and "<" not in text:
        found = text.split() if len(text.split()) == 1 else []
    ids = tuple(dict.fromkeys(i for i in found if i))
    return ids if len(ids) <= MAX_REFERENCES else ids[:1] + ids[1 - MAX_REFERENCES :]


def base_subject(subject: str) -> str:
    """The subject without its chain of Re:/AW:/Fwd: marks, also behind a list's tag; tags stay.

    Never empty if `subject` is not.
    """
    head, rest = "", subject
    for _ in range(200):
        mark = _CHAIN.match(rest)
        if mark:
            rest = rest[mark.end() :]
            continue
        tag = _TAG_CHAIN.match(rest)
        if tag and _CHAIN.match(rest, tag.end()):  # "[list] Re: [list] Re: x"
            head = head if tag[0].strip() in head or tag[0].strip() in rest[tag.end() :] else f"{head}{tag[0].strip()} "
            rest = rest[tag.end() :]
            continue
        break
    return (head + rest.strip()).strip() or subject.strip()


def subject_tags(subject: str) -> tuple[str, ...]:
    """The words in square brackets, as ("Billing",) for "[Billing] Invoice 7"; counters of Re[2]: are none."""
    return tuple(
        dict.fromkeys(
            t.strip() for t in _TAG.findall(re.sub(r"(?i)\b(re|aw|sv|fwd?)\[\d+\]", "", subject)) if t.strip()
        )
    )
