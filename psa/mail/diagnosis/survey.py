"""What a mailbox holds and what each start would import, counted before anything is saved."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from psa import clock
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.mailbox import Mailbox, Since
from psa.mail.settings import ServerSettings

# RFC 6154, 2: what a folder is for, said by the server. Mail in these was sent by us, or thrown away.
USES = {
    b"\\sent": "sent",
    b"\\trash": "trash",
    b"\\junk": "junk",
    b"\\drafts": "drafts",
    b"\\archive": "archive",
    b"\\all": "all",
}


@dataclass(slots=True)
class Survey:
    """A look over a mailbox that is open; ``folder`` is the one that is being opened, for whoever tells of a failure.

    ``move_to`` is the folder that filed mail is moved to, empty when it is not.
    """

    since: date | None = None
    move_to: str = ""
    folder: str = field(default="", init=False)

    def of(self, mailbox: Mailbox, settings: ServerSettings) -> dict[str, Any]:
        """``{"folders": [{"name", "messages", "oldest", "newest", "use"}], "capabilities": […], "everything": n,
        "since": {"day", "messages", "undated", "exact"}}``, what is since a day being psa.mail.inbound.mailbox.Since.
        """
        everything, since = 0, Since()
        for name in settings.folders:
            self.open(mailbox, name, journalled=name != settings.folder)
            everything += mailbox.exists
            if self.since is not None:
                since += mailbox.count_since(clock.midnight(self.since))
        if self.move_to:
            self.open(mailbox, self.move_to, journalled=True)
        self.open(mailbox, settings.folder, journalled=False)
        uses = uses_of(mailbox)
        found = mailbox.survey()
        for one in found["folders"]:
            one["use"] = uses.get(one["name"], "")
        found["everything"] = everything
        if self.since is not None:
            found["since"] = {"day": self.since.isoformat()} | asdict(since)
        return found

    def open(self, mailbox: Mailbox, name: str, *, journalled: bool) -> None:
        self.folder = name
        if not journalled:
            mailbox.look(name)
            return
        with mailbox.journal.step("select", f"Open {name}") as step:
            mailbox.look(name)
            step.title, step.detail = f"{name} opened", f"{mailbox.exists} messages"


def uses_of(mailbox: Mailbox) -> dict[str, str]:
    """What the folders are for that the server says it of, by name."""
    if not isinstance(mailbox, ImapMailbox):
        return {}
    listed = mailbox.client.list_folders()
    return {name: USES[flag.lower()] for flags, _, name in listed for flag in flags if flag.lower() in USES}
