"""What needs a person, from all parts of the house, the most urgent first. What needs nobody is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import func, select

from psa.alerts.operations import open_alerts
from psa.auth.models import User
from psa.extensions import db
from psa.mail.log.dismissal import WAITS_OUT
from psa.mail.models import OutboundEmail
from psa.tickets import queries

FOR_AGENTS = ("loop",)


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, a sentence about it, and where something is done about it."""

    icon: str
    title: str
    words: str
    act: str
    link: str
    # Set for a loop that was stopped: it is resumed from the line itself.
    incident_id: int | None = None


def needs_a_person(user: User) -> list[Item]:
    """What this user can do something about."""
    return [*alerts(user), *held_mail(), *mail_that_did_not_leave()]


def alerts(user: User) -> Iterator[Item]:
    for alert in open_alerts():
        if user.is_admin or alert.kind in FOR_AGENTS:
            incident = (alert.open_key or "").partition(":")[2] if alert.kind == "loop" else ""
            yield Item(
                "refresh-alert" if alert.kind == "loop" else "alert-triangle",
                alert.title,
                alert.words,
                "Look",
                alert.link or url_for("alerts.index"),
                int(incident) if incident.isdecimal() else None,
            )


def held_mail() -> Iterator[Item]:
    number = db.session.scalar(select(queries.held_count())) or 0
    if number:
        newest = next(iter(queries.held_messages()), None)
        words = f"The newest: “{newest.subject or '(no subject)'}”. {newest.reason}" if newest is not None else ""
        yield Item(
            "hand-stop", count(number, "message is held", "messages are held"), words, "Look", url_for("tickets.held")
        )


def mail_that_did_not_leave() -> Iterator[Item]:
    rows = dict(
        db.session.execute(
            select(OutboundEmail.status, func.count()).where(WAITS_OUT).group_by(OutboundEmail.status)
        ).all()
    )
    if rows.get("unconfirmed"):
        yield Item(
            "mail-question",
            count(rows["unconfirmed"], "message may not have arrived", "messages may not have arrived"),
            "The connection broke after the text was sent, so the server may have it. Nothing is sent twice by itself.",
            "Decide",
            url_for("mail_log.index", direction="out", became="unconfirmed"),
        )
    if rows.get("failed"):
        yield Item(
            "mail-x",
            count(rows["failed"], "message could not be sent", "messages could not be sent"),
            "What the server said stands beside each of them.",
            "Look",
            url_for("mail_log.index", direction="out", became="failed"),
        )


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
