"""What servers say to a login, and to mail without one."""

from psa.mail.diagnosis.sign import BEFORE_MAIL, GREETING, LOGIN, OPENING, TLS, TOKEN, sign

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
        r"app(lication)?[- ]?specific|app(lication)?[- ]password|authori[sz]ation code|parol prilozheniya"
        r"|invalidsecondfactor"
        r"|two-factor|2-step",
        LOGIN,
    ),
    sign(
        "auth_web_login_required",
        r"web ?browser|web ?(log|sign)-?in|(log|sign) ?in (via|with|using|through) (the|a|your) (web|browser|site)"
        r"|weba(lert)"
        r"|password (must be|has to be|needs to be) changed|password (has )?expired|change (your|the) password|captcha"
        r"|verify (it.s you|your (identity|account))",
        LOGIN,
    ),
    sign(
        "auth_basic_disabled",
        r"basic auth\w*.*(disabled|not supported|blocked|no longer)|provided authentication mechanism|legacy auth"
        r"|modern auth"
        r"|oauth2? (is )?(required|only)|less secure app",
        BEFORE_MAIL,
    ),
    sign(
        "tls_required",
        r"(issue|use|send|enter|start).*(starttls|\btls\b|\bssl\b).*(first|mode|before)|privacyrequired|logindisabled"
        r"|(plain ?text|clear ?text|plain login).*(disallow|disabled|not (allowed|permitted)|refused)|non-secure"
        r"|(starttls|\btls\b|\bssl\b|encrypt\w*|secure connection)[\w /()-]*\b(is |are )?(required|mandatory|needed"
        r"|necessary)"
        r"|(require[sd]?|must use|only (over|under|via|with)|available under)[\w /()-]*(starttls|\btls\b|\bssl\b"
        r"|encrypt|secure|layer)"
        r"|wasn.t sent over a tls|after entering tls|encryption (is )?required",
        unless=r"must support tls|not.supported|version|cipher",
    ),
    sign(
        "auth_policy_blocked",
        r"unauthori[sz]ed ip|\bip\b.*not (authori[sz]ed|allowed|permitted|whitelisted)|conditional access"
        r"|did not meet the criteria"
        r"|unsafe log[io]n|country|geo.?(block|location)|security defaults|access polic(y|ies)|(blocked"
        r"|denied) by .*policy"
        r"|(this|your) (ip|location|network|device) (address )?(is|was)? ?(not allowed|blocked|denied)",
        LOGIN | {"select"},
    ),
    sign(
        "account_blocked",
        r"not (yet )?(been )?activated|bad outbound sender|spam abuse detected|exceeded threshold|disabled by user"
        r"|outbounds? disabled"
        r"|(account|server|tenant|domain|subscription|sending)[\w -]*\b(suspended|locked|blocked|frozen|paused"
        r"|terminated|on hold)"
        r"|(suspended|locked|blocked|frozen) (account|user)|sending (is )?(disabled|paused|suspended)"
        r"|unusual activity|sign in too many",
        BEFORE_MAIL | {"data", "dsn"},
        unless=r"\bip\b|client host|maildrop|mailbox is locked|recipient",
    ),
    sign(
        "auth_not_offered",
        r"no suitable auth|mechanisms? (\w+ )?(is |are )?(not supported|unsupported|unknown)|(un(supported"
        r"|recogni[sz]ed)) auth"
        r"|auth(entication)?( extension)? (is )?not (supported|enabled|allowed|available|advertised)"
        r"|no .*auth.* mechanism",
        LOGIN | {"mail_from", "any"},
    ),
    sign(
        "protocol_disabled",
        r"(imap|pop3?|smtp|smtpclientauthentication|service|login|protocol)\w*\b[\w .-]*\b(disabled|deactivated"
        r"|switched off)"
        r"|(imap|pop3?|smtp|service|protocol)[\w ]*\bnot (enabled|allowed|activated|permitted)"
        r"|not (enabled|activated|allowed|permitted) (for|to use) (imap|pop3?|smtp)|(yet to|please"
        r"|must) enable (imap|pop3?|smtp)"
        r"|enable (imap|pop3?|smtp) (access|in)|no (imap|pop3?|smtp) access",
        LOGIN | GREETING | {"any", "select", "mail_from"},
        unless=r"smtputf8|auth\w* not enabled|plain login",
    ),
    sign("account_blocked", r"(account|user|mailbox)[\w -]*\b(disabled|inactive|deactivated|blocked)", LOGIN),
    sign(
        "starttls_not_offered",
        r"starttls.*not.?(supported|available|offered|implemented|advertised|allowed)|\b(tls"
        r"|ssl)\b[\w ]*not (supported|available)"
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
        r"smtputf8|unicodeencodeerror|internationali[sz]ed|unicode|non-?ascii|8-bit data|ordinal not in range"
        r"|has letters that this server",
    ),
    sign(
        "auth_required",
        r"authentication (is )?required|auth required|(must|please) (first )?(authenticate|log ?in|auth\b)"
        r"|\bauth first|not logged in|unauthenticated senders?"
        r"|not authenticated( to send)?|log ?in (first|required)|requires? (smtp )?auth|authenticate (first|before)"
        r"|need to auth",
        frozenset({"mail_from", "rcpt_to", "data", "any"}),
        unless=r"by organi[sz]ation|spf|dkim",
    ),
    sign(
        "permission_missing",
        r"authenticated but not connected|not authori[sz]ed to perform|permission denied|noperm|not writable|read-?only"
        r"|(no|insufficient|lacks?) (permission|rights|privilege|access)|access denied|not (authori[sz]ed|allowed"
        r"|permitted)",
        OPENING | {"token"},
        unless=r"\bip\b|spf|dkim|spam|sender|from|relay|not accepted",
    ),
    sign("permission_missing", r"not authori[sz]ed to perform"),
)
