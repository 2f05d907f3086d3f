"""What an administrator sets about a queue."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField

from psa.mail import accounts
from psa.saving import SettingsForm
from psa.tickets.models import AUTO_REPLIES, CC_PEOPLE, REOPENINGS, Queue

THE_ADDRESS_IT_CAME_TO = ("", "the address it came to")


class QueueForm(SettingsForm):
    """One queue. What each field may hold is for the operations to say; a field that is not sent stays as it is."""

    name = StringField("Name")
    address = SelectField("Its mail leaves from", validate_choice=False)
    reopening = SelectField("A reply to a closed ticket", choices=list(REOPENINGS.items()), validate_choice=False)
    reopen_days = StringField("For how many days")
    auto_reply = SelectField("Auto-reply", choices=list(AUTO_REPLIES.items()), validate_choice=False)
    cc_people = SelectField("Watchers from Cc", choices=list(CC_PEOPLE.items()), validate_choice=False)

    def __init__(self, queue: Queue, formdata: Any = None) -> None:
        super().__init__(formdata, obj=queue)
        senders = accounts.in_direction("outbound")
        words = [(one.address, ", ".join(filter(None, [one.display_name, one.address]))) for one in senders]
        self.address.choices = [THE_ADDRESS_IT_CAME_TO, *words]
        if formdata is None:
            self.take_up(settings_of(queue))
        # Several of these stand on one page.
        for field in self:
            field.id = field.label.field_id = f"{field.short_name}-{queue.id}"


def settings_of(queue: Queue) -> dict[str, object]:
    """What is set about it now, by the fields of the form."""
    names = ("name", "address", "reopening", "reopen_days", "auto_reply", "cc_people")
    return {name: getattr(queue, name) for name in names}
