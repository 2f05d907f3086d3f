"""Tokens that prove they are ours, and secrets that are sealed at rest."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app

from psa.config import kept_key

SIGNATURE_LENGTH = 16


class SealBroken(Exception):
    """A sealed secret that none of our keys opens: the key file was lost or exchanged. It must be entered again."""


def init_app(app: Flask) -> None:
    """Read the sealing keys: the first line of ``sealing_keys`` seals, every line opens, so a key can be replaced."""
    path = Path(app.config["PSA_DATA"]) / "sealing_keys"
    kept_key(path)
    app.extensions["psa.sealing"] = MultiFernet([Fernet(fernet_key(line)) for line in path.read_text().split()])


def fernet_key(line: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(line.encode()).digest())


def keys() -> MultiFernet:
    sealing: MultiFernet = current_app.extensions["psa.sealing"]
    return sealing


def seal(secret: str) -> str:
    """``secret`` encrypted for the database."""
    return keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again. Raises SealBroken."""
    try:
        return keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


def sign(purpose: str, text: str) -> str:
    """A signature of ``text``: 16 letters and digits in lower case, since mail systems change the case of addresses."""
    key = hashlib.sha256(f"{purpose}\0{current_app.config['SECRET_KEY']}".encode()).digest()
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:SIGNATURE_LENGTH]


def is_signed(purpose: str, text: str, signature: str) -> bool:
    """Whether ``signature`` is ours for ``text`` (in constant time)."""
    return hmac.compare_digest(sign(purpose, text).encode(), signature.lower().encode())
