"""Files in mail: names that are decoded and safe, types that are true, winmail.dat opened."""

from __future__ import annotations

import base64
import re
import struct
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message import ParsedEmail, parse
from psa.mail.message.files.file_names import MAX_BYTES, MAX_NAME, safe_name, unique_name
from psa.mail.message.files.file_types import true_type
from psa.mail.message.files.rtf import read_rtf, unpacked
from psa.mail.message.files.tnef import read_tnef
from tests.mail.message.winmail import attribute, properties, sent, wide, winmail, wrapped_file


def with_file(headers: str, content: bytes = b"content", charset: str = "utf-8") -> ParsedEmail:
    head = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file.\n--b\n"
    return parse(head + headers.encode(charset) + b"\n\n" + content + b"\n--b--\n")


def name_with(headers: str, content: bytes = b"content", charset: str = "utf-8") -> str:
    return with_file(headers, content, charset).attachments[0].name


PDF = "Content-Type: application/pdf"
FILE = "Content-Disposition: attachment; filename"


# -- names


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (f'{PDF}\n{FILE}="offer.pdf"', "offer.pdf"),
        (f"{PDF}\n{FILE}=offer for Mia; size=3.pdf", "offer for Mia"),
        (f"{PDF}\n{FILE}*=utf-8''%C3%9Cbersicht%202026.pdf", "Übersicht 2026.pdf"),
        (f"{PDF}\n{FILE}*0*=iso-8859-1'de'%DCber;\n filename*1*=sicht;\n filename*2=.pdf", "Übersicht.pdf"),
        (f'{PDF}\n{FILE}="=?utf-8?B?w5xiZXJzaWNodA==?= =?utf-8?Q?_2026=2Epdf?="', "Übersicht 2026.pdf"),
        (f'{PDF}; name="=?iso-8859-1?Q?=DCber?=\n =?iso-8859-1?Q?sicht.pdf?="', "Übersicht.pdf"),
        (f'{PDF}\n{FILE}="=?utf-8?Q?offer.pdf?="; filename*=utf-8\'\'Angebot.pdf', "Angebot.pdf"),
        (f'{PDF}\n{FILE}="quoted \\"name\\".pdf"', "quoted _name_.pdf"),
        (f'{PDF}\n{FILE}="My%20offer%202026.pdf"', "My offer 2026.pdf"),
        (f'{PDF}\n{FILE}="100%25 sure.pdf"', "100%25 sure.pdf"),
        (f'{PDF}; name="Übersicht.pdf"\n{FILE}="?bersicht.pdf"', "Übersicht.pdf"),
        (f'{PDF}; name="offer.pdf"\n{FILE}="offer"', "offer.pdf"),
        (f"{PDF}\nContent-Description: Offer for Mia.pdf", "Offer for Mia.pdf"),
        (f"{PDF}\nContent-Description: Offer for Mia", "Offer for Mia.pdf"),
        (f"{PDF}\nContent-Location: https://web.example/files/offer%202026.pdf?x=1", "offer 2026.pdf"),
        (PDF, "attachment-1.pdf"),
        ("Content-Type: image/jpeg", "image-1.jpg"),
    ],
)  # fmt: skip
def test_the_name_is_what_the_sender_meant(headers, name):
    assert name_with(headers) == name


def test_a_raw_name_in_an_old_charset_is_read():
    assert name_with(f'{PDF}\n{FILE}="Übersicht für Köln.pdf"', charset="latin-1") == "Übersicht für Köln.pdf"


def test_of_two_names_the_undamaged_one_counts():
    assert name_with(f'{PDF}; name="план.pdf"\n{FILE}="????.pdf"') == "план.pdf"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("..\\..\\windows\\system32\\x.dll", "x.dll"),
        ("C:\\Users\\mia\\offer.pdf", "offer.pdf"),
        ("C:/Users/mia/offer.pdf", "offer.pdf"),
        ("/etc/passwd", "passwd"),
        ("../../secret", "secret"),
        ("\\\\server\\share\\offer.pdf", "offer.pdf"),
        ("~/offer.pdf", "offer.pdf"),
        ("Invoice 3/2026.pdf", "Invoice 3_2026.pdf"),
        ("a\x00b\x1b[31m.pdf", "a b [31m.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("in\u200bvoi\u00adce.pdf", "invoice.pdf"),
        ("offer.pdf. . .", "offer.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.pdf", "_Com1.pdf"),
        ("console.txt", "console.txt"),
        ("&#220;bersicht.pdf", "Übersicht.pdf"),
        ('offer.pdf"', "offer.pdf"),
        ("...", ""),
        ("  ", ""),
        ("/", ""),
        ("..", ""),
        ("..evil", "_evil"),
        (".htaccess", ".htaccess"),
        ("U\u0308bersicht.pdf", "Übersicht.pdf"),
        ("many    blanks\tand\nlines.pdf", "many blanks and lines.pdf"),
    ],
)
def test_no_name_is_a_path_an_order_or_a_trap(name, shown):
    assert safe_name(name) == shown


