"""From what was said to what it means: diagnose() names the cause, and says so when it does not know.

Stage first, then words, then enhanced status, then code: a plain 550 stands for a dozen causes, but 550 at the
recipient with “unknown” in it for one. Pure: no Flask, no database, no network.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass

from psa.mail.diagnosis.answer import Answer, read
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.microsoft import ENTRA_CAUSES, ENTRA_CODE
from psa.mail.diagnosis.providers import first_remedy, provider_of
from psa.mail.diagnosis.signs import SIGNS
from psa.mail.diagnosis.statuses import by_status
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
CODE_DECIDES = frozenset({"starttls_not_offered", "mailbox_full", "recipient_unknown", "unknown"})
# A server that begins with SSL says nothing until we do.
SSL_PORTS = frozenset({465, 993, 995})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``cause`` with the provider's own remedy first where there is one; ``known`` is False for what nobody recognised.

    ``retry``: whether an automatic retry can succeed although nobody changes anything.
    """

    cause: Cause
    known: bool
    retry: bool
    provider: str | None = None


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

    ``protocol`` is smtp, imap, pop3 (or tcp, dns, oauth), ``stage`` a stage of the journal, ``text`` the server's words
    as journal.words_of() gives them; when it is empty, those of ``error`` are taken. ``host`` and ``port`` sharpen the
    answer.
    """
    answer = read(text or (words_of(error) if error is not None else ""), code, enhanced)
    provider = provider or provider_of(host, answer.words)
    cause = CAUSES[find(protocol, stage, answer, error, port)]
    remedy = first_remedy(cause.code, provider)
    if remedy is not None:
        cause = cause.preceded_by(remedy)
    return Diagnosis(cause, cause.code != "unknown", heals(cause, answer, error), provider)


def find(protocol: str, stage: str, answer: Answer, error: BaseException | None, port: int | None) -> str:
    told_by_error = by_error(error, stage, port)
    if told_by_error is not None:
        return told_by_error
    entra = ENTRA_CODE.search(answer.words)
    if entra is not None and entra.group(1) in ENTRA_CAUSES:
        return ENTRA_CAUSES[entra.group(1)]
    if port in SSL_PORTS and stage == "greeting" and "timed out" in answer.words:
        return "tls_port_mismatch"
    for sign in SIGNS:
        if sign.fits(answer, stage):
            return sign.cause
    return by_status(protocol, stage, answer) or "unknown"


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


def heals(cause: Cause, answer: Answer, error: BaseException | None) -> bool:
    if cause.code in CODE_DECIDES:
        # smtplib's answers are OSErrors too, but there the server has spoken and its code decides.
        network = isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
        return answer.is_passing or (cause.code == "unknown" and network)
    return cause.retry
