"""Admin > Email Settings > Default Templates: the editor, its preview, a test send, and what they were before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import signing, web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.foreign import as_page, framed
from psa.mail import plausible
from psa.mail import settings as server
from psa.mail.author import author_of
from psa.mail.diagnosis import probe
from psa.mail.models import MailAccount
from psa.mail.outbound.compose import Composed, Content, Unwritable, compose
from psa.mail.settings import SettingsError
from psa.mail.templates import examples, operations
from psa.mail.templates.catalogue import CATALOGUE, Wording, groups
from psa.mail.templates.editor import VIEWS, Editor, Shown, as_sent, hints_of, template_or_404
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.history import changes_of
from psa.mail.templates.models import EmailTemplate, EmailTemplateVersion
from psa.mail.templates.operations import Outdated, Unrenderable
from psa.mail.templates.previews import framed_preview, keep_preview
from psa.notifications.senders import sender_of
from psa.tickets.models import Queue
from psa.tickets.queries import queues as all_queues

bp = Blueprint("templates", __name__, url_prefix="/admin/email/templates")


def init_app(app: Flask) -> None:
    """Bind the pages; those of the layout put their routes on ``bp``."""
    from psa.mail.templates import layout_views

    del layout_views
    app.register_blueprint(bp)


@bp.get("")
@admin_required
def index() -> Response:
    """The first template."""
    return redirect(url_for("templates.show", name=next(iter(CATALOGUE)), queue=request.args.get("queue")), 303)


@bp.get("/<name>")
@admin_required
def show(name: str) -> str:
    return render_page(Editor.saved(name))


@bp.post("/<name>")
@admin_required
def save(name: str) -> Response:
    editor = Editor.sent(name)
    try:
        operations.save(editor.template, editor.queue_id, editor.wording, current_user.id, editor.revision)
    except (Unrenderable, Outdated) as refused:
        db.session.rollback()
        editor.faults = refused.faults if isinstance(refused, Unrenderable) else []
        editor.error = "" if editor.faults else str(refused)
        return make_response(render_page(editor), 422)
    db.session.commit()
    return redirect(editor.url("show", **{"with": editor.example}), 303)


@bp.post("/<name>/reset")
@admin_required
def reset(name: str) -> Response:
    editor = Editor.saved(name)
    try:
        operations.reset(editor.template, editor.queue_id, current_user.id)
    except Outdated as refused:
        db.session.rollback()
        editor.error = str(refused)
        return make_response(render_page(editor), 422)
    db.session.commit()
    return redirect(editor.url("show"), 303)


@bp.post("/<name>/previews")
@admin_required
def preview(name: str) -> Response:
    """What stands in the editor, as it would be sent; an error leaves the preview as it is."""
    editor = Editor.sent(name)
    try:
        operations.refuse_faults(editor.template, editor.wording)
        shown = editor.show(logo_url=url_for("templates.logo"))
        mark = keep_preview(current_user.id, as_page(shown.mail))
    except Unrenderable as refused:
        editor.faults = refused.faults
    except TemplateFault as fault:
        editor.faults = [fault]
    if editor.faults:
        return preview_refused(editor)
    db.session.commit()
    if not web.is_htmx():
        return make_response(render_page(editor, shown, drafted=mark))
    return make_response(
        render_template("mail/templates/_previewed.html", **preview_context(editor, shown, drafted=mark))
    )


def preview_refused(editor: Editor) -> Response:
    db.session.rollback()
    if not web.is_htmx():
        return make_response(render_page(editor), 422)
    response = make_response(render_template("mail/templates/_problems.html", editor=editor), 422)
    response.headers["HX-Retarget"] = "#problems"
    return response


@bp.get("/<name>/preview")
@admin_required
def saved_preview(name: str) -> Response:
    """What is sent, as a page for a frame."""
    return framed(as_page(as_sent(Editor.saved(name)).mail))


@bp.get("/preview")
@admin_required
def drafted_preview() -> Response:
    """What this user has in the editor, as it last came out, as a page for a frame."""
    return framed_preview(current_user.id, request.args.get("at", ""))


@bp.post("/<name>/test-emails")
@admin_required
def send_test(name: str) -> Response:
    """What stands in the editor leaves for an address, by the very road of all mail."""
    editor = Editor.sent(name)
    account, problems = editor.account(), []
    if account is None:
        problems.append("No account sends mail yet. Add one under Outbound.")
    try:
        to = plausible.address(request.form.get("to", ""))
        shown = editor.show()
    except SettingsError as error:
        problems.append(f"Where to: {error}")
    except TemplateFault as fault:
        problems.append(str(fault))
    if problems or account is None:
        return test_refused(editor, problems)
    try:
        test = probe.start_test(
            server.of_account(account), account.id, to=to, composed=message_of(account, to, shown.mail)
        )
    except signing.SealBroken:
        return test_refused(editor, [f"The password of {account.address} cannot be opened. Enter it under Outbound."])
    except (Unwritable, ValueError) as error:
        return test_refused(editor, [str(error)])
    return redirect(url_for("email.test", test_id=test.id), 303)


def message_of(account: MailAccount, to: str, mail: Content) -> Composed:
    return compose(
        mail,
        sender=author_of(account),
        to=[("", to)],
        automatic="auto-generated",
    )


def test_refused(editor: Editor, problems: list[str]) -> Response:
    if web.is_htmx():
        return make_response(render_template("mail/templates/_test_refused.html", problems=problems), 422)
    editor.error = " ".join(problems)
    return make_response(render_page(editor), 422)


@bp.get("/<name>/history")
@admin_required
def history(name: str) -> str:
    editor = Editor.saved(name)
    return render_template(
        "mail/templates/history.html",
        editor=editor,
        changes=changes_of(
            operations.versions(editor.template, editor.queue_id),
            editor.wording,
        ),
    )


@bp.post("/<name>/history/<int:version_id>/restoration")
@admin_required
def restore(name: str, version_id: int) -> Response:
    template = template_or_404(name)
    version = db.session.get(EmailTemplateVersion, version_id)
    if version is None or version.name != name:
        abort(404)
    queue_id = version.queue_id
    try:
        operations.restore(template, version, current_user.id)
    except (Unrenderable, Outdated) as refused:
        # It was written before the variables were what they are: it stands in the editor, with what is wrong.
        editor = Editor.saved(name)
        editor.queue = db.session.get(Queue, queue_id) if queue_id is not None else None
        editor.wording = Wording(version.subject, version.html, version.text)
        db.session.rollback()
        editor.faults = refused.faults if isinstance(refused, Unrenderable) else []
        return make_response(render_page(editor), 422)
    db.session.commit()
    return redirect(url_for("templates.show", name=name, queue=queue_id), 303)


def render_page(editor: Editor, shown: Shown | None = None, *, drafted: str = "") -> str:
    """The whole page. Without ``shown`` the preview has what is sent."""
    shown = shown or as_sent(editor)
    stored = operations.own_wording(editor.template, editor.queue_id)
    return render_template(
        "mail/templates/index.html",
        groups=groups(),
        states=states_for(editor.queue_id),
        queues=all_queues(),
        stored=stored,
        last_change=next(iter(operations.versions(editor.template, editor.queue_id)), None),
        hints=hints_of(editor),
        sender=sender_of(editor.template, editor.queue_id),
        to=current_user.email,
        **preview_context(editor, shown, drafted=drafted),
    )


def preview_context(editor: Editor, shown: Shown, *, drafted: str) -> dict[str, Any]:
    return {
        "editor": editor,
        "shown": shown,
        "drafted": drafted,
        "offered": examples.offered(editor.template, editor.queue),
        "account": editor.account(),
        "views": VIEWS,
    }


def states_for(queue_id: int | None) -> dict[str, EmailTemplate]:
    """What somebody has made of each template, for the queue or for all."""
    rows = db.session.scalars(db.select(EmailTemplate).order_by(EmailTemplate.queue_id.is_(None).desc()))
    return {row.name: row for row in rows if row.queue_id in (None, queue_id)}
