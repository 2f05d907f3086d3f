"""The way to a provider's sign-in page and back, as the browser goes it.

What must be known on the way back travels in the session, sealed, for ten minutes and for one return: the state that
proves that the answer is to our question (RFC 6749, 10.12), the verifier of PKCE, and the form that was being filled
in, which is then shown again.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flask import session

from psa import signing

AWAY, BACK = "oauth_away", "oauth_back"
LIFE = 10 * 60.0
# The session is a cookie, and browsers keep 4 KB of one. In characters.
FORM_LIMIT = 1200
WORDS_LIMIT = 300


class Lost(Exception):
    """An answer that belongs to no question of ours; the message is for the person who came back with it."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Where the browser went and why. ``user`` is the mailbox that is to be opened, as it stands in the form.

    ``account_id`` is empty for an account that is not saved yet. ``form`` is what was typed, without secrets.
    """

    provider: str
    direction: str
    protocol: str
    account_id: int | None
    user: str
    redirect_uri: str
    form: dict[str, list[str]] = field(default_factory=dict)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    until: float = field(default_factory=lambda: time.time() + LIFE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a journey, for the page it began on. ``tone`` is ok, warn or bad; ``words`` are the provider's.

    ``grant_id`` is what the form is to sign in with, empty when there is nothing new.
    """

    journey: Journey
    tone: str
    sentence: str
    words: str = ""
    grant_id: int | None = None


def set_out(journey: Journey) -> None:
    """Remember the journey; one that was under way is given up."""
    session[AWAY] = signing.seal(json.dumps(asdict(replace(journey, form=fitting(journey.form)))))


def fitting(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """As much of the form as can travel: a certificate or a long signature stays behind before the rest does."""
    kept = dict(form)
    while len(json.dumps(kept)) > FORM_LIMIT:
        del kept[max(kept, key=lambda name: len(json.dumps(kept[name])))]
    return kept


def come_back(state: str) -> Journey:
    """The journey that ends with ``state``; whatever comes of it, it is over. Raises Lost."""
    kept = opened(session.get(AWAY, ""))
    if kept is None:
        raise Lost("This browser did not begin that sign-in here, or has ended it already.")
    journey = Journey(**kept)
    if not hmac.compare_digest(journey.state.encode(), state.encode()):
        # The last try may still be on its way: it is left alone.
        raise Lost("That answer belongs to another try than the last one.")
    session.pop(AWAY)
    if journey.until < time.time():
        raise Lost("That took longer than ten minutes, so the answer is not taken any more.")
    return journey


def remember(outcome: Outcome) -> None:
    """Keep what the next page is to say."""
    over = replace(outcome.journey, state="", verifier="")
    session[BACK] = signing.seal(json.dumps(asdict(replace(outcome, journey=over, words=outcome.words[:WORDS_LIMIT]))))


def arrived(direction: str, account_id: int | None) -> Outcome | None:
    """What came of the journey that began on this page, told once."""
    kept = opened(session.get(BACK, ""))
    if kept is None:
        return None
    outcome = Outcome(**kept | {"journey": Journey(**kept["journey"])})
    if (outcome.journey.direction, outcome.journey.account_id) != (direction, account_id):
        return None
    session.pop(BACK)
    return outcome if outcome.journey.until + LIFE > time.time() else None


def opened(sealed: str) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(signing.unseal(sealed))
    except signing.SealBroken:
        return None
    return kept


def without_secrets(form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was typed, to be shown again: the password and what belongs to the request alone are left out."""
    return {name: values for name, values in form.items() if name not in ("password", "csrf_token")}
