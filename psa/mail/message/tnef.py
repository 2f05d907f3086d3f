"""winmail.dat opened: the files and the text that Outlook wrapped in it (MS-OXTNEF)."""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.message.headers import Note

MAX_FILES = 500


@dataclass(frozen=True, slots=True)
class Tnef:
    """What was found: files as (name, bytes), and the message text, "" where there is none."""

    files: tuple[tuple[str, bytes], ...] = ()
    text: str = ""
    html: str | None = None


def is_tnef(kind: str, name: str) -> bool:
    """Is a file of that type and name a winmail.dat?"""
    return kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat"


def read_tnef(data: bytes, note: Note) -> Tnef:
    """The contents; nothing, and a note, for damaged input."""
    import logging

    # Dear to import, rarely needed.
    from tnefparse import TNEF

    logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)  # it logs every odd byte of strangers' files
    try:
        opened = TNEF(data, do_checksum=False)
    except Exception as error:  # the library raises many kinds on damaged bytes
        note(f"winmail.dat cannot be opened ({type(error).__name__}); the file was kept as it is.")
        return Tnef()
    files = []
    for attachment in opened.attachments[:MAX_FILES]:
        try:
            files.append((str(attachment.long_filename() or attachment.name or ""), bytes(attachment.data or b"")))
        except Exception as error:  # one broken file must not hide the others
            note(f"A file inside winmail.dat cannot be read ({type(error).__name__}).")
    return Tnef(tuple(files), _text(opened.body), _text(opened.htmlbody) or None)


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        from psa.mail.message import charset

        return charset.decode(value)[0]
    return str(value) if value else ""
