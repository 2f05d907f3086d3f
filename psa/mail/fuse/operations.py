"""May a machine of ours answer? Budgets over sliding windows, counted in the database, and what happens beyond them.

Whatever headers the other side writes or leaves out: who gets more answers than any person would want is in a loop with
us. Then our answers to it stop, and nothing else does: its mail is filed, and what people write leaves.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, bindparam, func, select

from psa import clock, words
from psa.alerts.operations import Trouble, open_alert
from psa.clients.operations import FREE_MAIL
from psa.extensions import change_rows, db, insert_row, insert_unless_there, rows_of, run
from psa.mail.fuse.limits import Budget, in_force
from psa.mail.fuse.models import AutomaticAnswer, Incident
from psa.prepared import Prepared

ANSWERS, INCIDENTS = AutomaticAnswer.__table__, Incident.__table__
SCOPES = ("address", "domain", "words", "purpose")
HOUR = timedelta(hours=1)
# The limits (psa.mail.fuse.limits) of each answer. What goes to an address that one of us has chosen is counted by
# itself, each purpose apart, and not by domain: much of it is as wanted. Strangers have one more for all together.
COUNTED_BY = {"forward": ("forwards",), "notice": ("notices",)}
USUAL = ("words", "address", "address_long", "domain")
# What is answered is compared in folded words without numbers; what is shorter many people write.
SHORTEST_WORDS = 20
# So long nothing must have come that would be answered; then answers go on by themselves.
QUIET = HOUR
KEPT = timedelta(days=30)
NUMBERS = re.compile(r"\w*\d\w*")


def may_answer(address: str, purpose: str, *, said: str = "", inbound_id: int | None = None) -> str:
    """Why no mail may leave by itself to ``address``, in words; empty when it may, and then it counts as sent.

    To be asked last, right before a mail is queued that no person wrote, in the same transaction. ``purpose`` is the
    outbox's (opened, unknown, forward, notice, …), ``said`` what is being answered, in the sender's own words, and
    ``inbound_id`` the message that said it. The answer that is one too many opens an incident.
    """
    now = clock.now()
    asked = Asked.of(address, purpose, said, inbound_id)
    budgets = asked.budgets
    incident_id, left = counted(asked, budgets, now)
    if incident_id is not None:
        return stop(asked, incident_id, now)
    for budget, count in zip(budgets, left, strict=True):
        if count >= budget.most:
            return stop(asked, blow(asked, budget, count, now), now)
    asked.note(given=True, incident_id=None)
    return ""


def stopped(address: str, purpose: str) -> str:
    """Why no such mail leaves to ``address`` now, in words, without counting this question; empty when it may.

    For what waits and asks again and again: counted, it would keep its own incident open.
    """
    asked = Asked.of(address, purpose, "", None)
    keys = [asked.open_key(scope) for scope in SCOPES]
    why = run(
        select(INCIDENTS.c.words).where(INCIDENTS.c.open_key.in_(keys)).order_by(INCIDENTS.c.id).limit(1)
    ).scalar()
    return str(why or "")


def was_answered(address: str, purpose: str, since: datetime) -> bool:
    """Whether ``address`` has had such an answer since then."""
    return bool(rows_of(ANSWERED, address=address.lower(), purpose=purpose, since=since))


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that wants to leave, by what it is counted."""

    address: str
    domain: str
    words: str
    purpose: str
    inbound_id: int | None

    @classmethod
    def of(cls, address: str, purpose: str, said: str, inbound_id: int | None) -> Asked:
        address = address.lower()[:320]
        domain = address.rpartition("@")[2][:253]
        by_address_only = purpose in COUNTED_BY
        # Half the world has its mail there: that says nothing about a loop.
        domain = "" if by_address_only or domain in FREE_MAIL else domain
        return cls(address, domain, "" if by_address_only else digest(said), purpose, inbound_id)

    @property
    def apart(self) -> str:
        """The purpose when it is counted by itself."""
        return self.purpose if self.purpose in COUNTED_BY else ""

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """Those that are in force for such an answer."""
        keys = COUNTED_BY.get(self.purpose, (*USUAL, "strangers") if self.purpose == "unknown" else USUAL)
        limits = in_force()
        return tuple(limits[key] for key in keys)

    def open_key(self, scope: str) -> str:
        """The name of the incident of this scope; one without a value that no incident has."""
        name = f"{scope}:{getattr(self, scope)}"
        return f"{self.apart} {name}" if self.apart else name

    def note(self, *, given: bool, incident_id: int | None) -> None:
        insert_row(
            AutomaticAnswer,
            address=self.address,
            domain=self.domain,
            words=self.words,
            purpose=self.purpose,
            given=given,
            inbound_id=self.inbound_id,
            incident_id=incident_id,
        )


def digest(said: str) -> str:
    """What two mails with the same words have in common: numbers differ also in a loop. Empty for very little."""
    folded = words.fold(NUMBERS.sub(" ", said))
    return hashlib.sha256(folded.encode()).hexdigest() if len(folded) >= SHORTEST_WORDS else ""


