"""The outside of S/MIME: what a CMS structure wraps, without any judgement on its signatures (RFC 5652, in the encoding
of X.690 with lengths definite or not).
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from psa.mail.message.structure.header_text import one_line

MAX_CONTENT = 50_000_000
MAX_DEPTH = 30
MAX_ELEMENTS = 20_000

_KINDS = {
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01": "data",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02": "signed",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03": "encrypted",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06": "encrypted",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09": "compressed",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17": "encrypted",  # authEnvelopedData, RFC 5083
}
_SEQUENCE, _OCTETS, _OID, _FIRST = 0x30, 0x04, 0x06, 0xA0
_ARMOUR = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}-----\s*|-----END [A-Z0-9 ]{1,40}-----\s*")
_BASE64 = re.compile(rb"\s*M[A-Za-z0-9+/\s]{20,}")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """`kind` is signed, encrypted, compressed or data. `content` is what is inside, None where it is not there or
    cannot be read without a key. `certificates` are DER.
    """

    kind: str
    content: bytes | None = None
    certificates: tuple[bytes, ...] = ()


def unwrap(data: bytes) -> Wrapping | None:
    """What a CMS structure is and holds; None for what is none, or is damaged. Base64 inside is read too."""
    try:
        return _unwrapped(_binary(data))
    except (_Damaged, IndexError, RecursionError, zlib.error):
        return None


def _binary(data: bytes) -> bytes:
    if data[:1] == b"\x30":
        return data
    text = _ARMOUR.sub(b"", data) if data.lstrip().startswith(b"-----BEGIN") else data
    if _BASE64.match(text):
        text = b"".join(text.split())
        try:
            return base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            pass
    return data


class _Damaged(Exception):
    """The structure does not hold together."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int
    stop: int  # of the content, without the marks that end one of indefinite length
    behind: int


class _Reader:
    """Steps through the elements of an encoding; all in all not more than MAX_ELEMENTS."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = MAX_ELEMENTS

    def element(self, at: int, stop: int, depth: int = 0) -> _Element:
        self.left -= 1
        if at + 2 > stop or depth > MAX_DEPTH or self.left < 0:
            raise _Damaged
        tag, size, start = self.data[at], self.data[at + 1], at + 2
        if tag & 0x1F == 0x1F:  # tags of several bytes do not occur in what is read here
            raise _Damaged
        if size == 0x80:
            inner = start
            while self.data[inner : inner + 2] != b"\0\0":
                inner = self.element(inner, stop, depth + 1).behind
            return _Element(tag, start, inner, inner + 2)
        if size > 0x80:
            count = size & 0x7F
            if count > 8:
                raise _Damaged
            size = int.from_bytes(self.data[start : start + count], "big")
            start += count
        if start + size > stop:
            if depth or start >= stop:
                raise _Damaged
            size = stop - start  # cut off at its end: what is inside may be whole
        return _Element(tag, start, start + size, start + size)

    def children(self, parent: _Element) -> Iterator[_Element]:
        at = parent.start
        while at < parent.stop:
            child = self.element(at, parent.stop, 1)
            yield child
            at = child.behind

    def child(self, parent: _Element) -> _Element:
        return self.element(parent.start, parent.stop, 1)

    def whole(self, element: _Element) -> bytes:
        """An element of definite length, with the tag and the length before its content."""
        size = element.stop - element.start
        before = 2 if size < 0x80 else 2 + (size.bit_length() + 7) // 8
        return self.data[element.start - before : element.behind]

    def octets(self, element: _Element) -> bytes:
        """An OCTET STRING, which may come in pieces."""
        if not element.tag & 0x20:
            return self.data[element.start : element.stop]
        pieces, size = [], 0
        for piece in self.children(element):
            pieces.append(self.octets(piece) if piece.tag & 0x20 else self.data[piece.start : piece.stop])
            size += len(pieces[-1])
            if size > MAX_CONTENT:
                raise _Damaged
        return b"".join(pieces)


def _unwrapped(data: bytes) -> Wrapping | None:
    reader = _Reader(data)
    outer = reader.element(0, len(data))
    if outer.tag != _SEQUENCE:
        return None
    kind, body = _content_info(reader, outer)
    if kind not in ("signed", "compressed") or body is None:
        return Wrapping(kind) if kind else None
    inside = reader.child(body)
    certificates: tuple[bytes, ...] = ()
    content: bytes | None = None
    for element in reader.children(inside):
        if element.tag == _SEQUENCE and content is None:
            name, wrapped = _content_info(reader, element, any_kind=True)
            if name and wrapped is not None:
                content = reader.octets(reader.child(wrapped))
        elif element.tag == _FIRST and kind == "signed":
            certificates = tuple(reader.whole(c) for c in reader.children(element) if c.tag == _SEQUENCE)
            break
    if kind == "compressed" and content is not None:
        content = zlib.decompressobj().decompress(content, MAX_CONTENT)
    return Wrapping(kind, content, certificates)


def _content_info(reader: _Reader, outer: _Element, any_kind: bool = False) -> tuple[str, _Element | None]:
    """The type of a ContentInfo (or EncapsulatedContentInfo), and the [0] that holds its content."""
    parts = list(reader.children(outer))
    if not parts or parts[0].tag != _OID:
        return "", None
    name = _KINDS.get(reader.data[parts[0].start : parts[0].stop], "data" if any_kind else "")
    body = parts[1] if len(parts) > 1 and parts[1].tag == _FIRST else None
    return name, body


def signer_of(certificates: tuple[bytes, ...]) -> str:
    """Who the first certificate that names an address says it belongs to: "Mia Berg <mia@harbour.example>"."""
    return next((holder for der in certificates[:10] if (holder := _holder(der))), "")


def _holder(der: bytes) -> str:
    from cryptography import x509  # dear to import, rarely needed
    from cryptography.x509.oid import NameOID

    emails: list[str] = []
    try:
        certificate = x509.load_der_x509_certificate(der)
        for extension in certificate.extensions:
            if isinstance(extension.value, x509.SubjectAlternativeName):
                emails += extension.value.get_values_for_type(x509.RFC822Name)
        emails += [str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
        name = next((str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)), "")
    except Exception:  # certificates are strangers' bytes too
        return ""
    if not emails:
        return ""
    email, name = one_line(emails[0])[:320], one_line(name)[:100]
    return f"{name} <{email}>" if name and name != email else email
