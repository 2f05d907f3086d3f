"""Changing the Default Templates. What cannot be rendered is not saved; what is replaced can be had again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from psa import clock
from psa.alerts.operations import close_alert
from psa.extensions import db
from psa.mail.templates.catalogue import Template, Wording
from psa.mail.templates.facts import plain
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.models import EmailTemplate, EmailTemplateVersion
from psa.mail.templates.render import alert_key, made_of, part_of, wording_of
from psa.mail.templates.samples import samples_of

LONGEST_SUBJECT_SOURCE = 500


class Unrenderable(ValueError):
    """A wording that cannot be saved. ``faults`` has at most one for each part."""

    def __init__(self, faults: list[TemplateFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


class Outdated(ValueError):
    """Somebody else has saved the template since; the message says so."""


def own_wording(template: Template, queue_id: int | None) -> EmailTemplate | None:
    """What somebody has made of a template for this very queue, or for all with None."""
    for_it = EmailTemplate.queue_id == queue_id if queue_id is not None else EmailTemplate.queue_id.is_(None)
    return db.session.scalars(select(EmailTemplate).where(EmailTemplate.name == template.name, for_it)).first()


def inherited(template: Template, queue_id: int | None) -> Wording:
    """What is sent where there is no wording for the queue: the one for all, else the built-in one."""
    stored = own_wording(template, None) if queue_id is not None else None
    return wording_of(stored) if stored is not None else template.default


def current_wording(template: Template, queue_id: int | None) -> Wording:
    """What is sent for the queue."""
    stored = own_wording(template, queue_id)
    return wording_of(stored) if stored is not None else inherited(template, queue_id)


def save(template: Template, queue_id: int | None, wording: Wording, by: int, revision: int) -> None:
    """Replace the wording for a queue, or for all with None. ``revision`` is what the editor showed, 0 for none.

    Saying what is sent anyway is the same as reset(). Raises Unrenderable, and Outdated. The caller commits.
    """
    wording = tidied(wording)
    refuse_faults(template, wording)
    stored = own_wording(template, queue_id)
    if (stored.revision if stored is not None else 0) != revision:
        raise Outdated(
            "Somebody else has saved this template since you opened it. Look at the history, then save again."
        )
    if wording == current_wording(template, queue_id) and not (stored and stored.fault):
        return
    if wording == inherited(template, queue_id):
        reset(template, queue_id, by)
        return
    keep_version(template, queue_id, by)
    if stored is None:
        stored = EmailTemplate(name=template.name, queue_id=queue_id, fault="")
        db.session.add(stored)
    stored.subject, stored.html, stored.text = wording.subject, wording.html, wording.text
    stored.changed_at = clock.now()
    mend(stored, "The template was changed.")
    flush()


def reset(template: Template, queue_id: int | None, by: int) -> None:
    """Send what is built in again, or for a queue what is sent for all. Raises Outdated. The caller commits."""
    stored = own_wording(template, queue_id)
    if stored is None:
        return
    keep_version(template, queue_id, by)
    mend(stored, "The template was reset to its default.")
    db.session.delete(stored)
    flush()


def flush() -> None:
    """Write it down. Raises Outdated when somebody else did so at the same moment."""
    try:
        db.session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise Outdated("Somebody else has just saved this template. Look at the history, then save again.") from error


def restore(template: Template, version: EmailTemplateVersion, by: int) -> None:
    """Make an earlier wording the current one again. Raises Unrenderable. The caller commits."""
    stored = own_wording(template, version.queue_id)
    earlier = Wording(version.subject, version.html, version.text)
    save(template, version.queue_id, earlier, by, stored.revision if stored is not None else 0)


def versions(template: Template, queue_id: int | None) -> list[EmailTemplateVersion]:
    """What the wording for a queue was, the latest first."""
    for_it = (
        EmailTemplateVersion.queue_id == queue_id if queue_id is not None else EmailTemplateVersion.queue_id.is_(None)
    )
    found = select(EmailTemplateVersion).where(EmailTemplateVersion.name == template.name, for_it)
    return list(db.session.scalars(found.order_by(EmailTemplateVersion.id.desc()).limit(50)))


def refuse_faults(template: Template, wording: Wording) -> None:
    """Raise Unrenderable when a part cannot be rendered with the sample, or when there is nothing to send."""
    faults = []
    facts = samples_of(template)
    for part, source in (("subject", wording.subject), ("html", wording.html), ("text", wording.text)):
        try:
            made = part_of(template, part, source, facts)
            if part != "subject" and made and not says_what_it_must(template, part, source, facts):
                faults.append(of_part(part, f"{{{{ {template.must_show} }}}} is missing, which is what it is about."))
        except TemplateFault as fault:
            faults.append(fault)
    if not wording.subject:
        faults.append(of_part("subject", "a mail needs a subject."))
    if len(wording.subject) > LONGEST_SUBJECT_SOURCE:
        faults.append(of_part("subject", f"it is longer than {LONGEST_SUBJECT_SOURCE} characters."))
    if not wording.html and not wording.text:
        faults.append(of_part("html", "there is nothing in it. Write HTML, or text alone."))
    if faults:
        raise Unrenderable(faults)
    made_of(template, wording, facts)


def says_what_it_must(template: Template, part: str, source: str, facts: Mapping[str, object]) -> bool:
    """Whether a part shows the variable without which the mail would say nothing, whatever the way it is written."""
    if not template.must_show:
        return True
    name, _, member = template.must_show.partition(".")
    mark = token_hex(8)
    marked = replace(facts[name], **{member: plain(mark)})  # type: ignore[type-var]
    return mark in part_of(template, part, source, {**facts, name: marked})


def of_part(part: str, words: str) -> TemplateFault:
    fault = TemplateFault(0, words)
    fault.part = part
    return fault


def tidied(wording: Wording) -> Wording:
    """As it is stored: a subject on one line, lines that end as ours do."""
    return replace(
        wording,
        subject=" ".join(wording.subject.split()),
        html=wording.html.replace("\r\n", "\n").strip(),
        text=wording.text.replace("\r\n", "\n").strip(),
    )


def keep_version(template: Template, queue_id: int | None, by: int) -> None:
    before = current_wording(template, queue_id)
    db.session.add(
        EmailTemplateVersion(
            name=template.name,
            queue_id=queue_id,
            subject=before.subject,
            html=before.html,
            text=before.text,
            user_id=by,
        )
    )


def mend(stored: EmailTemplate, words: str) -> None:
    """What was wrong with it is over."""
    stored.fault, stored.failed_at = "", None
    if stored.id is not None:
        close_alert(alert_key(stored), words)
