"""What single providers mean by the codes of their own that they put into an answer."""

from __future__ import annotations

import re


def _sign(reason: str, codes: str) -> tuple[str, re.Pattern[str]]:
    """The codes, one on each line, in lower case: looked for in the answer as it is, names and links included."""
    return (reason, re.compile("|".join(line.strip() for line in codes.strip().splitlines())))


SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # Exchange: the names of its components and of their exceptions
    _sign("user-unknown", r"resolver\.adr\.(?:recip|ex|inv|bad)|recip(?:ient)?notfound|resolver\.adr\.invalid"),
    _sign(
        "user-unknown",
        r"""
        5\.4\.1 [^\n]{0,120}recipient address(?:es)? rejected ?: ?access denied
        """,
    ),
    _sign("user-unknown", r"5\.1\.10\b(?![^\n]*null ?mx)"),
    _sign(
        "policy",
        r"""
        resolver\.rst\.(?:sender|auth|not ?auth|restricted|recipient)|resolver\.grp|resolver\.pf\.invalid
        unifiedgroupagent|senderrestricted
        """,
    ),
    _sign("message-too-big", r"resolver\.rst\.(?:send|recip)sizelimit|(?:recip|send)sizelimit"),
    _sign(
        "mailbox-full",
        r"""
        quotaexceeded(?:exception)?|storedrv\.deliver[^\n]{0,40}mailbox full|mapiexceptionshutoffquota
        """,
    ),
    _sign("system", r"routing\.loop|storedrv\.deliver\.exception|hopcountexceeded|attr34"),
    _sign(
        "host-unknown",
        r"""
        smtpsend\.dns\.nonexistentdomain|nonexistentdomain|dns\.infodomainnonexistent
        infodomainnonexistent
        """,
    ),
    _sign("relay-denied", r"tenantattribution|smtp;[^\n]{0,30}unable to relay"),
    _sign(
        "policy",
        r"""
        ruledeliveryfailed|organization transport rule|agents?\.transport rule|transport\.rules\.reject
        """,
    ),
    _sign("expired", r"queue\.expired"),
    # Google: the name or number of the help page
    _sign("user-unknown", r"support\.google\.com/mail/(?:\?p=nosuchuser|answer/6596)|answer=6596"),
    _sign("mailbox-full", r"\?p=overquota(?:perm|temp)|answer/(?:6558|22370)\b|answer=(?:6558|22370)\b"),
    _sign("mailbox-disabled", r"\?p=(?:disableduser|inactiveuser)|answer/6227\b"),
    _sign(
        "rate-limited",
        r"""
        \?p=(?:receivingrate|unsolicitedratelimiterror|dailylimitexceeded|sl\b)|answer/(?:6592|22839)\b
        answer=(?:6592|22839)\b
        """,
    ),
    _sign("spam", r"\?p=unsolicitedmessageerror|answer/188131"),
    _sign(
        "blocked",
        r"""
        \?p=(?:notauthorizederror|unsolicitediperror|ipv6authorization|bulkiperror|ptr|iperror)
        answer/10336\b|answer=10336\b
        """,
    ),
    _sign("security", r"\?p=(?:blockedmessage|starttls|wantauth\w*|tlsrequired)|answer/6590\b|answer=6590\b"),
    _sign(
        "authentication",
        r"""
        \?p=(?:dmarc\w*|\w*autherror\w*|\w*auth(?:rejection|fail)\w*|spf\w*|dkim\w*)
        answer/(?:2451690|81126)[^\n]{0,20}\b
        """,
    ),
    _sign("content", r"\?p=rfcmessagenoncompliant"),
    # Yahoo and AOL
    _sign(
        "user-unknown",
        r"""
        delivery error: dd (?:this user|requested)|doesn't have an? (?:yahoo|ymail|rocketmail|aol)
        """,
    ),
    _sign("mailbox-disabled", r"disabled or discontinued \[#?\d+\]"),
    _sign(
        "blocked",
        r"""
        \[(?:bl\d\d|ipts\d\d|tss0[5-9]|tss1[0-9])\]|\((?:rtr|rly|con|dns|dyn):\w\w?\d?\)?
        (?<!\w)(?:rtr|rly|con|dns|dyn):b[bw\d]
        """,
    ),
    _sign("blocked", r"\[ts(?:s?0[1-4])\]"),
    _sign("spam", r"\(?hvu:b\d|\[ph01\]"),
    _sign("greylisted", r"\[gl01\]"),
    # Microsoft's consumer mail
    _sign("blocked", r"\b(?:ou-00\d|dy-00\d|s3140|s3150|s3113|s775\d?)\b"),
    _sign("rate-limited", r"\brp-00\d\b|\bs77719\b|\bas(?:780|761|777)\b"),
    _sign("policy", r"\bsc-00\d\b"),
    # Orange, SFR, La Poste
    _sign("blocked", r"\b(?:ofr|lpn|sfr)\d*_(?:10[0-3]|510|511|99[89])\b"),
    _sign("rate-limited", r"\b(?:ofr|lpn|sfr)\d*_(?:104|105|106|109|107)\b"),
    _sign("user-unknown", r"\b(?:ofr|lpn|sfr)\d*_416\b"),
    _sign("mailbox-full", r"\b(?:ofr|lpn|sfr)\d*_(?:417|422)\b"),
    _sign("suspended", r"\b(?:ofr|lpn|sfr)\d*_(?:420|426)\b"),
    _sign("spam", r"\b(?:ofr|lpn|sfr)\d*_(?:506|515|518)\b"),
    _sign("authentication", r"\b(?:ofr|lpn|sfr)\d*_(?:517|519|520)\b"),
    _sign("message-too-big", r"\b(?:ofr|lpn|sfr)\d*_513\b"),
    # Apple, Comcast, Cox, Charter, GoDaddy
    _sign("policy", r"\[cs01\]|\[hm0[78]\]|\[cs02\]"),
    _sign("authentication", r"\[hme1\]"),
    _sign(
        "blocked",
        r"""
        \bbl0000\d\d\b|\bptr000\d{3,4}\b|\bcxbl\b|\bcxdns\b|\bib10[3-8]\b|\bib11[0-9]\b
        \baup#(?:cdrbl|rbl)
        """,
    ),
    _sign(
        "rate-limited",
        r"""
        \brl0000\d\d\b|\bcxthrt\b|\bcxcnct\b|\bib60[1-9]\b|\baup#(?:i|in|o)-1[35]\d0\b|\bib70[1-4]\b
        """,
    ),
    _sign("policy", r"\bcxsndr\b|\baup#sndr"),
    _sign("authentication", r"\bib50[4-9]\b"),
    _sign("spam", r"\bib(?:212|50[1-3])\b|\bcxsmtp\b"),
    # Facebook
    _sign("user-unknown", r"\brcp-p1\b"),
    _sign("policy", r"\brcp-p[2-9]\b|\bpol-p[2-9]\b"),
    _sign("spam", r"\bpol-p1\b|\bmsg-p1\b"),
    # NetEase (163, 126, yeah) and Tencent
    _sign("spam", r"\bdt:(?:spm|sum)\b|\bmi:spb\b"),
    _sign(
        "blocked",
        r"""
        \bdt:rbl\b|\bwm:bl[iu]\b|\bhl:(?:ipb|ihu|rep|bla)\b|\bmi:(?:nhd|nhe|ipb)\b|\bip:qpl\b
        """,
    ),
    _sign(
        "rate-limited",
        r"""
        \bhl:(?:icc|ifc|mep|itc)\b|\brp:(?:qrc|trc|drc|ccl|cel)\b|\bmi:(?:dmc|ccl|cel|stc|sfq|qpl)\b
        \bcl:\w{3}\b
        """,
    ),
    _sign("authentication", r"\bmi:(?:dma|spf)\b"),
    # Lists of senders, and the firms that keep them
    _sign(
        "blocked",
        r"""
        spamhaus|spamcop|sorbs\b|barracudacentral|barracudanetworks\.com/reputation|abuseat\.org
        uceprotect|senderscore|senderbase|talosintelligence|csi\.cloudmark|ipcheck\.proofpoint|mailspike
        abusix|spamrats|invaluement|psbl\.|njabl|dsbl\.|trend micro email reputation
        \bers-(?:rbl|qil|dul)|hostkarma|backscatterer|sender\.office\.com|postmaster\.live\.com
        tosa@rx\.t-online
        """,
    ),
)


def by_sign(words: str) -> str | None:
    """The reason that a provider's own code in the answer stands for."""
    lowered = words.lower()
    return next((reason for reason, pattern in SIGNS if pattern.search(lowered)), None)
