"""Failures told in prose: which mails report one, which addresses they name and what they say of each."""

from __future__ import annotations

import re
from typing import Literal

from psa.mail.message.addresses import read_addresses
from psa.mail.message.delivery_status import Finding, read_status
from psa.mail.message.headers import Headers
from psa.mail.message.model import Address

MAX_TEXT = 100_000

_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|mdaemon|mail-?system|double-bounce|bounces?"
    r"|mmdf|mail[-_]?admin"
    r"|microsoftexchange\w*)\Z",
    re.I,
)
# Addresses that report failures, but also send much else.
_ROBOT = re.compile(r"(?:smtp|system|delivery|info-?mail|listserv|owner-.*|.*-bounces?|no-?reply.*)\Z", re.I)
_ANSWER_MARK = re.compile(r"\s*(?:re|aw|fwd?|fw|wg|sv|antw|tr|rv)\s*:", re.I)
_DAEMON_NAME = re.compile(
    r"mail delivery (?:sub)?system|mailer[- ]daemon|postmaster|system administrator"
    r"|mail administrator|delivery (?:agent|service)|microsoft outlook|mail system",
    re.I,
)
_SUBJECT = re.compile(
    r"undeliver|error sending your (?:mail|message)|mail failed|returning to sender|(?:un)?deliver(?:y|able"
    r"|ed)?\W.{0,40}(?:fail|status|notif|problem|error|report|unsuccess|delay)|(?:mail|message|e-?mail) (?:delivery"
    r"|could not be|not delivered|system error|failure|error|delayed)|returned (?:mail|to sender|message|e-?mail)"
    r"|return(?:ed)?:? .{0,20}mail|failure notice|non[- ]?remis|delivery (?:status )?notification"
    r"|could ?n[o']t be delivered|bounced?(?: |:|\Z)|rejected (?:mail|message)|warning: (?:message|could)"
    r"|permanent delivery failure|nondeliver|non-?delivery|notification d'état"
    r"|unzustellbar|zustell\w* ?(?:fehlgeschlagen|fehler|nicht)|nicht zugestellt|zurückgesandt"
    r"|échec de (?:la )?remise|non distribu|correo (?:no entregado|devuelto)|no se (?:pudo|puede) entregar|devuelto"
    r"|entrega fallida|mancata consegna|non recapitabile|falha na entrega"
    r"|não (?:foi )?entregue|onbestelbaar|niet afgeleverd|kunde inte levereras|olevererbar|kunne ikke leveres"
    r"|niedostarczon|nie dostarczono|nedoručiteln|kézbesíthetetlen|недоставл|не доставлен|не удалось доставить"
    r"|iletilemedi|teslim edilemedi|メールエラー|送信エラー|配送エラー|未達|不達|配信不能|配信できません"
    r"|配達できません|送信できません|退信|退回|无法投递"
    r"|無法傳送|반송",
    re.I,
)
_FAILURE = re.compile(
    r"(?:could|can|was|were|has|have|did|been|be|is|are)(?: ?n[o']t| not| cannot)? (?:not )?(?:be "
    r"|been )?(?:un)?deliver|cannot be delivered|undeliver|unable to deliver|deliver(?:y|ed|ing)?[^\n]{0,60}(?:fail"
    r"|error|unsuccess|problem|delay|suspend|abort|rejected)|fail(?:ed|ure|s)?[^\n]{0,60}deliver"
    r"|permanent (?:fatal )?error"
    r"|returned (?:to|mail|below|message)|did not reach|could not (?:be )?(?:sent|reached|process)"
    r"|not (?:be )?(?:reached|delivered|sent)|giving up|user unknown|unknown user|invalid user|no such user"
    r"|trouble delivering|permanent errors?|no valid recipients|unknown host|mailbox (?:is )?(?:full|unavailable)"
    r"|quota|has been (?:rejected|blocked|bounced|returned)|was rejected|transcript of session|nicht zugestellt"
    r"|konnte nicht|unzustellbar"
    r"|n'a pas pu|pas été (?:remis|distribu|délivr)|no (?:se )?(?:pudo|puede|ha podido)|non (?:è stato|può"
    r"|recapit)|niet (?:worden )?(?:afgeleverd|bezorgd)|не (?:может быть |был[оа]? )?доставлен|не удалось|配信"
    r"|配達|送信できません|存在しません|宛先|退信|无法|無法|\b5\d\d[ -]5?\.?\d",
    re.I,
)
_DELAY = re.compile(
    r"delay|will (?:be retried|keep trying|continue|try again)|not yet been delivered"
    r"|no action is required|still (?:being )?(?:tried|retr)|warning: (?:message|could not)"
    r"|verzögert|retardé",
    re.I,
)
# From here on it is the message that came back.
_RETURNED = re.compile(
    r"^[ \t>|]*(?:-{2,}|={2,}|\*{2,}|_{2,}|#{2,})?[ \t]*(?:(?:below (?:this line )?is|here is|this is"
    r"|the following is|attached is)? ?(?:a |the )?(?:copy of )?(?:your |the )?(?:original|returned|undelivered"
    r"|unsent|rejected|bounced) (?:message|mail|e-?mail|text|headers?)\b(?! (?:was|could|has|to)\b)"
    r"|below this line is|this is a copy of|message header|headers? of (?:the )?(?:original|message)|original (?:mail"
    r"|message)|start of (?:returned|message|forwarded)|returned message|unsent message|message follows"
    r"|your message (?:reads|follows|was)|message text follows|a copy of (?:the|your)|-{3,} (?:undelivered|returned"
    r"|forwarded))[^\n]{0,120}$"
    r"|^(?:received: (?:from|by|\(qmail)|return-path: ?<|x-mailer: |message-id: ?<)",
    re.I | re.M,
)
_ADDRESS = re.compile(r"(?:\"[^\"\n]{1,64}\"|[^\s<>()\[\],;:\"'`|*]{1,64})@[\w.-]{1,200}[\w]")
_LEAD = re.compile(
    r"^[ \t>*|-]{0,12}(?:\d{1,3}[.)]?[ \t]{1,4})?[<\[(\"']?(?:smtp:|mailto:|rfc822;|recipient:"
    r"|user:|rcpt to:|address:)?[ \t]*[<\[(\"']?\Z",
    re.I,
)
_NOT_RECIPIENT = re.compile(
    r"(?:postmaster|mailer-daemon|abuse|support|helpdesk|hostmaster|webmaster)@|@(?:\d"
    r"|.*\.(?:png|gif|jpg))",
    re.I,
)
_FROM_CONTEXT = re.compile(
    r"(?:from|sender|by|sent by|return-path|reply-to|contact|e-?mail|message-id"
    r"|mail from|from address)\W{0,4}\Z|from:?\s*\S{0,3}\Z",
    re.I,
)


