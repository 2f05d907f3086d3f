"""What one decoder cannot read another guesses: transfer encodings and charsets, declared or not."""

from __future__ import annotations

import base64
import quopri

import pytest

from psa.mail.message import parse
from psa.mail.message.charsets.charset import decode
from psa.mail.message.charsets.names import codec_for
from psa.mail.message.structure.header_text import decode_words
from tests.mail.message.reading import read

WORDS = "Grüße aus Köln.\nDer Drucker brennt wieder, bitte helfen Sie uns noch heute.\n" * 3
BASE64 = base64.encodebytes(WORDS.encode())
QUOTED = quopri.encodestring(WORDS.encode())


def letter(encoding: bytes | None, body: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    told = b"Content-Transfer-Encoding: " + encoding + b"\n" if encoding is not None else b""
    return b"From: a@b.example\nContent-Type: " + kind + b"\n" + told + b"\n" + body


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"base64", BASE64),
        (b"BASE64", BASE64.replace(b"\n", b"\r\n")),
        (b'"base64"', BASE64),
        (b"base64 (as it were)", BASE64),
        (b"base64", BASE64.replace(b"\n", b"!\n?")),
        (b"base64", BASE64.rstrip(b"=\n")),
        (b"base64", BASE64 + b"====\n"),
        (b"base64", b"".join(base64.encodebytes(line.encode()) for line in WORDS.splitlines(keepends=True))),
        (b"base64", BASE64.replace(b"R", b"R ")),
        (b"base64", base64.urlsafe_b64encode(WORDS.encode())),
        (b"base64", base64.encodebytes(BASE64)),
        (b"base64", WORDS.encode()),
        (b"quoted-printable, base64", BASE64),
        (b"8bit\nContent-Transfer-Encoding: base64", BASE64),
        (None, BASE64),
        (b"7bit", BASE64),
        (b"quoted-printable", QUOTED),
        (b"Quoted-Printable", QUOTED.replace(b"\n", b"\r\n")),
        (b"quoted-printible", QUOTED),
        (b"quoted-printable", QUOTED.replace(b"=\n", b"= \t\n")),
        (b"quoted-printable", WORDS.encode()),
        (None, QUOTED),
        (b"8bit", QUOTED),
        (b"8bit", WORDS.encode()),
        (b"nonsense", WORDS.encode()),
        (b"utf-8", WORDS.encode()),
    ],
)
def test_a_text_is_read_in_whatever_encoding_it_really_is(encoding, body):
    assert parse(letter(encoding, body)).text == WORDS.strip()


def test_text_that_only_looks_encoded_stays_as_it_is():
    sums = "a=20 and b=30, so c=40\nx=3D is what they call it\n"
    assert parse(letter(None, sums.encode())).text == sums.strip()
    assert parse(letter(b"base64", b"Hello")).text == "Hello"
    link = '<a href="https://quarry.example/?a=b1&amp;c=d2">here</a> <i class="x">now</i>'
    assert "a=b1" in (parse(letter(b"quoted-printable", link.encode(), b"text/html")).html_source or "")


def test_a_bare_carriage_return_costs_no_text_in_quoted_printable():
    assert parse(letter(b"quoted-printable", b"one=\rtwo=20three\r\nfour")).text == "onetwo three\nfour"


def test_a_footer_behind_base64_is_shown_with_it():
    text = read("base64_with_a_list_footer.eml").text
    assert text.startswith("The cold store reports 9 °C") and text.endswith("Alarms mailing list")


def test_undeclared_quoted_printable_is_told_by_its_letters():
    email = read("undeclared_quoted_printable.eml")
    assert email.text == "Das Kühlhaus meldet seit fünf Uhr neun Grad, und niemand weiß, warum."
    assert any("does not say so" in defect for defect in email.defects)


def test_several_uuencoded_files_are_cut_out_of_one_text():
    email = read("two_uuencoded_files.eml")
    assert [a.name for a in email.attachments] == ["front.gif", "back side.gif"]
    assert email.attachments[1].data == b"GIF89a back" * 6
    assert email.text.split() == "Both drawings: and the other side Regards".split()


