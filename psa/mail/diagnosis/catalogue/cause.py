"""What a cause is: one of a closed set of reasons why mail does not get through."""

from __future__ import annotations

from dataclasses import dataclass, replace

# What stands in a sentence when the value is not known.
UNSAID = {
    "host": "the server",
    "port": "that port",
    "address": "that address",
    "username": "this user name",
    "protocol": "mail",
    "folder": "that folder",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason, in the words of the settings page.

    ``title`` is what it is, ``meaning`` what that means for the reader, ``remedies`` what to do, best first. They may
    hold the placeholders {host} {port} {address} {username} {protocol} {folder}. ``retry`` tells whether an automatic
    retry can succeed although nobody changes anything. ``field`` is the field of the settings form that it points at,
    if any: host, port, security, sign_in, username, password, address, folder or to.
    """

    code: str
    title: str
    meaning: str
    remedies: tuple[str, ...]
    retry: bool = False
    field: str = ""

    def preceded_by(self, remedy: str) -> Cause:
        """The same cause with a better remedy before the others."""
        return replace(self, remedies=(remedy, *self.remedies))

    def told(self, **values: object) -> Cause:
        """The same cause with its placeholders filled; what is not known is said in general words."""
        known = UNSAID | {name: str(value) for name, value in values.items() if value not in (None, "")}
        return replace(
            self,
            title=sentence(self.title, known),
            meaning=sentence(self.meaning, known),
            remedies=tuple(sentence(remedy, known) for remedy in self.remedies),
        )


def sentence(text: str, known: dict[str, str]) -> str:
    """``text`` with its placeholders filled; general words that came to stand first begin with a capital letter."""
    filled = text.format_map(known)
    begins_general = text.startswith("{") and filled.startswith(("the ", "that ", "this "))
    return filled[0].upper() + filled[1:] if begins_general else filled