@pytest.mark.parametrize("letter", ["x", "ü", "表", "😀"])
def test_a_long_name_keeps_its_ending(letter):
    name = safe_name(letter * 500 + ".tar.gz")
    assert name.endswith(".gz") and len(name) <= MAX_NAME and len(name.encode()) <= MAX_BYTES


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_one(name):
    shown = safe_name(name)
    assert not re.search(r"[/\\:*?\"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
    assert shown == shown.strip() and not shown.endswith(".") and ".." != shown != "."
    assert len(shown) <= MAX_NAME and len(shown.encode()) <= MAX_BYTES
    assert safe_name(shown) in (shown, safe_name(safe_name(shown)))


def test_of_many_winmail_dats_only_the_first_are_opened_and_that_is_said():
    one = base64.encodebytes(winmail(wrapped_file(b"a.txt", b"one"))).decode()
    part = "--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
    email = parse(f"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{(part + one) * 60}--b--".encode())
    names = [a.name for a in email.attachments]
    assert sum(name.startswith("winmail") for name in names) == 60
    assert sum(name.startswith("a") for name in names) == 50
    assert any("more than 50" in defect for defect in email.defects)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a.pdf", "A.PDF", "a (2).pdf", "b", "B", ".x", "a"]), max_size=20))
def test_no_two_names_are_alike(names):
    taken: dict[str, int] = {}
    shown = [unique_name(name, taken) for name in names]
    assert len({name.casefold() for name in shown}) == len(shown)


def test_a_nested_message_is_named_after_its_subject_when_it_has_no_name():
    nested = b"From: a@b.example\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= / Offer\n\nx"
    assert name_with("Content-Type: message/rfc822", nested) == "Grüße _ Offer.eml"
    assert name_with("Content-Type: message/rfc822; name=old.eml", nested) == "old.eml"
    assert name_with("Content-Type: message/rfc822", b"\n\nx") == "message-1.eml"


# -- types


def zipped(*names: str, first: bytes = b"") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


ODT = "vnd.oasis.opendocument.text"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic....", "image/heic"),
        (b"\0\0\0\x18ftypisom....", "video/mp4"),
        (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), WORD),
        (zipped("content.xml", first=b"application/" + ODT.encode()), f"application/{ODT}"),
        (zipped("a.txt"), "application/zip"),
        (OLE + b"\0" * 500 + "__substg1.0_0037001F".encode("utf-16-le"), "application/vnd.ms-outlook"),
        (b"{\\rtf1\\ansi x}", "application/rtf"),
        (b"MZ\x90\0" + b"\0" * 100, "application/vnd.microsoft.portable-executable"),
        (b"BEGIN:VCARD\r\nFN:x", "text/vcard"),
        (b"<!doctype html><p>x", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "image/svg+xml"),
        (b"\x00\x01\x02", "application/octet-stream"),
    ],
)  # fmt: skip
def test_a_file_without_a_telling_label_is_known_by_its_bytes(data, kind):
    for label in ("application/octet-stream", "application/x-download", "", "nonsense", "application/force-download"):
        assert true_type(label, "", data) == kind


def test_the_name_tells_what_bytes_cannot():
    assert true_type("application/octet-stream", "prices.csv", b"a;b") == "text/csv"
    assert true_type("application/octet-stream", "plan.docx", zipped("x")) == WORD
    assert true_type("application/octet-stream", "picture.png", b"%PDF-1.4") == "application/pdf"