def test_a_sentence_that_begins_like_a_file_is_none():
    assert parse(letter(None, b"begin 644 with\nOK\nand go on\n")).text == "begin 644 with\nOK\nand go on"


def test_a_file_in_the_base64_of_uuencode_is_cut_out():
    body = b"See.\nbegin-base64 644 a.gif\n" + base64.encodebytes(b"GIF89a" * 20) + b"====\nBye\n"
    email = parse(letter(None, body))
    assert (email.text, email.attachments[0].data) == ("See.\nBye", b"GIF89a" * 20)


def test_a_yenc_file_is_cut_out_of_the_text():
    email = read("yenc_file.eml")
    (file,) = email.attachments
    assert (file.name, file.data) == ("tune one.mid", b"MThd" + bytes(range(256)))
    assert email.text == "The tune:\n\nEnjoy"


def test_a_piece_of_a_yenc_file_is_named_as_one():
    (file,) = read("yenc_second_piece.eml").attachments
    assert (file.name, file.data) == ("tune (2 of 3).mid", bytes(range(256)))


def test_pieces_of_a_yenc_file_that_all_stand_in_one_text_are_put_together():
    pieces = [
        b"=ybegin part=%d total=2 line=128 size=4 name=a.bin\n=ypart begin=1 end=2\n%s\n=yend size=2\n"
        % (n, bytes((b + 42) % 256 for b in code))
        for n, code in ((2, b"cd"), (1, b"ab"))
    ]
    email = parse(letter(None, b"Two pieces:\n" + b"".join(pieces)))
    assert [(a.name, a.data) for a in email.attachments] == [("a.bin", b"abcd")]
    assert email.text == "Two pieces:"


def test_more_files_in_a_text_than_the_cap_are_left_there():
    email = parse(letter(None, b"begin 644 x\n#86)C\n`\nend\n" * 600))
    assert len(email.attachments) == 500
    assert email.text.count("begin 644") == 100
    assert any("500 files" in defect for defect in email.defects)


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("Sehr geehrte Damen und Herren, der Drucker läuft über. Viele Grüße", "latin-1"),
        ("„Später“ – sagte er – für 20 €", "cp1252"),
        ("Bonjour, l'imprimante du deuxième étage est bloquée depuis hier, à bientôt", "cp850"),
        ("Bonjour, l'imprimante du deuxième étage est bloquée depuis hier, à bientôt", "mac_roman"),
        ("Dzień dobry, drukarka na drugim piętrze przestała działać. Proszę o pilną pomoc", "cp1250"),
        ("Dobrý den, tiskárna ve druhém patře přestala fungovat. Můžete nám prosím pomoci?", "iso8859-2"),
        ("Merhaba, ikinci kattaki yazıcı artık çalışmıyor. Yardımcı olabilir misiniz?", "cp1254"),
        ("Здравствуйте, принтер на втором этаже больше не работает.", "koi8-r"),
        ("Здравствуйте, принтер на втором этаже больше не работает.", "cp1251"),
        ("Καλημέρα, ο εκτυπωτής στον δεύτερο όροφο δεν λειτουργεί πλέον.", "cp1253"),
        ("שלום, המדפסת בקומה השנייה כבר לא עובדת. נא לעזור לנו", "cp1255"),
        ("مرحبا، الطابعة في الطابق الثاني لم تعد تعمل. يرجى مساعدتنا", "cp1256"),
        ("สวัสดีครับ เครื่องพิมพ์ชั้นสองใช้งานไม่ได้แล้ว", "cp874"),
        ("您好，二楼的打印机已经不能工作了。请尽快帮助我们", "gb18030"),
        ("您好，二樓的印表機已經無法使用。請盡快協助我們", "big5"),
        ("お世話になっております。二階のプリンターが動かなくなりました。", "shift_jis"),
        ("お世話になっております。二階のプリンターが動かなくなりました。", "euc_jp"),
        ("お世話になっております。二階のプリンターが動かなくなりました。", "iso2022_jp"),
        ("안녕하세요, 2층 프린터가 더 이상 작동하지 않습니다.", "euc_kr"),
    ],
)
def test_a_text_without_a_charset_is_told_by_its_bytes(words, codec):
    assert decode(words.encode(codec), None)[0] == words
    assert decode(words.encode(codec), "us-ascii")[0] == words


