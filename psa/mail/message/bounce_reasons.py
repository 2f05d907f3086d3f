"""Why an address refused: the server's words and codes → one of the reasons of MAIL-JSON.md (RFC 3463 for the
codes).
"""

from __future__ import annotations

import re

# The address itself is gone: mail to it must stop.
HARD = frozenset({"user-unknown", "host-unknown", "mailbox-disabled", "moved"})

# In this order: words that can mean only one thing first. What servers say is more reliable than the code beside it.
_WORDS: tuple[tuple[str, str], ...] = (
    (
        "system",
        r"procmail|maildrop|pipe to \||can(?:'t|not) create|couldn't create|too many hops|hop count|mail loop"
        r"|loops? back",
    ),
    (
        "authentication",
        r"\bspf\b|dkim|dmarc|sender policy framework|unauthenticated|fails? (?:to pass )?authentication"
        r"|authentication (?:check|information|failure)"
        r"|does not designate|not authorized to send (?:e-?mail|mail)? ?(?:from|on behalf)|(?:sender"
        r"|domain).{0,40}fails? (?:to pass )?auth",
    ),
    (
        "security",
        r"virus|malware|infected|trojan|phish|must issue a starttls|tls (?:is )?required|encryption (?:needed|required)"
        r"|authentication (?:is )?required|must authenticate|auth(?:entication)? credentials|certificate"
        r"|potential security|not authenticated"
        r"|security (?:issue|reason|risk|violation)",
    ),
    (
        "blocked",
        r"reputation|black ?-?list|block ?list|\brbl\b|dnsbl|spamhaus|spamcop|sorbs|barracudacentral"
        r"|(?<!not )listed (?:at|in|by|on)|unusual (?:traffic|behaviou?r)|user complaints"
        r"|reverse dns|reverse lookup|\brdns\b|\bptr\b|no (?:dns )?name|dynamic (?:ip|address|host)"
        r"|mismatch(?:es)? client|bad (?:ip|helo)|banned sending ip|(?:client|your) (?:ip|host|server"
        r"|network)[^\n.]{0,50}(?:block|reject|refus|banned|denied|listed|not (?:allowed|permitted))"
        r"|\b(?:host|network|ip|server)\b[^\n.]{0,30}(?:is )?(?:not allowed|banned|blocked)|(?:blocked"
        r"|refused|rejected) (?:by|using|due to) .{0,30}(?:list|bl\b)|refused to talk to me|\bhelo\b"
        r"|\behlo\b|you are not allowed to connect",
    ),
    (
        "policy",
        r"recipient preferences|sender(?:'s)? (?:e-?mail )?(?:address|domain|verify"
        r"|verification)?[^\n.]{0,25}(?:reject|denied|fail|refus|invalid|not (?:allowed|exist|found|permitted"
        r"|accept))|domain of sender|(?:bad|invalid|unknown) (?:sender|return[- ]path)|from:? (?:address|domain"
        r"|header)[^\n.]{0,40}(?:invalid|reject|not)"
        r"|(?:you|sender)[^\n.]{0,20}(?:are|is) not (?:allowed|permitted|authori[sz]ed) to (?:send|post|mail)"
        r"|your (?:e-?mail )?(?:address|domain)[^\n.]{0,30}(?:reject|not)|from: domain"
        r"|permission[^\n.]{0,30}(?:to (?:post|send))|only (?:members|subscribers)|transport rule|members only"
        r"|restricted|does not like recipient"
        r"|group[^\n]{0,80}(?:may not exist|permission)|gruppe|groupe que|el grupo|グループ|المجموعة|समूह|группа",
    ),
    ("greylisted", r"gr[ea]y-?list|try again (?:in|after) \d+ (?:sec|min)"),
    (
        "message-too-big",
        r"(?:message|mail|e-?mail|size|body|attachment|content)[^\n.]{0,50}(?:too (?:big|large)"
        r"|exceed[^\n.]{0,40}(?:size|byte|kb|mb))|exceed[^\n.]{0,40}(?:maximum|max|fixed)[^\n.]{0,30}(?:size"
        r"|message)|size (?:limit )?exceed|exceeds? (?:the )?(?:size|maximum|max)"
        r"|message size|taille.{0,30}(?:dépass|maximale)|over(?:-| )?size|too large|zu groß"
        r"|demasiado grande|trop volumineu|サイズ",
    ),
    (
        "rate-limited",
        r"too many|rate[- ]?limit|throttl|too (?:fast|frequent|much mail)|at a rate|sending (?:rate|limit|quota)"
        r"|daily (?:limit|sending|quota|user)|connection (?:rate|limit|frequency)|concurrent"
        r"|exceeded (?:the )?(?:max(?:imum)? number|rate|number)|message rate|unusual rate|slow down"
        r"|messages? per (?:hour|minute|day|second)",
    ),
    (
        "mailbox-full",
        r"mailbox[^\n.]{0,60}(?:full|exceeded|over\b)|(?:mail ?box|inbox|account|user|quota|boîte|casella"
        r"|postfach|buz[oó]n|skrzynka)[^\n.]{0,40}(?:full|over ?quota|over-quota|exceed|pleine|piena|voll|lleno"
        r"|pełna)|over ?quota|quota (?:exceed|is full|violation|limit)|exceed[^\n.]{0,40}(?:quota|storage"
        r"|local limit)|disk quota"
        r"|out of (?:email |mail )?storage|storage (?:limit|space|quota|allocation)"
        r"|not enough (?:disk |storage )?space|insufficient (?:disk|storage|space|system storage)"
        r"|disk full|overdraft|too full|maildir.{0,20}(?:full|over)|mailfolder is full|mailbox size"
        r"|\bquota\b|容量|一杯|переполнен",
    ),
    (
        "relay-denied",
        r"relay(?:ing)?[^\n.]{0,60}(?:denied|not (?:permitted|allowed)|prohibited|refused|disallowed|rejected"
        r"|access)|(?:unable|not allowed|cannot|refus\w*|denied|not permitted|no|unauthori[sz]ed) (?:to )?relay"
        r"|do(?:n't| not) relay|not an? (?:open )?relay|rcpthosts|relay_denied|not a (?:registered )?gateway"
        r"|address(?:es)? (?:is |are )?not verified",
    ),
    (
        "suspended",
        r"suspend|frozen|(?:mailbox|account|user|recipient)[^\n.]{0,50}(?:disabled|inactive|deactivated)"
        r"|(?:inactive|disabled|deactivated) (?:user|account|mailbox|recipient)|\block(?:ed|out)\b|account (?:is "
        r"|has been )?(?:closed for|blocked|bloqu)|(?:recipient|compte|destinataire|account|mailbox"
        r"|user)[^\n.]{0,30}(?:is |est )?(?:bloqu|blocked)|temporarily (?:disabled|inactive)",
    ),
    (
        "host-unknown",
        r"(?:host|domain)[^\n.]{0,30}(?:unknown|not found|does ?n[o']t exist|not exist|lookup|is not valid"
        r"|not reachable)|unknown (?:host|domain)|unrout\w+ (?:mail )?(?:domain|address)|no such (?:host|domain)"
        r"|nxdomain|host or domain name not found|couldn't find any host|could not be resolved"
        r"|(?:\bmx\b|\ba record\b)[^\n]{0,40}(?:not found|\bno\b)|illegal host|bad destination (?:host"
        r"|system)|name or service not known|null ?mx|does not accept mail|no (?:mx|mail) (?:record"
        r"|host|server|exchanger)|find a mail exchanger|domain .{0,60}(?:couldn't be found|isn't)",
    ),
    (
        "moved",
        r"has moved|address (?:has )?changed|moved to|new (?:e-?mail )?address is|user not local; please try"
        r"|(?:is|has been) replaced by|relocated|no longer (?:works|employed|with)|left the company",
    ),
    (
        "mailbox-disabled",
        r"(?:mailbox|account|user|address|recipient|e-?mail)[^\n.]{0,50}(?:discontinued|not active"
        r"|no longer (?:active|available|valid|in use|accept)|closed|expired|terminated)|invalid/inactive"
        r"|unavailable or disabled",
    ),
    (
        "user-unknown",
        r"user[^\n.]{0,40}(?:unknown|not found|does ?n[o']t exist|not exist|invalid|no existe|not known"
        r"|not listed|isn't)|unknown (?:user|local|recipient|mailbox|account|mail ?box|person|or (?:illegal"
        r"|invalid))|(?:no|not a|isn't a|invalid|bad|illegal) (?:known |valid )?(?:such )?(?:mailbox|recipients?"
        r"|user|account|addressee|customer|person|destination mailbox|final delivery userid|local part)\b"
        r"|no such (?:user|mailbox|recipient|person|address|account|local|email|mail|id|customer)"
        r"|(?:recipient|address|mailbox|account|addressee|rcpt"
        r"|e-?mail(?: address)?)[^\n.]{0,40}(?:not found|does ?n[o']t exist|unknown|not exist|no such"
        r"|could(?: not|n't) be found|wasn't found|non-existent|is not (?:valid|known|correct"
        r"|recogni[sz]ed)|name is not recogni[sz]ed|not listed)"
        r"|(?:does ?n[o']t|not|n't) have an? [^\n]{0,40}account|not our customer|no account|no mailbox"
        r"|recipnotfound|utilisateur inconnu|destinataire inconnu|inconnu|unbekannt|nicht gefunden"
        r"|existiert nicht|desconocid|no existe|inexistente|sconosciut|onbekend|okänd|nieznan"
        r"|не существует|не найден"
        r"|宛先|存在しません|お客様の指定|not listed in|unknown address|invalid user|invalid recipient"
        r"|invalid address|undeliverable address|mailbox unavailable|mailbox not|delivery error: dd"
        r"|address rejected|5\.1\.1 .{0,40}rejected",
    ),
    ("spam", r"spam|unsolicited|junk|\buce\b|bayes|unwanted|looks like (?:a )?bulk|bulk mail|suspicious"),
    (
        "content",
        r"content|attachment|banned (?:file|content|word)|forbidden (?:file|word)|message format|header (?:error"
        r"|size|too)|8-?bit|\bmime\b|not rfc|rfc ?[25]?822|missing (?:from|date|message-id|header)"
        r"|bad (?:character|header)|media error|non-compliant",
    ),
    ("rate-limited", r"unable to (?:accept|receive) (?:more|any more)|limit exceeded"),
    (
        "network",
        r"name service error|unexpected name server"
        r"|(?:\bdns\b|name ?server)[^\n]{0,40}(?:fail|error|loop|timeout)|timed? ?-?out"
        r"|connection (?:refused|reset|lost|dropped|closed|died|failed|was)|no route|network|unreachable"
        r"|not responding|no answer|cannot connect|could ?n[o']t (?:be )?(?:connect|establish|contact)"
        r"|unable to connect|did not accept our requests? to connect|broken pipe|lost connection",
    ),
    (
        "expired",
        r"(?:retry|delivery|queue|envelope)[^\n.]{0,30}(?:time|period|timeout)?[^\n.]{0,30}(?:exceeded|expired"
        r"|elapsed)|expired|in the queue too long|not been (?:able|delivered)[^\n]{0,60}(?:days?|hours?)"
        r"|could not (?:be )?deliver(?:ed)? (?:for|within)|undeliverable for|not delivered within|delayed|retries"
        r"|abgelaufen|verzögert",
    ),
    (
        "system",
        r"system (?:error|failure|problem|config)|internal|(?:local|server|mailer|i/o|write|temporary"
        r"|configuration|protocol|syntax) (?:error|failure|problem|lookup)|can ?n[o']t (?:open|create|write"
        r"|append|exec|lock)|unable to (?:open|create|write|lock|contact)|service (?:currently )?(?:unavailable"
        r"|not available)|command (?:died|failed|output|not|parameter|unexpect)"
        r"|transaction failed|improper sequence|bad sequence|pipe to|procmail|exit (?:code|status|value)"
        r"|mailer died|resources|unrecogni[sz]ed command|not implemented|duplicated message-id|loop alert"
        r"|protocol violation",
    ),
    (
        "policy",
        r"polic|not (?:permitted|allowed|accept)|access denied|\bdenied|prohibited|refus|reject|administrative"
        r"|unauthori[sz]ed|not authori[sz]ed|only accept|拒否|verweigert|abgelehnt|blocked|block\b|filter"
        r"|unable to accept",
    ),
)
_PATTERNS = tuple((reason, re.compile(words, re.I)) for reason, words in _WORDS)

