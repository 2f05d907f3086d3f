"""The first three steps to any mail server: its name, a connection, and TLS when it comes first."""

from __future__ import annotations

import select
import socket
import ssl
import time
from dataclasses import replace
from typing import Any

from psa.mail.journal import Journal, Step
from psa.mail.pace import PacedSocket
from psa.mail.settings import PORTS, ServerSettings, tls_context

# A server that greets does so within so many seconds, or it may be waiting for TLS to begin.
SILENT = 3.0
# Here it is only slow. Whoever speaks before the greeting is taken for a spammer at some, for hours (postscreen).
PLAIN_PORTS = frozenset(port for (_, security), port in PORTS.items() if security != "ssl")
# For its answer to a TLS hello.
PATIENCE = 4.0
# For each address of a name to answer at all, however many there are.
LEAST = 0.1


class WantsTLS(OSError):
    """Nothing was said on a plain connection, and TLS was answered on another one."""

    cause = "tls_port_mismatch"

    def __init__(self, port: int) -> None:
        super().__init__(f"The server says nothing before encryption begins: port {port} wants SSL")


def open_socket(settings: ServerSettings, journal: Journal) -> socket.socket:
    """A connected socket, wrapped in TLS when ``security`` is ssl, with the time limit set.

    All addresses of the name are tried in the resolver's order, so a dead IPv6 route falls through to IPv4; when none
    answers, the first failure is the one that is raised. Raises OSError (socket.gaierror, TimeoutError, ssl.SSLError).
    """
    with journal.step("resolve", f"Find {settings.host}") as step:
        try:
            found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            # An empty or overlong label ("smtp..example.com") fails in the idna codec before it reaches the resolver.
            raise socket.gaierror(socket.EAI_NONAME, f"{settings.host} is not a host name") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        step.title = f"{settings.host} found"
        step.detail = f"{len(addresses)} addresses" if len(addresses) > 1 else str(addresses[0])
    with journal.step("connect", "Connect") as step:
        connection, address = connect_to_any(found, settings.timeout)
        step.title, step.detail = "Connected", f"to {address}, port {settings.port}"
    if settings.security != "ssl":
        return connection
    return secure(connection, settings, journal)


def connect_to_any(found: list[Any], timeout: float) -> tuple[socket.socket, str]:
    """Connected to the first address that answers, and which that is. All share ``timeout``, in seconds, so that
    a name with many dead addresses takes no longer than one with a single dead one.
    """
    failure: OSError | None = None
    ends = time.monotonic() + timeout
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        connection = PacedSocket(family, kind, protocol)
        connection.settimeout(max((ends - time.monotonic()) / (len(found) - tried), LEAST))
        # A small packet follows a large one: a message its end, a command its literal. Held back until the large one is
        # acknowledged (RFC 896), which the other side puts off in turn (RFC 1122, 4.2.3.2), each would cost 40 ms.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = failure or error
        else:
            connection.settimeout(timeout)
            return connection, address[0]
    raise failure or OSError("the name has no address")


def await_greeting(connection: socket.socket, settings: ServerSettings) -> None:
    """Wait for the server's first word. Raises WantsTLS when it is silent because it expects TLS first, TimeoutError
    when it says nothing in the time that it has.
    """
    if settings.security == "ssl":
        return
    ends = time.monotonic() + settings.timeout
    if has_spoken(connection, min(SILENT, settings.timeout)):
        return
    if settings.port not in PLAIN_PORTS and takes_tls(settings) and not has_spoken(connection, 0):
        connection.close()
        raise WantsTLS(settings.port)
    if not has_spoken(connection, max(ends - time.monotonic(), 0)):
        raise TimeoutError("timed out")


def has_spoken(connection: socket.socket, seconds: float) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(int(seconds * 1000)))


def takes_tls(settings: ServerSettings) -> bool:
    """Whether the port answers TLS. Nothing but the hello is said, so it does not matter who vouches for the server."""
    try:
        open_socket(replace(settings, security="ssl", timeout=min(PATIENCE, settings.timeout)), Journal()).close()
    except ssl.SSLCertVerificationError:
        return True
    except OSError:
        return False
    return True


def secure(connection: socket.socket, settings: ServerSettings, journal: Journal) -> ssl.SSLSocket:
    """``connection`` inside TLS, certificate and name checked."""
    with journal.step("tls", "Secure the connection") as step:
        try:
            secured = tls_context(settings.ca_pem).wrap_socket(connection, server_hostname=settings.host)
        except BaseException:
            connection.close()
            raise
        describe(secured, step)
    return secured


def describe(secured: ssl.SSLSocket, step: Step) -> None:
    """Say in the journal which TLS it became and how long the certificate is good."""
    certificate: dict[str, Any] = secured.getpeercert() or {}
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    # "May 14 12:00:00 2027 GMT" (RFC 5280 as OpenSSL prints it)
    month, day, _, year = (certificate.get("notAfter", "") + " ? ? ? ?").split()[:4]
    step.title = f"Secured with {(secured.version() or 'TLS').replace('TLSv', 'TLS ')}"
    step.detail = f"Certificate for {names[0] if names else 'this server'}, good until {day} {month} {year}"
