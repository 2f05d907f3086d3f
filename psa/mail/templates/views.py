"""Admin > Email Settings > Default Templates: the editor, its preview, a test send, and what they were before."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import clock, signing, web
from psa.admin.operations import firm
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.foreign import MAIL_POLICY
from psa.mail import accounts, plausible
from psa.mail import settings as server
from psa.mail.diagnosis import probe
from psa.mail.models import MailAccount
from psa.mail.outbound.compose import Unwritable, compose
from psa.mail.settings import SettingsError
from psa.mail.templates import examples, operations
from psa.mail.templates.catalogue import CATALOGUE, Template, Wording, groups
from psa.mail.templates.examples import Example
from psa.mail.templates.facts import Variable
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.history import changes_of
from psa.mail.templates.models import EmailTemplate, EmailTemplatePreview, EmailTemplateVersion
from psa.mail.templates.operations import Outdated, Unrenderable
from psa.mail.templates.render import Rendered, made_of
from psa.mail.templates.sandbox import shown as shown_value
from psa.tickets.models import Queue
from psa.tickets.queries import queues as all_queues

bp = Blueprint("templates", __name__, url_prefix="/admin/email/templates")

VIEWS = {"html": "HTML", "phone": "Phone", "text": "Text"}


def init_app(app: Flask) -> None:
    """Bind the pages; those of the layout put their routes on ``bp``."""
    from psa.mail.templates import layout_views

    del layout_views
    app.register_blueprint(bp)


@dataclass(slots=True)
class Shown:
    """A wording as it comes out, and how long that took."""

    example: Example
    mail: Rendered
    seconds: float

    @property
    def mark(self) -> str:
        """Another one when it looks different, for the address of the frame."""
        return sha256(self.mail.html.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Hint:
    """A variable at hand: what the editor inserts, and what the example has there."""

    path: str
    meaning: str
    insert: str
    value: str


@dataclass(slots=True)
class Editor:
    """What stands in the editor: a template for a queue, or for all of them with None."""

    template: Template
    queue: Queue | None
    wording: Wording
    revision: int
    example: str = ""
    view: str = "html"
    part: str = "html"
    faults: list[TemplateFault] = field(default_factory=list)
    error: str = ""

    @property
    def queue_id(self) -> int | None:
        return self.queue.id if self.queue is not None else None

    def url(self, endpoint: str, **values: Any) -> str:
        """A page of this template for this queue."""
        return url_for(f"templates.{endpoint}", name=self.template.name, queue=self.queue_id, **values)

    @classmethod
    def saved(cls, name: str) -> Editor:
        """The template as it is sent."""
        template, queue = template_or_404(name), asked_queue()
        queue_id = queue.id if queue is not None else None
        stored = operations.own_wording(template, queue_id)
        revision = stored.revision if stored is not None else 0
        editor = cls(template, queue, operations.current_wording(template, queue_id), revision)
        editor.example = request.values.get("with", "") or examples.offered(template, queue)[0][0]
        return editor

    @classmethod
    def sent(cls, name: str) -> Editor:
        """The editor as it was sent; without its fields, as a test from a page without script, what is saved."""
        editor = cls.saved(name)
        form = request.form
        if "subject" not in form:
            return editor
        editor.wording = operations.tidied(Wording(form["subject"], form.get("html", ""), form.get("text", "")))
        revision = form.get("revision", "")
        editor.revision = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
        editor.view = form.get("view", "") if form.get("view") in VIEWS else "html"
        editor.part = "text" if form.get("part") == "text" else "html"
        return editor

    def show(self, logo_url: str = "") -> Shown:
        """Render it with the example. Raises TemplateFault."""
        chosen = examples.example(self.template, self.example, current_user)
        begun = time.perf_counter()
        mail = made_of(self.template, self.wording, chosen.facts, logo_url)
        return Shown(chosen, mail, time.perf_counter() - begun)

    def account(self) -> MailAccount | None:
        return accounts.outbound_for(None, queue_address=self.queue.address if self.queue is not None else "")


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
    operations.reset(editor.template, editor.queue_id, current_user.id)
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
        keep_preview(shown.mail)
    except Unrenderable as refused:
        editor.faults = refused.faults
    except TemplateFault as fault:
        editor.faults = [fault]
    if editor.faults:
        return preview_refused(editor)
    db.session.commit()
    if not web.is_htmx():
        return make_response(render_page(editor, shown, drafted=True))
    return make_response(
        render_template("mail/templates/_previewed.html", **preview_context(editor, shown, drafted=True))
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
    """The saved template as a page for a frame."""
    try:
        return framed(Editor.saved(name).show(logo_url=url_for("templates.logo")).mail.html)
    except TemplateFault as fault:
        return framed(render_template("mail/templates/no_preview.html", fault=fault))


@bp.get("/preview")
@admin_required
def drafted_preview() -> Response:
    """What this user has in the editor, as it last came out, as a page for a frame."""
    kept = db.session.get(EmailTemplatePreview, current_user.id)
    return framed(kept.page) if kept is not None else abort(404)


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
            server.of_account(account), account.id, to=to, composed=composed(account, to, shown.mail)
        )
    except signing.SealBroken:
        return test_refused(editor, [f"The password of {account.address} cannot be opened. Enter it under Outbound."])
    except (Unwritable, ValueError) as error:
        return test_refused(editor, [str(error)])
    return redirect(url_for("email.test", test_id=test.id), 303)


def composed(account: MailAccount, to: str, mail: Rendered) -> Any:
    return compose(
        sender=(account.display_name or firm().name, account.address),
        to=[("", to)],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        pictures=mail.pictures,
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
    version = db.session.get(EmailTemplateVersion, version_id) if version_id < 2**31 else None
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


def keep_preview(mail: Rendered) -> None:
    """Let the frame of this user find the page."""
    kept = db.session.get(EmailTemplatePreview, current_user.id)
    if kept is None:
        kept = EmailTemplatePreview(user_id=current_user.id)
        db.session.add(kept)
    kept.page, kept.made_at = mail.html or render_template("mail/templates/text_only.html"), clock.now()


def framed(page: str) -> Response:
    """A mail in a frame: nothing of it runs. Pictures from elsewhere are shown, as the recipients' programs may."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = MAIL_POLICY.format(" https:")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def render_page(editor: Editor, shown: Shown | None = None, *, drafted: bool = False) -> str:
    """The whole page. Where what stands in the editor cannot be shown, the preview has what is saved."""
    if shown is None:
        shown = last_good(editor)
    stored = operations.own_wording(editor.template, editor.queue_id)
    return render_template(
        "mail/templates/index.html",
        groups=groups(),
        states=states_for(editor.queue_id),
        queues=all_queues(),
        stored=stored,
        last_change=next(iter(operations.versions(editor.template, editor.queue_id)), None),
        hints=hints_of(editor),
        to=current_user.email,
        **preview_context(editor, shown, drafted=drafted),
    )


