"""What needs a person, from all parts of the house, the most urgent first. What needs nobody is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import func, select

from psa import clock
from psa.alerts.operations import alerts_for
from psa.auth.models import User
from psa.billing.currencies import money
from psa.billing.invoices import queries as invoices
from psa.billing.mailing.queries import reached_nobody
from psa.clients.onboarding.journey import unfinished
from psa.extensions import db
from psa.mail.log.dismissal import WAITS_OUT
from psa.mail.models import OutboundEmail
from psa.projects import queries as projects
from psa.tickets import queries


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
    return [
        *alerts(user),
        *held_mail(),
        *mail_that_did_not_leave(),
        *invoices_that_reached_nobody(),
        *overdue_tasks(user),
        *overdue_invoices(),
        *unfinished_clients(),
    ]


def alerts(user: User) -> Iterator[Item]:
    for alert in alerts_for(user):
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


def invoices_that_reached_nobody() -> Iterator[Item]:
    lost = reached_nobody()
    if lost:
        one = lost[0]
        yield Item(
            "file-invoice",
            count(len(lost), "invoice reached nobody", "invoices reached nobody"),
            f"{' and '.join(f'{invoice.number} for {invoice.client.name}' for invoice in lost[:3])}: no mail arrived.",
            "Look",
            url_for("invoices.show", invoice_id=one.id),
        )


def overdue_tasks(user: User) -> Iterator[Item]:
    number = projects.overdue_tasks(user.id, clock.today())
    if number:
        title = count(number, "of your tasks is overdue", "of your tasks are overdue")
        yield Item(
            "clock-exclamation", title, "The day that they were due has passed.", "Look", url_for("projects.my_tasks")
        )


def overdue_invoices() -> Iterator[Item]:
    wanted, today = invoices.Wanted("overdue"), clock.today()
    sums = invoices.sums_by_currency(wanted, today)
    if sums:
        title = count(sum(one.number for one in sums), "invoice is overdue", "invoices are overdue")
        words = f"{' and '.join(money(one.balance, one.currency) for one in sums)} still open."
        yield Item("file-invoice", title, words, "Look", url_for("invoices.index", state="overdue"))


def unfinished_clients() -> Iterator[Item]:
    setups, beyond = unfinished()
    if setups:
        title = count(len(setups) + beyond, "client is not set up to the end", "clients are not set up to the end")
        words = f"{', '.join(setup.client.name for setup in setups)}{' and others' if beyond else ''}."
        yield Item("building", title, words, "Go on", url_for("setup.resume", client_id=setups[0].client_id))


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
