"""Mail providers by the names of their servers, and what helps there first."""

from __future__ import annotations

import re

PROVIDERS = {
    "google": re.compile(r"(^|\.)(gmail|googlemail|google)\.com$"),
    "microsoft": re.compile(r"(^|\.)(office365|outlook|hotmail|live)\.(com|de)$|\.protection\.outlook\.com$"),
    "yahoo": re.compile(r"(^|\.)(yahoo|aol|yahoodns)\.(com|net)$"),
    "icloud": re.compile(r"(^|\.)(me|icloud)\.com$"),
    "gmx": re.compile(r"(^|\.)(gmx|web)\.(de|net|com|at|ch)$"),
    "zoho": re.compile(r"(^|\.)zoho\w*\.(com|eu|in)$"),
    "fastmail": re.compile(r"(^|\.)(fastmail|messagingengine)\.com$"),
    "sendgrid": re.compile(r"(^|\.)sendgrid\.net$"),
}
# How an answer gives its provider away when the host is an alias.
TRACES = {"google": "gsmtp", "microsoft": "outlook.com", "yahoo": "yahoo", "icloud": "apple.com"}
FIRST_REMEDIES = {
    ("auth_wrong_password", "google"): (
        "Google takes an App Password only: Google Account, Security, 2-Step Verification, App passwords. Paste its 16 "
        "letters under Password."
    ),
    ("auth_wrong_password", "yahoo"): "Yahoo takes an App Password only: Account security, Generate app password.",
    (
        "auth_wrong_password",
        "icloud",
    ): "iCloud takes an App-Specific Password only: account.apple.com, Sign-In and Security.",
    (
        "auth_wrong_password",
        "fastmail",
    ): "Fastmail takes an App Password only: Settings, Privacy and security, Connected apps.",
    (
        "auth_wrong_password",
        "gmx",
    ): "Switch on POP3 and IMAP in the mailbox’s settings on the website: it is off at first.",
    ("auth_wrong_password", "sendgrid"): "SendGrid wants the word apikey as Username and an API key as Password.",
    ("auth_wrong_password", "microsoft"): (
        "Microsoft reads mail by password no more, and sends by password only where the firm’s administrator allows "
        "“Authenticated SMTP” for the mailbox."
    ),
}


def provider_of(host: str, words: str = "") -> str | None:
    """The provider behind ``host``, or the one whose answer ``words`` (lower case) are; None when nobody known."""
    for provider, pattern in PROVIDERS.items():
        if pattern.search(host.lower()):
            return provider
    return next((provider for provider, trace in TRACES.items() if trace in words), None)


def first_remedy(cause: str, provider: str | None) -> str | None:
    return FIRST_REMEDIES.get((cause, provider or ""))
