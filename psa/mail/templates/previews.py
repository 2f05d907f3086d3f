"""The mail that a user looks at before it leaves: kept, since the frame that shows it asks for it by itself."""

from __future__ import annotations

from psa import clock
from psa.extensions import db
from psa.mail.templates.models import EmailTemplatePreview


def keep_preview(user_id: int, page: str) -> None:
    """Let the next frame of this user show ``page``, a whole document. In the caller's transaction."""
    kept = db.session.get(EmailTemplatePreview, user_id)
    if kept is None:
        kept = EmailTemplatePreview(user_id=user_id)
        db.session.add(kept)
    kept.page, kept.made_at = page, clock.now()


def kept_preview(user_id: int) -> str | None:
    """The page that this user has looked at last; None when there is none."""
    kept = db.session.get(EmailTemplatePreview, user_id)
    return kept.page if kept is not None else None
