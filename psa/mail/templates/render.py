"""A mail from its template: the queue's own, the firm's, or the built-in one, which is sent when the other fails."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import and_, or_, select

from psa import clock
from psa.admin.operations import firm
from psa.alerts.operations import Trouble, open_alert
from psa.extensions import db, update_row
from psa.mail.message.html.html_text import html_to_text
from psa.mail.outbound.compose import Content, one_line
from psa.mail.templates import facts as values
from psa.mail.templates import sandbox
from psa.mail.templates.catalogue import CATALOGUE, Template, Wording
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.layout import Look, document
from psa.mail.templates.models import EmailTemplate

log = structlog.get_logger()

LONGEST_SUBJECT = 900


def render(name: str, queue_id: int | None, facts: Mapping[str, object]) -> Content:
    """The mail that the template ``name`` makes for a queue, or for none. ``facts`` has all names that it declares.

    A changed template that cannot be rendered is noted, an alert raised, and the built-in one sent instead; in the
    caller's transaction. Raises KeyError for a name that is not in the catalogue or a fact that is missing.
    """
    template = CATALOGUE[name]
    stored = stored_for(name, queue_id)
    if stored is not None:
        try:
            return made_of(template, wording_of(stored), facts)
        except TemplateFault as fault:
            note_fault(template, stored, fault)
    return made_of(template, template.default, facts)


def made_of(template: Template, wording: Wording, facts: Mapping[str, object], logo_url: str = "") -> Content:
    """What comes of a wording. Raises TemplateFault with the part that it is in."""
    look = Look.of(firm())
    known = {"firm": values.Firm(look.name), **facts}
    given = {name: known[name] for name in template.names}
    subject = one_line(part_of(template, "subject", wording.subject, given))[:LONGEST_SUBJECT]
    body = part_of(template, "html", wording.html, given)
    text = part_of(template, "text", wording.text, given) or html_to_text(body)
    html = document(body, subject, look, like_a_letter=template.like_a_letter, logo_url=logo_url) if body else ""
    return Content(
        subject or template.title,
        "\n\n".join(filter(None, (text.rstrip(), look.footer))) + "\n",
        html,
        look.pictures if html and not template.like_a_letter else (),
    )


def part_of(template: Template, part: str, source: str, facts: Mapping[str, object]) -> str:
    """One of the three parts; nothing when there is none, or when nothing but blanks comes of it."""
    if not source.strip():
        return ""
    try:
        made = sandbox.render(source, template.kinds, facts, html=part == "html")
    except TemplateFault as fault:
        fault.part = part
        raise
    return made if made.strip() else ""


def stored_for(name: str, queue_id: int | None) -> EmailTemplate | None:
    """What somebody has made of a template: for the queue, else for all."""
    for_queue = EmailTemplate.queue_id == queue_id if queue_id is not None else EmailTemplate.queue_id.is_(None)
    wanted = and_(EmailTemplate.name == name, or_(for_queue, EmailTemplate.queue_id.is_(None)))
    found = select(EmailTemplate).where(wanted).order_by(EmailTemplate.queue_id.is_(None)).limit(1)
    return db.session.scalars(found).first()


def wording_of(stored: EmailTemplate) -> Wording:
    return Wording(stored.subject, stored.html, stored.text)


def note_fault(template: Template, stored: EmailTemplate, fault: TemplateFault) -> None:
    """Say on the page of the template, and to the administrators, that the built-in text was sent instead."""
    log.warning("a template could not be used", template=template.name, queue=stored.queue_id, fault=str(fault))
    update_row(EmailTemplate, stored.id, fault=str(fault), failed_at=clock.now())
    queue = f"?queue={stored.queue_id}" if stored.queue_id is not None else ""
    open_alert(
        Trouble(
            alert_key(stored),
            f"The template “{template.title}” could not be used",
            f"{fault} Its mail leaves with the built-in text until the template is mended and saved.",
            f"/admin/email/templates/{template.name}{queue}",
        )
    )


def alert_key(stored: EmailTemplate) -> str:
    return f"template:{stored.id}"
