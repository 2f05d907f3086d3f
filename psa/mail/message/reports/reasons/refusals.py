"""What servers say when they do not want the message or its sender."""

from __future__ import annotations

from psa.mail.message.reports.reasons.notation import HINT, LIKELY, STRONG, SURE, Evidence, says

REFUSALS: tuple[Evidence, ...] = (
    says(
        "greylisted",
        SURE,
        r"""
        gr[ea]y-? ?list
        gr[ea]y ?listed
        """,
    ),
    says(
        "greylisted",
        STRONG,
        r"""
        (try|come back|retry|resend) (again |later )?(in|after) <?\d[\d:]* ?(sec|min|<|$|\))
        first(-| )time (sender|connection|triplet)
        deferred for \d+ (sec|min)
        come back later
        """,
    ),
    says(
        "rate-limited",
        SURE + 5,  # the sender's quota, though codes for a full mailbox stand beside it
        r"""
        (submission|sending|outgoing|outbound|hourly|daily|recipient rate|smtp)…(quota|limit|rate|allowance)…(exceed
          |reach)
        (exceed|reached|over|hit)…(submission|sending|outgoing|hourly|daily|message rate) ?(quota|limit|rate)
        (exceed|reached|over|hit)…per[- ]?(hour|day|minute)
        """,
    ),
    says(
        "rate-limited",
        SURE,
        r"""
        rate[- ]?limit
        throttl
        too many (\w+ )?(connection|session|message|mail|e-?mail|request|attempt|recipient|rcpt|deliver|error)s?
        too many (concurrent|bad commands|invalid|unknown|failed|smtp)
        (too|very|so) (fast|frequent|quickly|often|rapidly|much mail)
        frequency…(limit|exceed|too high)
        slow down
        (connection|message|mail|send|sending|delivery|concurrency|session|smtp) (rate|frequency|count)…(exceed
          |too high)
        (connection|message|recipient|session|delivery) (rate )?(limit|quota)
        exceed\w*…(rate|frequency|(number|amount) of (\w+ )?(connections|messages|recipients|emails|mails|sessions))
        (messages|mails|emails|recipients|connections|sessions)( per|/| in the| in an| in one| in a| this
          | each) (last )?(hour|day|minute|second|session|connection)
        (daily|hourly) (user |message |mail |sending |smtp )*(limit|quota)
        (unexpected|unusual) (rate|volume|amount|traffic)
        concurrent (connection|session)
        max(imum)? (\w+ )?(connections|messages per|emails per|recipients per|message per)
        receiving mail (too quickly|at a rate)
        at a rate that
        mail flood
        sent too (many|much)
        limit…on the number of
        reduce (your|the) (rate|sending)
        deferred due to volume
        server (is )?(too )?busy
        """,
    ),
    says(
        "rate-limited",
        LIKELY,
        r"""
        limit exceed
        exceed…limit
        temporarily (deferred|rate)
        unable to (accept|receive) (any )?more
        """,
    ),
    says(
        "authentication",
        SURE + 2,
        r"""
        (spf|dkim|dmarc|arc|sender[- ]?id|domain ?keys)\b
        sender policy framework
        domain-based message auth
        does not designate
        unauthenticated (e-?mail|mail|message)
        (e-?mail|message|sender|domain|mail)…(fail|not pass)…(authentication|auth) ?(checks|of)?
        authentication checks? failed
        multiple authentication checks
        (missing|lack|no|without)…authentication (information|results)
        (level of authentication|authentication level)
        not authori[sz]ed to (send|use)…(domain|from:?)…(spf|policy|behalf)
        is not authori[sz]ed…to send (mail|e-?mail) (for|from|on behalf of)
        purported responsible
        (unaligned|not aligned|alignment)
        """,
    ),
    says(
        "security",
        SURE + 2,
        r"""
        not logged in
        unauthenticated sender
        """,
    ),
    says(
        "security",
        SURE,
        r"""
        (virus|malware|trojan|worm\b|infected|phish|ransomware|malicious|eicar|exploit|dangerous)
        starttls
        not support (tls|ssl|encrypt)
        (must|should) support tls
        (tls|ssl|encryption|encrypted|secure)…(required|needed|must|not (supported|offered|available)|mandatory|fail
          |error)
        (require|need|must use|demand|enforc)…(tls|encrypt)
        certificate
        security (issue|reason|risk|violation|problem|threat|concern|polic(y|ies) violat)
        (dane|mta-sts|tlsa|requiretls)\b
        (tls|ssl)…handshake
        (cipher|untrusted ?root)
        over (a )?(tls|ssl|encrypted|secure)
        (smtp )?auth(entication)? (is )?(required|needed|mandatory|unsuccessful|credentials|fail)
        must (be )?(authenticate|log ?in|logged)
        (not|requires?|needs?|without|please) (smtp )?(logged in|log ?in|authenticat(e|ed|ion))\b
        (credentials|password)…(invalid|incorrect|wrong|rejected|required)
        pop before smtp
        """,
    ),
    says(
        "message-too-big",
        SURE,
        r"""
        {mail}( is| was)? too long
        {mail}…(too (big|large|heavy)|oversized?|larger than|bigger than)
        {mail}…exceed…(size|limit of \d|bytes|byte|kb|mb|octets|length|maximum allowed)
        (message|mail|email|attachment|content|body|header|data|request)[- ]?('s )?(size|length)…(exceed|limit
          |maximum)
        (message|mail|email|attachment|content|body|header|data)[- ]?('s )?(size|length)…(over|too|larger|beyond
          |greater)
        exceed…(message|fixed|maximum|max\.?|size|attachment)…(size|limit|length)
        too (big|large)\b
        over ?-?size
        size (limit|quota)
        max(imum)? (message |allowed |mail |email )?size
        (toobig|sizelimit|msgtoobig)
        exceeds (the )?(maximum|max|size|server)
        not enough room for (this|the) message
        """,
    ),
    says(
        "relay-denied",
        SURE + 1,
        r"""
        relay(ing)?…(denied|disallowed|prohibited|refused|rejected|blocked|restricted|forbidden|disabled|den(y|ies))
        relay(ing)?…not (permitted|allowed|enabled|supported)
        (unable|not (allowed|able|permitted|authori[sz]ed|configured)|can not|refus\w*|denied|reject(ed)?
          |denying) (to )?relay
        (no|un-?authori[sz]ed|illegal|will not|do not|does not|not|unapproved|third[- ]party|without) (to )?relay
        not an? (open )?relay
        rcpthosts
        not (a |an )?(registered )?gateway
        (we|i|server|host|system) (do|does|will) not (relay|accept mail for|handle)
        (domain|host|<host>)…(not (in|on|listed in) my|{isnt} (handled|hosted|local|served)|not (local|hosted) (here
          |to this))
        address(es)? (is|are|was) not verified
        not (hosted|handled) (here|by this|on this)
        not (a )?local (domain|host)
        not (permitted|allowed) to (send|relay) through
        non-?local recipient
        no valid cert for (gatewaying|relay)
        mail (for|to) this domain (is )?not
        """,
    ),
    says(
        "policy",
        SURE + 1,
        r"""
        sender (was |is )?not (been )?authenticated
        {sender}( <address>| address| domain| name| e-?mail|:|'s)*…(reject|denied|refus|invalid|unknown|unresolv
          |blocked|black)
        {sender}( <address>| address| domain|:)*…(not (allowed|exist|found|permitted|accept|resolv|verified|valid
          |known))
        {sender}( <address>| address| domain|:)*…(not (fully|authori[sz]ed|recogni|a member|listed|trusted|white|own
          |belong))
        {sender}( <address>| address| domain|:)*…(bad\b|verif\w+ fail|must|{isnt}|malformed|disallowed|lacks)
        (bad|invalid|unknown|illegal|malformed|blocked|bogus|forged|unresolvable|unverified
          |spoofed) (envelope )?{sender}
        (rejected|unroutable|denied|unqualified|fake) (envelope )?{sender}
        domain of sender
        sender (verify|verification|callout|callback|denied|rejected|blocked|unknown|invalid)
        (you|sender)( <address>)? {isnt} (have |been )?(allowed|permitted|authori[sz]ed|permission|a member|subscribed
          |able)
        (you|sender)( <address>)? (are|is) not (allowed|permitted|authori[sz]ed|a member|subscribed|entitled)
        permissions? to (post|send)
        only (members|subscribers|moderators|authori[sz]ed)
        (members|subscribers)[- ]only
        not (in|on) (the )?(allowed|accepted|permitted|white|approved)[- ]?(senders?)?
        allowed senders
        transport rule
        recipient preferences
        does not like recipient
        closed (list|group)
        moderated
        only accepts? (mail|messages|e-?mails?|from)
        does not accept…(from|external|outside)
        restricted
        (user|recipient|he|she) (has )?(blocked|refuses|rejected|does not want)…(mail|you|messages|sender)
        not accepting…from (you|this|your|outside|external)
        (badmailfrom|badrcptto|badmailto)
        group…(may not exist|permission)
        (null sender|backscatter|send (mail )?as\b)
        not owned by
        not (a )?local sender
        sender signature
        unresolv…(sender|from)
        from an? unauthori[sz]ed
        blocked by (the )?(recipient|user|addressee|customer)
        administrati?(ve|vely) (prohibit|den|reject|block|refus)
        """,
    ),
    says(
        "policy",
        STRONG,
        r"""
        polic
        (not|un)[- ]?authori[sz]ed
        (not|no) (permitted|permission)
        (prohibited|forbidden)
        does not conform
        not (be )?accepted for
        """,
    ),
    says(
        "policy",
        HINT,
        r"""
        not (allowed|accept)
        access denied
        den(ied|y)
        (refus|reject|declin)
        administrative
        block(ed)?\b
        filter
        only accept
        (unable to accept|unacceptable|not welcome|bounced by)
        """,
    ),
    says(
        "blocked",
        SURE,
        r"""
        (reputation|black ?-?list|block ?-?list|deny ?-?list|delist|unblock)
        (rbl|dnsbl|sbl|xbl|pbl|cbl|drbl|zrbl|brbl|dul)s?\b
        real[- ]?time (black|block)
        complaint
        (?<!not )listed (at|in|by|on|with)…(<host>|<link>|list|bl\b)
        reverse[- ](dns|lookup|mapping|name|hostname|resolution)
        (rdns\b|ptr\b|in-addr|fcrdns\b|iprev)
        no (dns )?(name|hostname) (for|found)
        (can not|could not|unable to) (find|resolve|verify) your (host|ip|reverse|hostname|domain)
        without…(reverse|hostname|valid sender domain)
        dynamic(ally)?[- ](ip|address|host|assigned|allocated|pool|range)
        (dial-?up|residential|generic (rdns|hostname|ptr))
        {client}s?( name| address| <ip>| <host>| is| was| has| been| are| have| currently| temporarily| permanently
          | on|:)* {shut}
        {shut} (sending )?(ip|host|network|sender ip|client|server|connecting)
        (mail|messages?|e-?mails?|connections?|traffic) (from|by|via)…(ip|<ip>|<host>|host|network|server|country
          |isp)…{shut}
        (mail|messages?|e-?mails?|connections?|traffic) (from|by|via)…(ip|<ip>|<host>|host|network|server|country
          |isp)…deferred
        (messages?|mail|connections?|traffic)…not (be )?accepted from
        (blocked|listed) (by|using|due to|through|via|because of)…(<host>|list|bl\b|<ip>)
        (refused|rejected|denied) (using|due to|because of)…(<host>|list|bl\b)
        refused to talk to me
        connections? (is |was |are |has been )*(refused|rejected|denied|blocked|dropped)…(from (your|this|ip|<ip>
          |<host>|host)|due|polic)
        (bad|invalid|fake|illegal|bogus|unacceptable|wrong) (helo|ehlo)
        (helo|ehlo)\b…(reject|invalid|not\b|denied|mismatch|must|should|required|fail|need)
        not (allowed|permitted|authori[sz]ed) to connect
        you are (blocked|banned|blacklisted|not welcome)
        (banned (sending|sender|client|host)|(is|are|been) banned)
        (mismatch(es)? client|client mismatch)
        (your|sending) (access|server|system|host|ip)…(to this mail|suspicious|compromised|open (relay|proxy))
        open (relay|proxy)\b
        (smtp server of your isp|your (isp|provider)'?s? (smtp|mail) (server|relay))
        unverif(y|i)able sending
        network (is )?(not allowed|blocked|banned|on our)
        no access from
        """,
    ),
    says(
        "spam",
        SURE,
        r"""
        spam(?!haus|cop|rats)
        (unsolicited|u[bc]e\b|bayes|junk|unwanted|gtube|razor|pyzor|cloudmark|rspamd|dcc\b)
        looks like (a )?bulk
        bulk (e-?)?mail
        """,
    ),
    says(
        "spam",
        STRONG,
        r"""
        suspicious
        suspect
        (high|excessive|bad) (probability|score)
        advertis
        """,
    ),
    says("content", SURE + 3, r"(duplicate|multiple)…(header|from\b|subject|addresses in)"),
    says(
        "content",
        SURE,
        r"""
        banned (file|content|word|extension|attach|name)
        banned:
        (forbidden|prohibited|illegal|disallowed|unacceptable|unsafe|blocked|executable) (file|word|attachment
          |extension|content)
        (forbidden|prohibited|illegal|disallowed|unacceptable|unsafe|blocked) (text|url|link|header|character)
        attachment…(not (allowed|accepted|permitted)|blocked|reject|prohibit|forbidden|type|removed|banned)
        content…(filter|restrict|unacceptable|inappropriate|violat)
        (header|mime|subject|message-id|line)s?…(malformed|non-?compliant|not (rfc|compliant|valid)|missing|duplicate
          |multiple)
        (header|mime|subject|message-id|line)s?…(corrupt|too long|invalid (format|syntax)|unparseable|garbled)
        (missing|duplicate|multiple|bad|invalid|malformed|no|empty|incorrect|broken) (\w+ )?(\w+ )?(header|message-id
          |date:|from:)
        (missing|duplicate|multiple|bad|invalid|malformed|no|empty|incorrect|broken) (\w+ )?(\w+ )?(subject|mime)
        (rfc ?-?[25]?[38]22|rfc ?5321|not rfc|non-?rfc)
        header error
        headers? (fail|must|lack)
        (8-?bit|mime)\b
        bare (<?lf|<?cr|line ?feed|newline)
        line (length|too long)
        (smtputf8|internationali[sz]ed|unicode (e-?mail )?address|non-ascii)
        media (error|not supported)
        conversion (required|not supported|failed|error)
        message format
        (poison|profanity|obscene|keyword|offensive)
        (encrypted (attachment|archive|zip)|password[- ]protected)
        unsupported (charset|encoding|format)
        """,
    ),
    says(
        "content",
        STRONG,
        r"""
        content
        attachment
        charset
        """,
    ),
)
