"""Certificates and encryption. A connection that cannot be secured is never used without."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any

from tests.lab import certificates
from tests.lab.fault import ACCOUNT_WAITS, LOOKS_SOON, THROUGH, Faults
from tests.lab.laboratory import IMPATIENT, Laboratory
from tests.lab.wire import Talk, Wire, imap, pop3, says, smtp

FAULTS = Faults("TLS and certificates")
ALL, BOTH = "smtp imap pop3", "smtp imap"
SOON = (ACCOUNT_WAITS, LOOKS_SOON)


def show(lab: Laboratory, context: ssl.SSLContext) -> None:
    """A server with this certificate: by STARTTLS for sending, from the first byte for reading."""
    if lab.protocol == "smtp":
        lab.serve(smtp(tls=context), security="starttls")
    else:
        lab.serve(imap() if lab.protocol == "imap" else pop3(), tls=context)


@FAULTS.add(
    "L17",
    ALL,
    "The certificate has expired",
    "good until yesterday",
    cause="cert_expired",
    stage="tls",
    then=SOON,
    heals=False,
)
def expired(lab: Laboratory) -> None:
    show(lab, certificates.good(lab.ca, days=(-30, -1)))


@FAULTS.add(
    "L17",
    BOTH,
    "The certificate is not yet valid",
    "good from tomorrow on",
    cause="cert_expired",
    stage="tls",
    then=SOON,
)
def not_yet_valid(lab: Laboratory) -> None:
    show(lab, certificates.good(lab.ca, days=(1, 30)))


@FAULTS.add(
    "L18",
    ALL,
    "The certificate is for another name",
    "for wronghost.example",
    cause="cert_hostname_mismatch",
    stage="tls",
    then=SOON,
    heals=False,
)
def other_name(lab: Laboratory) -> None:
    show(lab, certificates.good(lab.ca, "wronghost.example"))


@FAULTS.add(
    "L18",
    BOTH,
    "The address was entered, the certificate has only a name",
    "127.0.0.1 with one for localhost",
    cause="cert_hostname_mismatch",
    stage="tls",
    then=SOON,
)
def address(lab: Laboratory) -> None:
    show(lab, certificates.good(lab.ca, "localhost"))
    lab.point(lab.account.port, host="127.0.0.1")


@FAULTS.add(
    "L19",
    ALL,
    "The certificate is self-signed",
    "signed with its own key",
    cause="cert_untrusted",
    stage="tls",
    then=SOON,
    heals=False,
)
def self_signed(lab: Laboratory) -> None:
    show(lab, certificates.self_signed())


@FAULTS.add(
    "L19",
    ALL,
    "The firm’s own authority is not trusted here",
    "the sound servers, without SSL_CERT_FILE",
    cause="cert_untrusted",
    stage="tls",
    then=SOON,
)
def private_authority(lab: Laboratory) -> None:
    path = os.environ["SSL_CERT_FILE"]
    lab.patch.delenv("SSL_CERT_FILE")
    lab.menders.append(lambda: lab.patch.setenv("SSL_CERT_FILE", path))


@FAULTS.add(
    "L20",
    ALL,
    "The intermediate certificate is missing",
    "a sub-authority’s leaf is sent alone",
    cause="cert_untrusted",
    stage="tls",
    then=SOON,
)
def without_intermediate(lab: Laboratory) -> None:
    show(lab, certificates.without_intermediate(lab.ca))


@FAULTS.add(
    "L21",
    BOTH,
    "The certificate is too lax for Python 3.13",
    "no authority key identifier, VERIFY_X509_STRICT",
    cause="cert_untrusted",
    stage="tls",
    then=SOON,
)
def lax(lab: Laboratory) -> None:
    make = ssl.create_default_context

    def strict(*arguments: Any, **options: Any) -> ssl.SSLContext:
        context = make(*arguments, **options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    show(lab, certificates.without_key_identifier(lab.ca))
    lab.patch.setattr(ssl, "create_default_context", strict)
    lab.menders.append(lambda: lab.patch.setattr(ssl, "create_default_context", make))


@FAULTS.add(
    "L22",
    ALL,
    "The server knows only TLS 1.0",
    "its highest version is TLS 1.0",
    cause="tls_incompatible",
    stage="tls",
    then=SOON,
    heals=False,
)
def old_server(lab: Laboratory) -> None:
    context = certificates.good(lab.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    show(lab, context)


@FAULTS.add(
    "L22",
    BOTH,
    "This machine’s TLS is too old for the server",
    "ours ends at TLS 1.2, the server’s begins at 1.3",
    cause="tls_incompatible",
    stage="tls",
    then=SOON,
)
def old_client(lab: Laboratory) -> None:
    make = ssl.create_default_context

    def old(*arguments: Any, **options: Any) -> ssl.SSLContext:
        context = make(*arguments, **options)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    context = certificates.good(lab.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    show(lab, context)
    lab.patch.setattr(ssl, "create_default_context", old)
    lab.menders.append(lambda: lab.patch.setattr(ssl, "create_default_context", make))


@FAULTS.add(
    "L23",
    BOTH,
    "No cipher in common",
    "the server has AES256-SHA only",
    cause="tls_incompatible",
    stage="tls",
    then=SOON,
)
def no_cipher(lab: Laboratory) -> None:
    context = certificates.good(lab.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-SHA")
    show(lab, context)


@FAULTS.add(
    "L23",
    BOTH,
    "The certificate’s key is too weak",
    "RSA with 1,024 bits",
    cause="tls_incompatible",
    stage="tls",
    then=SOON,
)
def weak_key(lab: Laboratory) -> None:
    show(lab, certificates.weak_key(lab.ca))


@FAULTS.add(
    "L23",
    BOTH,
    "The server wants a certificate of ours",
    "client certificates are demanded",
    cause="tls_incompatible",
    stage="tls greeting",
    then=SOON,
)
def wants_ours(lab: Laboratory) -> None:
    context = certificates.good(lab.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    show(lab, context)


@FAULTS.add(
    "L24",
    ALL,
    "SSL is spoken to a port without",
    "SSL to a server that greets in the clear",
    cause="tls_port_mismatch",
    stage="tls",
    then=SOON,
    heals=False,
)
def ssl_to_plain(lab: Laboratory) -> None:
    talk: Talk = {"smtp": smtp(), "imap": imap(), "pop3": pop3()}[lab.protocol]
    lab.serve(talk, security="ssl")


@FAULTS.add(
    "L25",
    ALL,
    "An SSL port is spoken to without",
    "no encryption to a server that waits for TLS",
    cause="tls_port_mismatch server_timeout",
    stage="greeting",
    then=SOON,
)
def plain_to_ssl(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.serve(says("220 hello"), tls=certificates.good(lab.ca), security="none")


@FAULTS.add(
    "L26",
    ALL,
    "STARTTLS is agreed to and then goes on in the clear",
    "the server says yes and keeps talking plain",
    cause="tls_port_mismatch protocol_error",
    stage="tls",
    then=SOON,
)
def plain_after_starttls(lab: Laboratory) -> None:
    def agree(words: str) -> Callable[[Wire], None]:
        def go_on_in_the_clear(wire: Wire) -> None:
            wire.say(words)
            wire.connection.recv(65536)
            wire.say("250 I did not understand that")

        return go_on_in_the_clear

    talk = {
        "smtp": smtp({"STARTTLS": agree("220 go")}),
        "imap": imap({"STARTTLS": agree("{tag} OK go")}),
        "pop3": pop3({"CAPA": "+OK\r\nSTLS\r\nUSER\r\n.", "STLS": agree("+OK go")}),
    }[lab.protocol]
    lab.serve(talk, security="starttls")


@FAULTS.add(
    "L27",
    ALL,
    "STARTTLS is not offered",
    "it is missing in what the server offers, and refused",
    cause="starttls_not_offered",
    stage="tls",
    then=SOON,
    heals=False,
)
def not_offered(lab: Laboratory) -> None:
    talk = {
        "smtp": smtp(ehlo="250-lab.example\r\n250 AUTH PLAIN LOGIN"),
        "imap": imap({"STARTTLS": "{tag} BAD Unknown command"}, capabilities="IMAP4rev1 AUTH=PLAIN"),
        "pop3": pop3({"CAPA": "+OK\r\nUSER\r\n.", "STLS": "-ERR Unknown command"}),
    }[lab.protocol]
    lab.serve(talk, security="starttls")


@FAULTS.add(
    "L28",
    "smtp",
    "A middle box strips STARTTLS",
    "`250-XXXXXXXA` in its place and a greeting of asterisks",
    cause="starttls_not_offered",
    stage="tls",
    then=ACCOUNT_WAITS,
)
def stripped(lab: Laboratory) -> None:
    lab.serve(
        smtp(greeting="220 ***************", ehlo="250-lab.example\r\n250-XXXXXXXA\r\n250 AUTH PLAIN"),
        security="starttls",
    )


@FAULTS.add(
    "L29",
    "smtp",
    "STARTTLS is refused for now",
    "`454 4.7.0 TLS not available due to local problem`",
    cause="starttls_not_offered",
    stage="tls",
    then=ACCOUNT_WAITS,
    heals=True,
)
def refused(lab: Laboratory) -> None:
    lab.serve(smtp({"STARTTLS": "454 4.7.0 TLS not available due to local problem"}), security="starttls")


@FAULTS.add(
    "L30",
    "smtp",
    "Somebody slips a line in before TLS",
    "`250 AUTH NTLM` in one packet with `220 ok`",
    then=THROUGH,
)
def injected(lab: Laboratory) -> None:
    lab.serve(smtp(tls=certificates.good(lab.ca), before_tls="220 2.0.0 ok\r\n250 AUTH NTLM"), security="starttls")


@FAULTS.add(
    "L31",
    ALL,
    "The handshake is cut",
    "closed after the ClientHello",
    cause="connection_dropped",
    stage="tls",
    then=SOON,
    heals=True,
)
def cut(lab: Laboratory) -> None:
    def hear_and_go(wire: Wire) -> None:
        wire.connection.recv(4096)

    lab.serve(hear_and_go, security="ssl")
