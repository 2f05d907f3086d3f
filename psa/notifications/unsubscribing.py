"""Stopping notices from the mail itself: a signed address, known to who got the mail, that needs no sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import current_app

from psa import signing
from psa.auth.models import User
from psa.clients.models import Contact
from psa.extensions import db
from psa.notifications import choices
from psa.notifications.kinds import FOR_USERS, NAMED, TOPICS

TOKEN = re.compile(r"([uc])([0-9]{1,9})\.([a-z_]{1,40})\.([a-z0-9]{16})")
# What a digest can hold.
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one person hears of: a user a kind of notice (or EVERYTHING), a contact a topic."""

    person: User | Contact
    what: str

    @property
    def is_ours(self) -> bool:
        return isinstance(self.person, User)

    @property
    def token(self) -> str:
        named = f"{'u' if self.is_ours else 'c'}{self.person.id}.{self.what}"
        return f"{named}.{signing.sign('unsubscribe', named)}"

    @property
    def words(self) -> str:
        """What it is, after “mail about”."""
        if not self.is_ours:
            return TOPICS[self.what].lower()
        return "everything" if self.what == EVERYTHING else f"“{NAMED[self.what].title}”"

    @property
    def is_heard(self) -> bool:
        if not self.is_ours:
            return choices.is_told(self.person.id, self.what)
        return not set(self.kinds) <= choices.choice_of(self.person.id).unheard

    @property
    def kinds(self) -> list[str]:
        return [kind.name for kind in FOR_USERS] if self.what == EVERYTHING else [self.what]

    def stop(self) -> None:
        """Nothing more of it is sent. What is stopped already stays so."""
        if self.is_ours:
            choices.stop_kinds(self.person.id, self.kinds)
        else:
            choices.stop_topic(self.person.id, self.what)

    def resume(self) -> None:
        if self.is_ours:
            choices.resume_kinds(self.person.id, self.kinds)
        else:
            choices.resume_topic(self.person.id, self.what)


def subscription_of(token: str) -> Subscription | None:
    """What a token of ours stands for; None when it is none, or the person is gone."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    who, number, what, signature = match.groups()
    if not signing.is_signed("unsubscribe", f"{who}{number}.{what}", signature) or int(number) >= 2**31:
        return None
    person: User | Contact | None
    person = db.session.get(User, int(number)) if who == "u" else db.session.get(Contact, int(number))
    known = {EVERYTHING, *NAMED} if who == "u" else set(TOPICS)
    return Subscription(person, what) if person is not None and what in known else None


def headers_of(subscription: Subscription) -> list[tuple[str, str]]:
    """The header fields with which mail programs offer to stop it (RFC 2369, 3.2; RFC 8058, 3.1).

    One click is only for addresses that nobody on the way can read: without https a page asks once more.
    """
    base = str(current_app.config["PSA_BASE_URL"]).rstrip("/")
    found = [("List-Unsubscribe", f"<{base}/unsubscribe/{subscription.token}>")]
    if base.startswith("https://"):
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return found