@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "gb2312", "koi8-r", "iso-2022-jp", "utf-16", "x-nonsense"])
def test_utf_8_is_known_under_any_label(label):
    words = "Grüße aus Köln: 打印机 Здравствуйте"
    text, assumed = decode(words.encode(), label)
    assert text == words
    assert assumed is None or "UTF-8" in assumed or "utf-8" in assumed


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_and_without_its_mark(codec):
    for words in ("Grüße aus Köln", "принтер на втором этаже не работает", "二階のプリンターが動かなくなりました"):
        assert decode(words.encode(codec), "utf-16")[0] == words


def test_letters_of_another_script_show_a_latin_label_wrong():
    email = read("cyrillic_labelled_latin.eml")
    assert email.text == "Здравствуйте, принтер на втором этаже больше не работает."
    assert any("cannot be right" in defect for defect in email.defects)


def test_a_row_of_accents_does_not_make_another_script():
    words = "Umlaute: äöü ÄÖÜß und áéíóú ÁÉÍÓÚ"
    assert decode(words.encode("latin-1"), "iso-8859-1") == (words, None)


def test_raw_headers_without_a_label_are_guessed_together_with_the_text():
    raw = "From: Иван <ivan@harbour.example>\nSubject: Принтер\n\nЗдравствуйте, принтер на втором этаже не работает.\n"
    email = parse(raw.encode("koi8-r"))
    assert (email.sender.name, email.subject) == ("Иван", "Принтер")
    assert email.text.startswith("Здравствуйте")


def test_japanese_escapes_need_no_label():
    email = read("japanese_without_a_label.eml")
    assert (email.subject, email.text) == ("二階のプリンター", "二階のプリンターが動かなくなりました。")


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("windows-1252http-equivcontent-type", "cp1252"),
        ("'utf-8'", "utf-8"),
        ("utf 8", "utf-8"),
        ("charset=utf-8", "utf-8"),
        ("ISO-8859-1 (Western)", "cp1252"),
        ("x-cp1251", "cp1251"),
        ("cp-850", "cp850"),
        ("8859-15", "iso8859-15"),
        ("iso-8859-8-i", "iso8859-8"),
        ("ks_c_5601-1987", "cp949"),
        ("latin1_swedish_ci", "cp1252"),
        ("zip", None),
        ("idna", None),
        ("unicode_escape", None),
        ("nonsense", None),
    ],
)
def test_labels_are_understood_as_they_are_meant(label, codec):
    assert codec_for(label) == codec


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?Q?Gr=C3?==?UTF-8?B?vMOfZQ==?=", "Grüße"),
        (b"=?gb2312?B?xOO6?= =?gb2312?B?ww==?=", "你好"),
        (b"=?iso-2022-jp?B?GyRCRnxLXA==?= =?iso-2022-jp?B?OGwbKEI=?=", "日本語"),
        (b"=?utf-8?Q?What?=20now=3F?=", "What? now?"),
        (b"=?utf-8?Q?Gr=C3=BC=  =C3=9Fe?=", "Grü ße"),
        (b"=?utf-8?B?w7xi and so on", "üb and so on"),
        (b"=??Q?no_charset?=", "no charset"),
        (b"=?iso-8859-1?Q?=93quoted=94?=", "“quoted”"),
        (b"=?us-ascii?Q?Gr=FC=DFe?=", "Grüße"),
        (b"=?UTF-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?Q?=3D=3Futf-8=3FB=3FR3LDvMOfZQ=3D=3D=3F=3D?=", "Grüße"),
        (b"Gr\xfc\xdfe =?utf-8?Q?aus_K=C3=B6ln?=", "Grüße aus Köln"),
        ("Grüße ".encode() + b"und K\xf6ln", "Grüße und Köln"),
        ("日本語".encode("iso-2022-jp"), "日本語"),
        (b"50 =?= 50", "50 =?= 50"),
    ],
)
def test_encoded_words_are_read_however_they_are_broken(written, read_as):
    assert decode_words(written) == read_as
