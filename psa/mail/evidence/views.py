"""Download evidence: of a test, an account, a message. Settings are the admins' business, so only they may."""

from __future__ import annotations

from io import BytesIO
from typing import TypeVar

from flask import Blueprint, Flask, abort, send_file
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.extensions import Base, db
from psa.mail.evidence import gathering
from psa.mail.evidence.gathering import Evidence
from psa.mail.models import ConnectionTest, InboundEmail, MailAccount, OutboundEmail

bp = Blueprint("evidence", __name__)
Row = TypeVar("Row", bound=Base)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/admin/email/tests/<int:test_id>/evidence")
@admin_required
def of_test(test_id: int) -> Response:
    return download(gathering.of_test(found(ConnectionTest, test_id)), f"test-{test_id}")


@bp.get("/admin/email/accounts/<int:account_id>/evidence")
@admin_required
def of_account(account_id: int) -> Response:
    return download(gathering.of_account(found(MailAccount, account_id)), f"account-{account_id}")


@bp.get("/mail/outbound/<int:outbound_id>/evidence")
@admin_required
def of_outbound(outbound_id: int) -> Response:
    return download(gathering.of_outbound(found(OutboundEmail, outbound_id)), f"sent-{outbound_id}")


@bp.get("/mail/inbound/<int:inbound_id>/evidence")
@admin_required
def of_inbound(inbound_id: int) -> Response:
    return download(gathering.of_inbound(found(InboundEmail, inbound_id)), f"received-{inbound_id}")


def found(model: type[Row], row_id: int) -> Row:
    return db.session.get(model, row_id) or abort(404)


def download(evidence: Evidence, name: str) -> Response:
    return send_file(
        BytesIO(evidence.packed()),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"evidence-{name}.zip",
        max_age=0,
    )
