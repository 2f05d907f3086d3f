"""What stands in the editor of a template, and how it comes out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, request, url_for
from flask_security import current_user

from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import MailAccount
from psa.mail.outbound.compose import Content
from psa.mail.templates import examples, operations
from psa.mail.templates.catalogue import CATALOGUE, Template, Wording
from psa.mail.templates.examples import Example
from psa.mail.templates.facts import Variable
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.render import made_of
from psa.mail.templates.sandbox import shown as shown_value
from psa.tickets.models import Queue

VIEWS = {"html": "HTML", "phone": "Phone", "text": "Text"}


@dataclass(slots=True)
class Shown:
    """A wording as it comes out, and how long that took; ``instead`` of the saved one, which fails."""

    example: Example
    mail: Content
    seconds: float
    instead: bool = False


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


def as_sent(editor: Editor) -> Shown:
    """What is saved, as it comes out; the built-in text where that fails."""
    wording = operations.current_wording(editor.template, editor.queue_id)
    saved = Editor(editor.template, editor.queue, wording, 0, editor.example)
    logo_url = url_for("templates.logo")
    try:
        return saved.show(logo_url)
    except TemplateFault:
        saved.wording = editor.template.default
        return replace(saved.show(logo_url), instead=True)


def template_or_404(name: str) -> Template:
    return CATALOGUE.get(name) or abort(404)


def asked_queue() -> Queue | None:
    """The queue that the address of the page names."""
    asked = request.args.get("queue", "")
    if not asked:
        return None
    queue = db.session.get(Queue, int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    return queue or abort(404)
