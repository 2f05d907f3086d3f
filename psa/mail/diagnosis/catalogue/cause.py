"""What a cause is: one of a closed set of reasons why mail does not get through."""

from __future__ import annotations

from dataclasses import dataclass, replace

# What is said instead when a value is not known, longest first.
IN_GENERAL = {
    "host": (("called {host}", "of that name"), ("{host}", "the server")),
    "port": (("port {port}", "that port"),),
    "address": (("{address}", "that address"),),
    "username": (("{username}", "this user"),),
    "protocol": (("{protocol}", "mail"),),
    "folder": (("folder “{folder}”", "folder of that name"),),
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

    def at(self, steps: tuple[str, ...]) -> Cause:
        """The same cause with a provider's ``steps`` instead of the general remedies; as it is where there are none."""
        return replace(self, remedies=steps) if steps else self

    def told(self, **values: object) -> Cause:
        """The same cause with its placeholders filled; what is not known is said in general words."""
        known = {name: str(value) for name, value in values.items() if value not in (None, "")}
        return replace(
            self,
            title=sentence(self.title, known),
            meaning=sentence(self.meaning, known),
            remedies=tuple(sentence(remedy, known) for remedy in self.remedies),
        )


def sentence(text: str, known: dict[str, str]) -> str:
    """``text`` with its placeholders filled; general words that came to stand first begin with a capital letter."""
    general = text
    for name in IN_GENERAL.keys() - known.keys():
        for phrase, instead in IN_GENERAL[name]:
            general = general.replace(phrase, instead)
    filled = general.format_map(known)
    return filled[0].upper() + filled[1:] if general[0] != text[0] else filled
