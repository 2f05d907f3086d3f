"""Why an address refused: the server's words and codes → one of the reasons of MAIL-JSON.md (RFC 3463 for the codes)."""
from __future__ import annotations

import re

# The address itself is gone: mail to it must stop.
HARD = frozenset({"user-unknown", "host-unknown", "mailbox-disabled", "moved"})

# In this order: the more telling words first. What servers say is more reliable than the code beside it.
_WORDS: tuple[tuple[str, str], ...] = (
    ("authentication", r"\bspf\b|dkim|dmarc|sender policy framework|not authorized to send|unauthenticated (?:e-?mail|mail)|fails? (?:to pass )?authentication|authentication check|5\.7\.2[0-9]\b|domain of sender address .{0,80} does not designate"),
    ("greylisted", r"gr[ea]y-?list|try again (?:in|after) \d+ (?:sec|min)|temporarily (?:deferred|rejected).{0,40}(?:new|first)"),
    ("security", r"virus|malware|infected|trojan|worm\b|phish|tls (?:is )?required|must issue a starttls|starttls|encryption (?:needed|required)|certificate|5\.7\.10\b|authentication (?:is )?required|must authenticate|auth(?:entication)? credentials"),
    ("message-too-big", r"(?:message|mail|e-?mail|size|body|attachment)[^\n.]{0,50}(?:too (?:big|large)|exceed[^\n.]{0,30}(?:size|limit|maximum))|exceed[^\n.]{0,40}(?:maximum|max|fixed)[^\n.]{0,30}(?:size|message)|size (?:limit )?exceeded|exceeds size limit|message size|max message size|taille.{0,30}(?:dépasse|maximale)|5\.3\.4\b|5\.2\.3\b|over(?:-| )?size|too large"),
    ("mailbox-full", r"mailbox[^\n.]{0,60}(?:full|exceeded|over)|(?:mail ?box|inbox|account|user|quota)[^\n.]{0,40}(?:is )?(?:full|over ?quota|exceed)|quota|boîte.{0,30}pleine|postfach.{0,30}voll|casella.{0,30}piena|out of (?:email |mail )?storage|storage (?:limit|space|quota|allocation)|not enough (?:disk )?(?:storage|space)|insufficient (?:disk|storage)|disk (?:full|quota)|overdraft|too full|maildir.{0,20}full|mail ?box size|maildir over|exceeded storage|mailfolder is full|receiver's mailbox is full|5\.2\.2\b|4\.2\.2\b|容量"),
    ("suspended", r"suspend|account (?:is |has been )?(?:locked|closed for)|temporarily (?:disabled|suspended|inactive)"),
    ("mailbox-disabled", r"(?:mailbox|account|user|address|recipient|e-?mail)[^\n.]{0,60}(?:disabled|deactivated|inactive|discontinued|not active|no longer active|closed|expired|terminated|is blocked from receiving)|inactive (?:user|account|mailbox)|disabled (?:user|account|mailbox)|5\.2\.1\b|no longer (?:available|valid|in use|accept)"),
    ("moved", r"has moved|address (?:has )?changed|moved to|new address|user not local; please try|5\.1\.6\b|(?:is|has been) replaced by|relocated"),
    ("relay-denied", r"relay(?:ing)?[^\n.]{0,60}(?:denied|not (?:permitted|allowed)|prohibited|refused|disallowed|rejected|access)|(?:unable|not allowed|cannot|refus\w*|denied|not permitted|no) to relay|we do(?:n't| not) relay|not (?:a |an )?(?:open )?relay|relay(?:ing)? (?:is )?(?:not|access|denied)|(?:in|among) my list of allowed rcpthosts|rcpthosts|relay_denied|insecure mail relay|not a gateway"),
    ("host-unknown", r"(?:host|domain)[^\n.]{0,60}(?:unknown|not found|does ?n[o']t exist|not exist|invalid|lookup|is not valid)|unknown (?:host|domain)|unrout\w+ (?:mail )?(?:domain|address)|no such (?:host|domain)|nxdomain|(?:mx|dns|name server|a record)[^\n]{0,40}(?:not found|no |fail|error|loop)|host or domain name not found|name service error|couldn't find any host|could not be resolved|couldn't be found|5\.1\.2\b|no (?:mx|mail) (?:record|host|server)|illegal host|bad destination (?:host|system)|name or service not known|domain .{0,60}isn't|null mx|nullmx|does not accept mail|no mail exchanger"),
    ("rate-limited", r"too many|rate limit|throttl|too (?:fast|frequent|much mail)|sending (?:rate|limit|quota)|daily (?:limit|sending|quota)|connection (?:rate|limit|frequency)|concurrent|exceeded (?:the )?(?:max|rate|limit|number)|message rate|connections? from your|unusual rate|slow down|4\.7\.28|5\.4\.5\b"),
    ("user-unknown", r"user[^\n]{0,40}(?:unknown|not found|does ?n[o']t exist|not exist|is not|doesn't have|invalid|no existe|unavailable|not known|isn't)|unknown (?:user|local|recipient|mailbox|address|account|mail ?box|person)|no such (?:user|mailbox|recipient|person|address|account|local|email|mail|id|customer)|(?:recipient|address|mailbox|account|addressee|destinataire|rcpt|e-?mail(?: address)?)[^\n.]{0,60}(?:not found|does ?n[o']t exist|unknown|invalid|not exist|no such|could(?: not|n't) be found|is not (?:valid|known|correct)|rejected: user|not (?:valid|known|listed|recognized|recognised)|inconnu|unbekannt|unavailable|non-existent|undeliverable address|is invalid|not available|wasn't found)|(?:no|not a|isn't a|invalid|bad|illegal) (?:valid )?(?:mailbox|recipient|user|account|address(?:ee)?|destination mailbox|such)\b|(?:not|n't) have an? [\w.]{0,30} ?account|not our customer|does not have any|no account|no mailbox|unknown or (?:illegal|invalid)|recipnotfound|utilisateur inconnu|unbekannt|nicht gefunden|existiert nicht|desconocid|no existe|inexistente|sconosciut|onbekend|okänd|5\.1\.1\b|5\.1\.10\b|this user doesn't|宛先|存在しません|お客様の指定|user unknown|addressee unknown|unknown:? no|not listed in|address rejected|user reject|delivery error: dd|doesn't exist|not a known user|is not a (?:valid|known)|not found|unknown in|not exist"),
    ("blocked", r"block(?:ed|list)|black ?list|rbl|dnsbl|spamhaus|spamcop|barracuda|sorbs|reputation|bad (?:ip|host|sender)|(?:ip|client|host|network|address)[^\n.]{0,40}(?:listed|banned|rejected|denied|refused|not allowed)|reverse dns|rdns|ptr|dynamic (?:ip|address)|your (?:ip|server|network|host)[^\n]{0,60}(?:block|list|reject|reputation|denied|refus)|access denied\b.{0,40}(?:ip|s3140|s3150)|poor reputation|helo"),
    ("spam", r"spam|unsolicited|junk|bulk|uce\b|looks like|bayes|sa score|considered .{0,30}unwanted|not rfc 2822|url(?:s)? in|suspicious"),
    ("content", r"content|attachment|banned|forbidden (?:file|word)|message (?:format|rejected)|header|8bit|mime|not rfc|rfc ?[25]?822|missing (?:from|date|message-id|header)|bad (?:character|header)|filter|dlp"),
    ("policy", r"polic|not (?:permitted|allowed|accept)|access denied|denied|prohibited|refused|reject|administrative|restricted|not authori[sz]ed|unauthori[sz]ed|5\.7\.1\b|permission|only accept|members? only|transport rule|拒否|受信拒否|verweigert|abgelehnt"),
    ("expired", r"(?:retry|delivery|queue)[^\n.]{0,30}(?:time|period|timeout)[^\n.]{0,30}(?:exceeded|expired|elapsed|out)|expired|too long|(?:given|giving) up|not been (?:able|delivered)[^\n]{0,60}(?:days?|hours?)|retry time|has been in the queue|could not be delivered (?:for|within)|4\.4\.7\b|delayed|abgelaufen|will (?:keep|continue) (?:trying|to try)|undeliverable for|(?:for|within|after) \d+ (?:days?|hours?)"),
    ("network", r"timed? ?out|connection (?:refused|reset|lost|dropped|closed|timed|died|failed|was)|no route|network|unreachable|not responding|no answer|cannot connect|could ?n[o']t (?:be )?(?:connect|establish|contact)|unable to connect|connect to|broken pipe|lost connection|read error|write error|socket|bad connection|deferred|loop|too many hops|hop count|4\.4\.[0-3]\b|5\.4\.[146]\b"),
    ("system", r"local (?:error|configuration|problem)|system|internal (?:error|server)|i/o error|server error|can ?n[o']t (?:open|create|write|append|exec|lock)|unable to (?:open|create|write|lock)|config|temporary (?:failure|local|problem)|temporarily|mailer error|service unavailable|command (?:died|not|failed|unexpect)|pipe|program|exit|procmail|died|resources|cannot append|syntax|protocol|bad sequence"),
)
_PATTERNS = tuple((reason, re.compile(words, re.I)) for reason, words in _WORDS)

