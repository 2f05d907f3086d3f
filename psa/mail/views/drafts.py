"""Settings that wait for their test, and those that were live before."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import signing
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import drafts
from psa.mail import settings as server
from psa.mail.models import ConnectionTest, MailAccount, SettingsVersion
from psa.mail.settings import ServerSettings
from psa.mail.views import account_or_404, bp, tests


@dataclass(frozen=True, slots=True)
class Trial:
    """The draft of an account with its test, or the test that made it live; both None when there is nothing to tell."""

    account: MailAccount
    draft: SettingsVersion | None
    settings: ServerSettings | None
    run: tests.Run | None
    mark: str

    @property
    def state(self) -> str:
        """``testing``, ``failed``, ``live`` (it has just gone live), or nothing."""
        test = self.run.test.state if self.run is not None else ""
        if test == "running":
            return "testing"
        if self.draft is not None:
            return "failed"
        # One that was discarded while it was tested has passed too, and is not in use.
        return "live" if self.run is not None and self.run.test.findings.get("live") else ""

    @property
    def is_another_mailbox(self) -> bool:
        if self.account.direction == "outbound":
            return False
        live = (self.account.protocol, self.account.host, self.account.username)
        new = self.settings
        return new is not None and live != (new.protocol, new.host, new.username)


def trial_of(account: MailAccount) -> Trial:
    """What is on trial for an account, or the test that the page asks for by ``test``, which may be over by now."""
    draft, test = drafts.pending(account.id), watched()
    if draft is not None and draft.test_id is not None:
        test = db.session.get(ConnectionTest, draft.test_id, populate_existing=True)
        if test is not None and test.state == "passed":
            # It may have passed since the draft was read; then its settings are live and there is no draft any more.
            draft = drafts.pending(account.id)
    run = tests.run_of(test) if test is not None and test.account_id == account.id else None
    return Trial(account, draft, settings_of(draft), run, drafts.mark(account))


def watched() -> ConnectionTest | None:
    number = request.args.get("test", "")
    if not (number.isdecimal() and len(number) < 10):
        return None
    return db.session.get(ConnectionTest, int(number), populate_existing=True)


def settings_of(version: SettingsVersion | None) -> ServerSettings | None:
    try:
        return server.unsealed(version.sealed_settings) if version is not None else None
    except signing.SealBroken:
        return None


@dataclass(frozen=True, slots=True)
class Former:
    """Settings that were live until ``version.made_at``."""

    version: SettingsVersion
    settings: ServerSettings


def former_of(account: MailAccount) -> list[Former]:
    """Those that can be restored, the latest first."""
    found = [(version, settings_of(version)) for version in drafts.former(account.id)]
    return [Former(version, settings) for version, settings in found if settings is not None]


@bp.get("/admin/email/accounts/<int:account_id>/draft")
@admin_required
def draft(account_id: int) -> Response:
    """The panel about the draft, watched while its test runs; the page beside it follows when it has gone live."""
    trial = trial_of(account_or_404(account_id))
    response = make_response(render_template("mail/_draft.html", trial=trial, follows=True))
    if trial.state == "live":
        response.headers["HX-Trigger"] = "adopted"
    return response


@bp.post("/admin/email/accounts/<int:account_id>/draft/tests")
@admin_required
def try_draft_again(account_id: int) -> Response:
    draft = draft_or_404(account_id)
    with suppress(signing.SealBroken, ValueError):  # the page says so
        drafts.try_again(draft)
    return back_to(account_id, draft)


@bp.post("/admin/email/accounts/<int:account_id>/draft/use")
@admin_required
def use_draft(account_id: int) -> Response:
    """Use it anyway: an admin knows better than the test."""
    with suppress(signing.SealBroken):
        drafts.adopt(draft_or_404(account_id).id)
    return back_to(account_id)


@bp.post("/admin/email/accounts/<int:account_id>/draft/removal")
@admin_required
def discard_draft(account_id: int) -> Response:
    account_or_404(account_id)
    drafts.discard(account_id)
    db.session.commit()
    return back_to(account_id)


@bp.post("/admin/email/accounts/<int:account_id>/versions/<int:version_id>/restoration")
@admin_required
def restore_version(account_id: int, version_id: int) -> Response:
    """Try a former version; it takes the place of the live one when it passes."""
    account_or_404(account_id)
    found = next((version for version in drafts.former(account_id) if version.id == version_id), None) or abort(404)
    draft = None
    with suppress(signing.SealBroken, ValueError):
        draft = drafts.restore(found, to=current_user.email)
    return back_to(account_id, draft)


def draft_or_404(account_id: int) -> SettingsVersion:
    account_or_404(account_id)
    return drafts.pending(account_id) or abort(404)


def back_to(account_id: int, draft: SettingsVersion | None = None) -> Response:
    """The account's page; it names the test of a ``draft``, which may be over and the draft live when it opens."""
    test = draft.test_id if draft is not None else None
    return redirect(url_for("email.account", account_id=account_id, test=test), 303)
