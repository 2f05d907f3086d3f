"""An invented client whom templates are shown with, so that each can be looked at before there is anything real."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import current_app

from psa.admin.operations import firm
from psa.mail.templates import facts
from psa.mail.templates.catalogue import Template
from psa.mail.templates.facts import Money, plain


def samples_of(template: Template) -> dict[str, object]:
    """A value for each name that the template may use."""
    everything = samples()
    return {name: everything[name] for name in template.names}


def samples() -> dict[str, object]:
    name, base = firm().name, current_app.config["PSA_BASE_URL"]
    lines = (
        facts.Line("Managed workplace, 11 seats", "11 seats", euros("385.00")),
        facts.Line("Printer toner, black", "1", euros("27.50")),
    )
    news = plain("All nine access points are in place, and the scanners have been moved over.")
    return {
        "firm": facts.Firm(name),
        "contact": facts.Contact.of("Lena Ford", "lena@kestrel-foods.example"),
        "client": facts.Client("Kestrel Foods"),
        "ticket": facts.Ticket(
            1042,
            "The label printer prints blank labels",
            "Open",
            "High",
            "Support",
            f"{base}/tickets/1042",
            "Ticket #1042 · ref 7k2m9xq4tz6hw3pd",
        ),
        "agent": facts.Agent.of("Tom Okafor"),
        "user": facts.User.of("Mara Lindqvist", f"{base}/account/notifications"),
        "reply": facts.Reply(plain("The print head needs cleaning. Shall we come by tomorrow at ten?")),
        "note": facts.Note(plain("@Mara, do we have a spare print head for this model?")),
        "account": facts.Account.of("support@northwind.example", name),
        "message": facts.Message(
            "The label printer prints blank labels", "lena@kestrel-foods.example", "support@northwind.example"
        ),
        "original": facts.Original(
            "Lena Ford <lena@kestrel-foods.example>",
            "The label printer prints blank labels",
            "Mon, 23 Nov 2026 09:12 +0100",
            "support@northwind.example",
            plain("Since this morning every label comes out blank."),
        ),
        "project": facts.Project("New warehouse"),
        "update": facts.Update("The network is up", news, "", news),
        "task": facts.Task("Order the labels", date(2026, 11, 30), f"{base}/projects/3/tasks/12"),
        "invoice": facts.Invoice(
            number="2026-0398",
            date=date(2026, 10, 30),
            due=date(2026, 11, 13),
            total=euros("412.50"),
            balance=euros("412.50"),
            to_pay="We ask you to pay 412.50 EUR by 13 Nov 2026.",
            is_settled=False,
            is_paid=False,
            days_left=3,
            days_overdue=7,
            credits="2026-0391",
            lines=lines,
            table=facts.table_of(lines, [], euros("412.50")),
        ),
        "statement": facts.Statement(date(2026, 10, 1), date(2026, 10, 31), "412.50 EUR", is_settled=False),
        "reminder": facts.Reminder(1),
        "alerts": facts.Alerts(
            "Alert: support@northwind.example cannot be read",
            (
                facts.Alert(
                    "support@northwind.example cannot be read",
                    "The server refuses the password. Enter it again under Inbound.",
                    f"{base}/admin/email/inbound",
                ),
            ),
            (),
            f"{base}/admin/alerts",
        ),
        "digest": facts.Digest(
            "2 things have happened",
            (
                facts.Notice(
                    "Lena Ford answered on #1042 The label printer prints blank labels",
                    f"{base}/tickets/1042",
                    "23 November, 10:12",
                ),
                facts.Notice("New in Support: #1043 New badge", f"{base}/tickets/1043", "23 November, 10:40"),
            ),
            0,
        ),
    }


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")
