"""vCards of all versions are read: who, at which addresses and numbers, of which firm."""

from __future__ import annotations

import pytest

from psa.mail.message import ContactCard, parse, to_json
from psa.mail.message.cards.contact_cards import read_cards


def card(lines: str, charset: str = "utf-8") -> ContactCard:
    (found,) = read_cards(f"BEGIN:VCARD\n{lines}\nEND:VCARD\n".encode(charset), None, "2")
    return found


def test_a_card_of_version_3_is_read():
    found = card(
        "VERSION:3.0\nN:Berg;Mia;;Dr.;\nFN:Dr. Mia Berg\nORG:Harbour Ltd;Boilers\nTITLE:Engineer\n"
        "EMAIL;TYPE=INTERNET,WORK:mia@harbour.example\nitem1.EMAIL;TYPE=HOME:mia@home.example\n"
        "TEL;TYPE=CELL:+49 170 1234567\nTEL;TYPE=WORK,VOICE:089 1234\nADR;TYPE=WORK:;;Pier 7;Hamburg;;20457;\n"
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n SkZJRg=="
    )
    assert found == ContactCard(
        "Dr. Mia Berg",
        ("mia@harbour.example", "mia@home.example"),
        ("+49 170 1234567", "089 1234"),
        "Harbour Ltd, Boilers",
        "Engineer",
        "2",
    )


def test_a_card_of_version_2_in_quoted_printable_is_read():
    found = card(
        "VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg=\n;;;\n"
        "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=F6rg M=FCller\n"
        "TEL;CELL;PREF:0170 1\nEMAIL;INTERNET:joerg@quarry.example"
    )
    assert (found.name, found.phones, found.emails) == ("Jörg Müller", ("0170 1",), ("joerg@quarry.example",))


def test_a_card_of_version_4_is_read():
    found = card(
        "VERSION:4.0\nKIND:individual\nFN;PREF=1:Mia Berg\n"
        "TEL;VALUE=uri;TYPE=work:tel:+49-89-1234;ext=5\nEMAIL:mailto:mia@harbour.example"
    )
    assert (found.phones, found.emails) == (("+49-89-1234",), ("mia@harbour.example",))


def test_a_name_in_pieces_is_put_together_and_commas_are_unescaped():
    assert card("VERSION:3.0\nN:Berg;Mia;Ann;Dr.;MSc\nORG:Harbour\\, Sons\\; Co").name == "Dr. Mia Ann Berg MSc"
    assert card("ORG:Harbour\\, Sons\\; Co\nTEL:1").organisation == "Harbour, Sons; Co"
    assert card("EMAIL:mia@harbour.example").name == "mia@harbour.example"


def test_a_raw_card_in_an_old_charset_is_read():
    assert card("FN:Jörg Müller aus Köln", "latin-1").name == "Jörg Müller aus Köln"


def test_several_cards_in_a_file_and_one_inside_another():
    text = (
        "BEGIN:VCARD\nFN:Mia\nAGENT:\nBEGIN:VCARD\nFN:Her agent\nEND:VCARD\nTEL:1\nEND:VCARD\r\n"
        "begin:vcard\nfn:Otto\nend:vcard\nBEGIN:VCARD\nFN:Cut off"
    )
    assert [c.name for c in read_cards(text.encode(), None, "2")] == ["Mia", "Otto", "Cut off"]


@pytest.mark.parametrize(
    "rubbish", [b"", b"BEGIN:VCARD\nEND:VCARD", b"\xff\xfe\x00", b"no card at all", b"BEGIN:VCARD\n" * 50_000]
)
def test_what_is_no_card_gives_none(rubbish):
    assert read_cards(rubbish, None, "2") == []


def test_a_card_sent_with_a_mail_is_listed_and_summarised():
    email = parse(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nMy card.\n--b\nContent-Type: text/x-vcard; name=mia.vcf\n"
        b"Content-Disposition: attachment; filename=mia.vcf\n\nBEGIN:VCARD\nFN:Mia Berg\nTEL:1\nEND:VCARD\n"
        b"--b\nContent-Type: text/x-vcard\n\nBEGIN:VCARD\nFN:Mia Berg\nTEL:1\nEND:VCARD\n--b--\n"
    )
    assert email.text == "My card."
    assert [a.name for a in email.attachments] == ["mia.vcf", "contact.vcf"]
    assert [c["name"] for c in to_json(email, "x")["contact_cards"]] == ["Mia Berg"]
