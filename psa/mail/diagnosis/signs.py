"""How each cause shows itself in words, in the order in which they are looked for.

A sign matches meaning, not sentences: families of words that servers of every make use for one thing. What is most telling
comes first; a sign that would be read wrongly elsewhere is tied to the stages or codes where it means what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.diagnosis.answer import Answer

CONNECTING = frozenset({"connect"})
TLS = frozenset({"tls", "starttls"})
GREETING = frozenset({"greeting", "ehlo", "capability"})
LOGIN = frozenset({"auth", "capability", "token", "authorize"})
TOKEN = frozenset({"token", "authorize", "auth"})
SENDER = frozenset({"mail_from", "rcpt_to"})
ENVELOPE = frozenset({"mail_from", "rcpt_to", "data", "dsn", "any"})
RECIPIENT = frozenset({"rcpt_to", "data", "dsn", "any"})
CONTENT = frozenset({"data", "dsn", "append"})
# noop and any are where a server speaks up between two commands.
MAILBOX = frozenset({"select", "list", "create", "append", "copy", "store", "search", "fetch", "retr", "noop", "any"})
OPENING = frozenset({"select", "list", "create", "append", "copy", "store", "fetch"})
BEFORE_MAIL = LOGIN | GREETING | frozenset({"mail_from", "select", "any", "data"})


@dataclass(frozen=True, slots=True)
class Sign:
    """``words`` is searched in the answer's words; ``stages`` (all when empty) and ``codes`` (a start of the reply code or
    of the enhanced status) narrow it; ``unless`` takes back what looks alike.
    """

    cause: str
    words: re.Pattern[str]
    stages: frozenset[str]
    codes: tuple[str, ...]
    unless: re.Pattern[str] | None

    def fits(self, answer: Answer, stage: str) -> bool:
        if self.stages and stage not in self.stages:
            return False
        if self.codes and not (answer.code.startswith(self.codes) or answer.enhanced.startswith(self.codes)):
            return False
        if self.unless is not None and self.unless.search(answer.words):
            return False
        return self.words.search(answer.words) is not None


def sign(
    cause: str, words: str, stages: frozenset[str] = frozenset(), *, codes: tuple[str, ...] = (), unless: str = ""
) -> Sign:
    return Sign(cause, re.compile(words), stages, codes, re.compile(unless) if unless else None)


NAMES = (
    sign(
        "dns_temporary",
        r"temporary failure in name|errno -3\b|name server reply|11002|servfail|dns.*(timed? ?out|server fail)",
    ),
    sign(
        "dns_not_found",
        r"name or service not known|name does not resolve|nodename nor servname|no address associated|getaddrinfo failed"
        r"|\b11001\b|idna|label (is )?(empty|too long)|not a host name|host not found|no such host",
    ),
    sign("connect_refused", r"servname not supported"),
)
CERTIFICATES = (
    sign("cert_expired", r"certificate[\w -]*(expired|not yet valid|out of date)"),
    sign(
        "cert_hostname_mismatch",
        r"(host ?name|ip address|name) mismatch|certificate is not valid for|certificate.*doesn.t match",
    ),
    sign(
        "tls_incompatible",
        r"key too (weak|small)|md too weak|protocol[_ ]version|unsupported[_ ]protocol|handshake[_ ]failure|no (shared|common) "
        r"cipher|legacy[_ ]renegotiation|certificate[_ ]required|no protocols available|insufficient[_ ]security"
        r"|tls (version )?1\.[01]\b|requires? tls (version|1)|(strength|stronger|supported|weak) cipher|bad[_ ]dh",
    ),
    sign(
        "cert_untrusted",
        r"self.signed|local issuer|authority key|basic constraints|untrusted ?root|unknown[_ ]ca\b|certificate_verify_failed"
        r"|unable to verify|untrusted certificate",
    ),
    sign(
        "tls_port_mismatch",
        r"wrong[_ ]version[_ ]number|record layer failure|unknown[_ ]protocol|packet length too long|non-ssl socket"
        r"|\bhttps?[_ ]request\b.*ssl|(ssl|tls) (attempted|handshake|connection) (over|on|to) (a )?(non|plain)",
    ),
)
NETWORK = (
    sign("too_many_connections", r"too many.*(connections|sessions)|(connections|sessions).*too many"),
    sign(
        "connect_refused",
        r"connection (was )?refused|actively refused|\b10061\b|econnrefused",
        unless=r"session|concurrent",
    ),
    sign(
        "network_unreachable",
        r"network is (unreachable|down)|no route to host|cannot assign requested address|host is (unreachable|down)"
        r"|address family not supported|\b1005[01]\b|\b10065\b",
    ),
    sign("port_blocked", r"timed out|\b10060\b|permission denied|not permitted", CONNECTING),
    sign(
        "port_blocked", r"\b10060\b|did not accept our requests to connect|connect to .*timed out|connection timed out"
    ),
    sign(
        "not_a_mail_server",
        r"\bhttp/|^/1\.[01] |\(?-1, b?.?/1\.|-1 /1\.|openssh|\bssh-|<html|http requests|unexpected response|wrong protocol|^none$",
        GREETING,
    ),
    sign("tls_port_mismatch", r"^\(?-1,? b?'?(\\x|[\x00-\x08\x15\x16\ufffd])", GREETING),
    sign("server_timeout", r"closed: timed out|(handshake|read|write) operation timed out|^timed out$|answer in time"),
    sign(
        "connection_dropped",
        r"unexpectedly closed|reset by peer|broken pipe|\beof\b|lost connection|server not connected|\b1005[34]\b"
        r"|connection (closed|aborted|dropped|expired|reset|lost)|forcibly closed|disconnected|socket error|autologout|idle too long"
        r"|inactiv|shutting down|timeout exceeded|try reconnecting|closing idle|idle timeout",
        unless=r"authentication server|quota|storage|inactive.*(mail|user|account)|(account|user|address|mailbox).*inactive|inactive email",
    ),
)
TOKENS = (
    sign(
        "oauth_token_invalid", r"accesstokenexpired|session invalidated|token.*(expired|revoked|invalid)|eyjzdgf0dxmioi"
    ),
    sign(
        "oauth_app_misconfigured",
        r"invalid_client|redirect_uri_mismatch|org_internal|deleted_client|admin_policy_enforced",
    ),
    sign("permission_missing", r"unauthorized_client|has not consented|consent_required|access_denied", TOKEN),
    sign("oauth_token_invalid", r"invalid_grant|interaction_required|login_required", TOKEN),
)
SIGNING_IN = (
    sign(
        "too_many_connections",
        r"(maximum|max\.?|limit).*(connections?|sessions?)\b.*(exceeded|reached)|maximum number of .*connections"
        r"|concurrent (connection|session)s? limit|(message|connection)s? per connection|trop de connexions",
    ),
    sign("rate_limited", r"credits? (exceeded|limit)|maximum credits|bandwidth|throttl"),
    sign(
        "auth_rate_limited",
        r"too many.*(log[io]n|auth|password|failed|invalid|attempt)|(log[io]n|auth)\w* .*too (many|often|frequent)"
        r"|log[io]n[- ](rate|delay)",
        LOGIN | GREETING | {"any"},
    ),
    sign(
        "auth_app_password_required",
        r"app(lication)?[- ]?specific|app(lication)?[- ]password|authori[sz]ation code|parol prilozheniya|invalidsecondfactor"
        r"|two-factor|2-step",
        LOGIN,
    ),
    sign(
        "auth_web_login_required",
        r"web ?browser|web ?(log|sign)-?in|(log|sign) ?in (via|with|using|through) (the|a|your) (web|browser|site)|weba(lert)"
        r"|password (must be|has to be|needs to be) changed|password (has )?expired|change (your|the) password|captcha"
        r"|verify (it.s you|your (identity|account))",
        LOGIN,
    ),
    sign(
        "auth_basic_disabled",
        r"basic auth\w*.*(disabled|not supported|blocked|no longer)|provided authentication mechanism|legacy auth|modern auth"
        r"|oauth2? (is )?(required|only)|less secure app",
        BEFORE_MAIL,
    ),
    sign(
        "tls_required",
        r"(issue|use|send|enter|start).*(starttls|\btls\b|\bssl\b).*(first|mode|before)|privacyrequired|logindisabled"
        r"|(plain ?text|clear ?text|plain login).*(disallow|disabled|not (allowed|permitted)|refused)|non-secure"
        r"|(starttls|\btls\b|\bssl\b|encrypt\w*|secure connection)[\w /()-]*\b(is |are )?(required|mandatory|needed|necessary)"
        r"|(require[sd]?|must use|only (over|under|via|with)|available under)[\w /()-]*(starttls|\btls\b|\bssl\b|encrypt|secure|layer)"
        r"|wasn.t sent over a tls|after entering tls|encryption (is )?required",
        unless=r"must support tls|not.supported|version|cipher",
    ),
    sign(
        "auth_policy_blocked",
        r"unauthori[sz]ed ip|\bip\b.*not (authori[sz]ed|allowed|permitted|whitelisted)|conditional access|did not meet the criteria"
        r"|unsafe log[io]n|country|geo.?(block|location)|security defaults|access polic(y|ies)|(blocked|denied) by .*policy"
        r"|(this|your) (ip|location|network|device) (address )?(is|was)? ?(not allowed|blocked|denied)",
        LOGIN | {"select"},
    ),
    sign(
        "account_blocked",
        r"not (yet )?(been )?activated|bad outbound sender|spam abuse detected|exceeded threshold|disabled by user|outbounds? disabled"
        r"|(account|server|tenant|domain|subscription|sending)[\w -]*\b(suspended|locked|blocked|frozen|paused|terminated|on hold)"
        r"|(suspended|locked|blocked|frozen) (account|user)|sending (is )?(disabled|paused|suspended)|unusual activity|sign in too many",
        BEFORE_MAIL | {"data", "dsn"},
        unless=r"\bip\b|client host|maildrop|mailbox is locked|recipient",
    ),
    sign(
        "auth_not_offered",
        r"no suitable auth|mechanisms? (\w+ )?(is |are )?(not supported|unsupported|unknown)|(un(supported|recogni[sz]ed)) auth"
        r"|auth(entication)?( extension)? (is )?not (supported|enabled|allowed|available|advertised)|no .*auth.* mechanism",
        LOGIN | {"mail_from", "any"},
    ),
    sign(
        "protocol_disabled",
        r"(imap|pop3?|smtp|smtpclientauthentication|service|login|protocol)\w*\b[\w .-]*\b(disabled|deactivated|switched off)"
        r"|(imap|pop3?|smtp|service|protocol)[\w ]*\bnot (enabled|allowed|activated|permitted)"
        r"|not (enabled|activated|allowed|permitted) (for|to use) (imap|pop3?|smtp)|(yet to|please|must) enable (imap|pop3?|smtp)"
        r"|enable (imap|pop3?|smtp) (access|in)|no (imap|pop3?|smtp) access",
        LOGIN | GREETING | {"any", "select", "mail_from"},
        unless=r"smtputf8|auth\w* not enabled|plain login",
    ),
    sign("account_blocked", r"(account|user|mailbox)[\w -]*\b(disabled|inactive|deactivated|blocked)", LOGIN),
    sign(
        "starttls_not_offered",
        r"starttls.*not.?(supported|available|offered|implemented|advertised|allowed)|\b(tls|ssl)\b[\w ]*not (supported|available)"
        r"|must support tls|capa not supported",
    ),
    sign(
        "starttls_not_offered",
        r"not (implemented|supported|available|recogni[sz]ed|understood)|unknown|unrecogni[sz]ed|bad command",
        TLS,
    ),
    sign("starttls_not_offered", r".", frozenset({"starttls"}), codes=("454", "502", "500", "503")),
    sign(
        "non_ascii_unsupported",
        r"smtputf8|unicodeencodeerror|internationali[sz]ed|unicode|non-?ascii|8-bit data|ordinal not in range",
    ),
    sign(
        "auth_required",
        r"authentication (is )?required|auth required|(must|please) (first )?(authenticate|log ?in|auth\b)|\bauth first|not logged in|unauthenticated senders?"
        r"|not authenticated( to send)?|log ?in (first|required)|requires? (smtp )?auth|authenticate (first|before)|need to auth",
        frozenset({"mail_from", "rcpt_to", "data", "any"}),
        unless=r"by organi[sz]ation|spf|dkim",
    ),
    sign(
        "permission_missing",
        r"authenticated but not connected|not authori[sz]ed to perform|permission denied|noperm|not writable|read-?only"
        r"|(no|insufficient|lacks?) (permission|rights|privilege|access)|access denied|not (authori[sz]ed|allowed|permitted)",
        OPENING | {"token"},
        unless=r"\bip\b|spf|dkim|spam|sender|from|relay|not accepted",
    ),
    sign("permission_missing", r"not authori[sz]ed to perform"),
)
READING = (
    sign("too_many_connections", r"maximum number of connections"),
    sign(
        "mailbox_changed",
        r"expunge|inconsistent|no (such )?message\b|uidvalidity|message .*(is gone|deleted|no longer)",
        MAILBOX,
    ),
    sign(
        "mailbox_locked",
        r"\block(ed)?\b|in-?use\b|already (open|in use)|another (session|client|process)|lock (busy|file)",
        LOGIN | OPENING,
    ),
    sign(
        "folder_not_found",
        r"does(n.t| not) exist|nonexistent|trycreate|not (be )?found|unknown (mailbox|folder)|no such|unable to open|invalid mailbox"
        r"|can.?t open|(select|examine) failed$",
        OPENING,
    ),
)
SENDING = (
    sign("greylisted", r"gr[ae]y.?list|\bgrey\b|come back (in|later)|try again in \d+|retry in \d+|deferred for \d"),
    sign("content_rejected", r"duplicate header|multiple (from|subject|\w+) (addresses|headers?)", CONTENT),
    sign(
        "sender_auth_failed",
        r"\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|\bsender.?id\b|required authentication level",
    ),
    sign(
        "reverse_dns_or_helo",
        r"reverse[ -]?dns|\bptr\b|\brdns\b|cannot find your|(helo|ehlo)[\w/ ]*\b(invalid|reject|bad|not)|(invalid|bad|wrong|reject\w*"
        r"|not (a )?valid)[\w ]*(helo|ehlo)|without a valid|iprev|forward.confirmed",
    ),
    sign("sender_not_allowed", r"relaying disallowed", CONTENT | {"mail_from"}),
    sign(
        "relay_denied",
        r"relay\w*( access| mail)?( is| was| for \S+)? ?(denied|not (permitted|allowed)|disallowed|prohibited|refused|rejected)|not .*to relay"
        r"|(un|not )able to relay|(can.?t|cannot|do(es)? not|won.?t|will not|no) relay|relaying? (not|is not)|rcpthosts",
    ),
    sign(
        "rate_limited",
        r"too many .*(hour|day|minute|second)|too (quickly|fast)|(sending|submission|relay|hourly|daily|rate).?(\w+ ){0,2}(limit|quota)",
    ),
    sign(
        "ip_blocked",
        r"block(ed)? (using|by|list)|block-?list|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|reputation"
        r"|not authori[sz]ed to\W+send email directly|permanently deferred|blocked for spam|part of their network|bloquee"
        r"|not accepted from this ip|(your|this|the|sending|client) (ip|host|network|address)[\w .\[\]-]*(blocked|banned|listed|denied|refused)"
        r"|connections? (will )?not (be )?accepted from|banned",
        unless=r"recipient address",
    ),
    sign(
        "recipient_rejected",
        r"allowed.?senders?.?list|group member|by organi[sz]ation|authrequired|administrative(ly)? prohibit|badrcptto|restricted"
        r"|only accepts?|does(n.t| not) accept (mail|messages|email)s? from|blocked by (the )?recipient|recipient.*(refuses|has blocked)"
        r"|not (permitted|allowed) to (send|email|mail) (to )?(this|the) (recipient|group|user|list)",
        RECIPIENT,
    ),
    sign(
        "sender_not_allowed",
        r"not owned by|send ?as\b|sender signature|not (a )?local sender|identity.*not verified|not verified|verify (your|the) sender"
        r"|not (authori[sz]ed|allowed|permitted) (sender|to send|to use|from)|(sender|from)\b[\w '/:<>@.-]*\b(is |are )?not (verified|authori[sz]ed"
        r"|allowed|permitted|valid for|match|owned|confirmed)|permissions? to send|from/sender|(sender|from)[\w ]*mismatch|must match",
        ENVELOPE | {"auth"},
    ),
    sign(
        "sender_address_invalid",
        r"(sender|from)\b.*(does(n.t| not) (exist|resolve)|not found|must contain|fully.?qualified|invalid|malformed|syntax|unresolv"
        r"|reject|not exist)|unresolvable|domain (does not exist|not found)|address is not valid|(invalid|bad|malformed) (sender|from)",
        SENDER | {"any"},
        unless=r"recipient|not our|user (unknown|not)",
    ),
    sign("mailbox_full", r"(mail ?box|inbox)[\w ]*\bfull|pleine"),
    sign(
        "mailbox_full",
        r"over.?quota|(quota|storage)[\w ]*(exceed|full|reached|used up)|out of (storage|space)|insufficient (storage|space|disk)"
        r"|exceed\w* (\w+ )*(quota|storage)|quota",
        unless=r"daily|submission|sending|message quota|system storage",
    ),
    sign(
        "rate_limited",
        r"rate.?limit|throttl|too many (\w+ )?(emails|messages|recipients|mails|rcpts)|(limit|quota)[\w ]*(reached|exceed)|exceed\w*[\w ]*(limit|quota"
        r"|max)|reached your|unexpected volume|slow down|per (hour|day|minute|second)|submission quota",
        unless=r"size|hops?\b|line length|message too",
    ),
    sign(
        "message_too_big",
        r"too (big|large|long)\b|(size|octets|bytes)[\w ']*(limit|exceed|larger)|size ?limit|larger than|maximum (\w+ )?size|exceed\w*[\w ']*\bsize|toobig",
        CONTENT | {"mail_from", "rcpt_to"},
        unless=r"\bline\b",
    ),
    sign(
        "content_rejected",
        r"\bvirus|malware|infected|attachment|executable|rfc.?(2)?(5322|822|5321|2822)|\bheaders?\b|\bhops?\b|hop count|mail loop|loop(ing)? detected"
        r"|line (length|too long)|bare <?(lf|cr|line)|multiple (from|addresses|subject)|\bmime\b|message-id|blocked (file|content)|security (issue|threat|risk)|date:"
        r"|invalid (format|content)|malformed (message|mail)",
        CONTENT,
    ),
    sign(
        "spam_rejected",
        r"\bspam|\bube\b|\buce\b|unsolicited|\bjunk|suspicio|phish|local policy|policy (reason|violation)|for policy|content (was |is )?(reject|refus|not)"
        r"|(mail|message) (content )?(was |is |has been )?(reject|refus|not accept|not allow|block)|mail rejete",
        CONTENT | {"rcpt_to"},
    ),
    sign(
        "recipient_unknown",
        r"(user|mail ?box|recipient|address|account|alias|domain|destination)\w*\b[\w<>@:,. '()-]*\b(unknown|not found|does(n.t| not) exist|invalid|no longer"
        r"|disabled|inactive|unavailable|not (known|listed|valid|recogni[sz]ed)|unrouteable|undeliverable|not our|discontinued|expired)"
        r"|(no|unknown|invalid|bad|non-?existent|inactive|unrouteable|unroutable|undeliverable) (such )?(\w+ )?(user|mail ?box|recipient|address|account"
        r"|destination|person|alias)|null mx|not our customer|doesn.t have an? |recipient domain|delivery error: dd|no one|dns query failed",
        RECIPIENT,
    ),
)
SERVER = (
    sign(
        "greylisted",
        r"try again( later)?\b|resources are temporarily",
        frozenset({"rcpt_to", "data"}),
        codes=("450", "451"),
        unless=r"busy|server|system|error|4\.3\.",
    ),
    sign(
        "server_temporary",
        r"temporar|try (again|it)|retry|later|unavailable|not (currently )?available|maintenance|\bbusy\b|overload|too much load|internal (\w+ )?error"
        r"|system (error|problem)|serverbug|server error|not active|sys/temp|unreachable|out of (memory|disk)|insufficient system|local error"
        r"|could not be saved|resources|timeout|backend",
        unless=r"reason unavailable|(account|user|credential|password).*(invalid|incorrect)",
    ),
    sign("not_a_mail_server", r"\besmtp\b|^\* ok|^\+ok|^220 ", GREETING),
    sign(
        "protocol_error",
        r"sequence|not (recogni[sz]ed|implemented|understood)|unknown command|syntax|invalid (command|state|character|argument)|illegal in state"
        r"|argument|badcharset|clientbug|synchroni[sz]ation|line too long|unexpected|command (error|unrecogni[sz]ed)|pipelin|\bbad \[",
    ),
    sign(
        "auth_wrong_password",
        r"(invalid|incorrect|bad|wrong|unknown)[\w ]*(log[io]n|password|credential|user|auth|username)"
        r"|(auth\w*|log[io]n) (failed|failure|unsuccessful|rejected|error|denied|incorrect|invalid)|not accepted|could not authenticate"
        r"|credentials were incorrect|password (is )?(incorrect|wrong|invalid)",
        LOGIN,
    ),
)
# Order of looking. Signs of the network come first: they are made by libraries, whose words are few and sure.
SIGNS: tuple[Sign, ...] = (*NAMES, *CERTIFICATES, *NETWORK, *TOKENS, *SIGNING_IN, *READING, *SENDING, *SERVER)
