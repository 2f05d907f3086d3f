"""What every answer has in common: security headers, versions of static files, fragments, and words for templates."""

from __future__ import annotations

import hashlib
import json
import secrets
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, render_template, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from psa import display, navigation
from psa.admin.operations import firm

YEAR = 365 * 24 * 3600

# Rules for htmx, read from a <meta>. No eval (the policy forbids it) and no inline indicator styles; 422 brings the
# form back with its errors; any other refusal is a short fragment that goes to the top of the page.
HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        # Not "style": htmx would copy a frame's height as an attribute, which the Content-Security-Policy forbids.
        "attributesToSettle": ["class", "width", "height"],
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "422", "swap": True},
            {"code": "[45]..", "swap": True, "error": True, "target": "#notice", "swapOverride": "innerHTML"},
        ],
    }
)


class Key(IntegerConverter):
    """The ``<int:…>`` of a path: a number with more digits than a key can have leads nowhere, instead of failing."""

    def __init__(self, map: Map, *args: Any, **limits: Any) -> None:
        super().__init__(map, *args, **({"max": 2**31 - 1} | limits))


def init_app(app: Flask) -> None:
    """Headers on every answer, what the templates may call, and what a number in a path may be."""
    app.url_map.converters["int"] = Key
    # A form may stay open for days: its token is good for as long as the session.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = is_https(app)
    believe_proxies(app, app.config.get("PSA_PROXIES", 0))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(htmx_config=HTMX_CONFIG, csp_nonce=csp_nonce, firm=firm)
    display.init_app(app)
    navigation.init_app(app)
    app.before_request(refuse_nul)
    app.after_request(secure)
    app.after_request(keep_static_files)


def refuse_nul() -> None:
    """Refuse what holds the character NUL: PostgreSQL takes it in no text, and no browser lets anybody type it."""
    typed = [value for values in (request.args, request.form) for value in values.to_dict(flat=False).values()]
    names = [file.filename or "" for file in request.files.values()]
    in_path = map(str, (request.view_args or {}).values())
    if any("\0" in text for text in chain(in_path, names, *typed)):
        abort(400)


def is_https(app: Flask) -> bool:
    """Whether people reach us through TLS: then no cookie may travel without it."""
    return str(app.config.get("PSA_BASE_URL", "")).startswith("https://")


def believe_proxies(app: Flask, number: int) -> None:
    """Take browsers' addresses from what so many proxies have added; anything more a browser could have made up."""
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]


def static_url_path(folder: Path) -> str:
    """``/static/`` and a digest of all files in ``folder``.

    The digest is in the path, not in a query, so that what a style sheet imports carries it too: browsers may keep all
    of it for a year and still see every change at once.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def csp_nonce() -> str:
    """The word that scripts of this answer must carry."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce  # type: ignore[no-any-return]


def secure(response: Response) -> Response:
    """Add the policy and its companions. A view that has set a policy of its own (HTML from mail) keeps it.

    Without 'strict-dynamic': with it htmx would run every script in a fragment, nonce or not. ``data:`` is for the
    marks in Tabler's checkboxes.
    """
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src 'nonce-{csp_nonce()}'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    response.vary.add("HX-Request")
    return response


def keep_static_files(response: Response) -> Response:
    """Browsers keep static files for a year. Pages are asked for again, but Back still finds what was typed."""
    cache = response.cache_control
    if request.endpoint == "static" and response.status_code in (200, 304) and not current_app.debug:
        cache.clear()
        cache.public, cache.immutable, cache.max_age = True, True, YEAR
    elif "Cache-Control" not in response.headers:
        cache.private, cache.no_cache = True, True
    return response


def own_path(path: str) -> str:
    """A path of our own pages, nothing for anything else: where a form may lead back to."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


def is_htmx() -> bool:
    """Whether htmx asks, and so for a fragment. A whole page is meant when it restores one from the history."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render_fragment(fragment: str, page: str, **context: Any) -> str:
    """The template ``fragment`` when htmx asks, the whole ``page`` that includes it when a browser does."""
    return render_template(fragment if is_htmx() else page, **context)
