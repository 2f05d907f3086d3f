"""What can be said about settings before any server is asked. Each check returns the value that was meant.

They raise SettingsError with a sentence for the person who typed it; the forms and the command line share them.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from psa.mail.settings import SettingsError, port_contradiction

LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
IPV6 = re.compile(r"\[?([0-9a-fA-F:]*:[0-9a-fA-F:.]+)\]?")


def address(text: str) -> str:
    """An email address that mail can be sent from or to; its domain in lower case."""
    text = text.strip()
    local, _, domain = text.rpartition("@")
    try:
        # The domain may be one that exists only in the firm's own network (.local, .lan), so it is looked at apart.
        validate_email(f"{local}@yourcompany.com", check_deliverability=False)
        domain = host(domain)
    except (EmailNotValidError, SettingsError) as error:
        raise SettingsError(f"{text} is not an email address. Write it as support@yourcompany.com.") from error
    if "." not in domain and domain != "localhost":
        raise SettingsError(f"{text} ends too early. Behind the @ stands a whole domain, as yourcompany.com.")
    return f"{local}@{domain.lower()}"


def host(text: str) -> str:
    """A host name or an IP address alone, without the brackets of an IPv6 literal."""
    text = text.strip().rstrip(".")
    if "://" in text:
        meant = text.partition("://")[2].partition("/")[0].partition(":")[0]
        raise SettingsError(
            f"Write the name alone, without {text.partition('://')[0]}://{': ' + meant if meant else ''}."
        )
    if "/" in text:
        raise SettingsError(f"Write the name alone, without a path: {text.partition('/')[0]}.")
    if "@" in text:
        raise SettingsError(
            f"{text} is an email address. The server is what your provider calls it, as mail.example.com."
        )
    ipv6 = IPV6.fullmatch(text)
    if ipv6 is not None:
        return ipv6.group(1)
    if ":" in text:
        raise SettingsError(f"Write the name alone, and the port in its own field: {text.partition(':')[0]}.")
    if not text or len(text) > 253 or not all(LABEL.fullmatch(label) for label in text.split(".")):
        raise SettingsError(f"“{text}” is not a server name. Write it as mail.example.com.")
    return text


def port(protocol: str, number: int, security: str) -> int:
    """A port that exists and fits to what is spoken on it."""
    if not 0 < number < 65536:
        raise SettingsError(f"{number} is not a port. Ports go from 1 to 65535.")
    contradiction = port_contradiction(protocol, number, security)
    if contradiction is not None:
        raise SettingsError(f"{contradiction[0]} Use {contradiction[1]}.")
    return number


def folder(name: str) -> str:
    """The name of a mailbox folder as people read it; the way it travels (RFC 3501, 5.1.3) is the connection's care."""
    name = name.strip()
    if not name or len(name) > 500 or not name.isprintable():
        raise SettingsError(f"“{name[:60]}” is not the name of a folder. Choose folders lists what there is.")
    return "INBOX" if name.upper() == "INBOX" else name
