"""What is known of a test, an account or a message, as files of a zip archive that can be handed on."""

from __future__ import annotations

import json
import platform
import ssl
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from sqlalchemy import text

from psa import clock, signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.providers import provider_of, steps_at
from psa.mail.evidence.redaction import redacted, redactor
from psa.mail.message import parse
from psa.mail.models import ConnectionTest, DeliveryAttempt, InboundEmail, MailAccount, OutboundEmail
from psa.mail.oauth.models import OAuthGrant
from psa.mail.raw import raw_bytes
from psa.mail.settings import folders_of

# How many attempts and tests go along, the newest ones.
MOST = 20
LARGEST_HEADERS = 64 * 1024
LIBRARIES = ("Flask", "SQLAlchemy", "IMAPClient", "Flask-Mail", "Authlib")
LEFT_OUT = "Passwords, tokens and keys are hidden, and the text and files of messages are left out. Addresses are kept."


@dataclass(slots=True)
class Evidence:
    """Files by name, as what JSON can hold, or as text; ``secrets`` stand in none of them once they are packed."""

    about: str
    files: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def packed(self) -> bytes:
        """The zip archive."""
        redact = redactor(self.secrets)
        files = {"about.txt": about(self.about, self.files), "versions.json": versions()} | self.files
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packing:
            for name, content in files.items():
                clean = redacted(content, redact)
                packing.writestr(name, clean if isinstance(clean, str) else as_json(clean))
        return archive.getvalue()


def of_test(test: ConnectionTest) -> Evidence:
    """A press of Send Test Email or Test Connection: what was tested, its steps, its cause."""
    evidence = Evidence(f"Test {test.id}, {test.direction}, {test.state}")
    evidence.files["test.json"] = test_values(test)
    if test.account_id is not None:
        add_account(evidence, db.session.get_one(MailAccount, test.account_id))
    if test.outbound_id is not None:
        add_attempts(evidence, [test.outbound_id])
    return evidence


def of_account(account: MailAccount) -> Evidence:
    """An account: its settings and state, its last tests, and the last attempts to send through it."""
    evidence = Evidence(f"The {account.direction} account {account.address}")
    add_account(evidence, account)
    newest = db.select(ConnectionTest).where(ConnectionTest.account_id == account.id).order_by(ConnectionTest.id.desc())
    evidence.files["tests.json"] = [test_values(test) for test in db.session.scalars(newest.limit(MOST))]
    if account.direction == "outbound":
        sent = db.select(OutboundEmail.id).where(OutboundEmail.account_id == account.id, OutboundEmail.attempts > 0)
        ids = db.session.scalars(sent.order_by(OutboundEmail.id.desc()).limit(MOST)).all()
        add_attempts(evidence, ids)
    return evidence


def of_outbound(email: OutboundEmail) -> Evidence:
    """A message that goes out: what became of it and of each recipient, every attempt, its headers."""
    evidence = Evidence(f"The message {email.message_id}, {email.status}")
    evidence.files["message.json"] = columns(email, without=("raw_id",)) | {"cause_in_words": in_words(email.cause)}
    evidence.files["headers.txt"] = headers_of(email.raw_id)
    add_attempts(evidence, [email.id])
    if email.account is not None:
        add_account(evidence, email.account)
    return evidence


def of_inbound(inbound: InboundEmail) -> Evidence:
    """A message that came in: its disposition, the trace of what decided it, its headers."""
    evidence = Evidence(f"The message {inbound.message_id or inbound.id}, {inbound.status}")
    evidence.files["message.json"] = columns(inbound, without=("raw_id", "trace"))
    evidence.files["trace.json"] = inbound.trace
    evidence.files["headers.txt"] = headers_of(inbound.raw_id)
    add_account(evidence, inbound.account)
    return evidence


