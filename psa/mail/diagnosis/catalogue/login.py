"""Signing in: passwords, policies, switches at the provider, and tokens."""

from psa.mail.diagnosis.catalogue.cause import Cause

LOGIN = (
    Cause(
        "auth_wrong_password",
        "The server refused the user name or the password",
        "Everything before it works. Many providers give this answer too when they want an App Password.",
        (
            "Enter the whole email address as Username and type the password anew.",
            (
                "With two-step verification (Gmail, Yahoo, iCloud, Fastmail and others) make an App Password at the "
                "provider and enter that."
            ),
            "Check on the provider’s website that mail programs (IMAP, POP, SMTP) may sign in as {username} at all.",
        ),
        field="password",
    ),
    Cause(
        "auth_app_password_required",
        "This account wants an App Password",
        (
            "It has two-step verification, so the password that you use in the browser is refused here. It need not be "
            "wrong."
        ),
        (
            (
                "Make an App Password at the provider (Google: Security, 2-Step Verification, App passwords) and paste "
                "it under Password. Spaces in it do no harm."
            ),
            "If the provider offers none, its administrator has switched them off and can allow them.",
        ),
        field="password",
    ),
    Cause(
        "auth_web_login_required",
        "The provider wants the owner to sign in with a browser first",
        "It saw a login from an unusual place, or a password that must be changed, and stopped it to be safe.",
        (
            "Sign in on the provider’s website as {username}, confirm that it was you, then test again.",
            "Afterwards use an App Password if the provider has them: those are not stopped again.",
        ),
        field="password",
    ),
    Cause(
        "auth_basic_disabled",
        "The provider has password logins switched off",
        "Your password may well be right. No password is taken here any more, so another one would not help.",
        (
            "Choose Microsoft 365 or Google at Sign in with, and press Connect: then no password is needed here.",
            (
                "Or, for sending only, let your Microsoft 365 administrator allow “Authenticated SMTP” for this "
                "mailbox: Users, Active users, Mail, Manage email apps. It takes up to an hour."
            ),
        ),
        field="password",
    ),
    Cause(
        "auth_policy_blocked",
        "A rule of the provider stopped the login",
        "User name and password may be right. Who signs in, from where or with what is not allowed.",
        (
            "Have the public address of this machine added to the list of allowed addresses at the provider.",
            "If a country or a network is locked out there, allow the one that this machine stands in.",
        ),
        field="username",
    ),
    Cause(
        "account_blocked",
        "The provider has blocked this account, or not activated it yet",
        "No setting here changes that, and trying again and again makes it worse.",
        (
            "Sign in to the provider’s website as {username} and follow the notice there.",
            "If it was blocked for misuse, change the password and look through the sent mail before you unlock it.",
        ),
        field="username",
    ),
    Cause(
        "auth_not_offered",
        "{host} offers no login that we can use on port {port}",
        "The server takes no user name and password here, or only in ways that need something else.",
        (
            "For sending use port 587 with TLS or 465 with SSL; port 25 mostly takes no login.",
            "If it is a relay inside your network that needs none, leave Username and Password empty.",
        ),
        field="port",
    ),
    Cause(
        "auth_required",
        "{host} wants a login before it takes mail",
        "The message was tried without one, because Username is empty or the login did not count.",
        (
            "Enter Username and Password. The user name is mostly the whole email address.",
            "Or choose the provider at Sign in with, and press Connect.",
        ),
        field="username",
    ),
    Cause(
        "protocol_disabled",
        "This way in is switched off for the account",
        "User name and password may well be right. The provider does not let mail programs in by this protocol.",
        (
            "Sign in on the provider’s website as {username} and switch on IMAP, POP or SMTP in the mail settings.",
            (
                "If there is no such switch, the firm’s administrator has it, or the plan does not contain it. It can "
                "take an hour."
            ),
        ),
        field="username",
    ),
    Cause(
        "oauth_token_invalid",
        "The sign-in to the provider has lapsed",
        "It was not used for long, the password was changed, or somebody took the access back. No mail is lost by it.",
        (
            "Press Reconnect under Credentials and sign in as {username}. What waits is caught up by itself.",
            (
                "When it happens again and again, find out who takes it back: Google does so every seven days while an "
                "app is in testing."
            ),
        ),
        field="sign_in",
    ),
    Cause(
        "oauth_app_misconfigured",
        "The provider does not accept the app’s registration",
        "Its identifier, secret or redirect URI is wrong, or the secret has expired. The mailbox itself is fine.",
        (
            "Make a new client secret at the provider and enter its value, not its ID, under Sign-in providers.",
            "Compare client ID, tenant and redirect URI there with those at the provider.",
        ),
    ),
    Cause(
        "permission_missing",
        "Signed in, but not allowed to do that",
        "The login is right. What it may open or send as is decided at the provider, and this is not among it.",
        (
            "Sign in as the mailbox itself, or give who signed in full access to {username} at the provider.",
            "For a shared folder, give {username} the right to read and to change it.",
        ),
        field="username",
    ),
    Cause(
        "auth_rate_limited",
        "Too many logins in a short time",
        "The provider pauses this account. Every further try makes the pause longer.",
        (
            "Leave it alone for an hour. Waiting mail is tried again by itself.",
            "Look for other programs that sign in with an old password.",
        ),
        retry=True,
    ),
)
