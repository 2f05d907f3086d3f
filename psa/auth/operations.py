"""Making users."""

from __future__ import annotations

from flask_security import hash_password

from psa.auth.models import ROLES, User
from psa.extensions import db
from psa.mail import plausible
from psa.mail.settings import SettingsError

PASSWORD_LENGTH_MIN = 12
# What the library that keeps passwords takes at most.
PASSWORD_LENGTH_MAX = 4096


class UserRefused(ValueError):
    """A user who cannot be made; ``field`` is email, name, password or role, the message a sentence for people."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def create_user(email: str, name: str, password: str, role: str = "agent") -> User:
    """Make a member of staff. Raises UserRefused."""
    email = checked_address(email)
    if not name.strip():
        raise UserRefused("name", "A user needs a name.")
    if role not in ROLES:
        raise UserRefused("role", f"“{role}” is no role. There are {' and '.join(ROLES)}.")
    if len(password) < PASSWORD_LENGTH_MIN:
        raise UserRefused(
            "password",
            f"That has {len(password)} characters. Use at least {PASSWORD_LENGTH_MIN}: length is all that counts.",
        )
    if len(password) > PASSWORD_LENGTH_MAX:
        raise UserRefused("password", f"Use at most {PASSWORD_LENGTH_MAX:,} characters.")
    if user_by_email(email):
        raise UserRefused("email", f"{email} belongs to a user already.")
    user = User(email=email, name=name.strip(), password=hash_password(password), role=role, active=True)
    db.session.add(user)
    db.session.flush()
    return user


def checked_address(text: str) -> str:
    """``text`` as an email address in lower case. Names that exist only inside a firm (admin@localhost) are fine."""
    try:
        return plausible.address(text).lower()
    except SettingsError as error:
        raise UserRefused("email", str(error)) from error


def user_by_email(email: str) -> User | None:
    user: User | None = db.session.scalar(db.select(User).where(User.email == email.strip().lower()))
    return user


def has_users() -> bool:
    """Whether anybody can sign in at all."""
    return db.session.scalar(db.select(User.id).limit(1)) is not None
