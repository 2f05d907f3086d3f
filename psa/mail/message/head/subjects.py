"""What a subject is about behind its chain of Re:, AW:, 回复： and Fwd: marks, and the tags in it (RFC 5256, 2.1)."""

from __future__ import annotations

import re

# What mail programs put in front when they answer, by language. "Ref:" and "Rif:" are left out: people write them to
# name a reference.
_ANSWERED = (
    "re|ré|rép|réponse"  # English, French
    "|aw|antw|antwort"  # German, Dutch
    "|sv|vs|svar|vá|vál|válasz"  # Scandinavian, Finnish, Estonian, Hungarian
    "|r|res|resp|resposta|respuesta|risposta|răsp"  # Italian, Portuguese, Spanish, Romanian
    "|odp|odpowiedź|odpověď|odpoveď|odg|atb|ats|atbilde"  # Polish, Czech, Slovak, South Slavic, Latvian, Lithuanian
    "|ynt|yanıt|bls|balas|tl|trả lời"  # Turkish, Indonesian, Vietnamese
    "|απ|απάντηση|отв|ответ|відп|відповідь|отг|одг"  # Greek, Russian, Ukrainian, Bulgarian, Serbian
    "|השב|תשובה|رد|الرد|پاسخ|ตอบ|ตอบกลับ"  # Hebrew, Arabic, Persian, Thai
    "|回复|回覆|答复|答覆|回信|返信|답장|회신|답변"  # Chinese, Japanese, Korean
)
# And when they pass something on.
_PASSED_ON = (
    "fwd?|forward(?:ed)?|tr|transf|transféré"
    "|wg|weitergeleitet|doorst|vb|vl|vid|fs|videres|továbbítás"
    "|i|rv|reenv|enc|encam|redir"
    "|pd|podaj dalej|předáno|přepos|prosl|posr|pārs|pers|edasi"
    "|i̇lt|ilt|trs|chuyển tiếp"
    "|πρθ|пересл|препр|пер"
    "|הועבר|إعادة توجيه|ส่งต่อ"
    "|转发|轉寄|轉發|転送|전달"
)
_COUNTER = r"(?:\[\d{1,3}\]|\(\d{1,3}\)|[\^*]\d{1,3}|\d{1,2})?"
_MARK = re.compile(rf"[\s\u200e\u200f]*(?:{_ANSWERED}|{_PASSED_ON})\.?\s{{0,3}}{_COUNTER}\s{{0,3}}[:：]", re.I)
_TAG = re.compile(r"\[([^\[\]\r\n]{1,80})\]")
_LEADING_TAG = re.compile(r"\s*(\[[^\[\]]{1,80}\]|\*{2,5}[^*]{1,40}\*{2,5})")
_BRACKETED_FORWARD = re.compile(r"\s*\[fwd?:", re.I)
_TRAILING_FORWARD = re.compile(r"\(fwd?\)\Z", re.I)
_ANSWER_COUNTER = re.compile(r"\b(?:re|aw|sv|fwd?)\[\d{1,3}\]", re.I)


def base_subject(subject: str) -> str:
    """The subject without its chain of answer and forward marks, also behind a list's tag; tags stay.

    Never empty if `subject` is not.
    """
    rest = subject.strip()
    tags: list[str] = []
    at = 0
    while True:
        mark = _MARK.match(rest, at)
        if mark:
            at = mark.end()
            continue
        wrapped = _BRACKETED_FORWARD.match(rest, at) if rest.endswith("]") else None
        if wrapped:  # Thunderbird's old "[Fwd: x]"
            at, rest = wrapped.end(), rest[:-1].rstrip()
            continue
        tag = _LEADING_TAG.match(rest, at)
        if tag and _MARK.match(rest, tag.end()):  # "[list] Re: [list] Re: x"
            tags.append(tag[1])
            at = tag.end()
            continue
        break
    rest = rest[at:].strip()
    if rest.endswith(")"):
        rest = _TRAILING_FORWARD.sub("", rest).rstrip()
    kept = [tag for tag in dict.fromkeys(tags) if tag not in rest]
    return " ".join([*kept, rest]).strip() or subject.strip()


def subject_tags(subject: str) -> tuple[str, ...]:
    """The words in square brackets, as ("Billing",) for "[Billing] Invoice 7"; counters of Re[2]: are none."""
    if "[" not in subject:
        return ()
    found = (tag.strip() for tag in _TAG.findall(_ANSWER_COUNTER.sub("", subject)))
    return tuple(dict.fromkeys(tag for tag in found if tag))
