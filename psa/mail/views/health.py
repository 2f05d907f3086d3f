"""How the mailboxes are: all of them in a table, one in a panel, and in a line for everybody."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as AnyResponse

from psa.auth.guards import admin_required, agent_required
from psa.extensions import db
from psa.mail import accounts, queries
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.inbound import unseen
from psa.mail.models import MailAccount
from psa.mail.views import account_or_404, bp, tests
from psa.mail.watch import checks
from psa.mail.watch.health import Brief, Health, briefs, health_of

# The chart of the last 24 hours, in units of its viewBox.
BAR, GAP, HEIGHT = 8, 2, 32
DIFFERENCES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """The table of all mailboxes; ``seen`` changes when anything in it does."""

    briefs: list[Brief]
    chosen: MailAccount | None
    seen: str


def overview_of(chosen: MailAccount | None) -> Overview:
    found = briefs()
    values = [
        (one.account.id, one.account.revision, one.state, one.last_mail_at, one.today, one.waiting, one.behind)
        + (one.check.id if one.check is not None else None,)
        for one in found
    ]
    return Overview(found, chosen, digest(values))


@bp.get("/admin/email/inbound/overview")
@admin_required
def overview() -> Response:
    """The table again, or 204 while it is as the page has it."""
    chosen = request.args.get("chosen", "")
    account = db.session.get(MailAccount, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    current = overview_of(account)
    if request.args.get("seen") == current.seen:
        return make_response("", 204)
    return make_response(render_template("mail/_mailboxes.html", overview=current))


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel of one mailbox; ``fault`` is what keeps it from working."""

    health: Health
    fault: tests.Fault | None

    @property
    def is_awaited(self) -> bool:
        """Whether something is about to end: a check, the first look, or one that somebody has asked for."""
        account = self.health.account
        return self.health.is_checking or (account.parsing and account.next_poll_at is None)

    @property
    def differences(self) -> list[dict[str, Any]]:
        return self.health.check.differences[:DIFFERENCES_SHOWN] if self.health.check is not None else []

    @property
    def unnamed(self) -> int:
        """How many differences of the last check are not listed."""
        return max(0, len(self.health.check.differences) - DIFFERENCES_SHOWN) if self.health.check is not None else 0

    @property
    def unseen(self) -> list[Unseen]:
        """The latest ones first."""
        return [Unseen.of(run) for run in reversed(self.health.check.unseen)] if self.health.check is not None else []

    @property
    def has_more_unseen(self) -> bool:
        """Whether there may be earlier ones: of each folder only so many are kept."""
        return max(Counter(one.folder for one in self.unseen).values(), default=0) >= unseen.MOST_RUNS


@dataclass(frozen=True, slots=True)
class Unseen:
    """Numbers that the server gave out while nothing lay there at any look, and when the mail around them came."""

    folder: str
    first: int
    last: int
    after: datetime | None
    before: datetime | None

    @classmethod
    def of(cls, run: dict[str, Any]) -> Unseen:
        after, before = (datetime.fromisoformat(run[edge]) if run[edge] else None for edge in ("after", "before"))
        return cls(run["folder"], run["first"], run["last"], after, before)

    @property
    def number(self) -> int:
        return self.last - self.first + 1


def panel_of(account: MailAccount) -> Panel:
    return Panel(health_of(account), tests.fault_of(account))


@bp.get("/admin/email/accounts/<int:account_id>/health")
@admin_required
def health(account_id: int) -> Response:
    """The panel again, or 204 while it is as the page has it. While something is awaited it is always the panel."""
    current = panel_of(account_or_404(account_id, "inbound"))
    if request.args.get("seen") == current.health.seen and not current.is_awaited:
        return make_response("", 204)
    return make_response(render_template("mail/_health.html", panel=current))


@bp.post("/admin/email/accounts/<int:account_id>/checks")
@admin_required
def check_against_server(account_id: int) -> AnyResponse:
    """Compare the mailbox with the ledger, message by message, in the background."""
    account = account_or_404(account_id, "inbound")
    if account.parsing:
        checks.begin(account.id)
    return back_to(account)


@bp.post("/admin/email/accounts/<int:account_id>/looks")
@admin_required
def try_now(account_id: int) -> AnyResponse:
    """Look into the mailbox now, whatever pause there was; refused credentials are tried again at once."""
    account = account_or_404(account_id, "inbound")
    account.refused_since = account.next_poll_at = None
    db.session.commit()
    return back_to(account)


def back_to(account: MailAccount) -> AnyResponse:
    if request.headers.get("HX-Request") == "true":
        return make_response(render_template("mail/_health.html", panel=panel_of(account)))
    return redirect(url_for("email.account", account_id=account.id), 303)


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour in the chart."""

    x: int
    y: float
    height: float
    number: int


def flow_bars(flow: Sequence[int]) -> list[Bar]:
    """The hours as bars; one without mail has a line, so that the hours can be told apart."""
    most = max(flow, default=0) or 1
    heights = [max(1.0, round(number / most * HEIGHT, 1)) for number in flow]
    return [
        Bar(index * (BAR + GAP), HEIGHT - height, height, number)
        for index, (height, number) in enumerate(zip(heights, flow, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether mail arrives, in a sentence, with the last look where there was one."""

    tone: str
    words: str
    looked_at: datetime | None
    leads_to_settings: bool


@bp.get("/mail/pulse")
@agent_required
def show_pulse() -> str:
    return render_template("mail/_pulse.html")


def pulse() -> Pulse:
    """The state of all mailboxes in one line: those in trouble speak, by name when it is one."""
    admin = bool(getattr(current_user, "is_admin", False))
    mailboxes = [account for account in accounts.in_direction("inbound") if account.parsing]
    if not mailboxes:
        return Pulse("", "No mailbox is read", None, admin)
    failing = [account for account in mailboxes if account.failures or account.refused_since is not None]
    if failing:
        heals = all(CAUSES.get(account.fault_cause, CAUSES["unknown"]).retry for account in failing)
        return Pulse("warn" if heals else "bad", f"{named(failing)} cannot be read", last_look(failing), admin)
    late = [account for account in mailboxes if queries.is_late(account)]
    if late:
        return Pulse("warn", f"Nobody looks into {named(late)}", last_look(late), admin)
    looks = [account.last_success_at for account in mailboxes if account.last_success_at is not None]
    if not looks:
        return Pulse("", "No look into the mailbox yet", None, admin)
    return Pulse("ok", "Mail is arriving", max(looks), admin)


def named(mailboxes: Sequence[MailAccount]) -> str:
    return mailboxes[0].address if len(mailboxes) == 1 else f"{len(mailboxes)} mailboxes"


def last_look(mailboxes: Sequence[MailAccount]) -> datetime | None:
    """The oldest last look among them; None when one has never been looked into."""
    looks = [account.last_success_at for account in mailboxes]
    return None if None in looks else min(look for look in looks if look is not None)


def digest(values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]