@pytest.mark.parametrize(
    ("label", "data", "kind"),
    [
        ("image/png", b"%PDF-1.4", "application/pdf"),
        ("image/png", b"<html><script>alert(1)</script>", "text/html"),
        ("text/plain", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("application/pdf", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("audio/mpeg", b"MZ\x90\0" + b"\0" * 100, "application/vnd.microsoft.portable-executable"),
        ("text/plain", b"<html>is how pages begin", "text/plain"),
        ("text/plain", b"BM is no picture", "text/plain"),
        ("image/gif", b"\xff\xd8\xff\xe0", "image/gif"),
        ("image/pjpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("application/msword", zipped("[Content_Types].xml", "word/x"), "application/msword"),
        ("application/vnd.ms-excel", b"<html><table>", "application/vnd.ms-excel"),
    ],
)
def test_a_label_yields_only_to_bytes_of_another_kind(label, data, kind):
    assert true_type(label, "x", data) == kind


def test_a_damaged_half_of_a_macintosh_file_is_told():
    email = parse(
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/appledouble; boundary=b\n\n"
        b"--b\nContent-Type: application/applefile; name=plan\n\n\0\x05\x16\x07\n"
        b"--b\nContent-Type: image/jpeg; name=plan.jpg\n\n\xff\xd8\xff\n--b--\n--a--\n"
    )
    assert [a.name for a in email.attachments] == ["._plan", "plan.jpg"]
    assert any("Macintosh" in defect for defect in email.defects)


# -- winmail.dat


def test_the_files_inside_winmail_dat_are_listed_with_their_long_names():
    email = sent(
        winmail(
            wrapped_file(b"UBERSI~1.PDF", b"%PDF-1", (0x1F, 0x3707, wide("Übersicht für Łódź.pdf"))),
            wrapped_file("plán.txt".encode("cp1250"), b"one"),
            wrapped_file(b"plain", b"two"),
            code_page=1250,
        ),
        "See the files.",
    )
    assert email.text == "See the files."
    assert [(a.name, a.type, a.part) for a in email.attachments] == [
        ("winmail.dat", "application/ms-tnef", "2"),
        ("Übersicht für Łódź.pdf", "application/pdf", "2.t1"),
        ("plán.txt", "text/plain", "2.t2"),
        ("plain", "application/octet-stream", "2.t3"),
    ]
    assert email.attachments[2].data == b"one"


def test_a_mail_whose_words_are_only_in_winmail_dat_is_read():
    body = attribute(
        1,
        0x9003,
        properties(
            (3, 0x3FDE, struct.pack("<i", 1252)), (0x102, 0x1013, "<p>Grüße <img src='cid:p@x'></p>".encode("cp1252"))
        ),
    )
    email = sent(winmail(body, wrapped_file(b"p.png", b"\x89PNG\r\n\x1a\n", (0x1F, 0x3712, wide("p@x")))))
    assert email.text == "Grüße"
    assert email.html is not None and 'src="part:2.t1"' in email.html
    assert [a.disposition for a in email.attachments] == ["attachment", "inline"]


def test_an_rtf_body_is_read_as_the_page_it_wraps():
    rtf = (
        b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\fonttbl{\\f0 Arial;}}{\\*\\htmltag64 <p>}Gr\\'fc\\'dfe \\u8364?"
        b"\\htmlrtf hidden\\htmlrtf0 {\\*\\htmltag84 <b>}bold{\\*\\htmltag92 </b>} 1 \\{<\\} 2{\\*\\htmltag72 </p>}}"
    )
    packed = struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
    email = sent(winmail(attribute(1, 0x9003, properties((0x102, 0x1009, packed)))))
    assert email.text == "Grüße €bold 1 {<} 2"
    assert email.html is not None and "<b>bold</b>" in email.html


def test_plain_rtf_is_read_in_the_charsets_of_its_fonts():
    fonts = b"{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial;}}"
    rtf = b"{\\rtf1\\ansi" + fonts + b"\\f0 Hello\\par\\f1\\'cf\\'f0\\'e8\\'e2\\'e5\\'f2}"
    assert read_rtf(rtf) == ("Hello\nПривет", False)


def test_packed_rtf_is_unpacked_as_the_standard_shows():
    # MS-OXRTFCP, 3.1
    example = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked(example) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_a_message_inside_winmail_dat_becomes_one_that_any_program_opens():
    words = {0x0037: "Old quarrel", 0x1000: "Word for word.", 0x0042: "Otto", 0x0065: "otto@quarry.example"}
    said = properties(*((0x1F, number, wide(text)) for number, text in words.items()))
    inner = winmail(attribute(1, 0x9003, said), wrapped_file(b"a.txt", b"inside"))
    mark = bytes.fromhex("0703020000000000c000000000000046")
    email = sent(winmail(wrapped_file(b"Untitled", b"", (0x0D, 0x3701, mark + inner))), "See below")
    nested = email.attachments[1]
    assert (nested.name, nested.type) == ("Old quarrel.eml", "message/rfc822")
    opened = parse(nested.data)
    assert (opened.subject, opened.text) == ("Old quarrel", "Word for word.")
    assert opened.sender is not None and opened.sender.email == "otto@quarry.example"
    assert [(a.name, a.data) for a in opened.attachments] == [("a.txt", b"inside")]
    assert (
        sent(winmail(wrapped_file(b"Untitled", b"", (0x0D, 0x3701, mark + inner)))).attachments[1].sha256
        == nested.sha256
    )


def test_of_a_damaged_winmail_dat_the_undamaged_files_are_read():
    whole = winmail(wrapped_file(b"a.txt", b"one"), wrapped_file(b"b.txt", b"two" * 100))
    email = sent(whole[:-150], "x")
    assert [a.name for a in email.attachments] == ["winmail.dat", "a.txt", "b.txt"]
    assert any("cut off" in defect for defect in email.defects)
    broken = sent(b"\x78\x9f\x3e\x22" + b"\xff" * 50, "x")
    assert [a.name for a in broken.attachments] == ["winmail.dat"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_to_winmail_dat_makes_it_raise(data):
    said = properties((0x1F, 0x1000, wide("Words")), (0x102, 0x1009, b"\x10\0\0\0\x10\0\0\0LZFu\0\0\0\0abcdefgh"))
    file = wrapped_file(b"a.txt", b"one", (0x1F, 0x3707, wide("a.txt")))
    whole = bytearray(winmail(attribute(1, 0x9003, said), file))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found = read_tnef(bytes(whole), lambda _: None, "2")
    assert isinstance(found.text, str)