def preview_context(editor: Editor, shown: Shown | None, *, drafted: bool) -> dict[str, Any]:
    return {
        "editor": editor,
        "shown": shown,
        "drafted": drafted,
        "offered": examples.offered(editor.template, editor.queue),
        "account": editor.account(),
        "views": VIEWS,
    }


def hints_of(editor: Editor) -> list[Hint]:
    values = examples.example(editor.template, editor.example, current_user).facts
    return [hint_of(variable, values) for variable in editor.template.variables]


def hint_of(variable: Variable, values: dict[str, object]) -> Hint:
    name, _, member = variable.path.partition(".")
    if not variable.members:
        value = str(shown_value(getattr(values[name], member)))
        return Hint(variable.path, variable.meaning, f"{{{{ {variable.path} }}}}", " ".join(value.split())[:80])
    entry, _, _ = variable.members[0].path.partition(".")
    inside = " ".join(f"{{{{ {one.path} }}}}" for one in variable.members)
    loop = f"{{% for {entry} in {variable.path} %}}\n{inside}\n{{% endfor %}}"
    return Hint(variable.path, variable.meaning, loop, "")


def last_good(editor: Editor) -> Shown | None:
    """What is saved, as it comes out; None when not even that can be shown."""
    saved = Editor(editor.template, editor.queue, operations.current_wording(editor.template, editor.queue_id), 0)
    saved.example = editor.example
    try:
        return saved.show()
    except TemplateFault:
        return None


def states_for(queue_id: int | None) -> dict[str, EmailTemplate]:
    """What somebody has made of each template, for the queue or for all."""
    rows = db.session.scalars(db.select(EmailTemplate).order_by(EmailTemplate.queue_id.is_(None).desc()))
    return {row.name: row for row in rows if row.queue_id in (None, queue_id)}


def template_or_404(name: str) -> Template:
    return CATALOGUE.get(name) or abort(404)


def asked_queue() -> Queue | None:
    """The queue that the address of the page names."""
    asked = request.args.get("queue", "")
    if not asked:
        return None
    queue = db.session.get(Queue, int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    return queue or abort(404)
