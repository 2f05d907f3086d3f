"""The names of files in mail: what the sender meant, made safe to be shown, stored and handed out."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from psa.mail.message.files.file_types import suffix_of
from psa.mail.message.structure.header_text import decode_words, one_line
from psa.mail.message.structure.headers import Headers, read_headers
from psa.mail.message.structure.part import Part

MAX_NAME = 200
MAX_BYTES = 240
MAX_SUFFIX = 12

_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\|~?[\\/]|\.{1,2}[\\/]|file:")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|]+")
# Marks that turn the direction of what follows ("exe.fdp"), and signs without a width.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+"
)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)", re.I)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_NUMBERED = re.compile(r"&#(?:\d{1,7}|x[0-9a-fA-F]{1,6});")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
_STEMS = {
    "message/delivery-status": "delivery-status",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "application/pgp-signature": "signature",
    "application/pgp-keys": "key",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "application/pkcs7-mime": "smime",
    "application/x-pkcs7-mime": "smime",
    "message/feedback-report": "feedback-report",
}


def name_of(part: Part, kind: str, data: bytes, number: int) -> str:
    """The name of a file, never empty: the sender's, else one from what stands beside it or inside, else made up."""
    name = safe_name(_given_name(part))
    if name:
        return name
    if kind in ("message/rfc822", "message/global"):
        subject = safe_name(nested_headers(data).text("subject"), ".eml")
        return subject or f"message-{number}.eml"
    location = decode_words(part.headers.first("content-location") or b"").partition("?")[0].rpartition("/")[2]
    for words in (location, decode_words(part.headers.first("content-description") or b"")):
        name = safe_name(words)
        if name and _SUFFIX.search(name):
            return name
    stem = _STEMS.get(kind)
    if stem is not None:
        return stem + suffix_of(kind)
    described = safe_name(decode_words(part.headers.first("content-description") or b""), suffix_of(kind))
    return described or f"{'image' if kind.startswith('image/') else 'attachment'}-{number}{suffix_of(kind)}"


def _given_name(part: Part) -> str:
    """Of the names that the headers give the one that was damaged least: some programs write only one of them well."""
    names = [
        part.disposition_parameters.get("filename", ""),
        part.parameters.get("name", ""),
        part.parameters.get("filename", ""),
        part.disposition_parameters.get("name", ""),
    ]
    names = [name for name in names if name.strip()]
    return min(names, key=_damage, default="")


def _damage(name: str) -> int:
    if "\ufffd" in name or "?" in name:
        return 2
    return 0 if _SUFFIX.search(name.strip()) else 1


def nested_headers(data: bytes) -> Headers:
    """The headers of a message inside a message."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    return read_headers(data[:200_000], start, min(len(data), 200_000), lambda _: None)[0]


def safe_name(name: str, suffix: str = "") -> str:
    """A name without path, and without what file systems or terminals take as an order; "" when nothing is left.

    At most MAX_NAME characters and MAX_BYTES bytes long; its ending stays. `suffix` is put behind it.
    """
    name = _NUMBERED.sub(lambda sign: html.unescape(sign[0]), _without_percent(one_line(name)))
    name = one_line(name.replace("\ufffd", "_")).strip("\"' ")
    if _PATH.match(name):  # a path, not a name that happens to hold a slash
        name = re.split(r"[/\\]", name)[-1]
    name = unicodedata.normalize("NFC", _UNSEEN.sub("", name))
    name = " ".join(_FORBIDDEN.sub("_", name).split()).rstrip(". ")
    if not name.strip("._- "):
        return ""
    if name.startswith(".."):
        name = "_" + name.lstrip(".")
    if _DEVICE.match(name):
        name = f"_{name}"
    return shortened(name + suffix)


def _without_percent(name: str) -> str:
    """Names that a web form has escaped, as "My%20file.pdf"."""
    if len(_ESCAPED.findall(name)) == 0 or " " in name:
        return name
    try:
        return one_line(unquote_to_bytes(name).decode("utf-8"))
    except UnicodeDecodeError:
        return name


def shortened(name: str) -> str:
    if len(name) <= MAX_NAME and len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > MAX_SUFFIX or not stem:
        stem, ending = name, ""
    else:
        ending = dot + ending
    stem = stem[: MAX_NAME - len(ending)]
    return stem.encode()[: MAX_BYTES - len(ending.encode())].decode("utf-8", "ignore").rstrip(" .") + ending


def unique_name(name: str, taken: dict[str, int]) -> str:
    """The name, or "name (2).ext" when it is taken; `taken` learns it: the last number for each name, case folded."""
    shown, number = name, taken.get(name.casefold(), 1)
    stem, dot, suffix = name.rpartition(".")
    while shown.casefold() in taken:
        number += 1
        shown = f"{stem} ({number}).{suffix}" if dot and stem else f"{name} ({number})"
    taken[name.casefold()] = number
    taken.setdefault(shown.casefold(), 1)
    return shown