def announces(headers: Headers, sender: Address | None, subject: str) -> Literal["strong", "weak", "faint"] | None:
    """Does something outside the text point to a report?

    An answer to one ("Re: Undeliverable") or a discussion of it is none. "faint": it could as well be a parcel service.
    """
    if headers.first("x-failed-recipients") is not None:
        return "strong"
    local = (sender.email.rpartition("@")[0] or sender.email) if sender else ""
    by_server = bool(sender and (_DAEMON.match(local) or _DAEMON_NAME.search(sender.name)))
    by_server = by_server or (headers.first("return-path") or b"?").strip() in (b"<>", b"<MAILER-DAEMON>")
    named = is_announced(subject)
    if by_server:
        return "strong" if named else "weak"
    return "faint" if named or _ROBOT.match(local) else None


def is_announced(subject: str) -> bool:
    return _SUBJECT.search(subject) is not None and not _ANSWER_MARK.match(subject)


def is_failure(text: str, subject: str, headers: Headers, *, strong: bool) -> bool:
    """Do the words tell of a mail that did not arrive? Vacation notices and challenges do not."""
    if headers.text("auto-submitted").lower().startswith("auto-replied") and not _SUBJECT.search(subject):
        return False
    head = text[:MAX_TEXT]
    own = head[: returned_at(head)]
    return strong or bool(_FAILURE.search(own if own.strip() else head))


def is_delay(text: str, subject: str) -> bool:
    head = text[:MAX_TEXT]
    return bool(_DELAY.search(subject) or _DELAY.search(head[: returned_at(head)]))


def returned_at(text: str) -> int:
    """Where the returned message begins in a text; its length when it is not in it."""
    match = _RETURNED.search(text)
    return match.start() if match else len(text)