# RFC 3463, for reports that give a code and no words.
_CODES = {
    "1.0": "user-unknown",
    "1.1": "user-unknown",
    "1.2": "host-unknown",
    "1.3": "user-unknown",
    "1.4": "user-unknown",
    "1.6": "moved",
    "1.7": "policy",
    "1.8": "policy",
    "1.10": "user-unknown",
    "2.1": "suspended",
    "2.2": "mailbox-full",
    "2.3": "message-too-big",
    "2.4": "system",
    "3.1": "system",
    "3.2": "system",
    "3.3": "system",
    "3.4": "message-too-big",
    "3.5": "system",
    "4.1": "network",
    "4.2": "network",
    "4.3": "network",
    "4.4": "host-unknown",
    "4.5": "rate-limited",
    "4.6": "network",
    "4.7": "expired",
    "6.0": "content",
    "6.1": "content",
    "6.3": "content",
    "7.0": "policy",
    "7.1": "policy",
    "7.2": "policy",
    "7.13": "suspended",
    "7.20": "authentication",
    "7.21": "authentication",
    "7.22": "authentication",
    "7.23": "authentication",
    "7.24": "authentication",
    "7.25": "blocked",
    "7.26": "authentication",
    "7.27": "host-unknown",
    "7.28": "rate-limited",
    "7.606": "blocked",
}


