"""``GET /health``: whether the database answers and whether somebody looks after the mail."""

from __future__ import annotations

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from psa import locks
from psa.extensions import db

bp = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """200 with ``{"database": true, "leader": bool}``, or 503 when the database does not answer."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(database=False), 503
    return jsonify(database=True, leader=locks.is_taken_here(locks.LEAD))
