"""Of several texts and renderings in a message the right one is read, in order, and no other is lost."""

from __future__ import annotations

import pytest

from psa.mail.message import ParsedEmail, parse
from psa.mail.message.plain_text import enriched
from tests.mail.message.reading import read


def mail(kind: str, *parts: tuple[str, str]) -> ParsedEmail:
    """A multipart mail; each part is its headers and its content, a part may be a whole multipart made with `many`."""
    return parse(
        b"From: mia@harbour.example\nMIME-Version: 1.0\n"
        + many(kind, *parts)[0].encode()
        + b"\n\n"
        + many(kind, *parts)[1].encode()
    )


def many(kind: str, *parts: tuple[str, str]) -> tuple[str, str]:
    boundary = f"b{abs(hash((kind, parts))) % 10**8}"
    body = "".join(f"--{boundary}\n{headers}\n\n{content}\n" for headers, content in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}", f"{body}--{boundary}--"


PLAIN = "Content-Type: text/plain; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"
PICTURE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: inline; filename=fire.png"
PNG = "iVBORw0KGgo="
LONG = "<p>Dear customer, our autumn catalogue has arrived with forty new lamps, chairs and tables for your office.</p>"


@pytest.mark.parametrize(
    "stub",
    [
        "This message is in HTML format. Please use a mail program that can show it.",
        "Ihr E-Mail-Programm unterstützt leider keine HTML-E-Mails.",
        "Votre logiciel de messagerie ne prend pas en charge le format HTML.",
        "Для просмотра этого письма нужен HTML.",
        "このメールはHTML形式です。",
        "View this email in your browser: https://shop.example/v/12345",
        "Se correo en el navegador",
        "[https://shop.example/logo.png]",
        "\u00a0\n\u200b\n",
        "Dear customer, our autumn catalogue has arrived with forty...",
    ],
)
def test_a_text_that_only_points_to_the_html_gives_way_to_it(stub):
    email = mail("alternative", (PLAIN, stub), (HTML, LONG + "<p>Come and see them, we are open every day.</p>" * 3))
    assert "forty new lamps" in email.text and "open every day" in email.text


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Thanks, works!", "<p>Thanks, works!</p>" + "<p>Kind regards, Mia Berg, Harbour Ltd, Pier 7</p>" * 9),
        ("👍", "<div>👍</div>" + LONG * 3),
        ("Здравствуйте", "<img alt='Some shop'> <a href='https://shop.example'>Our page with many words</a>" + LONG),
        (
            "Please mend the HTML of our start page, the menu is gone.",
            LONG + "<p>Please mend the HTML of our start page, the menu is gone.</p>" + LONG * 4,
        ),
        ("---", LONG * 3),
    ],
)
def test_a_short_text_of_a_person_is_kept(text, markup):
    assert mail("alternative", (PLAIN, text), (HTML, markup)).text == text


def test_the_last_html_counts_and_the_rendering_for_moving_pages_only_alone():
    amp = ("Content-Type: text/x-amp-html", "<html ⚡4email><body>Moving</body></html>")
    email = mail("alternative", (PLAIN, "Words"), amp, (HTML, "<p>Words</p>"))
    assert (email.text, email.html, email.attachments) == ("Words", "<p>Words</p>", ())
    assert mail("alternative", amp).text == "Moving"


def test_the_invitation_beside_two_renderings_is_a_file():
    email = mail(
        "alternative",
        (PLAIN, "Come"),
        (HTML, "<p>Come</p>"),
        ("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR\nEND:VCALENDAR"),
    )
    assert email.text == "Come"
    assert [(a.name, a.type) for a in email.attachments] == [("invitation.ics", "text/calendar")]


def test_pictures_beside_a_page_may_stand_inside_the_alternative_or_around_it():
    page = (HTML, '<p>Look <img src="cid:fire@harbour"></p>')
    picture = (PICTURE + "\nContent-ID: <fire@harbour>", PNG)
    inside = mail("alternative", (PLAIN, "Look"), many("related", page, picture))
    around = mail("related", many("alternative", (PLAIN, "Look"), page), picture)
    for email, part in ((inside, "2.2"), (around, "2")):
        assert email.text == "Look"
        assert email.html is not None and f'src="part:{part}"' in email.html
        assert [a.disposition for a in email.attachments] == ["inline"]


def test_a_mixture_inside_the_page_is_read_in_order_with_the_files_between():
    email = mail(
        "alternative",
        (PLAIN, "One\n\nTwo"),
        many(
            "mixed", (HTML, "<p>One</p>"), ("Content-Type: application/pdf; name=a.pdf", "%PDF-1"), (HTML, "<p>Two</p>")
        ),
    )
    assert email.text == "One\n\nTwo"
    assert email.html is not None and email.html.index("One") < email.html.index("Two")
    assert [a.name for a in email.attachments] == ["a.pdf"]


def test_several_pages_one_after_the_other_are_all_read():
    email = mail("mixed", (HTML, "<p>First</p>"), (PLAIN, "Second & last"), (HTML, "<p>Third</p>"))
    assert email.text == "First\n\nSecond & last\n\nThird"
    assert email.html is not None and "Second &amp; last" in email.html


