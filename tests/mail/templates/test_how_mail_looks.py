"""A mail as programs get it: text and HTML that say the same, the firm's logo inside, colours that can be read."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from markupsafe import Markup
from PIL import Image

from psa.admin.logo import NotALogo, logo_of
from psa.admin.operations import firm
from psa.extensions import db
from psa.mail.templates import layout
from psa.mail.templates.catalogue import CATALOGUE, TEMPLATES, Wording
from psa.mail.templates.render import made_of
from psa.mail.templates.samples import samples_of
from psa.mail.threads import reference_line
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from psa.tickets.prose import letter_html
from tests.mailroom import letter

LAYOUT = "/admin/email/templates/layout"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 300, height: int = 100, *, extra: bytes = b"", after: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\x40" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + after


def jpeg(width: int = 300, height: int = 100, *, extra: bytes = b"") -> bytes:
    whole = saved("JPEG", width, height)
    return whole[:2] + extra + whole[2:]


def gif(width: int = 300, height: int = 100) -> bytes:
    return saved("GIF", width, height)


def saved(kind: str, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, kind)
    return file.getvalue()


def answered(mailroom, cast, words: str = "Try the other cable."):
    """Tom's reply to Dana, as it leaves."""
    ticket = mailroom.receive(letter()).ticket
    notifications.reply_added(operations.add_reply(ticket.id, Said(words), Actor(user_id=cast.tom.id)))
    db.session.commit()
    return mailroom.outbox[-1]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_each_default_can_be_sent_tomorrow(app, cast, template):
    mail = made_of(template, template.default, samples_of(template))
    assert mail.subject and "\n" not in mail.subject
    for words in (mail.subject, mail.text, mail.html):
        assert "{{" not in words and "{%" not in words and "None" not in words
    assert len(mail.text.split()) > 8
    assert max(map(len, mail.html.splitlines())) < 998
    assert 'content="light dark"' in mail.html


def test_text_is_made_from_the_html_where_it_is_empty(app, cast):
    template = CATALOGUE["invoice"]
    wording = Wording(
        "x", '<p>Hello&nbsp;<b>{{ contact.name }}</b>,</p><p>see <a href="https://x.example/a">here</a></p>'
    )
    mail = made_of(template, wording, samples_of(template))
    assert mail.text == "Hello Lena Ford,\n\nsee here <https://x.example/a>\n"


def test_text_alone_leaves_as_text_alone(app, cast):
    mail = made_of(CATALOGUE["invoice"], Wording("x", "", "Pay."), samples_of(CATALOGUE["invoice"]))
    assert (mail.html, mail.text, mail.pictures) == ("", "Pay.\n", ())


def test_a_reply_has_the_agents_very_words_as_text_and_the_same_as_html(mailroom, cast):
    words = "Two things:\n\n  1 < 2 & <b>bold</b>\n    deeper\n\nSee https://x.example/a?b=1&c=2."
    email = answered(mailroom, cast, words)
    message = mailroom.read(email)
    assert message.get_content_type() == "multipart/alternative"
    assert mailroom.text(email) == f"{words}\n\nTom Okafor\nNorthwind IT\n\n{reference_line(email.ticket_id)}\n"
    html = message.get_body(("html",)).get_content()
    assert "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;" in html
    assert 'href="https://x.example/a?b=1&amp;c=2"' in html
    assert "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}1" in html
    assert message["Auto-Submitted"] is None and message["Precedence"] is None
    assert email.template == "reply"


def test_the_accounts_signature_and_address_for_answers_are_in_it(mailroom, cast):
    cast.outbound.signature = "Northwind Support\n+43 1 234 <56>"
    cast.outbound.reply_to = "desk@northwind.example"
    db.session.commit()
    email = answered(mailroom, cast)
    message = mailroom.read(email)
    assert message["Reply-To"] == "desk@northwind.example"
    assert "Tom Okafor\nNorthwind Support\n+43 1 234 <56>\n" in mailroom.text(email)
    assert "+43 1 234 &lt;56&gt;" in message.get_body(("html",)).get_content()