def add_account(evidence: Evidence, account: MailAccount) -> None:
    settings = columns(account, without=("sealed_password", "ca_pem", "signature"))
    settings["folders"] = list(folders_of(account))
    settings["has_own_authority"] = bool(account.ca_pem)
    settings["fault_in_words"] = in_words(account.fault_cause, account)
    if account.grant is not None:
        sealed = ("sealed_access_token", "sealed_refresh_token")
        settings["grant"] = columns(account.grant, without=sealed) | {"provider": account.grant.app.provider}
    evidence.files["settings.json"] = settings
    evidence.secrets |= secrets_of(account, account.grant)


def secrets_of(account: MailAccount, grant: OAuthGrant | None) -> set[str]:
    """What must stand nowhere. A secret that no key of ours opens any more is known to nobody."""
    sealed = [account.sealed_password]
    if grant is not None:
        sealed += [grant.sealed_access_token, grant.sealed_refresh_token, grant.app.sealed_secret]
    return {accounts.opened(one) for one in sealed} - {""}


def test_values(test: ConnectionTest) -> dict[str, Any]:
    return columns(test, without=("sealed_settings",)) | {"cause_in_words": in_words(test.cause)}


def add_attempts(evidence: Evidence, outbound_ids: Iterable[int]) -> None:
    """The newest attempts first, each with its steps, and what was said in them line by line."""
    newest = db.select(DeliveryAttempt).where(DeliveryAttempt.outbound_id.in_(list(outbound_ids)))
    attempts = list(db.session.scalars(newest.order_by(DeliveryAttempt.id.desc()).limit(MOST)))
    evidence.files["attempts.json"] = [columns(attempt) for attempt in attempts]
    evidence.files["transcript.txt"] = "\n".join(transcript_of(attempt) for attempt in attempts)


def transcript_of(attempt: DeliveryAttempt) -> str:
    said = [line for step in attempt.steps for line in step.get("said", ())]
    return "\n".join([f"Message {attempt.outbound_id}, {attempt.started_at:%Y-%m-%d %H:%M:%S} UTC", *said, ""])


def in_words(code: str, account: MailAccount | None = None) -> dict[str, Any] | None:
    """A cause as the pages tell it."""
    if code not in CAUSES:
        return None
    cause, known = CAUSES[code], {}
    if account is not None:
        cause = cause.at(steps_at(code, provider_of(account.host)))
        known = {"host": account.host, "port": account.port, "address": account.address, "username": account.username}
    told = cause.told(**known)
    return {"title": told.title, "meaning": told.meaning, "remedies": list(told.remedies)}


def headers_of(raw_id: int | None) -> str:
    """The headers of a kept message, decoded; never its body."""
    if raw_id is None:
        return "The server did not hand this message over."
    lines = [f"{name}: {value}" for name, value in parse(raw_bytes(raw_id)).headers]
    return "\n".join(lines)[:LARGEST_HEADERS] + "\n"


def columns(row: Any, without: Iterable[str] = ()) -> dict[str, Any]:
    """The columns of a row by name."""
    names = [column.key for column in row.__table__.columns if column.key not in set(without)]
    return {name: getattr(row, name) for name in names}


def versions() -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, Any] = {
        "made_at": clock.now(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "openssl": ssl.OPENSSL_VERSION,
        "database": f"{db.engine.dialect.name} {'.'.join(map(str, db.engine.dialect.server_version_info or ()))}",
        "schema": db.session.scalar(text("SELECT version_num FROM alembic_version")),
        "keys_open": signing_works(),
    }
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = None
    return found


def signing_works() -> bool:
    """Whether what we seal can be opened again."""
    return signing.unseal(signing.seal("evidence")) == "evidence"


def about(subject: str, files: Iterable[str]) -> str:
    listed = "\n".join(f"  {name}" for name in ("versions.json", *files))
    return f"{subject}\nGathered at {clock.now():%Y-%m-%d %H:%M:%S} UTC.\n\n{LEFT_OUT}\n\n{listed}\n"


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=spelled) + "\n"


def spelled(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
