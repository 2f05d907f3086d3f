"""The mail that a user looks at before it leaves: kept, since the frame that shows it asks for it by itself.

One for each user, the latest. The frame names by a mark which one it is for: who has the editor open twice is told that
this one has given way to another, and never shown the mail of the other window.
"""

from __future__ import annotations

from hashlib import sha256

from flask import Response, render_template

from psa import clock
from psa.extensions import db
from psa.foreign import framed
from psa.mail.templates.models import EmailTemplatePreview


def keep_preview(user_id: int, page: str) -> str:
    """Keep ``page``, a whole document, for the next frame of this user; returns its mark. The caller commits."""
    kept = db.session.get(EmailTemplatePreview, user_id)
    if kept is None:
        kept = EmailTemplatePreview(user_id=user_id)
        db.session.add(kept)
    kept.page, kept.made_at = page, clock.now()
    return mark_of(page)


def framed_preview(user_id: int, mark: str) -> Response:
    """The page of this mark, for a frame; words instead when the user has looked at another since."""
    kept = db.session.get(EmailTemplatePreview, user_id)
    if kept is not None and mark_of(kept.page) == mark:
        return framed(kept.page)
    gone = framed(render_template("mail/templates/preview_gone.html"))
    gone.status_code = 410
    return gone


def mark_of(page: str) -> str:
    """Another one for every page that says or looks anything else."""
    return sha256(page.encode()).hexdigest()[:12]
