"""What a file is, told by its first bytes where its label says nothing or cannot be true."""

from __future__ import annotations

import mimetypes
import re

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"8BPS\0", "image/vnd.adobe.photoshop"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"MThd", "audio/midi"),
    (b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\x7fELF", "application/x-elf"),
    (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"\0\x05\x16\0\0\x02\0\0", "application/applefile"),
    (b"\0\x05\x16\x07\0\x02\0\0", "application/applefile"),
    (b"-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted"),
    (b"-----BEGIN PGP SIGNATURE-----", "application/pgp-signature"),
    (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", "application/pgp-keys"),
)
# Inside "RIFF" and behind "ftyp" stands what it really is.
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif"}
_BRANDS |= {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"3gp4": "video/3gpp", b"3gp5": "video/3gpp"}
_OFFICE = {b"word/": "wordprocessingml.document", b"xl/": "spreadsheetml.sheet", b"ppt/": "presentationml.presentation"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = (
    ("__substg1.0_", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_LINES = (
    (re.compile(rb"\s*begin:vcalendar\s", re.I), "text/calendar"),
    (re.compile(rb"\s*begin:vcard\s", re.I), "text/vcard"),
    (re.compile(rb"\s*(?:<!doctype\s+html|<html[\s>]|<script[\s>])", re.I), "text/html"),
    (
        re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?(?:<!doctype\s+svg|<svg[\s>])", re.I | re.S),
        "image/svg+xml",
    ),
    (re.compile(rb"\s*<\?xml\s"), "application/xml"),
    (re.compile(rb"\(This file must be converted with BinHex", re.I), "application/mac-binhex40"),
)
_VAGUE = frozenset(
    """application/octet-stream application/octetstream application/octet application/binary application/unknown
    application/x-unknown binary/octet-stream application/force-download application/x-force-download
    application/x-download application/download application/stream application/x-octet-stream application/data
    application/file application/attachment application/save application/x-unknown-content-type unknown/unknown
    application/x-msdownload application/* */* file/unknown x-unknown/x-unknown application/x-any""".split()
)
_SYNONYMS = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_MIME_TYPE = re.compile(r"[a-z0-9][\w.+*-]{0,126}/[\w.+*-]{1,127}")
# A name says more about these than their bytes do.
_CONTAINERS = frozenset({"application/zip", "application/xml", "application/gzip", "application/x-ole-storage"})
# What no text begins with by chance, and what browsers draw.
_SURE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "application/zip"})

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/vnd.microsoft.icon": ".ico",
    "audio/mpeg": ".mp3",
    "audio/amr": ".amr",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "application/ics": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/directory": ".vcf",
    "application/rtf": ".rtf",
    "application/gzip": ".gz",
    "application/ms-tnef": ".dat",
    "application/vnd.rar": ".rar",
    "application/x-7z-compressed": ".7z",
    "application/vnd.ms-outlook": ".msg",
    "message/delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "application/octet-stream": ".bin",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
}


def true_type(declared: str, name: str, data: bytes) -> str:
    """The declared type, unless it says nothing or the first bytes prove that it is of another kind altogether."""
    if not _MIME_TYPE.fullmatch(declared) or declared in _VAGUE:
        return _told_type(name, data)
    declared = _SYNONYMS.get(declared, declared)
    family = declared.partition("/")[0]
    if family not in ("image", "text", "audio", "video") and declared != "application/pdf":
        return declared
    found = sniffed(data)
    if found is None:
        return declared
    found_family = found.partition("/")[0]
    if family == "text":
        return found if found in _SURE else declared
    if declared == "image/svg+xml" and found in _CONTAINERS:
        return declared
    return declared if family == found_family or {family, found_family} == {"audio", "video"} else found


def _told_type(name: str, data: bytes) -> str:
    """The type of a file whose label says nothing."""
    found = sniffed(data)
    by_name = mimetypes.guess_type(name)[0] if name else None
    if found is None or found in _CONTAINERS and by_name and by_name != "text/html":
        return by_name or found or "application/octet-stream"
    return found


def sniffed(data: bytes) -> str | None:
    """The type that the first bytes prove, None when they prove none."""
    head = data[:2_048]
    for sign, kind in _PREFIXES:
        if head.startswith(sign):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(data)
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(_OLE):
        return next(
            (kind for word, kind in _OLE_KINDS if word.encode("utf-16-le") in data[:200_000]),
            "application/x-ole-storage",
        )
    if head.startswith(b"BM") and len(data) > 14 and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head.startswith(b"MZ") and len(data) > 64 and b"\0" in head[:64]:
        return "application/vnd.microsoft.portable-executable"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    if head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    return next((kind for pattern, kind in _LINES if pattern.match(head)), None)


def _zip_type(data: bytes) -> str:
    """Office files are zips whose first entries tell them apart (ECMA-376; OpenDocument 1.3, 3.3)."""
    head = data[:4_000]
    if head[30:38] == b"mimetype":
        match = re.match(rb"(application/[\w.+-]{1,80})PK", head[38:200])
        return match[1].decode("ascii") if match else "application/zip"
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head or b"docProps/" in head:
        for folder, kind in _OFFICE.items():
            if folder in head or folder in data[-8_000:]:
                return f"application/vnd.openxmlformats-officedocument.{kind}"
    if b"META-INF/MANIFEST.MF" in head:
        return "application/java-archive"
    return "application/zip"


def suffix_of(kind: str) -> str:
    """The end of a file name that fits the type, with its dot."""
    return _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ".bin"
