"""Signing in: passwords, tokens, and servers that want neither."""

from __future__ import annotations

import json

from psa import signing
from psa.extensions import db
from tests.lab.fault import ACCOUNT_WAITS, FAILS, LOOKS_LATER, LOOKS_SOON, Faults
from tests.lab.laboratory import IMPATIENT, Laboratory
from tests.lab.wire import DROP, and_hang_up, smtp
from tests.servers.oauth import OAuthProvider
from tests.servers.proxy import HANG

FAULTS = Faults("Signing in")
ALL, READING = "smtp imap pop3", "imap pop3"
SOON = (ACCOUNT_WAITS, LOOKS_SOON)
LATER = (ACCOUNT_WAITS, LOOKS_LATER)


@FAULTS.add(
    "L32",
    ALL,
    "A wrong password",
    "a sound server, and a password that is not its",
    cause="auth_wrong_password",
    stage="auth",
    then=LATER,
    heals=False,
)
def wrong_password(lab: Laboratory) -> None:
    lab.account.sealed_password = signing.seal("a short summer")
    db.session.commit()


@FAULTS.add(
    "L33",
    ALL,
    "A wrong password, and the answer takes too long",
    "the refusal comes after our time limit",
    cause="server_timeout",
    stage="auth",
    then=SOON,
)
def slow_refusal(lab: Laboratory) -> None:
    wrong_password(lab)
    if lab.protocol == "smtp":
        lab.smtp.delays["AUTH"] = IMPATIENT * 5
    else:
        lab.meddle().answers["LOGIN" if lab.protocol == "imap" else "PASS"] = HANG
    lab.be_patient_for(IMPATIENT)


@FAULTS.add(
    "L33",
    "smtp",
    "A wrong password, and the answer takes its time",
    "the refusal comes within our time limit",
    cause="auth_wrong_password",
    stage="auth",
    then=ACCOUNT_WAITS,
)
def unhurried_refusal(lab: Laboratory) -> None:
    wrong_password(lab)
    lab.smtp.delays["AUTH"] = 0.5


@FAULTS.add(
    "L34",
    "smtp",
    "A wrong password, and the server hangs up",
    "`535` and the end of the connection",
    cause="auth_wrong_password",
    stage="auth",
    then=ACCOUNT_WAITS,
)
def refused_and_gone(lab: Laboratory) -> None:
    lab.serve(smtp({"AUTH": and_hang_up("535 5.7.8 Authentication failed")}))


@FAULTS.add(
    "L34",
    "smtp",
    "421 to the login, and the server hangs up",
    "`421 4.3.2` and the end of the connection",
    cause="server_temporary",
    stage="auth",
    then=ACCOUNT_WAITS,
    heals=True,
)
def closing(lab: Laboratory) -> None:
    lab.serve(smtp({"AUTH": and_hang_up("421 4.3.2 System not accepting network messages")}))


@FAULTS.add(
    "L35",
    "imap",
    "LOGINDISABLED without encryption",
    "a server that allows logins only under TLS, and none",
    cause="tls_required",
    stage="auth",
    then=LOOKS_SOON,
)
def login_disabled(lab: Laboratory) -> None:
    between = lab.meddle()
    between.replaced[b"AUTH=PLAIN"] = b"LOGINDISABLED"
    between.answers["LOGIN"] = (
        "{tag} NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure connections."
    )


@FAULTS.add(
    "L36",
    "smtp",
    "AUTH only after STARTTLS",
    "a server that offers AUTH only under TLS, and none",
    cause="tls_required",
    stage="auth",
    then=ACCOUNT_WAITS,
    heals=False,
)
def auth_after_tls(lab: Laboratory) -> None:
    lab.point(lab.smtp.port, security="none")


@FAULTS.add(
    "L37",
    "smtp",
    "MAIL before TLS",
    "`530 5.7.0 Must issue a STARTTLS command first`",
    cause="tls_required",
    stage="mail_from",
    then=FAILS,
)
def mail_before_tls(lab: Laboratory) -> None:
    without_login(lab)
    lab.serve(smtp({"MAIL": "530 5.7.0 Must issue a STARTTLS command first"}))


@FAULTS.add(
    "L38",
    "smtp",
    "No AUTH at all",
    "EHLO names no AUTH",
    cause="auth_not_offered",
    stage="auth",
    then=ACCOUNT_WAITS,
    heals=False,
)
def no_auth(lab: Laboratory) -> None:
    lab.serve(smtp(ehlo="250-lab.example\r\n250 SIZE 1000000"))


@FAULTS.add(
    "L38",
    "smtp",
    "Only NTLM and GSSAPI",
    "EHLO names no mechanism that we have",
    cause="auth_not_offered",
    stage="auth",
    then=ACCOUNT_WAITS,
)
def only_ntlm(lab: Laboratory) -> None:
    lab.serve(smtp(ehlo="250-lab.example\r\n250 AUTH NTLM GSSAPI"))


@FAULTS.add(
    "L38",
    "smtp",
    "Only XOAUTH2, and we have a password",
    "EHLO names XOAUTH2 alone",
    cause="auth_basic_disabled auth_not_offered",
    stage="auth",
    then=ACCOUNT_WAITS,
)
def only_xoauth2(lab: Laboratory) -> None:
    lab.serve(smtp(ehlo="250-lab.example\r\n250 AUTH XOAUTH2"))