def test_what_is_automatic_says_so(mailroom, cast):
    cast.inbound.acknowledge = True
    mailroom.receive(letter())
    message = mailroom.read(mailroom.outbox[0])
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Precedence"] == "auto_reply"
    assert message["List-Unsubscribe"] is None


def test_a_subject_with_braces_and_line_breaks_is_data(mailroom, cast):
    cast.inbound.acknowledge = True
    mailroom.receive(letter(subject="=?utf-8?q?=7B=7B_7*7_=7D=7D=0D=0ABcc=3A_everybody=40x=2Eexample?="))
    message = mailroom.read(mailroom.outbox[0])
    assert "{{ 7*7 }}" in message["Subject"]
    assert message["Bcc"] is None


def test_a_template_cannot_break_the_header(mailroom, cast, sign_in):
    cast.inbound.acknowledge = True
    db.session.commit()
    sent = {"subject": "Hello\r\nBcc: x@x.example\r\n\r\nBody", "html": "<p>a</p>", "text": "", "revision": "0"}
    sign_in("admin").post("/admin/email/templates/ticket_opened", data=sent)
    mailroom.receive(letter())
    message = mailroom.read(mailroom.outbox[0])
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: x@x.example Body"


def test_the_logo_travels_with_the_mail(mailroom, cast, sign_in):
    cast.inbound.acknowledge = True
    db.session.commit()
    admin = sign_in("admin")
    sent = {
        "firm_name": "Northwind",
        "colour": "#aa3300",
        "footer": "Northwind GmbH, Vienna\nFN 12345a",
        "logo": (io.BytesIO(png()), "logo.png"),
    }
    assert admin.post(LAYOUT, data=sent).status_code == 303
    page = admin.get(LAYOUT).text
    assert 'value="Northwind"' in page and 'value="#aa3300"' in page and "The logo as it is now" in page
    shown = admin.get("/admin/email/templates/logo")
    assert (shown.mimetype, shown.data) == ("image/png", png())
    assert "/admin/email/templates/logo" in admin.get("/admin/email/templates/ticket_opened/preview?with=sample").text

    mailroom.receive(letter())
    message = mailroom.read(mailroom.outbox[0])
    html = message.get_body(("html",))
    (related,) = [part for part in message.walk() if part.get_content_type() == "multipart/related"]
    (picture,) = [part for part in related.iter_parts() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}" width="144" height="48"' in html.get_content()
    assert picture.get_content() == png()
    assert mailroom.text(mailroom.outbox[0]).endswith("Northwind GmbH, Vienna FN 12345a\n")
    assert "http" not in html.get_content().split("<body")[1]

    assert "image/png" not in str(mailroom.read(answered(mailroom, cast)))
    admin.post(LAYOUT, data={"firm_name": "Northwind", "colour": "#aa3300", "footer": "", "no_logo": "y"})
    assert (firm().logo, firm().logo_type, firm().footer) == (None, "", "")
    assert admin.get("/admin/email/templates/logo").status_code == 404


def test_the_logo_stays_when_nothing_else_is_chosen(sign_in, cast):
    admin = sign_in("admin")
    sent = {"firm_name": "Northwind IT", "colour": "#2f5bd0", "footer": ""}
    admin.post(LAYOUT, data=sent | {"logo": (io.BytesIO(png()), "logo.png")})
    admin.post(LAYOUT, data=sent | {"footer": "Hello"})
    assert (firm().logo_type, firm().footer) == ("image/png", "Hello")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"colour": "red"}, "six digits"),
        ({"colour": '#000000"><script>'}, "six digits"),
        ({"firm_name": ""}, "A firm needs a name."),
        ({"footer": "x" * 501}, "up to 500 characters"),
        ({"logo": (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "logo.svg")}, "do not show SVG"),
    ],
)
def test_what_the_layout_cannot_be_is_told_at_its_field(sign_in, cast, sent, told):
    known = {"firm_name": "Northwind IT", "colour": "#2f5bd0", "footer": ""}
    answer = sign_in("admin").post(LAYOUT, data=known | sent)
    assert answer.status_code == 422
    assert told in answer.text
    assert (firm().name, firm().colour) == ("Northwind IT", "#2f5bd0")