def test_a_picture_between_two_texts_is_shown_in_its_place():
    email = mail("mixed", (HTML, "<p>Before</p>"), (PICTURE, PNG), (HTML, "<p>After</p>"))
    assert email.text == "Before\n\nAfter"
    assert email.html is not None
    assert email.html.index("Before") < email.html.index('src="part:2"') < email.html.index("After")
    assert email.shown_parts == {"2"}


def test_a_picture_that_the_page_shows_itself_is_not_shown_twice():
    email = mail(
        "mixed", (HTML, '<p>Here <img src="cid:f"></p>'), (PICTURE + "\nContent-ID: <f>", PNG), (HTML, "<p>After</p>")
    )
    assert email.html is not None and email.html.count("part:2") == 1


@pytest.mark.parametrize("kind", ["mixed", "related"])
def test_the_same_said_as_text_and_as_page_one_after_the_other_is_said_once(kind):
    email = mail(kind, (PLAIN, "The printer on floor 3 burns."), (HTML, "<p>The printer on <b>floor 3</b> burns.</p>"))
    assert email.text == "The printer on floor 3 burns."
    assert email.html == "<p>The printer on <b>floor 3</b> burns.</p>"


def test_a_text_and_a_page_that_say_different_things_are_both_read():
    email = mail(
        "mixed", (PLAIN, "The printer on floor 3 burns."), (HTML, "<p>This list is run by the harbour office.</p>")
    )
    assert email.text == "The printer on floor 3 burns.\n\nThis list is run by the harbour office."


def test_a_page_sent_as_plain_text_is_read_as_a_page():
    email = parse(b"Content-Type: text/plain\n\n<!DOCTYPE html>\n<html><body><p>One</p><p>Two</p></body></html>\n")
    assert email.text == "One\n\nTwo" and email.html is not None
    source = parse(b"Content-Type: text/plain\n\n<html> is the first tag of a page, isn't it?\n")
    assert source.text == "<html> is the first tag of a page, isn't it?"


def test_an_inline_patch_or_log_without_a_name_is_read_and_data_is_a_file():
    email = mail(
        "mixed", (PLAIN, "See"), ("Content-Type: text/x-patch", "--- a\n+++ b"), ("Content-Type: text/csv", "a;b")
    )
    assert email.text == "See\n\n--- a\n+++ b"
    assert [a.type for a in email.attachments] == ["text/csv"]


def test_a_frame_of_the_page_is_not_read_with_it():
    email = mail("related", (HTML, "<p>Page</p>"), (HTML + "\nContent-Location: frame.html", "<p>Frame</p>"))
    assert email.text == "Page" and [a.type for a in email.attachments] == ["text/html"]


def test_the_page_of_a_related_message_is_the_one_that_start_names():
    kind = 'related; start="<page@x>"'
    email = mail(
        kind, (HTML + "\nContent-ID: <other@x>", "<p>Other</p>"), (HTML + "\nContent-ID: <page@x>", "<p>Page</p>")
    )
    assert email.text == "Page"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<bold>Now</bold> is the time\nfor <italic>all</italic>\n\n\ngood <<men>>",
            "Now is the time for all\n\ngood <men>>",
        ),
        ("<color><param>red</param>Blood</color> &amp; wine", "Blood & wine"),
    ],
)
def test_enriched_text_is_read_without_its_commands(source, text):
    assert enriched(source, is_old=False) == text


def test_rich_text_of_old_ends_lines_by_command():
    assert enriched("One<nl>two\nthree <lt> four", is_old=True) == "One\ntwo three < four"


def test_a_picture_is_found_whatever_way_the_page_names_it():
    page = (
        '<img src="cid:%3Cid1@x%3E"><img src="CID:ID1@x"><img src="loc/pic.png"><img src="https://web.example/l.png">'
        '<img src="named.png"><img src="cid:named.png@01D1A2B3.C4D5E6F0"><td background="cid:id1@x">'
        "<img src=cid:nothing>"
    )
    email = mail(
        "related",
        (HTML, page),
        (PICTURE.replace("fire.png", "one.png") + '\nContent-ID: "<id1@x>"', PNG),
        (PICTURE.replace("fire.png", "two.png") + "\nContent-Location: loc/pic.png", PNG),
        (PICTURE.replace("fire.png", "three.png") + "\nContent-Location: https://web.example/l.png", PNG),
        (PICTURE.replace("fire.png", "named.png"), PNG),
        ("Content-Type: image/png; name=beside.png\nContent-Disposition: attachment", PNG),
    )
    assert email.html is not None
    found = [chunk.split('"')[0] for chunk in email.html.split('src="')[1:]]
    assert found == ["part:2", "part:2", "part:3", "part:4", "part:5", "part:5"]
    assert email.shown_parts == {"2", "3", "4", "5"}
    assert [a.disposition for a in email.attachments] == ["inline"] * 4 + ["attachment"]


def test_the_fixture_with_text_around_a_picture_shows_it_between():
    assert read("apple_text_picture_text.eml").text == "Before the picture.\n\nAfter the picture."