def read_failures(text: str, headers: Headers, original: Headers | None) -> list[Finding]:
    """Each address the report names, with the words between it and the next one."""
    text = text[:MAX_TEXT]
    if re.search(r"^final-recipient:", text, re.I | re.M):  # a report whose parts arrived as one text
        blocks = [f for f in read_status(text) if "@" in f.email]
        if blocks:
            return blocks
    told = text[: returned_at(text)]
    action = "delayed" if is_delay(told, headers.text("subject")) else "failed"
    ours = {a.email.lower() for name in ("to", "from", "reply-to") for a in read_addresses(headers.first(name))}
    ours |= {
        a.email.lower()
        for name in ("from", "reply-to", "return-path")
        for a in read_addresses(original.first(name) if original else None)
    }
    failed = [a.email for a in read_addresses(headers.first("x-failed-recipients")) if a.email]
    spans = _named(told, ours)
    if failed:
        spans = [s for s in spans if s[0].lower() in {f.lower() for f in failed}]
    findings = _with_words(told, spans, action)
    known = {f.email.lower() for f in findings}
    findings += [Finding(e, action, words=_tail(told)) for e in failed if e.lower() not in known]
    if not findings:
        returned = text[len(told) :]
        inside = re.search(r"^[ \t>]*to:([^\n]*@[^\n]*)$", returned, re.I | re.M)
        value = original.first("to") if original else inside[1].encode("utf-8", "replace") if inside else None
        people = [a.email for a in read_addresses(value) if a.email]
        findings = [Finding(e, action, words=_tail(told)) for e in people[:1]]
    return findings


def _named(text: str, ours: set[str]) -> list[tuple[str, int, int]]:
    """(address, start, end) of those that stand where recipients stand: first on their line if any do, else
    anywhere.
    """
    leading: list[tuple[str, int, int]] = []
    others: list[tuple[str, int, int]] = []
    for match in _ADDRESS.finditer(text):
        email = match[0].strip(".'\"")
        if email.lower() in ours or _NOT_RECIPIENT.search(email):
            continue
        line_start = text.rfind("\n", 0, match.start()) + 1
        before = text[line_start : match.start()]
        if len(before) < 40 and _LEAD.match(before):
            leading.append((email, match.start(), match.end()))
        elif not _FROM_CONTEXT.search(before[-40:]):
            others.append((email, match.start(), match.end()))
    asked = [o for o in others if re.search(r"rcpt to:\s*<?\Z", text[max(0, o[1] - 12) : o[1]], re.I)]
    return (leading or asked or others[:1])[:1000]


def _with_words(text: str, spans: list[tuple[str, int, int]], action: str) -> list[Finding]:
    found: dict[str, Finding] = {}
    for i, (email, _, end) in enumerate(spans):
        until = spans[i + 1][1] if i + 1 < len(spans) else len(text)
        words = text[end:until][:3000].strip("<>:;,)]\"' \t\r\n")
        known = found.get(email.lower())
        if known is None:
            found[email.lower()] = Finding(email, action, words=words)
        else:
            known.words = f"{known.words}\n{words}".strip()
    if len(found) == 1:
        only = next(iter(found.values()))
        only.words = f"{only.words}\n{text[: spans[0][1]]}".strip()
    return list(found.values())


def _tail(text: str) -> str:
    return text[-3000:]


def complete(findings: list[Finding], text: str, headers: Headers, original: Headers | None) -> None:
    """Give a terse status block the words of the text, and the address where the block holds only a part of one."""
    told = text[:MAX_TEXT]
    told = told[: returned_at(told)]
    broken = [f for f in findings if not _ADDRESS.fullmatch(f.email)]
    if broken:
        others = [f for f in read_failures(text, headers, original) if f.email not in {x.email for x in findings}]
        for finding, other in zip(broken, others, strict=False):
            finding.email = other.email
    for finding in findings:
        finding.context = _near(told, finding.email, [f.email for f in findings])
        if len(finding.words) < 12 and told:
            finding.words = f"{finding.words} {finding.context}".strip()


def _near(text: str, email: str, all_emails: list[str]) -> str:
    """The words behind an address up to the next of the others; the whole text when only one is told of."""
    lowered = text.lower()
    at = lowered.find(email.lower())
    if at < 0 or len(all_emails) < 2:
        return text[:3000]
    ends = [
        n
        for n in (
            lowered.find(other.lower(), at + len(email)) for other in all_emails[:50] if other.lower() != email.lower()
        )
        if n > 0
    ]
    return text[at : min([at + 1500, *ends])]
