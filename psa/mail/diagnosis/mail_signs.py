"""What servers say to a mailbox that is read, to a message that is sent, and of themselves."""

from psa.mail.diagnosis.sign import CONTENT, ENVELOPE, GREETING, LOGIN, MAILBOX, OPENING, RECIPIENT, SENDER, sign

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
        r"does(n.t| not) exist|nonexistent|trycreate|not (be )?found|unknown (mailbox|folder)|no such|unable to open"
        r"|invalid mailbox"
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
        r"reverse[ -]?dns|\bptr\b|\brdns\b|cannot find your|(helo|ehlo)[\w/ ]*\b(invalid|reject|bad|not)|(invalid"
        r"|bad|wrong|reject\w*"
        r"|not (a )?valid)[\w ]*(helo|ehlo)|without a valid|iprev|forward.confirmed",
    ),
    sign("sender_not_allowed", r"relaying disallowed", CONTENT | {"mail_from"}),
    sign(
        "relay_denied",
        r"relay\w*( access| mail)?( is| was| for \S+)? ?(denied|not (permitted|allowed)|disallowed|prohibited"
        r"|refused|rejected)|not .*to relay"
        r"|(un|not )able to relay|(can.?t|cannot|do(es)? not|won.?t|will not|no) relay|relaying? (not|is not)"
        r"|rcpthosts",
    ),
    sign(
        "rate_limited",
        r"too many .*(hour|day|minute|second)|too (quickly|fast)|(sending|submission|relay|hourly|daily"
        r"|rate).?(\w+ ){0,2}(limit|quota)",
    ),
    sign(
        "ip_blocked",
        r"block(ed)? (using|by|list)|block-?list|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|reputation"
        r"|not authori[sz]ed to\W+send email directly|permanently deferred|blocked for spam|part of their network"
        r"|bloquee"
        r"|not accepted from this ip|(your|this|the|sending|client) (ip|host|network|address)[\w .\[\]-]*(blocked"
        r"|banned|listed|denied|refused)"
        r"|connections? (will )?not (be )?accepted from|banned",
        unless=r"recipient address",
    ),
    sign(
        "recipient_rejected",
        r"allowed.?senders?.?list|group member|by organi[sz]ation|authrequired|administrative(ly)? prohibit"
        r"|badrcptto|restricted"
        r"|only accepts?|does(n.t| not) accept (mail|messages|email)s? from|blocked by (the )?recipient"
        r"|recipient.*(refuses|has blocked)"
        r"|not (permitted|allowed) to (send|email|mail) (to )?(this|the) (recipient|group|user|list)",
        RECIPIENT,
    ),
    sign(
        "sender_not_allowed",
        r"not owned by|send ?as\b|sender signature|not (a )?local sender|identity.*not verified|not verified"
        r"|verify (your|the) sender"
        r"|not (authori[sz]ed|allowed|permitted) (sender|to send|to use|from)|(sender|from)\b[\w '/:<>@.-]*\b(is "
        r"|are )?not (verified|authori[sz]ed"
        r"|allowed|permitted|valid for|match|owned|confirmed)|permissions? to send|from/sender|(sender"
        r"|from)[\w ]*mismatch|must match",
        ENVELOPE | {"auth"},
    ),
    sign(
        "sender_address_invalid",
        r"(sender|from)\b.*(does(n.t| not) (exist|resolve)|not found|must contain|fully.?qualified|invalid|malformed"
        r"|syntax|unresolv"
        r"|reject|not exist)|unresolvable|domain (does not exist|not found)|address is not valid|(invalid|bad"
        r"|malformed) (sender|from)",
        SENDER | {"any"},
        unless=r"recipient|not our|user (unknown|not)",
    ),
    sign("mailbox_full", r"(mail ?box|inbox)[\w ]*\bfull|pleine"),
    sign(
        "mailbox_full",
        r"over.?quota|(quota|storage)[\w ]*(exceed|full|reached|used up)|out of (storage|space)"
        r"|insufficient (storage|space|disk)"
        r"|exceed\w* (\w+ )*(quota|storage)|quota",
        unless=r"daily|submission|sending|message quota|system storage",
    ),
    sign(
        "rate_limited",
        r"rate.?limit|throttl|too many (\w+ )?(emails|messages|recipients|mails|rcpts)|(limit|quota)[\w ]*(reached"
        r"|exceed)|exceed\w*[\w ]*(limit|quota"
        r"|max)|reached your|unexpected volume|slow down|per (hour|day|minute|second)|submission quota",
        unless=r"size|hops?\b|line length|message too",
    ),
    sign(
        "message_too_big",
        r"too (big|large|long)\b|(size|octets|bytes)[\w ']*(limit|exceed|larger)|size ?limit|larger than"
        r"|maximum (\w+ )?size|exceed\w*[\w ']*\bsize|toobig",
        CONTENT | {"mail_from", "rcpt_to"},
        unless=r"\bline\b",
    ),
    sign(
        "content_rejected",
        r"\bvirus|malware|infected|attachment|executable|rfc.?(2)?(5322|822|5321|2822)|\bheaders?\b|\bhops?\b"
        r"|hop count|mail loop|loop(ing)? detected"
        r"|line (length|too long)|bare <?(lf|cr|line)|multiple (from|addresses|subject)|\bmime\b|message-id"
        r"|blocked (file|content)|security (issue|threat|risk)|date:"
        r"|invalid (format|content)|malformed (message|mail)",
        CONTENT,
    ),
    sign(
        "spam_rejected",
        r"\bspam|\bube\b|\buce\b|unsolicited|\bjunk|suspicio|phish|local policy|policy (reason|violation)|for policy"
        r"|content (was |is )?(reject|refus|not)"
        r"|(mail|message) (content )?(was |is |has been )?(reject|refus|not accept|not allow|block)|mail rejete",
        CONTENT | {"rcpt_to"},
    ),
    sign(
        "recipient_unknown",
        r"(user|mail ?box|recipient|address|account|alias|domain|destination)\w*\b[\w<>@:,. '()-]*\b(unknown"
        r"|not found|does(n.t| not) exist|invalid|no longer"
        r"|disabled|inactive|unavailable|not (known|listed|valid|recogni[sz]ed)|unrouteable|undeliverable|not our"
        r"|discontinued|expired)"
        r"|(no|unknown|invalid|bad|non-?existent|inactive|unrouteable|unroutable|undeliverable) (such )?(\w+ )?(user"
        r"|mail ?box|recipient|address|account"
        r"|destination|person|alias)|null mx|not our customer|doesn.t have an? |recipient domain|delivery error: dd"
        r"|no one|dns query failed",
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
        r"temporar|try (again|it)|retry|later|unavailable|not (currently )?available|maintenance|\bbusy\b|overload"
        r"|too much load|internal (\w+ )?error"
        r"|system (error|problem)|serverbug|server error|not active|sys/temp|unreachable|out of (memory|disk)"
        r"|insufficient system|local error"
        r"|could not be saved|resources|timeout|backend",
        unless=r"reason unavailable|(account|user|credential|password).*(invalid|incorrect)",
    ),
    sign("not_a_mail_server", r"\besmtp\b|^\* ok|^\+ok|^220 ", GREETING),
    sign(
        "protocol_error",
        r"sequence|not (recogni[sz]ed|implemented|understood)|unknown command|syntax|invalid (command|state"
        r"|character|argument)|illegal in state"
        r"|argument|badcharset|clientbug|synchroni[sz]ation|line too long|unexpected|command (error|unrecogni[sz]ed)"
        r"|pipelin|\bbad \[",
    ),
    sign(
        "auth_wrong_password",
        r"(invalid|incorrect|bad|wrong|unknown)[\w ]*(log[io]n|password|credential|user|auth|username)"
        r"|(auth\w*|log[io]n) (failed|failure|unsuccessful|rejected|error|denied|incorrect|invalid)|not accepted"
        r"|could not authenticate"
        r"|credentials were incorrect|password (is )?(incorrect|wrong|invalid)",
        LOGIN,
    ),
)
