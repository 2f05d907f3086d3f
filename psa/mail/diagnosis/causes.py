"""From what was said to what it means: diagnose() names the cause, and says so when it does not know.

How “552 5.2.2 Das Postfach ist voll”, said to a recipient, becomes mailbox_full:

1. answer.py takes it apart: reply code 552, status 5.2.2, and the words.
2. notions/ hears of what they speak, in whatever language: a mailbox (“Postfach”) and full (“voll”).
3. clues/ say what notions mean together: mailbox and full, near each other, weigh 9 for mailbox_full.
4. statuses.py and known_codes.py add what codes mean by themselves: 5.2.2 weighs 3 for mailbox_full.
5. weigh.py adds up, doubts what is said at a stage where it is not at home, and the heaviest cause wins, if it weighs
   enough. A plain 550 stands for a dozen causes and decides nothing; what nobody recognises is called unknown.
6. catalogue/ tells the cause in sentences, with the steps of providers.toml where the provider has its own.

Pure: no Flask, no database, no network.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache

from psa.mail.diagnosis.answer import Answer, read
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.providers import named, provider_of, steps_at
from psa.mail.diagnosis.weigh import ENOUGH, evidence, weigh
from psa.mail.diagnosis.words import EMAIL
from psa.mail.journal import words_of

__all__ = ["CAUSES", "SEAL_BROKEN", "Cause", "Diagnosis", "diagnose"]

# Verification errors of OpenSSL (x509_vfy.h).
CERTIFICATE_ERRORS = {
    9: "cert_expired",
    10: "cert_expired",
    62: "cert_hostname_mismatch",
    64: "cert_hostname_mismatch",
    66: "tls_incompatible",
    67: "tls_incompatible",
    68: "tls_incompatible",
}
# Causes that a code can turn: the same words pass by themselves with 4xx and stay with 5xx (or the other way round).
CODE_DECIDES = frozenset(
    {"starttls_not_offered", "mailbox_full", "recipient_unknown", "sender_auth_failed", "ip_blocked", "unknown"}
)
# What the receiving side decides: there the one who speaks knows what helps, not the provider that we send through.
OF_THE_RECEIVER = frozenset(
    {"recipient_unknown", "recipient_rejected", "mailbox_full", "greylisted", "spam_rejected", "sender_auth_failed"}
    | {"ip_blocked", "reverse_dns_or_helo", "content_rejected"}
)
SIGNING_IN = frozenset({"auth", "token", "authorize", "capability"})
# A server that begins with SSL says nothing until we do.
SSL_PORTS = frozenset({465, 993, 995})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``cause`` with the provider's own remedies where there are some; ``known`` is False for what nobody recognised.

    ``retry``: whether an automatic retry can succeed although nobody changes anything. ``because``: what told the
    cause, the most telling first.
    """

    cause: Cause
    known: bool
    retry: bool
    provider: str | None = None
    because: tuple[str, ...] = ()


# What is wrong when the stored password cannot be opened: no server had a part in it.
SEAL_BROKEN = Diagnosis(CAUSES["seal_broken"], known=True, retry=False)


def diagnose(
    *,
    protocol: str,
    stage: str,
    text: str = "",
    code: str | int | None = None,
    enhanced: str = "",
    error: BaseException | None = None,
    provider: str | None = None,
    host: str = "",
    port: int | None = None,
) -> Diagnosis:
    """The cause of a failure.

    ``protocol`` is smtp, imap, pop3 (or tcp, tls, dns, oauth), ``stage`` a stage of the journal (or dsn: read in a
    bounce), ``text`` the server's words as journal.words_of() gives them; when it is empty, those of ``error`` are
    taken. ``host`` and ``port`` sharpen the answer; ``provider`` is whose account it is, when the host does not tell.
    """
    answer = read(text or (words_of(error) if error is not None else ""), code, enhanced)
    known_as, because = find(protocol, stage, answer, error, port)
    ours = named(provider or "") or provider_of(host)
    speaker = provider_of("", EMAIL.sub(" ", answer.text))
    told = CAUSES[known_as].at(steps_at(known_as, adviser(known_as, stage, ours, speaker)))
    heals = can_heal(told, stage, answer, error)
    return Diagnosis(told, known_as != "unknown", heals, ours or speaker, because)


def adviser(cause: str, stage: str, ours: str | None, speaker: str | None) -> str | None:
    """Whose remedies hold: those of our own provider, or of the one who speaks. A bounce brings a stranger's words."""
    if cause in OF_THE_RECEIVER:
        return speaker or ours
    return ours or (speaker if stage != "dsn" else None)


def find(
    protocol: str, stage: str, answer: Answer, error: BaseException | None, port: int | None
) -> tuple[str, tuple[str, ...]]:
    """The cause's code and what told it."""
    certain = by_error(error, stage, port)
    if certain is not None:
        return certain, (type(error).__name__,)
    if port in SSL_PORTS and stage == "greeting" and "timed out" in answer.text:
        return "tls_port_mismatch", (f"silence on port {port}",)
    return heaviest(protocol, stage, answer)


# While a server is away, every message hears the same words.
@lru_cache(maxsize=500)
def heaviest(protocol: str, stage: str, answer: Answer) -> tuple[str, tuple[str, ...]]:
    """The cause for which most speaks, unknown when too little does, and what told it, the most telling first."""
    found = evidence(protocol, stage, answer)
    total = weigh(found, stage, answer)
    # Of equals the one that has more behind it, so that the order of the tables decides nothing.
    best = max(total, key=lambda cause: (total[cause], sum(one.cause == cause for one in found)), default="unknown")
    if total.get(best, 0) < ENOUGH:
        return "unknown", ()
    telling = sorted((one for one in found if one.cause == best), key=lambda one: -one.weight)
    return best, tuple(dict.fromkeys(one.found for one in telling))


def by_error(error: BaseException | None, stage: str, port: int | None) -> str | None:
    """What an exception makes certain, by its type or because it names the cause; None when the words must tell."""
    if named := getattr(error, "cause", ""):
        return str(named)
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_ERRORS.get(error.verify_code, "cert_untrusted")
    if isinstance(error, socket.gaierror):
        return "dns_temporary" if error.errno == socket.EAI_AGAIN else "dns_not_found"
    if isinstance(error, ConnectionRefusedError):
        return "connect_refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "connection_dropped"
    if isinstance(error, TimeoutError):
        if stage == "connect":
            return "port_blocked"
        return "tls_port_mismatch" if stage == "greeting" and port in SSL_PORTS else "server_timeout"
    if isinstance(error, UnicodeEncodeError):
        return "non_ascii_unsupported"
    return None


def can_heal(cause: Cause, stage: str, answer: Answer, error: BaseException | None) -> bool:
    if cause.code == "oauth_token_invalid":
        # In the middle of a session only the hour's token has run out; a fresh one is fetched without anybody's help.
        return stage not in SIGNING_IN
    if cause.code in CODE_DECIDES:
        # smtplib's answers are OSErrors too, but there the server has spoken and its code decides.
        network = isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
        return answer.is_passing or (cause.code == "unknown" and network)
    if cause.code == "tls_required":
        # Google slows down what comes unencrypted before it refuses it.
        return answer.is_passing and "rate limited" in answer.text
    return cause.retry
