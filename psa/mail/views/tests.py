"""Send Test Email and Test Connection, and the words for what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa import clock, signing, web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail import plausible
from psa.mail.diagnosis import probe
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.providers import provider_of, steps_at
from psa.mail.diagnosis.steps import place
from psa.mail.forms import ENTER_AGAIN, InboundForm, OutboundForm, ServerForm
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.settings import SECURITIES, SettingsError
from psa.mail.views import account_or_404, bp, counting
from psa.mail.views.folders import Folder, Picker, offered
from psa.mail.watch.health import cause_of


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, in words: the cause with its placeholders filled, where it was, what the server said."""

    cause: Cause
    place: str
    words: str


@bp.post("/admin/email/test-emails")
@bp.post("/admin/email/accounts/<int:account_id>/test-emails")
@admin_required
def send_test_email(account_id: int | None = None) -> Response:
    """Send Test Email with the settings as they stand in the form, saved or not."""
    account = account_or_404(account_id, "outbound") if account_id is not None else None
    form = form_or_stored(OutboundForm, account)
    problems = problems_of(form)
    try:
        to = plausible.address(request.form.get("to", ""))
    except SettingsError as error:
        to = ""
        problems.append(f"Where to: {error}")
    return start(form, account, problems, to=to)


@bp.post("/admin/email/connection-tests")
@bp.post("/admin/email/accounts/<int:account_id>/tests")
@admin_required
def test_connection(account_id: int | None = None) -> Response:
    """Test Connection with the settings as they stand in the form, saved or not."""
    account = account_or_404(account_id, "inbound") if account_id is not None else None
    form = form_or_stored(InboundForm, account)
    since = form.since.data if "since" in form and form.start.data == "since" else None
    move_to = form.move_to.data if form.after_filing.data == "move" else ""
    return start(form, account, problems_of(form), since=since, move_to=move_to)


def form_or_stored(kind: type[ServerForm], account: MailAccount | None) -> ServerForm:
    """The form that was sent along. Without script only the button is sent: then the stored settings are meant."""
    form = kind(account)
    if account is not None and "host" not in request.form:
        form.fill_with_stored()
    return form


def problems_of(form: ServerForm) -> list[str]:
    """What keeps the settings from being tested, each with the name of its field."""
    form.validate()
    return [f"{form[name].label.text}: {error}" for name, errors in form.errors.items() for error in errors]


def start(form: ServerForm, account: MailAccount | None, problems: list[str], **details: Any) -> Response:
    """Begin the test and show its first state, or say what is missing for it. ``details`` are those of start_test()."""
    if not problems:
        try:
            settings = form.settings_to_test()
            test = probe.start_test(settings, account.id if account is not None else None, **details)
        except signing.SealBroken:
            problems.append(f"Password: {ENTER_AGAIN}")
        except ValueError:
            problems.append("An address has letters that cannot stand in a message.")
    if problems:
        template = "mail/_test_refused.html" if web.is_htmx() else "mail/test_refused.html"
        return make_response(
            render_template(template, problems=problems, account=account, direction=form.direction), 422
        )
    if web.is_htmx():
        return make_response(render_template("mail/_test_run.html", **fragment_of(test, fills_of(form))))
    return redirect(url_for("email.test", test_id=test.id), 303)


def fills_of(form: ServerForm) -> list[str]:
    """What the test brings up to date in the form, once it has passed: nothing that somebody may be busy with."""
    if form.direction != "inbound":
        return []
    lists_folders = form.protocol_value == "imap" and "folders_listed" not in request.form
    return ["folders"] * lists_folders + ["start"] * ("start" in form)


@bp.get("/admin/email/tests/<int:test_id>")
@admin_required
def test(test_id: int) -> Response:
    """The fragment; without script a page that loads itself again while the test runs."""
    found = db.session.get(ConnectionTest, test_id) or abort(404)
    values = fragment_of(found, request.args.getlist("fills"))
    response = make_response(web.render_fragment("mail/_test_run.html", "mail/test.html", **values))
    if found.state == "running" and not web.is_htmx():
        response.headers["Refresh"] = "1"
    return response


def fragment_of(found: ConnectionTest, fills: list[str]) -> dict[str, Any]:
    run = run_of(found)
    account = db.session.get(MailAccount, found.account_id) if found.account_id is not None else None
    picker, counted = Picker(run.folders, asked=True), counting.of_findings(found.findings)
    return {"run": run, "fills": fills, "account": account, "picker": picker, "counted": counted}


@dataclass(frozen=True, slots=True)
class Run:
    """A test as the page shows it."""

    test: ConnectionTest
    fault: Fault | None
    seconds: float
    position: int
    steps: list[dict[str, Any]]
    untried: str
    folders: list[Folder]
    # (port, security in words) of other usual ports that answer at the host.
    answering: list[tuple[int, str]]

    @property
    def total(self) -> int:
        return len(self.test.steps)


def last_run(account: MailAccount | None) -> Run | None:
    """The last test of an account while it is under way: a finished one may tell of settings that are others by now."""
    found = probe.last_test(account.id) if account is not None else None
    if found is None:
        return None
    run = run_of(found)
    return run if found.state == "running" else None


def run_of(found: ConnectionTest) -> Run:
    probe.bury_if_dead(found)
    steps = [step for step in found.steps if found.state == "running" or step["state"] != "waiting"]
    untried = [step["title"].lower() for step in found.steps if step["state"] == "waiting"]
    asked = found.findings.get("asked", {})
    return Run(
        test=found,
        fault=fault_of_test(found) if found.state == "failed" else None,
        seconds=((found.finished_at or clock.now()) - found.started_at).total_seconds(),
        position=sum(step["state"] == "done" for step in found.steps) + 1,
        steps=steps,
        untried=", ".join(untried).capitalize() if found.state == "failed" else "",
        folders=offered(found.findings["folders"], asked.get("folders", [])) if "folders" in found.findings else [],
        answering=[(port, SECURITIES[security]) for port, security in found.findings.get("answering", ())],
    )


def fault_of_test(found: ConnectionTest) -> Fault:
    cause = CAUSES.get(found.cause, CAUSES["unknown"])
    asked = found.findings.get("asked", {})
    return Fault(with_provider(cause, str(asked.get("host", ""))).told(**asked), place(found.stage), found.words)


def fault_of(account: MailAccount | None) -> Fault | None:
    """What keeps an account from working, as the last poll or delivery found it."""
    if account is None or not account.fault_cause:
        return None
    told = with_provider(cause_of(account), account.host)
    return Fault(told, place(account.fault_stage), account.fault_words)


def with_provider(cause: Cause, host: str) -> Cause:
    """``cause`` with the steps of the provider behind ``host``, where it has its own."""
    return cause.at(steps_at(cause.code, provider_of(host)))
