"""A provider of OAuth2 as Microsoft and Google are one (RFC 6749, RFC 7636). It can be told to misbehave."""

import hashlib
import json
import secrets
import ssl
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import trustme

from tests.servers import tokens

SECRET = "a secret of the app"
# In place of an answer: none for so long that every client gives up.
HANG = (0, "")


class Grant(NamedTuple):
    """What a code or a refresh token stands for."""

    user: str
    scope: str
    challenge: str = ""
    redirect_uri: str = ""


@dataclass(slots=True)
class OAuthProvider:
    """Listens on 127.0.0.1, with a `ca` by HTTPS.

    Whoever asks its sign-in page is `user`, or the login_hint, and agrees at once.
    A refresh token is good for one renewal, unless it does not rotate; used a second time it takes the whole grant
    away, as RFC 9700, 4.14.2 advises. `answers` are (status, body) for the next requests to the token endpoint;
    `denies` is (error, description) for the sign-in page. `expires_in` is what is told of an access token, `seconds`
    how long it is really good. `asked` are the forms that the token endpoint got.
    """

    ca: trustme.CA | None = None
    client_id: str = "psa-at-northwind"
    secret: str | None = SECRET
    user: str = ""
    # Left out of every grant, as where an administrator or the user took it off the list.
    withheld: tuple[str, ...] = ()
    rotates: bool = True
    tells_who: bool = True
    gives_refresh_token: bool = True
    refresh_token_expires_in: int | None = None
    expires_in: int = 3600
    seconds: int = 3600
    delay: float = 0
    denies: tuple[str, str] | None = None
    answers: list[tuple[int, str]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    codes: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    spent: dict[str, Grant] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)
    server: Any = None

    def __enter__(self) -> Self:
        provider = self

        class Handler(_Handler):
            of = provider

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if self.ca is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.ca.issue_cert("127.0.0.1").configure_cert(context)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http{'s' if self.ca else ''}://127.0.0.1:{self.server.server_port}"

    @property
    def renewals(self) -> int:
        return sum(form["grant_type"] == "refresh_token" for form in self.asked)

    def revoke_all(self) -> None:
        """As when the password was changed or somebody took the access back."""
        self.refresh_tokens.clear()

    def page(self, query: dict[str, str]) -> str:
        """The redirect that answers a request for the sign-in page; the user has agreed or not."""
        assert query["client_id"] == self.client_id and query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        back = {"state": query["state"]}
        if self.denies is not None:
            back |= {"error": self.denies[0], "error_description": self.denies[1]}
        else:
            scope = " ".join(one for one in query["scope"].split() if one not in self.withheld)
            user = self.user or query["login_hint"]
            back["code"] = code = secrets.token_urlsafe(16)
            self.codes[code] = Grant(user, scope, query["code_challenge"], query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        time.sleep(self.delay)
        with self.turn:
            if form.get("client_id") != self.client_id or form.get("client_secret") != self.secret:
                return 401, {"error": "invalid_client", "error_description": "The client is not who it says."}
            if form["grant_type"] == "authorization_code":
                return self.first(form)
            return self.further(form)

    def first(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        grant = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant is None or grant.challenge != proof or grant.redirect_uri != form["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "The code is not good (any more)."}
        return 200, self.tokens_for(grant, is_first=True)

    def further(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        given = form["refresh_token"]
        grant = self.refresh_tokens.get(given)
        if given in self.spent:
            stolen = self.spent[given]
            self.refresh_tokens = {token: one for token, one in self.refresh_tokens.items() if one != stolen}
        if grant is None:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        if self.rotates:
            self.spent[given] = self.refresh_tokens.pop(given)
        return 200, self.tokens_for(grant, is_first=False)

    def tokens_for(self, grant: Grant, *, is_first: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "access_token": tokens.issue(grant.user, seconds=self.seconds),
            "expires_in": self.expires_in,
            "scope": grant.scope,
        }
        if self.gives_refresh_token and (is_first or self.rotates):
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[answer["refresh_token"]] = grant
        if is_first and self.tells_who:
            answer["id_token"] = tokens.unsigned({"preferred_username": grant.user})
        if self.refresh_token_expires_in is not None:
            answer["refresh_token_expires_in"] = self.refresh_token_expires_in
        return answer


class _Handler(BaseHTTPRequestHandler):
    of: OAuthProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.endswith("/authorize"):
            self.send_error(404)
            return
        self.send_response(302)
        self.send_header("Location", self.of.page(dict(parse_qsl(parts.query))))
        self.end_headers()

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if self.path.endswith("/revoke"):
            self.of.revoked.append(form["token"])
            self.give(200, "{}")
            return
        self.of.asked.append(form)
        if not self.of.answers:
            status, answer = self.of.token(form)
            self.give(status, json.dumps(answer))
        elif (given := self.of.answers.pop(0)) == HANG:
            time.sleep(30)
        else:
            self.give(*given)

    def give(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the tests read `asked`."""