# Names and links say nothing about the cause, but often hold its words: "userunknown@…", "…/policy/7720".
_NOISE = re.compile(
    r"https?://\S+|<?[^\s<>]{1,100}@[^\s<>]{1,200}>?|\[[\d.:a-f]+\]"
    r"|(?:recipient )?address rejected:|unknown address error",
    re.I,
)
# The answer of the other server, as against the sentences around it.
_ANSWER = re.compile(
    r"(?:said|says|response|replied|reason|error|because|diagnostic|details"
    r"|failure)[^\n:]{0,40}:|(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])",
    re.I,
)


def reason_for(words: str, status: str | None) -> str:
    """The reason that the server's words tell, else the one its enhanced status code stands for, else "unknown"."""
    words = _NOISE.sub(" ", words[:3000])
    answer = _ANSWER.search(words)
    told, is_weak = _match(words[answer.start() : answer.start() + 600] if answer else words)
    if told and not is_weak:
        return told
    by_code = _CODES.get(status.partition(".")[2]) if status else None
    if by_code and by_code not in ("policy", "system", "content"):
        return by_code
    return told or by_code or _match(words)[0] or "unknown"


def _match(words: str) -> tuple[str | None, bool]:
    """The first reason whose words occur, and whether it is the last of them: "rejected" may be said of anything."""
    found = next((n for n, (_, pattern) in enumerate(_PATTERNS) if pattern.search(words)), None)
    return (None, False) if found is None else (_PATTERNS[found][0], found == len(_PATTERNS) - 1)
