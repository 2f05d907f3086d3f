"""Files that old Macintosh programs send wrapped are shown as the files they are, under their own names."""

from __future__ import annotations

import base64
import binascii
import struct

from psa.mail.message import parse

ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def binhex(name: bytes, data: bytes, packed: bytes | None = None, *, size: int | None = None) -> bytes:
    length = len(data) if size is None else size
    head = bytes([len(name)]) + name + b"\0TEXTttxt" + struct.pack(">HIIH", 0, length, 0, 0)
    inside = (head + data + b"\0\0\0\0").replace(b"\x90", b"\x90\0") if packed is None else head + packed
    coded = binascii.b2a_base64(inside, newline=False).rstrip(b"=").translate(bytes.maketrans(BASE64, ALPHABET))
    lines = [coded[at : at + 64] for at in range(0, len(coded), 64)]
    return b"(This file must be converted with BinHex 4.0)\n\n:" + b"\n".join(lines) + b":\n"


def forked(magic: int, *entries: tuple[int, bytes]) -> bytes:
    at = 26 + 12 * len(entries)
    out = struct.pack(">II16xH", magic, 0x0002_0000, len(entries))
    for kind, content in entries:
        out += struct.pack(">III", kind, at, len(content))
        at += len(content)
    return out + b"".join(content for _, content in entries)


def mail(kind: str, content: bytes, name: str = ""):
    named = f'; name="{name}"' if name else ""
    return parse(
        f"MIME-Version: 1.0\nContent-Type: {kind}{named}\nContent-Transfer-Encoding: base64\n\n".encode()
        + base64.encodebytes(content)
    )


def test_a_file_in_binhex_is_shown_decoded():
    email = mail("application/mac-binhex40", binhex(b"Plan \x8f.pdf", b"%PDF-1.4 \x90 plan"), "Plan.hqx")
    (plan,) = email.attachments
    assert (plan.name, plan.type, plan.data) == ("Plan è.pdf", "application/pdf", b"%PDF-1.4 \x90 plan")
    assert plan.size == len(plan.data)
    assert any("BinHex" in defect for defect in email.defects)


def test_repetitions_in_binhex_are_written_out():
    email = mail("application/octet-stream", binhex(b"a.txt", b"", b"a\x90\x05b\x90\0\0\0", size=7), "a.txt.hqx")
    assert email.attachments[0].data == b"aaaaab\x90"


def test_binhex_that_swells_beyond_all_measure_is_cut_and_says_so():
    email = mail("application/mac-binhex40", binhex(b"a.txt", b"", b"a" + b"\x90\xff" * 100_000, size=30_000_000))
    assert email.attachments[0].size < 6_000_000
    assert any("times as long" in defect for defect in email.defects)


def test_what_is_no_binhex_is_kept_as_it_is():
    for content in (b"(This file must be converted with BinHex 4.0)\n\n:", b"something else", binhex(b"", b"x")):
        assert mail("application/mac-binhex40", content).attachments[0].data == content


def test_a_file_in_apple_single_is_shown_under_its_name():
    single = forked(0x0005_1600, (3, b"Plan.pdf"), (1, b"%PDF-1.4"), (2, b"resources"))
    (plan,) = mail("application/applefile", single, "x").attachments
    assert (plan.name, plan.type, plan.data) == ("Plan.pdf", "application/pdf", b"%PDF-1.4")


def test_of_an_apple_double_the_file_has_the_name_and_the_rest_is_kept_beside_it():
    beside = base64.encodebytes(forked(0x0005_1607, (3, b"Plan.pdf"), (2, b"resources")))
    email = parse(
        b"MIME-Version: 1.0\nContent-Type: multipart/appledouble; boundary=b\n\n"
        b"--b\nContent-Type: application/applefile; name=Plan.pdf\nContent-Transfer-Encoding: base64\n\n" + beside +
        b"--b\nContent-Type: application/pdf; name=Plan.pdf\n\n%PDF-1.4\n--b--\n"
    )  # fmt: skip
    assert [a.name for a in email.attachments] == ["._Plan.pdf", "Plan.pdf"]
