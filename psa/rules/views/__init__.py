"""Admin > Email Settings > Inbound > Auto-Assignment Rules."""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("rules", __name__, url_prefix="/admin/email/rules")


def init_app(app: Flask) -> None:
    """Register the pages."""
    from psa.rules.views import editor, files, index, trying  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)
