"""A person says that a held message is really from the user whom it names."""

from __future__ import annotations

from flask import abort
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.auth.models import User
from psa.extensions import db
from psa.mail.inbound import process
from psa.mail.models import InboundEmail
from psa.tickets.views import bp
from psa.tickets.views.held import back_to, message_or_404


@bp.post("/mail/inbound/<int:inbound_id>/vouching")
@agent_required
def vouch(inbound_id: int) -> Response:
    """Deal with it as if it were proven: what it answers is mailed to the client, its commands are carried out."""
    message = message_or_404(inbound_id)
    if claimed_user(message) is None:
        abort(403)
    process.vouch(inbound_id, current_user.name)
    return back_to(inbound_id)


@bp.app_template_global()
def claimed_user(message: InboundEmail) -> User | None:
    """The user whom a held message names as its sender, when the reader may say that it is really from them.

    An admin may for everybody, all others for themselves.
    """
    if message.status != "held" or message.trust == "proven" or not message.sender_email:
        return None
    email = message.sender_email.lower()
    if not current_user.is_admin and current_user.email != email:
        return None
    found: User | None = db.session.scalar(db.select(User).where(User.email == email, User.active))
    return found
