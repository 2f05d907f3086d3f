"""The pages: the firm's table, what a user hears about, what a contact is told, and the way out of it."""

from __future__ import annotations

from flask import Blueprint, Flask

from psa.extensions import csrf

bp = Blueprint("notifications", __name__)


def init_app(app: Flask) -> None:
    """Bind the pages; each module puts its routes on ``bp``."""
    from psa.notifications.views import account, contact, table, unsubscribe

    del account, contact, table
    # What proves the right to it is the signed address; whoever has no session has no token either.
    csrf.exempt(unsubscribe.stop)
    app.register_blueprint(bp)
