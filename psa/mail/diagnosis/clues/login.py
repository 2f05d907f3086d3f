"""What servers say to a login, and to mail without one."""

from psa.mail.diagnosis.clues.clue import clues
from psa.mail.diagnosis.clues.stages import ENVELOPE, FOLDER, GREETING, LOGIN, READING, TOKEN

SIGNING_IN = (
    *clues(
        "auth_wrong_password",
        (5, "password|user wrong !locked", LOGIN),
        (4, "login|account|mailbox wrong", LOGIN),
        (4, "login_failed", LOGIN),
        (4, "user|account|mailbox unknown", LOGIN),
        (2, "denied|wrong", LOGIN),
    ),
    *clues(
        "auth_app_password_required",
        (10, "app_password", LOGIN),
        (9, "two_factor", LOGIN),
    ),
    *clues(
        "auth_web_login_required",
        (10, "browser login|required !mail_protocol", LOGIN),
        (10, "identity_check", LOGIN),
        (10, "password must_change|expired !account_suspended", LOGIN),
        (10, "must_change !account_suspended", LOGIN),
    ),
    *clues(
        "auth_basic_disabled",
        (
            11,
            "basic_auth disabled|not_offered|denied|blocked|no_longer",
            LOGIN | GREETING | {"mail_from", "data", "any"},
        ),
        (10, "oauth required|only", LOGIN | GREETING),
        (10, "provided_mechanism"),
        (10, "security_defaults", LOGIN),
    ),
    *clues(
        "auth_policy_blocked",
        (9, "country denied|blocked|disabled", LOGIN | {"select"}),
        (9, "ip denied|blocked|disabled|unknown|suspended !many", LOGIN),
        (9, "not_allowlisted", LOGIN),
        (8, "policy denied|blocked|required|disabled", LOGIN),
        (7, "policy", LOGIN),
        (10, "conditional_access", LOGIN),
        (10, "unsafe_login"),
        (9, "criteria", LOGIN),
    ),
    *clues(
        "account_blocked",
        (9, "account|user|domain|mailbox suspended !ip !policy !mail_protocol !basic_auth !country", LOGIN),
        (9, "account suspended", frozenset({"mail_from", "data", "greeting", "any"})),
        (7, "host suspended", LOGIN),
        (8, "sending suspended !ip !recipient !spam", frozenset({"data", "mail_from", "any", "auth"})),
        (10, "outbound_block"),
        (11, "account not_activated !service"),
        (9, "not_activated !mail_protocol", ENVELOPE | LOGIN),
        (6, "service suspended", LOGIN),
    ),
    *clues(
        "auth_not_offered",
        (9, "mechanism not_offered|invalid|unknown !basic_auth !provided_mechanism", LOGIN | GREETING | {"mail_from"}),
        (9, "auth_extension not_offered|unknown|denied", LOGIN | GREETING | {"mail_from"}),
        (7, "login not_offered|unknown !tls !service !country !ip !user", LOGIN | GREETING | {"mail_from"}),
        (6, "command not_offered", LOGIN),
    ),
    *clues(
        "auth_required",
        (7, "login required !by_recipient !domain_auth !encryption_first", ENVELOPE | {"any", "ehlo"}),
        (10, "not_logged_in !by_recipient !domain_auth", ENVELOPE | {"any", "ehlo", "select"}),
    ),
    *clues(
        "protocol_disabled",
        (
            10,
            "mail_protocol disabled|suspended !plaintext !auth_extension !ptr !not_owned !command",
            LOGIN | GREETING | {"any", "select", "mail_from"},
        ),
        (9, "mail_protocol denied|without !plaintext !auth_extension", LOGIN | {"select"}),
        (9, "service disabled|not_offered !ip !country !host !trouble", LOGIN),
        (7, "login disabled !plaintext !mechanism !ip !country !password !auth_extension", LOGIN),
        (9, "mail_protocol plan", LOGIN),
    ),
    *clues(
        "oauth_token_invalid",
        (10, "token expired|revoked !certificate", LOGIN | READING | {"any"}),
    ),
    *clues(
        "oauth_app_misconfigured",
        (8, "client_app unknown|invalid|expired|wrong|mismatch|denied|not_offered", TOKEN),
    ),
    *clues(
        "permission_missing",
        (10, "not_connected"),
        (10, "permission missing|denied|required|unknown", FOLDER | READING | TOKEN),
        (8, "permission missing|denied|required|unknown", LOGIN),
        (7, "denied !ip !domain_auth !relay !spam !sender !trouble", FOLDER | READING),
        (10, "service denied", FOLDER | READING),
        (8, "read_only", FOLDER | READING),
        (9, "permission sending missing", LOGIN),
        (10, "not_consented", TOKEN | FOLDER | {"auth", "data"}),
    ),
    *clues(
        "auth_rate_limited",
        (14, "~many login|password", LOGIN | GREETING),
        (15, "~many attempts", LOGIN | GREETING),
        (10, "attempts", LOGIN),
        (12, "many wrong", LOGIN),
        (13, "login rate|many !credits !connection", LOGIN | GREETING),
        (11, "login limit !credits !connection", LOGIN),
        (9, "login_delay"),
    ),
)