# RFC 3463, for reports that give a code and no words.
_CODES = {
    "1.1": "user-unknown", "1.2": "host-unknown", "1.3": "user-unknown", "1.4": "user-unknown", "1.6": "moved", "1.7": "policy", "1.8": "policy",
    "1.10": "user-unknown", "2.1": "mailbox-disabled", "2.2": "mailbox-full", "2.3": "message-too-big", "2.4": "system", "3.1": "system", "3.2": "system",
    "3.3": "system", "3.4": "message-too-big", "3.5": "system", "4.1": "network", "4.2": "network", "4.3": "network", "4.4": "host-unknown",
    "4.5": "rate-limited", "4.6": "network", "4.7": "expired", "6.0": "content", "6.1": "content", "6.3": "content", "7.0": "policy", "7.1": "policy",
    "7.2": "policy", "7.9": "authentication", "7.20": "authentication", "7.21": "authentication", "7.22": "authentication", "7.23": "authentication",
    "7.24": "authentication", "7.25": "blocked", "7.26": "authentication", "7.27": "host-unknown", "7.28": "rate-limited", "7.606": "blocked",
}


def reason_for(words: str, status: str | None) -> str:
    """The reason that the server's words tell, else the one its enhanced status code stands for, else "unknown"."""
    words = words[:3000]
    for reason, pattern in _PATTERNS:
        if pattern.search(words):
            return reason
    if status:
        return _CODES.get(status.partition(".")[2], "unknown")
    return "unknown"
