"""The forms before the door, and the one that changes a password."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request, request
from flask_security.forms import ChangePasswordForm, LoginForm
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from psa.auth import throttle
from psa.auth.operations import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from psa.extensions import db

NOT_TOO_LONG = Length(max=PASSWORD_LENGTH_MAX, message=f"Use at most {PASSWORD_LENGTH_MAX:,} characters.")


class SignInForm(LoginForm):
    """Address and password. What is wrong is said once, above both, and does not tell whether the address exists."""

    email = EmailField("Email address", [InputRequired("Type your address.")], render_kw={"autocomplete": "username"})
    password = PasswordField(
        "Password", [InputRequired("Type your password."), NOT_TOO_LONG], render_kw={"autocomplete": "current-password"}
    )
    remember = BooleanField("Stay signed in on this device")

    refusal = ""

    def validate(self, **kwargs: Any) -> bool:
        """Ask the throttle before the password is looked at, and Flask-Security after it."""
        email = (self.email.data or "").strip().lower()
        self.email.data = email
        if not (email and self.password.data):
            answer_with(422)
            return bool(super().validate(**kwargs))
        if not throttle.note_attempt(email, request.remote_addr or ""):
            answer_with(429)
            self.refusal = "Those were too many tries. Wait a minute, then try again."
            return False
        if super().validate(**kwargs):
            throttle.forget_attempts(email)
            db.session.commit()
            return True
        answer_with(422)
        self.refusal = self.why_refused(throttle.tries_left(email))
        # Flask-Security says at the field which of the two was wrong; that is for nobody to know.
        self.email.errors, self.password.errors = [], []
        return False

    def why_refused(self, tries_left: int) -> str:
        if self.user_authenticated:
            return "This account is switched off. An administrator can switch it on."
        if self.csrf_token.errors:
            return "This page was open for too long. Try once more."
        if tries_left == 0:
            return "That address and password do not belong together. Wait a minute before the next try."
        tries = "1 more try" if tries_left == 1 else f"{tries_left} more tries"
        return f"That address and password do not belong together. {tries}, then a pause of one minute."


class PasswordForm(ChangePasswordForm):
    """The old password and a new one."""

    password = PasswordField(
        "Password until now",
        [InputRequired("Type the password you sign in with now."), NOT_TOO_LONG],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "New password",
        [InputRequired("Type a new password."), NOT_TOO_LONG],
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_LENGTH_MIN},
    )
    new_password_confirm = PasswordField(
        "New password again", [InputRequired("Type it a second time.")], render_kw={"autocomplete": "new-password"}
    )

    def validate(self, **kwargs: Any) -> bool:
        if super().validate(**kwargs):
            return True
        answer_with(422)
        return False


class FirstRunForm(FlaskForm):  # type: ignore[misc]
    """The firm and its administrator. What makes a user acceptable is known to ``create_user``."""

    firm = StringField("Your firm", [InputRequired("What is your firm called?"), Length(max=120)])
    name = StringField(
        "Your name", [InputRequired("What are you called?"), Length(max=120)], render_kw={"autocomplete": "name"}
    )
    email = EmailField(
        "Email address", [InputRequired("Type your address."), Length(max=320)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        "Password",
        [InputRequired("Choose a password."), NOT_TOO_LONG],
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_LENGTH_MIN},
    )


def answer_with(code: int) -> None:
    """Give the answer to this request a status: Flask-Security shows a refused form with 200."""

    @after_this_request
    def set_status(response: Response) -> Response:
        response.status_code = code
        if code == 429:
            response.headers["Retry-After"] = str(int(throttle.PAUSE.total_seconds()))
        return response
