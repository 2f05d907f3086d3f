"""Choose folders: what the server offers, asked with the settings as they stand in the form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psa import signing
from psa.mail import setup
from psa.mail.diagnosis import probe
from psa.mail.diagnosis.opening import MailboxRefuses, opened
from psa.mail.diagnosis.survey import Survey
from psa.mail.forms import ENTER_AGAIN, InboundForm
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings

# What the server says a folder is for, and why it is mostly not meant.
USES = {
    "sent": "Sent: your own mail would come in",
    "trash": "Trash: what was thrown away would come in",
    "junk": "Junk: spam would come in",
    "drafts": "Drafts: unfinished mail would come in",
    "all": "All mail: everything would come in once more",
    "archive": "Archive",
}
HARMLESS = frozenset({"", "archive"})
# What it takes to ask the server for its folders.
NEEDED = ("host", "security", "port", "username", "password")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on the server, and whether it is read; ``messages`` is None where nobody has asked.

    The moments are those of its oldest and newest message, where they are known.
    """

    name: str
    messages: int | None = None
    oldest: datetime | None = None
    newest: datetime | None = None
    use: str = ""
    is_chosen: bool = False

    @property
    def words(self) -> str:
        return USES.get(self.use, "")

    @property
    def is_doubtful(self) -> bool:
        return self.use not in HARMLESS


@dataclass(frozen=True, slots=True)
class Picker:
    """The field in which folders are chosen: those that can be, and why there may be no more."""

    folders: list[Folder]
    problem: str = ""
    asked: bool = False
    errors: list[str] = field(default_factory=list)


def offered(found: Iterable[dict[str, Any]], chosen: Iterable[str]) -> list[Folder]:
    """What a survey found, and what was chosen and is not there."""
    chosen = list(chosen)
    folders = [
        Folder(
            name=one["name"],
            messages=one["messages"],
            oldest=probe.moment(one.get("oldest")),
            newest=probe.moment(one.get("newest")),
            use=one.get("use", ""),
            is_chosen=one["name"] in chosen,
        )
        for one in found
    ]
    there = {folder.name for folder in folders}
    return folders + [Folder(name, is_chosen=True) for name in chosen if name not in there]


def picker_of(form: InboundForm) -> Picker:
    """The field as the form has it, before the server was asked."""
    return Picker([Folder(name, is_chosen=True) for name in form.folders.data], errors=list(form.folders.errors))


def ask(form: InboundForm) -> Picker:
    """Ask the server for its folders, or say what is missing for that."""
    chosen = [folder for folder in form.folders.data if folder]
    stays = [Folder(name, is_chosen=True) for name in chosen]
    form.validate()
    problems = [f"{form[name].label.text}: {form[name].errors[0]}" for name in NEEDED if form[name].errors]
    if form.protocol_value == "pop3":
        return Picker(stays, "POP3 knows only one folder.", asked=True)
    if problems:
        return Picker(stays, " ".join(problems), asked=True)
    try:
        settings = replace(form.settings_to_test(), folders=("INBOX",), timeout=setup.PATIENCE)
    except signing.SealBroken:
        return Picker(stays, ENTER_AGAIN, asked=True)
    found, problem = look_over(settings, Survey())
    return Picker(offered(found.get("folders", []), chosen), problem, asked=True)


def look_over(settings: ServerSettings, survey: Survey) -> tuple[dict[str, Any], str]:
    """The findings of a survey, made while somebody waits; or none, and the reason in a sentence."""
    try:
        with opened(settings, Journal()) as mailbox:
            return survey.of(mailbox, settings), ""
    except MailboxRefuses as refused:
        told = refused.found.cause.told(**probe.asked(settings, "") | {"folder": survey.folder or settings.folder})
        return {}, f"{told.title}. Test Connection says more."
