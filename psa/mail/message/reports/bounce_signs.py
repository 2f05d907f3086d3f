"""Which mails tell of a delivery: by their sender, their subject and their words."""

from __future__ import annotations

import re
from typing import Literal

from psa.mail.message.head.subjects import base_subject
from psa.mail.message.model import Address
from psa.mail.message.reports import bounce_words as words_of
from psa.mail.message.reports.bounce_returned import returned_at
from psa.mail.message.reports.reasons.notation import unaccented
from psa.mail.message.structure.headers import Headers

MAX_TEXT = 30_000  # of a report; the message that came back may be longer
MAX_SUBJECT = 1_000
MAX_OPENING = 1_500

_DAEMON = re.compile(
    r"(?:mailer[-_.]?da?emon|post[-_.]?master|mail[-_.]?da?emon|mdaemon|mail-?system|double-bounce|bounces?|mmdf"
    r"|mail[-_]?admin|mail[-_.]?delivery[\w.-]{0,20}|microsoftexchange\w*|ndr|smtp-?daemon|mailerdaemon[\w.-]{0,20})\Z",
    re.I,
)
# Addresses that report failures, but also send much else.
_ROBOT = re.compile(
    r"(?:smtp|system|sysadmin|delivery|info-?mail|listserv|owner-.{0,60}|.{0,60}-(?:bounces?|admin|owner)|no-?reply.{0,60}"
    r"|administrator|mailgateway|gateway)\Z",
    re.I,
)

_NULL_PATHS = (b"<>", b"<mailer-daemon>", b"<null>", b"<<>>")

Announced = Literal["strong", "weak", "faint"] | None


def announces(headers: Headers, sender: Address | None, subject: str) -> Announced:
    """Does something outside the text point to a report?

    An answer to one ("Re: Undeliverable") or a discussion of it is none. "faint": it could as well be a parcel service.
    """
    if headers.first("x-failed-recipients") is not None:
        return "strong"
    plain_subject = unaccented(subject[:MAX_SUBJECT])
    named, by_server = is_announced(subject), is_server(sender)
    without_sender = (headers.first("return-path") or b"?").strip().lower() in _NULL_PATHS
    if not named and not by_server and not without_sender and not (sender and _ROBOT.match(_local_part(sender))):
        return None
    if headers.first("x-list-administrivia") is not None or words_of.OTHER_SUBJECTS.search(plain_subject):
        return None
    if named and (by_server or without_sender):
        return "strong"
    if by_server or named and headers.text("auto-submitted").lower()[:2] not in ("", "no"):
        return "weak"
    return "faint"


def is_server(sender: Address | None) -> bool:
    """Is it an address, or a name, under which servers send?"""
    if sender is None:
        return False
    return bool(_DAEMON.match(_local_part(sender)) or words_of.SERVER_NAMES.search(unaccented(sender.name)))


def _local_part(sender: Address) -> str:
    return sender.email.rpartition("@")[0] or sender.email


def is_announced(subject: str) -> bool:
    if words_of.SUBJECTS.search(unaccented(subject[:MAX_SUBJECT])) is None:
        return False
    return base_subject(subject) == subject.strip()  # neither an answer nor passed on


def is_failure(text: str, subject: str, headers: Headers, *, strong: bool) -> bool:
    """Do the words tell of a mail that did not arrive? Vacation notices and challenges do not."""
    if headers.text("auto-submitted").lower().startswith("auto-replied") and not is_announced(subject):
        return False
    head = text[:MAX_TEXT]
    own = head[: returned_at(head)]
    said = unaccented(own if own.strip() else head)
    if not strong and words_of.CHALLENGES.search(said[:4000]):
        return False
    return strong or words_of.FAILURES.search(said) is not None


def is_persons(text: str) -> bool:
    """Does a text open as people's letters do?"""
    return words_of.GREETINGS.match(unaccented(text[:300]).lstrip(" \t\r\n>*_")) is not None


def opens_with_failure(text: str) -> bool:
    return words_of.FAILURES.search(unaccented(text[:MAX_OPENING])) is not None


def is_delay(text: str, subject: str) -> bool:
    """Does it only say that delivery takes longer?"""
    if words_of.DELAYS.search(unaccented(subject[:MAX_SUBJECT])):
        return True
    head = text[:MAX_TEXT]
    own = unaccented(head[: returned_at(head)])
    return bool(words_of.DELAYS.search(own)) and not words_of.FINAL.search(own)


def is_delivered(subject: str) -> bool:
    return words_of.ARRIVALS.match(unaccented(subject[:MAX_SUBJECT]).lstrip()) is not None
