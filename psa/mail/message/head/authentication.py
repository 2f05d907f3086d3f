"""What the server that received the mail found about its sender: Authentication-Results (RFC 8601), from the trusted
server only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from psa.mail.message.model import AuthenticationVerdict
from psa.mail.message.structure.headers import Headers, decode_words

# Microsoft 365 writes no authserv-id: "spf=pass (sender IP is …) smtp.mailfrom=…; dkim=…; dmarc=… header.from=…"
# (https://learn.microsoft.com/defender-office-365/message-headers-eop-mdo). A mailbox there is told by this name.
MICROSOFT = ".protection.outlook.com"
# Whose results stand above the Received line by which they take mail in, and never below it.
_WRITE_ABOVE = frozenset({MICROSOFT})

# Longer ones were written to be dear.
_MAX_LENGTH = 10_000
_LONGEST_LINE, _MOST_LINES = 4_000, 30
_MOST_RESULTS = 20
_METHODS = ("spf", "dkim", "dmarc")
# What is quoted or in comments may hold an attacker's words, so it is taken out before anything is looked for. A quote
# that never ends takes all: looking for the end of each anew would take the square of the time.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.S)
_PLAIN = re.compile(r"[\w.@+=-]*", re.ASCII)
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.I)
_BY = re.compile(r"\sby\s+(\S+)", re.I)
# From one program of the same machine to the next (RFC 2033).
_HANDED_ON = re.compile(r"\s*(?:\([^()]*\)\s*)*with\s+U?LMTP", re.I)
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}", re.I)
_INSIDE = re.compile(r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1\Z|f[cd][0-9a-f]{2}:|fe80:", re.I)
_PROPERTY = re.compile(r"\b(header\.(?:d|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*([^\s;]+)", re.I)
# The best result counts where a message bears several signatures (RFC 8601, 2.7.1): one that holds is enough.
_ORDER = ("pass", "neutral", "policy", "softfail", "fail", "temperror", "permerror", "none")


def read_authentication(headers: Headers, trusted_authserv: str | None) -> AuthenticationVerdict | None:
    """The verdicts that `trusted_authserv` wrote; None when it wrote none, or when no server is trusted.

    A sender may add such a header himself with any name: only the topmost of the trusted server's own counts
    (RFC 8601, 5 and 7.1), and only where it can have written it. A name that begins with a dot means all servers below
    it.
    """
    trusted = (trusted_authserv or "").lower()
    if not trusted:
        return None
    for raw in islice(_written_here(headers, trusted), _MOST_RESULTS):
        pieces = _pieces(decode_words(raw)[:_MAX_LENGTH])
        by = _name_in(pieces[0])
        if trusted == MICROSOFT and not by:
            return _verdict(pieces, trusted)
        if by == trusted or (trusted.startswith(".") and by.endswith(trusted)):
            return _verdict(pieces[1:], by)
        if trusted == MICROSOFT:
            # Without a name only the place tells who wrote it: the topmost one of all.
            return None
    return None


def _written_here(headers: Headers, trusted: str) -> Iterator[bytes]:
    """The Authentication-Results above what came with the mail.

    Each server puts its own lines on top, so all below the Received line by which the trusted one took the mail in
    stood there before. Only the results right below that line are in doubt. Google writes its own there, and so does
    every filter of Postfix (OpenDKIM, OpenDMARC, Rspamd), which is never shown that line and puts its own first among
    what it sees (https://www.postfix.org/MILTER_README.html). They count, since such a server writes one for each mail
    and the topmost decides; a filter that was away leaves that place to the sender, who then is believed. Microsoft
    writes above the line, so there nothing below it counts. From the next Received line on nothing is believed.
    """
    taken_in_at = _place_of_entry(headers, trusted)
    for place, (name, value) in enumerate(headers.fields):
        field = name.lower()
        if place > taken_in_at and (field == "received" or trusted in _WRITE_ABOVE):
            return
        if field == "authentication-results":
            yield value


def _place_of_entry(headers: Headers, trusted: str) -> int:
    """Where the Received line stands by which the mail came in; behind all others where none tells.

    It is the topmost by which the trusted server got it from outside; servers behind it that pass the mail on among
    themselves stand above. Where no line bears its name, as with a filter that calls itself otherwise, it is the
    topmost by which anybody got it from an address out in the world: that server cannot be the sender's.
    """
    lines = [(place, value) for place, (name, value) in enumerate(headers.fields) if name.lower() == "received"]
    read = [(place, decode_words(value[:_LONGEST_LINE])) for place, value in lines[:_MOST_LINES]]
    named = (place for place, received in read if _takes_in(received, trusted))
    from_outside = (place for place, received in read if _is_from_outside(received))
    return next(named, next(from_outside, len(headers.fields)))


def _takes_in(received: str, trusted: str) -> bool:
    """Whether a Received line (RFC 5321, 4.4) tells how the trusted server got the mail from outside.

    The name behind "from" is the other side's word; its address, and what follows "by", are not.
    """
    own = [found for found in _BY.finditer(received) if _is_name_of(found[1].lower().strip("[]();."), trusted)]
    if not own or received.lstrip()[:5].lower() != "from " or _HANDED_ON.match(received, own[-1].end()):
        return False
    addresses = _ADDRESS.findall(received[: own[-1].start()])
    return not addresses or not all(_INSIDE.match(address) for address in addresses)


def _is_from_outside(received: str) -> bool:
    """Whether a Received line of any server names an address in the world that it got the mail from."""
    by = _BY.search(received)
    if by is None or received.lstrip()[:5].lower() != "from ":
        return False
    return any(not _INSIDE.match(address) for address in _ADDRESS.findall(received[: by.start()]))


def _is_name_of(name: str, trusted: str) -> bool:
    """Whether a server bears the trusted name: its own, one below it, or that of its domain."""
    if trusted.startswith("."):
        return name.endswith(trusted)
    return name == trusted or name.endswith(f".{trusted}") or ("." in name and trusted.endswith(f".{name}"))


def topmost_authserv(headers: Headers) -> str:
    """The name of the server that wrote the topmost Authentication-Results; "" where there is none or it has no name.

    Microsoft 365, which gives none, is named by `MICROSOFT`.
    """
    values = headers.all("authentication-results")
    if not values:
        return ""
    pieces = _pieces(decode_words(values[0])[:_MAX_LENGTH])
    by = _name_in(pieces[0])
    through = b" ".join(headers.all("received")[:3]).lower()
    return by or (MICROSOFT if b".prod.outlook.com" in through or b"protection.outlook.com" in through else "")


def _verdict(pieces: list[str], by: str) -> AuthenticationVerdict:
    """Of several signatures the best one counts; of what can be there only once, the worst."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for piece in pieces:
        result = _RESULT.match(piece)
        if result is not None:
            properties = {name.lower(): value.lower() for name, value in _PROPERTY.findall(piece)}
            found.setdefault(result[1].lower(), []).append((result[2].lower(), properties))
    spf, dkim, dmarc = (found.get(method, []) for method in _METHODS)
    return AuthenticationVerdict(
        spf=_worst(spf),
        dkim=min((result for result, _ in dkim), key=_rank, default=None),
        dmarc=_worst(dmarc),
        by=by,
        signed_by=tuple(dict.fromkeys(domain for result, told in dkim if result == "pass" for domain in _signer(told))),
        sent_by=next((_domain(told["smtp.mailfrom"]) for _, told in spf if "smtp.mailfrom" in told), ""),
        asked_about=next((_domain(told["header.from"]) for _, told in dmarc if "header.from" in told), ""),
    )


def _pieces(text: str) -> list[str]:
    """The value cut at its semicolons, without comments and without what only quotes can hold."""
    plain = _QUOTED.sub(lambda match: match[1] if _PLAIN.fullmatch(match[1]) else "", text)
    return "".join(_outside_of_comments(plain)).split(";")


def _outside_of_comments(text: str) -> Iterator[str]:
    """What stands in no comment, however deeply they are nested (RFC 5322, 3.2.2). One that never ends takes all."""
    depth, start = 0, 0
    for match in re.finditer(r"\\.|[()]", text):
        if match[0] == "(":
            if depth == 0:
                yield text[start : match.start()] + " "
            depth += 1
        elif match[0] == ")" and depth:
            depth -= 1
            start = match.end() if depth == 0 else start
    if depth == 0:
        yield text[start:]


def _name_in(piece: str) -> str:
    """The authserv-id, behind which a version may stand; "" where results follow at once."""
    words = piece.split()
    return "" if not words or "=" in piece else words[0].lower()


def _worst(results: list[tuple[str, dict[str, str]]]) -> str | None:
    return max((result for result, _ in results), key=_rank, default=None)


def _rank(result: str) -> int:
    return _ORDER.index(result) if result in _ORDER else len(_ORDER)


def _signer(told: dict[str, str]) -> Iterator[str]:
    if "header.d" in told or "header.i" in told:
        yield _domain(told.get("header.d") or told["header.i"])


def _domain(value: str) -> str:
    return value.rpartition("@")[2].strip("<>.")