def counted(asked: Asked, budgets: tuple[Budget, ...], now: datetime) -> tuple[int | None, list[int]]:
    """The open incident that forbids it, and how many left within the window of each budget, in one statement."""
    windows = {f"since_{budget.key}": now - budget.window for budget in budgets}
    keys = {f"key_{scope}": asked.open_key(scope) for scope in SCOPES}
    values = {scope: getattr(asked, scope) for scope in SCOPES}
    counting_them = counting(tuple((budget.key, budget.scope) for budget in budgets), asked.apart)
    incident_id, *left = rows_of(counting_them, **windows, **keys, **values)[0]
    return incident_id, left


@cache
def counting(scopes: tuple[tuple[str, str], ...], apart: str) -> Prepared:
    """For budgets by their keys, each with its scope."""
    keys: list[BindParameter[str]] = [bindparam(f"key_{scope}") for scope in SCOPES]
    incident = select(func.min(INCIDENTS.c.id)).where(INCIDENTS.c.open_key.in_(keys)).scalar_subquery()
    return Prepared(select(incident, *(left_within(key, scope, counted_with(apart)) for key, scope in scopes)))


def counted_with(apart: str) -> ColumnElement[bool]:
    """Which answers count together: those of a purpose that is counted by itself, or all others."""
    if apart:
        return ANSWERS.c.purpose == apart
    return and_(*(ANSWERS.c.purpose != purpose for purpose in COUNTED_BY))


def left_within(key: str, scope: str, together: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many answers of a budget left: one range of the index of its scope."""
    column = ANSWERS.c[scope]
    same = (column == bindparam(scope)) & (column != "")
    since = ANSWERS.c.at > bindparam(f"since_{key}", type_=ANSWERS.c.at.type)
    counted = select(func.count()).select_from(ANSWERS).where(same, since, together, ANSWERS.c.incident_id.is_(None))
    return counted.scalar_subquery()


ANSWERED = Prepared(
    select(ANSWERS.c.id)
    .where(
        ANSWERS.c.address == bindparam("address"),
        ANSWERS.c.at > bindparam("since", type_=ANSWERS.c.at.type),
        ANSWERS.c.purpose == bindparam("purpose"),
        ANSWERS.c.given,
    )
    .limit(1)
)


def stop(asked: Asked, incident_id: int, now: datetime) -> str:
    """Give no answer, and count that; returns the reason."""
    asked.note(given=False, incident_id=incident_id)
    change_rows(ONE_MORE, incident=incident_id, last_at=now, address=asked.address)
    why = run(select(INCIDENTS.c.words).where(INCIDENTS.c.id == incident_id)).scalar_one()
    return f"{why} (incident {incident_id})"


ONE_MORE = Prepared(
    INCIDENTS.update()
    .where(INCIDENTS.c.id == bindparam("incident"))
    .values(
        stopped=INCIDENTS.c.stopped + 1,
        last_at=bindparam("last_at", type_=INCIDENTS.c.last_at.type),
        address=bindparam("address"),
    )
)


def blow(asked: Asked, budget: Budget, count: int, now: datetime) -> int:
    """Open the incident and take the answers that led to it; returns its id. Somebody else may have been quicker."""
    key, value = asked.open_key(budget.scope), getattr(asked, budget.scope)
    insert_unless_there(
        Incident,
        open_key=key,
        scope=budget.scope,
        value=value,
        address=asked.address,
        words=in_words(budget, asked),
        answers=count,
        opened_at=now,
        last_at=now,
    )
    incident = db.session.scalars(select(Incident).where(Incident.open_key == key)).one()
    led_to_it = (ANSWERS.c[budget.scope] == value) & (ANSWERS.c.at > now - budget.window)
    led_to_it &= counted_with(asked.apart) & ANSWERS.c.incident_id.is_(None)
    run(ANSWERS.update().where(led_to_it).values(incident_id=incident.id))
    open_alert(trouble(incident))
    return incident.id


def in_words(budget: Budget, asked: Asked) -> str:
    """Who or what had how much, for the trace and for the pages."""
    who = {
        "address": f"{asked.address} had {budget.most} automatic answers",
        "domain": f"The domain {asked.domain} had {budget.most} automatic answers",
        "words": f"The same words were answered {budget.most} times",
        "purpose": f"Strangers had {budget.most} answers",
    }
    return f"{who[budget.scope]} within {budget.within}, as in a loop: no more leave by themselves"


def trouble(incident: Incident) -> Trouble:
    """The incident as an alert."""
    to = {"words": "to the same words", "purpose": "to strangers"}.get(incident.scope, f"to {incident.value}")
    stopped = f" {incident.stopped} were stopped so far." if incident.stopped else ""
    return Trouble(
        key=f"loop:{incident.id}",
        title=f"Automatic answers {to} are stopped",
        words=f"{incident.words}.{stopped} Its mail is filed as before, and what you write leaves. "
        "Answers go on by themselves after a quiet hour, or when you resume them.",
        link=f"/mail/incidents/{incident.id}",
    )
