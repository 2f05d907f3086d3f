"""Flask-Security, set up for us: passwords and sessions are its work, the words and the pages are ours."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from psa import clock, web
from psa.auth.forms import PasswordForm, SignInForm
from psa.auth.models import Role, User
from psa.auth.operations import PASSWORD_LENGTH_MIN
from psa.extensions import db

SETTINGS = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "CHANGE_URL": "/account/password",
    "LOGIN_USER_TEMPLATE": "auth/sign_in.html",
    "CHANGE_PASSWORD_TEMPLATE": "auth/password.html",
    "POST_LOGIN_VIEW": "/",
    "POST_LOGOUT_VIEW": "/sign-in",
    "POST_CHANGE_VIEW": "/account/password?changed=1",
    "CHANGEABLE": True,
    "TRACKABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "FLASH_MESSAGES": False,
    "JOIN_USER_ROLES": False,
    "STATIC_FOLDER": None,
    "API_ENABLED_METHODS": ["session"],
    "DATETIME_FACTORY": clock.now,
    # Negative: no page that asks for the password once more.
    "FRESHNESS": timedelta(seconds=-1),
    # Argon2 alone, without a second key in a file: a lost key file must not lock everybody out.
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": True,
    "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
    "MSG_INVALID_PASSWORD": ("That is not your password.", "error"),
    "MSG_PASSWORD_NOT_PROVIDED": ("Type your password.", "error"),
    "MSG_PASSWORD_IS_THE_SAME": ("That is the password you have already.", "error"),
    "MSG_PASSWORD_INVALID_LENGTH": ("Use at least %(length)s characters: length is all that counts.", "error"),
    "MSG_RETYPE_PASSWORD_MISMATCH": ("The two are not the same.", "error"),
}


def init_app(app: Flask) -> None:
    """Sign-in, sign-out and the change of a password."""
    for name, value in SETTINGS.items():
        app.config.setdefault(f"SECURITY_{name}", value)
    app.config["REMEMBER_COOKIE_SAMESITE"] = "Lax"
    app.config["REMEMBER_COOKIE_SECURE"] = web.is_https(app)
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(days=30)
    Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role),
        login_form=SignInForm,
        change_password_form=PasswordForm,
    )
