"""What a mail brings beside its words: meetings, contact cards, a signature or encryption, pictures in their places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import g
from markupsafe import Markup

from psa import clock
from psa.display import exact
from psa.mail.inbound.agents import words_above
from psa.mail.message import ContactCard, Forwarded, Invitation, Protection, parse
from psa.mail.message.cards.contact_cards import is_contact_card
from psa.mail.message.cards.invitations import is_calendar
from psa.mail.message.quoting.forwarded import looks_forwarded
from psa.mail.raw import raw_bytes
from psa.tickets.models import Attachment, Comment
from psa.tickets.views import bp

TITLES = {
    "request": "Invitation",
    "reply": "Answer to an invitation",
    "cancel": "Cancelled meeting",
    "counter": "Another time is proposed",
    "declinecounter": "The proposed time is declined",
    "add": "More dates of a meeting",
    "refresh": "The invitation is asked for once more",
}


@dataclass(frozen=True, slots=True)
class Brought:
    """`shown` are the part numbers of the files that the HTML shows in their places."""

    invitations: tuple[Invitation, ...] = ()
    contact_cards: tuple[ContactCard, ...] = ()
    protection: Protection | None = None
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A message that somebody passed on: the words above it, where these are plain text, and whose it is."""

    above: str
    words: str
    message: Forwarded


@bp.app_template_filter()
def brought(comment: Comment) -> Brought:
    """What the mail of a comment brings. The mail is read again only where its files tell that there is something."""
    known: dict[int, Brought] = g.setdefault("brought", {})
    if comment.id not in known:
        known[comment.id] = _read(comment)
    return known[comment.id]


def _read(comment: Comment) -> Brought:
    mail = comment.inbound
    has_armour = "-----BEGIN PGP " in comment.body or "-----BEGIN PGP " in comment.signature
    if mail is None or mail.raw_id is None or not (has_armour or any(_tells(f, comment) for f in comment.attachments)):
        return Brought()
    email = parse(raw_bytes(mail.raw_id))
    return Brought(email.invitations, email.contact_cards, email.protection, email.shown_parts)


@bp.app_template_filter()
def passed_on(comment: Comment) -> PassedOn | None:
    """The message that a client passed on with this comment. Its words must not be taken for the client's own."""
    mail = comment.inbound
    if mail is None or mail.raw_id is None or not looks_forwarded(comment.folded, mail.subject):
        return None
    email = parse(raw_bytes(mail.raw_id))
    if email.forwarded is None:
        return None
    above = words_above(email)
    if not comment.body.startswith(above):
        above = ""
    return PassedOn(above, comment.body.removeprefix(above).strip("\n"), email.forwarded)


def _tells(file: Attachment, comment: Comment) -> bool:
    return (
        is_calendar(file.type, file.name)
        or is_contact_card(file.type, file.name)
        or "pkcs7" in file.type
        or "pgp" in file.type
        or comment.has_html
        and file.inline
    )


@bp.app_template_filter()
def listed_files(comment: Comment) -> list[Attachment]:
    """The files below a comment: all but the pictures that its HTML shows in their places."""
    shown = brought(comment).shown if comment.has_html else frozenset()
    return [file for file in comment.attachments if file.part not in shown]


@bp.app_template_filter()
def meeting_title(invitation: Invitation) -> str:
    """What a calendar file wants: "Invitation", "Cancelled meeting", …"""
    return TITLES.get(invitation.method, "Event")


@bp.app_template_filter()
def meeting_time(invitation: Invitation) -> Markup | str:
    """From when to when, as the reader's clocks show it."""
    start, end = invitation.start or invitation.end, invitation.end
    if start is None:
        return "No time is named"
    if not isinstance(start, datetime):
        return _days(start, end if end is not None and end > start else start)
    if start.tzinfo is None:
        until = _until(start, end) if isinstance(end, datetime) else ""
        return f"{_moment(start)}{until}, in a time zone that is not named"
    local = start.astimezone()
    until = _until(local, end.astimezone()) if isinstance(end, datetime) else ""
    shown = Markup('<time datetime="{}" title="{}">{}{} {}</time>').format(
        local.isoformat(timespec="seconds"), exact(local), _moment(local), until, f"{local:%Z}"
    )
    if invitation.zone and start.utcoffset() != local.utcoffset():
        shown += Markup(' <span class="muted">({} in {})</span>').format(f"{start:%H:%M}", invitation.zone)
    return shown


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}, {moment:%H:%M}"


def _until(start: datetime, end: datetime) -> str:
    if end - start <= timedelta(0):
        return ""
    return f" to {end:%H:%M}" if end.date() == start.date() else f" to {_moment(end)}"


def _days(first: date, last: date) -> str:
    return f"{_day(first)}, all day" if first == last else f"{_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day:%a} {clock.in_words(day)}"
