"""Access tokens that the servers of the tests take: JWTs signed with a key that all of them know (RFC 7519)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time

JWT_KEY = b"k" * 32


def issue(user: str, *, seconds: int = 3600) -> str:
    """A token for `user`; with `seconds` below zero, one that has expired."""
    now = int(time.time())
    claims: dict[str, str | int] = {"email": user, "sub": user, "azp": "default", "iat": now - 7200, "nbf": now - 7200}
    # No two are the same, however quickly they follow each other.
    claims["jti"] = secrets.token_hex(8)
    words = [{"alg": "HS256", "typ": "JWT"}, {**claims, "exp": now + seconds}]
    signed = ".".join(_base64url(json.dumps(word).encode()) for word in words)
    return f"{signed}.{_signature(signed)}"


def user_of(token: str) -> str | None:
    """Whose token it is, None when it is not ours or has expired."""
    signed, _, signature = token.rpartition(".")
    try:
        payload = signed.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return None
    good = hmac.compare_digest(signature, _signature(signed)) and claims["exp"] > time.time()
    return claims["email"] if good else None


def unsigned(claims: dict[str, str]) -> str:
    """An ID token of which only the claims are real, as it comes straight from a provider."""
    return f"e30.{_base64url(json.dumps(claims).encode())}."


def _signature(signed: str) -> str:
    return _base64url(hmac.digest(JWT_KEY, signed.encode(), hashlib.sha256))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