@pytest.mark.parametrize("data", [png(), jpeg(), gif()], ids=["png", "jpeg", "gif"])
def test_a_logo_is_known_with_its_size(data):
    logo = logo_of(data)
    assert (logo.width, logo.height, logo.data) == (300, 100, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        png()[:-20],
        png()[:40] + b"\xff" + png()[41:],
        png(5000, 10),
        png(0, 10),
        jpeg()[:-2],
        jpeg()[:20],
        jpeg(9000, 10),
        gif()[:12],
        b"<svg onload='alert(1)'/>",
        b"%PDF-1.4",
        png(extra=chunk(b"tEXt", b"x" * 300_000)),
    ],
)
def test_what_is_no_picture_is_no_logo(data):
    with pytest.raises(NotALogo, match=r"PNG, JPEG or GIF of up to 200 KB"):
        logo_of(data)


@pytest.mark.parametrize(
    "data",
    [
        png()[:33] + chunk(b"IDAT", b"garbage") + chunk(b"IEND", b""),
        b"GIF89a" + bytes((44, 1, 100, 0, 0, 0, 0)) + b";",
    ],
    ids=["png", "gif"],
)
def test_a_right_frame_without_a_whole_picture_is_no_logo(data):
    with pytest.raises(NotALogo, match=r"The picture in the file is broken"):
        logo_of(data)


def test_what_hides_in_a_picture_is_left_out():
    assert logo_of(png(extra=chunk(b"tEXt", b"where it was taken"), after=b"<script>")).data == png()
    position = b"\xff\xe1" + struct.pack(">H", 8) + b"Exif\0\0"
    assert logo_of(jpeg(extra=position)).data == jpeg()
    assert logo_of(jpeg() + b"PK\x03\x04").data == jpeg()


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffff00", "#2f5bd0", "#808080", "#ff0000"])
def test_links_can_be_read_by_day_and_by_night_whatever_the_firms_colour_is(colour):
    for ground in (layout.PAPER, layout.NIGHT):
        assert layout.contrast(layout.readable(colour, ground), ground) >= layout.ENOUGH


def test_styles_stand_at_the_elements_but_not_where_the_writer_has_set_some():
    made = layout.styled('<p>a</p><P CLASS="x">b</P><p style="margin:0">c</p><pre>d</pre>', "#123456")
    assert made == (
        '<p style="margin:0 0 16px">a</p><P CLASS="x" style="margin:0 0 16px">b</P>'
        '<p style="margin:0">c</p><pre>d</pre>'
    )


def test_blanks_keep_their_width_in_a_letter():
    assert letter_html("if x:\n    y  z\tw") == Markup(
        "<p>if x:<br>\n{0}{0}{0}{0}y {0}z {0}{0}{0}w</p>".replace("{0}", "\N{NO-BREAK SPACE}")
    )


def test_a_reply_without_what_was_written_cannot_be_saved(sign_in, cast):
    admin = sign_in("admin")
    sent = {"subject": "Re", "html": "<p>{{ agent.name }}</p>", "text": "{{ reply.words }}", "revision": "0"}
    answer = admin.post("/admin/email/templates/reply", data=sent)
    assert answer.status_code == 422
    assert "HTML: {{ reply.words }} is missing" in answer.text
    sent["html"] = "{% if reply.words %}<p>{{ reply.words }}</p>{% endif %}"
    assert admin.post("/admin/email/templates/reply", data=sent).status_code == 303
