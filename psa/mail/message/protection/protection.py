"""Signed and encrypted mail: opened where no key is needed, and named for what it is. No signature is verified here.

S/MIME (RFC 8551), PGP/MIME (RFC 3156), PGP inside the text (RFC 9580, 6 and 7).
"""

from __future__ import annotations

import re
from bisect import bisect_left

from psa.mail.message.model import Protection
from psa.mail.message.protection.cms import Wrapping, signer_of, unwrap
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part
from psa.mail.message.structure.tree import read_tree
from psa.mail.message.structure.wire_form import to_wire_form

MAX_LAYERS = 5
MAX_SIGNATURE_LINES = 200

_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PKCS7_SIGNATURE = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_ENCRYPTED = "The message is encrypted with {}: its words can be read only with the key of a recipient."
_BEGIN = re.compile(r"-----BEGIN PGP (SIGNED MESSAGE|MESSAGE|SIGNATURE)(?:, PART [\d/]{1,9})?-----[ \t]*")
_PGP_MESSAGE = b"-----BEGIN PGP MESSAGE"
_END = re.compile(r"-----END PGP (?:SIGNATURE|MESSAGE)-----[ \t]*")
_ARMOUR_HEADER = re.compile(r"(?:Hash|Version|Comment|Charset|MessageID|NotDashEscaped): .*|Hash:")


def open_wrappings(root: Part, note: Note) -> None:
    """Hang what S/MIME wraps without a key (signed or compressed) below the part that wraps it, as a message in its
    own right: body, files and all.
    """
    for part in list(root.walk()):
        if is_wrapping(part):
            _open(part, note, 1)


def is_wrapping(part: Part) -> bool:
    """Is a part S/MIME's, by its label or by the name of the file?"""
    if part.type in _PKCS7:
        return True
    return part.type == "application/octet-stream" and part.file_name.lower() == "smime.p7m"


def _open(part: Part, note: Note, layer: int) -> None:
    wrapping = unwrap(part.data)
    if wrapping is None or wrapping.content is None or wrapping.kind not in ("signed", "compressed"):
        return
    inner = read_tree(to_wire_form(wrapping.content, note), note)
    inner.parent = part
    for below in inner.walk():
        below.path = f"{part.path}.{below.path}" if below.path else part.path
    part.children.append(inner)
    if layer < MAX_LAYERS:
        for below in list(inner.walk()):
            if is_wrapping(below):
                _open(below, note, layer + 1)


def read_protection(root: Part, texts: list[str], note: Note) -> Protection | None:
    """How a message is protected; `texts` are those of its body, HTML among them."""
    found = _of_parts(root) or _of_texts(texts)
    if found is None and not any(text.strip() for text in texts) and any(map(_is_armoured_file, root.walk())):
        found = Protection("encrypted", "PGP")
    if found is not None and found.kind == "encrypted":
        note(_ENCRYPTED.format(found.method))
    return found


def _of_parts(root: Part) -> Protection | None:
    """The outermost layer that tells something; of an encrypted one nothing below can be seen."""
    signed: Protection | None = None
    for part in root.walk():
        if part.type == "multipart/encrypted" or _is_pgp_version(part):
            return Protection("encrypted", "PGP")
        if is_wrapping(part):
            wrapping = unwrap(part.data)
            if _kind_of(part, wrapping) == "encrypted":
                return Protection("encrypted", "S/MIME")
            if wrapping is not None and wrapping.kind == "signed" and wrapping.content is not None and signed is None:
                signed = Protection("signed", "S/MIME", signer_of(wrapping.certificates))
        elif part.type in _PKCS7_SIGNATURE and (signed is None or not signed.signer):
            detached = unwrap(part.data)
            signed = Protection("signed", "S/MIME", signer_of(detached.certificates) if detached else "")
        elif part.type == "application/pgp-signature" and signed is None:
            signed = Protection("signed", "PGP")
        elif part.type == "multipart/signed" and signed is None:
            signed = Protection("signed", "PGP" if "pgp" in part.parameters.get("protocol", "").lower() else "S/MIME")
    return signed


def _kind_of(part: Part, wrapping: Wrapping | None) -> str:
    """What the bytes are; where they cannot be read, what the label says; a bare label means encrypted mostly."""
    if wrapping is not None:
        return wrapping.kind
    told = part.parameters.get("smime-type", "").lower()
    return "signed" if "signed" in told or "certs" in told or "compressed" in told else "encrypted"


def _is_pgp_version(part: Part) -> bool:
    """The first half of PGP/MIME, which Exchange leaves where it calls the whole "mixed"."""
    return part.type == "application/pgp-encrypted" and part.encoded[:2_000].strip().lower().startswith(b"version:")


def _is_armoured_file(part: Part) -> bool:
    """A message encrypted by hand and attached, beside no words at all."""
    return part.file_name.lower().endswith((".asc", ".pgp", ".gpg")) and part.data.lstrip().startswith(_PGP_MESSAGE)


def _of_texts(texts: list[str]) -> Protection | None:
    signed: Protection | None = None
    for text in texts:
        if "-----BEGIN PGP " not in text:
            continue
        for line in text.split("\n"):
            found = _BEGIN.fullmatch(line)
            if found is not None and found[1] == "MESSAGE":
                return Protection("encrypted", "PGP")
            if found is not None:
                signed = Protection("signed", "PGP")
    return signed


def armour_lines(lines: list[str]) -> frozenset[int]:
    """The numbers of the lines that are PGP's rather than the sender's: the head of a signed text, its signature."""
    if not any(line.startswith("-----BEGIN PGP ") for line in lines):
        return frozenset()
    found: set[int] = set()
    ends = [n for n, line in enumerate(lines) if line.startswith("-----END PGP ") and _END.fullmatch(line)]
    at = 0
    while at < len(lines):
        begin = _BEGIN.fullmatch(lines[at])
        if begin is None or begin[1] == "MESSAGE":
            at += 1
            continue
        found.add(at)
        at += 1
        if begin[1] == "SIGNED MESSAGE":
            while at < len(lines) and _ARMOUR_HEADER.fullmatch(lines[at]):
                found.add(at)
                at += 1
            continue
        following = bisect_left(ends, at)
        if following < len(ends) and ends[following] < at + MAX_SIGNATURE_LINES:
            found.update(range(at, ends[following] + 1))
            at = ends[following] + 1
    return frozenset(found)
