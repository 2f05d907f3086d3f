"""Admin > Email Settings > Inbound > Auto-Assignment Rules."""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("rules", __name__, url_prefix="/admin/email/rules")

from psa.rules.views import editor, files, index, trying  # noqa: E402, F401  they add their pages to bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
