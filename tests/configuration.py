"""How the application is configured in tests and benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def configuration(directory: Path, url: str) -> dict[str, Any]:
    return {
        "TESTING": True,
        "SECRET_KEY": "a key for tests only",
        "SQLALCHEMY_DATABASE_URI": url,
        "PSA_DATA": directory,
        "PSA_DEMO": False,
        "PSA_BASE_URL": "http://localhost",
        "PSA_UNDO_SECONDS": 0,
        "WTF_CSRF_ENABLED": False,
        "SECURITY_PASSWORD_HASH": "plaintext",
        "SECURITY_PASSWORD_SCHEMES": ["plaintext"],
    }
