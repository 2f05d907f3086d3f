"""The sidebar: the places of the house, and what belongs to the place where the reader is.

A new page is one more line here. A line whose endpoint does not exist (the Sandbox outside a demonstration) is left
out.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_security import current_user


@dataclass(frozen=True, slots=True)
class Link:
    """A page: its name, its icon and its endpoint."""

    text: str
    icon: str
    endpoint: str

    @property
    def href(self) -> str:
        return url_for(self.endpoint)

    @property
    def is_current(self) -> bool:
        """Whether the reader is on this page or on one below it, or on one that says it belongs here (g.section)."""
        if g.get("section") == self.endpoint:
            return True
        return request.path == self.href or request.path.startswith(self.href.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Place:
    """A link at the top of the sidebar, the paths that belong to it, and the template of what stands below it there."""

    link: Link
    paths: tuple[str, ...]
    sidebar: str
    admins_only: bool = False

    @property
    def is_current(self) -> bool:
        return request.path.startswith(self.paths)


PLACES = (
    Place(Link("Dashboard", "layout-dashboard", "dashboard.index"), ("/dashboard",), "tickets/_views.html"),
    Place(Link("Tickets", "inbox", "tickets.index"), ("/tickets", "/comments"), "tickets/_views.html"),
    Place(Link("Clients", "building", "clients.index"), ("/clients",), "tickets/_views.html"),
    Place(Link("Projects", "folders", "projects.index"), ("/projects", "/tasks"), "projects/_views.html"),
    Place(Link("Time", "clock", "billing.week"), ("/time",), "tickets/_views.html"),
    Place(Link("Invoices", "file-invoice", "invoices.index"), ("/invoices",), "tickets/_views.html"),
    Place(Link("Mail log", "list-search", "mail_log.index"), ("/mail",), "tickets/_views.html"),
    Place(
        Link("Admin", "settings", "email.outbound"), ("/admin", "/sandbox"), "admin/_settings.html", admins_only=True
    ),
)

EMAIL_SETTINGS = (
    Link("Outbound", "send", "email.outbound"),
    Link("Inbound", "mailbox", "email.inbound"),
    Link("Auto-Assignment Rules", "arrows-split-2", "rules.index"),
    Link("Default Templates", "template", "templates.index"),
    Link("Notifications", "message-2", "notifications.index"),
    Link("Sign-in providers", "key", "oauth.providers"),
    Link("Deliverability", "shield-check", "email.deliverability"),
    Link("Limits of answers", "hand-stop", "fuse.limits"),
    Link("Alerts", "heartbeat", "alerts.index"),
    Link("Sandbox", "flask", "sandbox.index"),
)

FIRM_SETTINGS = (
    Link("Queues", "stack-2", "admin.queues"),
    Link("Rates", "receipt-tax", "billing.rates"),
    Link("Invoices", "file-invoice", "invoices.settings"),
    Link("Reminders", "clock-exclamation", "documents.reminders"),
)


def init_app(app: Flask) -> None:
    """Give the templates ``places()``, ``email_settings()`` and ``firm_settings()``."""
    for links in (places, email_settings, firm_settings):
        app.add_template_global(links)


def places() -> list[Place]:
    """The places that exist and that this user may enter."""
    return [
        place
        for place in PLACES
        if exists(place.link) and (not place.admins_only or getattr(current_user, "is_admin", False))
    ]


def email_settings() -> list[Link]:
    """The pages of Admin > Email Settings that exist."""
    return [link for link in EMAIL_SETTINGS if exists(link)]


def firm_settings() -> list[Link]:
    """The pages of Admin > Firm that exist."""
    return [link for link in FIRM_SETTINGS if exists(link)]


def exists(link: Link) -> bool:
    return link.endpoint in current_app.view_functions