@FAULTS.add(
    "L39",
    "smtp",
    "The server wants a login, and we have none",
    "`530 5.7.0 Authentication required`",
    cause="auth_required",
    stage="mail_from",
    then=FAILS,
    heals=False,
)
def login_wanted(lab: Laboratory) -> None:
    without_login(lab)


def without_login(lab: Laboratory) -> None:
    lab.account.username, lab.account.sealed_password = "", ""
    db.session.commit()


@FAULTS.add(
    "L40",
    READING,
    "The protocol is switched off for this account",
    "what Dovecot says for `nologin` with a reason",
    cause="protocol_disabled",
    stage="auth",
    then=LOOKS_LATER,
)
def switched_off(lab: Laboratory) -> None:
    between = lab.meddle()
    between.answers["LOGIN"] = "{tag} NO [CONTACTADMIN] IMAP access is disabled for your account"
    between.answers["PASS"] = "-ERR [SYS/PERM] POP3 access is disabled for your account"


@FAULTS.add(
    "L41",
    ALL,
    "The provider’s token is refused",
    "the server takes it for expired, also a fresh one",
    cause="oauth_token_invalid permission_missing",
    stage="auth",
    then=LATER,
    heals=False,
)
def token_refused(lab: Laboratory) -> None:
    lab.sign_in_by_token(lab.stack.enter_context(OAuthProvider(seconds=-60)))


TOKEN_ANSWERS = (
    ("invalid_grant", "The grant was taken back", 400, "oauth_token_invalid", LATER),
    ("invalid_client", "The app’s secret is wrong", 401, "oauth_app_misconfigured", LATER),
    ("AADSTS65001", "Nobody has consented", 400, "permission_missing oauth_token_invalid", LATER),
    ("AADSTS53003", "A policy blocks the sign-in", 400, "auth_policy_blocked", LATER),
    ("server_error", "The provider is in trouble", 500, "provider_away server_temporary", SOON),
)


def token_answer(error: str, status: int) -> object:
    description = "AADSTS65001: The user or administrator has not consented to use the application."
    if error == "AADSTS53003":
        description = "AADSTS53003: Access has been blocked by Conditional Access policies."
    code = "invalid_grant" if error.startswith("AADSTS") else error
    words = description if error.startswith("AADSTS") else "It is as it is."

    def refuse(lab: Laboratory) -> None:
        provider = lab.sign_in_by_token()
        lab.end_token()
        body = (
            "<html>Internal Server Error</html>"
            if status == 500
            else json.dumps({"error": code, "error_description": words})
        )
        provider.answers += [(status, body)] * 9

    return refuse


for error, what, status, cause, then in TOKEN_ANSWERS:
    FAULTS.add(
        "L42",
        "smtp imap",
        what,
        f"the token endpoint answers {status} with {error}",
        cause=cause,
        stage="token",
        then=then,
    )(token_answer(error, status))


@FAULTS.add(
    "L43",
    "smtp",
    "Too many attempts to sign in",
    "`454 4.7.0 Too many login attempts, please try again later`",
    cause="auth_rate_limited",
    stage="auth",
    then=ACCOUNT_WAITS,
    heals=True,
)
def too_many_attempts(lab: Laboratory) -> None:
    lab.serve(smtp({"AUTH": "454 4.7.0 Too many login attempts, please try again later"}))


@FAULTS.add(
    "L44",
    "smtp",
    "The password has an umlaut",
    "a password that SMTP’s login cannot carry",
    cause="non_ascii_unsupported",
    stage="auth",
    then=ACCOUNT_WAITS,
)
def umlaut(lab: Laboratory) -> None:
    lab.account.sealed_password = signing.seal("ein langer Winter in München")
    db.session.commit()


@FAULTS.add(
    "L45",
    "smtp",
    "The server’s login service is down",
    "it hangs up at AUTH",
    cause="connection_dropped server_temporary",
    stage="auth",
    then=ACCOUNT_WAITS,
    heals=True,
)
def login_service_down(lab: Laboratory) -> None:
    lab.serve(smtp({"AUTH": DROP}))


@FAULTS.add(
    "L45",
    READING,
    "The server’s login service is down for a while",
    "Dovecot’s words for a dead auth service",
    cause="server_temporary",
    stage="auth",
    then=LOOKS_SOON,
)
def auth_unavailable(lab: Laboratory) -> None:
    between = lab.meddle()
    between.answers["LOGIN"] = "{tag} NO [UNAVAILABLE] Temporary authentication failure. [lab:2026-11-23 09:00:00]"
    between.answers["PASS"] = "-ERR [SYS/TEMP] Temporary authentication failure. [lab:2026-11-23 09:00:00]"


@FAULTS.add(
    "L46",
    "imap",
    "The account may not use the mailbox",
    "login well, and then Exchange’s “not connected”",
    cause="permission_missing",
    stage="select",
    then=LOOKS_SOON,
)
def not_connected(lab: Laboratory) -> None:
    lab.meddle().answers["SELECT"] = "{tag} BAD User is authenticated but not connected."
