"""User (staff), roles, sign-in."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind sign-in and the first run to ``app``. The imports stand here so that models can be had without forms."""
    from psa.auth import security, views

    security.init_app(app)
    views.init_app(app)
