"""Codes that mean one thing, whoever writes them: of operating systems, of OpenSSL, of OAuth, and of single providers.

Where such a code stands, the words around it may be in any language.
"""

from __future__ import annotations

import re

from psa.mail.diagnosis.microsoft import ENTRA_CAUSES, ENTRA_CODE

# errno.h of Linux, macOS and BSD, winsock.h, and their names (Node shows those); getaddrinfo's own begin with a minus.
SYSTEM = (
    ("dns_not_found", r"\[errno -[25]\]|\[errno 8\].*name|\b1100[14]\b|\beai (noname|nodata)\b|\benotfound\b"),
    ("dns_temporary", r"\[errno -[34]\]|\b1100[23]\b|\beai (again|fail)\b|\bservfail\b"),
    ("connect_refused", r"\[errno (111|61)\]|\b10061\b|\beconnrefused\b|\[errno -8\]"),
    ("port_blocked", r"\[errno (1|13|60|110)\]|\b100(13|60)\b|\be(timedout|acces|perm)\b"),
    (
        "network_unreachable",
        r"\[errno (47|49|50|51|64|65|97|99|100|101|112|113)\]|\b100(47|49|50|51|64|65)\b"
        r"|\be(netunreach|hostunreach|addrnotavail|afnosupport|netdown|hostdown)\b",
    ),
    (
        "connection_dropped",
        r"\[errno (32|53|54|57|103|104|107)\]|\b100(52|53|54|57)\b|\be(connreset|pipe|connaborted|notconn)\b",
    ),
)
# sslerr.h and x509_vfy.h of OpenSSL, as Python, Node and others print them. GnuTLS, Java and Windows use other words.
OPENSSL = (
    ("cert_expired", r"certificate (has )?expired|cert has expired|certexpired|not yet valid"),
    (
        "cert_hostname_mismatch",
        r"altname invalid|certsubjectmismatch|namemismatch|(hostname|ip address) mismatch",
    ),
    (
        "tls_incompatible",
        r"alert protocol version|unsupported protocol|handshake failure|no (shared|common) cipher|no ciphers available"
        r"|key too (small|weak)|md too weak|legacy renegotiation"
        r"|certificate required|no protocols available|insufficient security|wrong signature type|alert internal error"
        r"|unrecognized name|bad ecpoint|bad dh|wrong curve|no suitable key|version too low|illegal parameter"
        r"|inappropriate fallback|no application protocol|alert bad certificate|unsupported certificate|legacy sigalg",
    ),
    (
        "cert_untrusted",
        r"unknown ca\b|certificate verify failed|self[ -]signed|unable to verify (the first|leaf)"
        r"|unable to get (local )?issuer|untrusted ?root|certificate (unknown|revoked)|invalid ca certificate",
    ),
    (
        "tls_port_mismatch",
        r"wrong version number|unknown protocol|record layer failure|packet length too long"
        r"|\[ssl: https? (proxy )?request\]|bad record type|ssl.*unexpected message",
    ),
    ("connection_dropped", r"unexpected eof|eof occurred in violation|application data after close|\[ssl: bad length"),
)
# imaplib when a line ends too soon, and Dovecot when it cannot read a command: both quote words that mean nothing.
CONVERSATION = (
    ("connection_dropped", r"socket error: (unterminated line|eof)"),
    ("protocol_error", r"error in (imap|pop3) command"),
)
# The challenge of XOAUTH2 is {"status": …} in base64.
CHALLENGE = (("oauth_token_invalid", r"eyjzdgf0dxmi"),)
# Any other trouble that OpenSSL names: both sides speak TLS, and do not agree.
OTHER_TLS = (("tls_incompatible", r"\[ssl: [a-z]"),)
# RFC 6749, 5.2, and Google's and Yahoo's own. Where Microsoft adds a number of Entra, that one says more.
OAUTH = (
    (
        "oauth_app_misconfigured",
        r"\b(invalid|deleted|disabled)_client\b|redirect_uri_mismatch|\borg_internal\b|\binvalid_scope\b"
        r"|unsupported_(grant|response)_type",
    ),
    ("auth_policy_blocked", r"admin_policy_enforced"),
    ("permission_missing", r"\bunauthorized_client\b|\bconsent_required\b|\baccess_denied\b"),
    ("oauth_token_invalid", r"\binvalid_grant\b|\b(interaction|login)_required\b|invalid_rapt|invalid_refresh_token"),
    ("server_temporary", r"\btemporarily_unavailable\b|\binternal_failure\b"),
)
# Exchange names what its categorizer resolved or restricted, and links to the page about one switch. The words beside
# them say only what follows from it, such as that somebody is not authenticated.
EXCHANGE = (
    ("recipient_unknown", r"resolver\.adr\.\w*(notfound|unknown|invalid)"),
    ("recipient_rejected", r"resolver\.rst\.(auth|notauth|sendernotauth|restricted|dlneedsapproval|moderat)"),
    ("protocol_disabled", r"aka\.ms/smtp auth disabled"),
)
# The page behind a link, or the code that a provider documents for its postmasters.
PROVIDERS = (
    # support.google.com/mail/?p=…
    ("recipient_unknown", r"[?&]p=(nosuchuser|disableduser|inactiveuser)"),
    ("auth_wrong_password", r"[?&]p=badcredentials"),
    ("auth_app_password_required", r"[?&]p=invalidsecondfactor|answer/185833"),
    ("auth_web_login_required", r"[?&]p=webloginrequired|answer(/|\.py\?answer=)78754|google\.com/signin/continue"),
    ("auth_required", r"[?&]p=wantautherror"),
    ("mailbox_full", r"[?&]p=overquota"),
    ("message_too_big", r"[?&]p=maxsizeerror"),
    ("content_rejected", r"[?&]p=blockedmessage"),
    ("reverse_dns_or_helo", r"[?&]p=helo\b"),
    ("message_too_big", r"\w+\.\w*sizelimit"),
    # learn.microsoft.com: non-delivery reports in Exchange Online; sendersupport.olc.protection.outlook.com
    ("tls_incompatible", r"aka\.ms/(popimap|smtp auth) tls"),
    ("too_many_connections", r"aka\.ms/concurrent sending"),
    ("ip_blocked", r"\(s31[45]0\)|sender\.office\.com|\bdelist@|\((ou|sc|dy)-00\d\)"),
    ("rate_limited", r"\(rp-00\d\)"),
    # senders.yahooinc.com/error-codes; postmaster.aol.com
    ("rate_limited", r"\[tss?0[1-8]\]|\[(rl|rp)\d\d\]"),
    ("ip_blocked", r"\[tss(09|10)\]|\[(bl|ip|dyn)\d*\]"),
    ("reverse_dns_or_helo", r"\[tss11\]|\brtr:(bb|bg)\b"),
    ("greylisted", r"\[gl01\]"),
    ("spam_rejected", r"\[(ph|vs)\d\d\]|\bhvu:b\d\b"),
    # support.apple.com/102322
    ("spam_rejected", r"\[cs\d\d\]"),
    ("sender_auth_failed", r"\[hme1\]"),
    ("ip_blocked", r"\[hm0[78]\]"),
    # GoDaddy: 0xx and 1xx the address, 2xx content, 5xx sender and recipient, 6xx numbers, 7xx attachments
    ("too_many_connections", r"\bib00\d\b"),
    ("reverse_dns_or_helo", r"\bib1(08|11)\b"),
    ("ip_blocked", r"\bib1(03|04|05|06|10|12)\b"),
    ("spam_rejected", r"\bib2\d\d\b"),
    ("recipient_unknown", r"\bib50[1-4]\b"),
    ("sender_address_invalid", r"\bib50[5-7]\b"),
    ("sender_auth_failed", r"\bib5(08|10)\b"),
    ("rate_limited", r"\bib6\d\d\b"),
    ("content_rejected", r"\bib7\d\d\b"),
    # Orange and Wanadoo, La Poste
    ("too_many_connections", r"\bofr00[45] 10\d\b"),
    ("ip_blocked", r"\bofr006 10\d\b"),
    ("recipient_unknown", r"\bofr\d* 416\b|\blpn007 40\d\b"),
    ("mailbox_full", r"\bofr\d* 417\b|\blpn007 41\d\b"),
    ("spam_rejected", r"\bofr\d* (506|999)\b"),
    ("sender_auth_failed", r"\blpn007 517\b"),
    # postmaster.comcast.net
    ("ip_blocked", r"#bl0{3}\d"),
    ("rate_limited", r"#rl0{3}\d"),
    ("reverse_dns_or_helo", r"#(id|pt)0{3}\d"),
    ("sender_auth_failed", r"#dm0{3}\d"),
    # NetEase (163, 126): mail.163.com/help/help_spam_16.htm
    ("ip_blocked", r"\bmi:(cel|ipb|dmc)\b|\brp:(trc|dro)\b"),
    ("rate_limited", r"\brp:(cel|rck)\b|\bmi:(spb|nhd|sfq|stc)\b|\bdt:spb\b"),
    ("spam_rejected", r"\bdt:spm\b"),
    # Amazon SES: the right to send, as IAM names it
    ("permission_missing", r"\bses:send\w*email\b"),
    (
        "ip_blocked",
        r"spamhaus|spamcop|barracudacentral|barracudanetworks\.com/reputation|\bsorbs\b|ipcheck\.proofpoint",
    ),
)
ENTRA_IS_SURE, SURE, TELLING, LIKELY = 20, 12, 8, 4
TABLE = tuple(
    (weight, cause, re.compile(pattern))
    for weight, rows in (
        (SURE, SYSTEM),
        (SURE, OPENSSL),
        (SURE, CONVERSATION),
        (SURE, CHALLENGE),
        (SURE, EXCHANGE),
        (TELLING, OAUTH),
        (TELLING, PROVIDERS),
        (LIKELY, OTHER_TLS),
    )
    for cause, pattern in rows
)


def known_codes(text: str) -> list[tuple[str, int, str]]:
    """(cause, weight, the code as it stands) for each code found in ``text`` (lower case)."""
    # CERTIFICATE_VERIFY_FAILED stands beside “certificate verify failed”: one way of writing them is enough. In OAuth
    # the underscore makes the code: temporarily_unavailable is one, “temporarily unavailable” are words.
    both = f"{text} {text.replace('_', ' ')}"
    found = [(cause, weight, code.group()) for weight, cause, pattern in TABLE if (code := pattern.search(both))]
    for entra in ENTRA_CODE.finditer(text):
        cause = ENTRA_CAUSES.get(entra.group(1))
        if cause is not None:
            found.append((cause, ENTRA_IS_SURE, entra.group()))
    return found
