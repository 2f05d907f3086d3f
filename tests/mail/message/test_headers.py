"""Who wrote, to whom, when and about what, in whatever state the headers arrive."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from psa.mail.message import Address, parse
from psa.mail.message.head.references import read_message_ids
from psa.mail.message.head.subjects import base_subject, subject_tags
from psa.mail.message.structure.headers import decode_words
from tests.mail.message.reading import read


def test_an_ordinary_mail_says_who_wrote_what_and_when():
    email = read("plain_request.eml")
    assert email.sender == Address("Mia Berg", "mia@harbour.example")
    assert email.to == (Address("Northwind Support", "support@northwind.example"),)
    assert email.subject == "Printer on fire"
    assert email.message_id == "plain-1@mail.harbour.example"
    assert email.date == datetime(2026, 3, 3, 9, 15, tzinfo=timezone(timedelta(hours=1)))
    assert email.text.startswith("Good morning,\n\nthe printer")
    assert email.html is None and email.attachments == () and email.automatic is None and email.report is None
    assert email.defects == ()


def test_a_character_split_between_two_encoded_words_is_put_together():
    email = read("split_encoded_word.eml")
    assert email.from_ == (Address("Zoë", "zoe@harbour.example"),)
    assert email.subject == "über and more"
    assert email.to == ()


def test_raw_8_bit_headers_are_read_in_the_charset_of_the_body():
    email = read("raw_8bit_headers.eml")
    assert email.sender == Address("Jürgen Groß", "juergen@harbour.example")
    assert email.subject == "Drucker läuft über"


def test_junk_before_the_headers_and_an_unindented_continuation_do_not_hide_them():
    email = read("junk_before_headers.eml")
    assert email.sender == Address("", "mia@harbour.example")
    assert email.subject == "first line second line without indentation"
    assert email.text == "body"
    assert any("continuation" in defect for defect in email.defects)


def test_a_web_form_without_an_address_in_from_is_from_its_reply_to():
    email = read("web_form.eml")
    assert email.sender == Address("Otto Falk", "otto@quarry.example")
    assert any("Reply-To" in defect for defect in email.defects)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("=?iso-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?Q?with blanks inside?=", "with blanks inside"),
        ("=?utf-8?B?w7xi?= =?utf-8?B?ZXI=?=", "über"),
        ("a=?utf-8?Q?_b?=c", "a bc"),
        ("=?utf-8?Q?never ended", "never ended"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?Q?line=0Abreak?=", "line break"),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
    ],
)
def test_encoded_words_are_decoded_where_they_stand(written, read_as):
    assert decode_words(written.encode()) == read_as


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b> <c@d>\n <a@b>", ("a@b", "c@d")),
        ("Your message of Monday <a@b>", ("a@b",)),
        ("<a@b><c@d>", ("a@b", "c@d")),
        ("a@b", ("a@b",)),
        ("<broken\r\n id@b>", ("brokenid@b",)),
        ("<>", ()),
    ],
)
def test_message_ids_are_found_in_prose_and_broken_folding(written, ids):
    assert read_message_ids(written.encode()) == ids


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: AW: Fwd: Printer", "Printer"),
        ("RE[2]: Printer", "Printer"),
        ("SV: VS: [Billing] Invoice 7", "[Billing] Invoice 7"),
        ("Re: [list] Re: [list] Printer", "[list] Printer"),
        ("回复：打印机", "打印机"),
        ("TR : RE : Imprimante", "Imprimante"),
        ("R: I: Stampante", "Stampante"),
        ("İLT: YNT: Yazıcı", "Yazıcı"),
        ("ΑΠ: Εκτυπωτής", "Εκτυπωτής"),
        ("Отв: Re[5]: Принтер", "Принтер"),
        ("رد: طابعة", "طابعة"),
        ("Trả lời: Máy in", "Máy in"),
        ("Odp: Re(3): Re^2: Drukarka", "Drukarka"),
        ("RES: ENC: Impressora", "Impressora"),
        ("[Fwd: Re: Printer]", "Printer"),
        ("Printer (fwd)", "Printer"),
        ("***SPAM*** Re: Printer", "***SPAM*** Printer"),
        ("Ref: 4711", "Ref: 4711"),
        ("Recipe: pancakes", "Recipe: pancakes"),
        ("Re:", "Re:"),
    ],
)
def test_chains_of_reply_marks_are_left_out_of_the_displayed_subject(subject, base):
    assert base_subject(subject) == base


def test_subject_tags_are_the_words_in_square_brackets():
    assert subject_tags("Re[2]: [Billing] Invoice [#12] 7") == ("Billing", "#12")


@pytest.mark.parametrize("written", [b"<a\x00b@c.example>", b"a\x00b@c.example", b"=?utf-8?q?<a=00b@c.example>?="])
def test_no_message_id_holds_a_nul(written):
    """No text of PostgreSQL may, so such a mail could never be stored."""
    assert read_message_ids(written) == ("ab@c.example",)


def test_one_mail_in_two_mailboxes_has_one_content_hash():
    raw = read("plain_request.eml").raw
    copy = b"Received: from elsewhere\nDelivered-To: other@northwind.example\n" + raw
    assert parse(raw).content_hash == parse(copy).content_hash == parse(raw.replace(b"\n", b"\r\n")).content_hash
    assert parse(raw).content_hash != parse(raw.replace(b"fire", b"ice")).content_hash
