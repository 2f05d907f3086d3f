"""Whom a mail is from: From first, then what really stands in for it, and who wrote where a list or a form put itself
into From.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from psa.mail.message.model import Address, StandIn
from psa.mail.message.structure.headers import Headers, Note

People = Callable[[str], tuple[Address, ...]]

# In this order: who wants the answer, who wrote before a list changed the mail, who handed it in.
_INSTEAD_OF_FROM = (
    "reply-to",
    "x-original-from",
    "x-original-sender",
    "x-google-original-from",
    "sender",
    "x-sender",
    "resent-from",
    "return-path",
    "envelope-from",
    "x-envelope-from",
)
_LISTS = {"list-id", "list-post", "mailing-list", "x-original-from", "x-original-sender", "x-google-group-id"}
_BEFORE_THE_LIST = ("x-original-from", "x-google-original-from", "x-original-sender", "reply-to")
# "'Mia Berg' via Support" <support@…>: Google Groups, Mailman, Sympa and others since DMARC (RFC 7960, 4.1.3.3).
_VIA = re.compile(
    r"\A[\"']?(.*?)[\"']?\s+(?:via|über|par|durch|por|through|através de|tramite|przez|через)\s+\S.*\Z", re.I
)
_ROBOT = re.compile(
    r"(?:.*[-_.+])?(?:no-?_?reply|do-?_?not-?_?reply|donotreply|wordpress|www|www-data|apache|httpd|nginx|nobody|web|website"
    r"|web-?master|web-?form|web-?mail|form|forms|formular|formulaire|formulario|contact-?form|kontaktformular|server|mailer"
    r"|system|automail|notifications?|notify|cgi|php|joomla|typo3|drupal)(?:[-_.+].*)?\Z",
    re.I,
)
_BY_A_SCRIPT = {"x-php-originating-script", "x-php-script", "x-source-args", "x-typo3-form"}


def read_sender(from_: tuple[Address, ...], people: People, note: Note) -> Address | None:
    """From; failing an address there Reply-To, X-Original-From, Sender or Return-Path, in this order.

    `people` gives the addresses of a header by its name in lower case.
    """
    named = next((a for a in from_ if "@" in a.email), None)
    if named is not None:
        return named
    for name in _INSTEAD_OF_FROM:
        stand_in = next((a for a in people(name) if "@" in a.email), None)
        if stand_in is not None:
            note(f"From holds no address; {name.title()} was taken for the sender.")
            return stand_in
    return from_[0] if from_ else None


def read_stand_ins(headers: Headers, from_: tuple[Address, ...], people: People) -> tuple[StandIn, ...]:
    """Who may have written although From names another, likeliest first. All of it can be forged as easily as From; who
    is believed is for others to decide.
    """
    named = next((a for a in from_ if "@" in a.email), None)
    if named is None:
        return ()
    found: dict[str, StandIn] = {}
    for stand_in in (*_of_list(headers, named, people), *_of_form(headers, named, people), *_in_name(named)):
        if stand_in.address.email.lower() != named.email.lower():
            found.setdefault(stand_in.address.email.lower(), stand_in)
    return tuple(found.values())


def _of_list(headers: Headers, named: Address, people: People) -> Iterator[StandIn]:
    """Whoever wrote to a list that put its own address into From."""
    via = _VIA.match(named.name)
    if _LISTS.isdisjoint(headers.index) and not (via and "reply-to" in headers.index):
        return
    posts = {
        a.email.lower() for name in ("list-post", "list-owner", "x-been-there", "x-beenthere") for a in people(name)
    }
    if not via and named.email.lower() not in posts and "x-original-from" not in headers.index:
        return
    name = via[1] if via else ""
    for header in _BEFORE_THE_LIST:
        for address in people(header):
            if "@" in address.email and address.email.lower() not in posts:
                yield StandIn(Address(address.name or name, address.email), header.title(), "list")
    local, at, domain = named.email.partition("@")[0].rpartition("=")
    if at and "." in domain and local:  # mia=harbour.example@groups.example
        yield StandIn(Address(name, f"{local}@{domain.lower()}"), "From", "list")


def _of_form(headers: Headers, named: Address, people: People) -> Iterator[StandIn]:
    """Whoever filled in a web form that writes in the name of its site and puts the visitor into Reply-To."""
    if "reply-to" not in headers.index or "list-unsubscribe" in headers.index or "list-id" in headers.index:
        return
    to_itself = any(a.email.lower() == named.email.lower() for a in people("to"))
    is_robot = _ROBOT.match(named.email.partition("@")[0]) is not None
    by_script = not _BY_A_SCRIPT.isdisjoint(headers.index)
    for address in people("reply-to"):
        if "@" not in address.email or _ROBOT.match(address.email.partition("@")[0]):
            continue
        if is_robot or to_itself or by_script and address.domain != named.domain:
            yield StandIn(address, "Reply-To", "form")


def _in_name(named: Address) -> Iterator[StandIn]:
    """An address that stands where the name should, as fax machines and scanners write it."""
    words = named.name.strip("\"'<>() ").split()
    if words and words[0].count("@") == 1 and "." in words[0].rpartition("@")[2]:
        yield StandIn(Address(" ".join(words[1:]).strip("<>() "), words[0]), "From", "name")
