"""HTML read as text: as a browser shows it, with nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message.html.html_text import html_to_text


def shown(markup: str) -> list[str]:
    return html_to_text(markup).split("\n")


def test_paragraphs_are_parted_by_an_empty_line_and_divisions_are_not():
    assert shown("<p>One</p><p>Two</p><div>Three</div><div>Four<br>Five<br></div>Six") == [
        "One",
        "",
        "Two",
        "",
        "Three",
        "Four",
        "Five",
        "Six",
    ]


def test_an_empty_line_that_somebody_typed_stays_one():
    assert shown("<div>One</div><div><br></div><div>Two</div>") == ["One", "", "Two"]
    assert shown("<p>One</p><p>&nbsp;</p><p>Two</p>") == ["One", "", "Two"]


def test_outlook_paragraphs_stand_as_close_as_its_style_sheet_says():
    markup = (
        "<style>p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11pt}</style>"
        "<p class=MsoNormal>One</p><p class=MsoNormal>Two</p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<p class=MsoNormal>Three</p>"
    )
    assert shown(markup) == ["One", "Two", "", "Three"]


def test_lists_keep_their_marks_numbers_and_depth():
    markup = (
        "<ul><li>Tools<ol start=3><li>Saw<li>Drill<br>and bits</ol><li>Paint</ul><ol><li value=7>Seven<li>Eight</ol>"
    )
    assert shown(markup) == [
        "- Tools",
        "  3. Saw",
        "  4. Drill",
        "     and bits",
        "- Paint",
        "",
        "7. Seven",
        "8. Eight",
    ]


def test_lists_that_word_writes_as_paragraphs_get_marks_too():
    markup = (
        "<p class=MsoListParagraph style='margin:0'><![if !supportLists]><span style='font-family:Symbol'>·"
        "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp; </span></span><![endif]>Cables</p>"
        "<p class=MsoListParagraph style='margin:0'>2)<span>&nbsp;&nbsp;&nbsp; </span>Plugs</p>"
    )
    assert shown(markup) == ["- Cables", "2) Plugs"]


def test_a_table_of_short_cells_is_read_row_by_row():
    markup = "<table><tr><th>Item<th>Pieces<th>Price<tr><td>Bolt<td><td>1.50<tr><td>Nut<td>40<td>0.20</table>"
    assert shown(markup) == ["Item | Pieces | Price", "Bolt |  | 1.50", "Nut | 40 | 0.20"]


def test_a_form_sent_as_a_table_reads_as_label_and_value():
    assert shown("<table><tr><td>Name:</td><td>Mia</td></tr><tr><td>Floor:</td><td>3</td></tr></table>") == [
        "Name: Mia",
        "Floor: 3",
    ]


def test_a_table_that_only_lays_out_the_page_is_read_cell_by_cell():
    markup = (
        "<table><tr><td><table><tr><td><h1>Summer sale</h1><p>All lamps.</p></td></tr></table></td>"
        "<td><p>Left over</p><p>Last year's</p></td></tr></table>"
    )
    assert shown(markup) == ["Summer sale", "", "All lamps.", "", "Left over", "", "Last year's"]


def test_quotes_are_marked_and_an_indent_is_not_a_quote():
    markup = (
        '<blockquote type="cite"><p>First</p><blockquote>Second</blockquote></blockquote><p>Mine</p>'
        '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">Moved in</blockquote>'
    )
    assert shown(markup) == ["> First", ">", "> > Second", "", "Mine", "", "    Moved in"]


@pytest.mark.parametrize(
    ("link", "text"),
    [
        (
            '<a href="https://shop.example/order?id=7&amp;x=1">your order</a>',
            "your order <https://shop.example/order?id=7&x=1>",
        ),
        ('<a href="https://www.shop.example/">shop.example</a>', "shop.example"),
        ('<a href="mailto:mia@harbour.example?subject=Hi">Mia Berg</a>', "Mia Berg <mia@harbour.example>"),
        ('<a href="mailto:mia@harbour.example">mia@harbour.example</a>', "mia@harbour.example"),
        ('<a href="tel:+49 89 1234567">089 / 123 45 67</a>', "089 / 123 45 67"),
        ('<a href="javascript:alert(1)">Click</a>', "Click"),
        ('<a href="#top">Up</a>', "Up"),
        (
            '<a href="https://eu1.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2Fa&amp;data=05">shop</a>',
            "shop <https://shop.example/a>",
        ),
    ],
)
def test_a_link_tells_its_target_where_its_words_do_not(link, text):
    assert html_to_text(link) == text


def test_what_the_sender_hid_is_not_read_and_what_inherits_a_size_of_nothing_neither():
    markup = (
        "<style>.pre{display:none}</style><div class=pre>Preview one</div>"
        '<div style="max-height:0;overflow:hidden">Preview two</div><p hidden>Preview three</p>'
        '<div style="font-size:0">gone<span style="font-size:14px">Seen</span></div>'
    )
    assert html_to_text(markup) == "Seen"


def test_a_mail_that_is_hidden_altogether_is_read_all_the_same():
    assert html_to_text('<div style="display:none">Only words</div>') == "Only words"


def test_signs_that_nobody_sees_do_not_part_words():
    assert html_to_text("Preview&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#8199;&#65279; text, Do&shy;nau&#8203;dampf") == (
        "Preview text, Donaudampf"
    )
    assert html_to_text("می&zwnj;خواهم") == "می\u200cخواهم"


def test_preformatted_lines_keep_their_blanks():
    assert shown("<pre>\na  b\n   c\n</pre>d  e") == ["a  b", "   c", "", "d e"]
    assert shown('<div style="white-space: pre-wrap">a  b\nc</div>') == ["a  b", "c"]


def test_pictures_say_their_words_unless_they_are_no_words():
    assert html_to_text('<img alt="Harbour Ltd"><img alt="image001.png"><img alt="">Hi <img alt="😀">') == (
        "[Harbour Ltd]Hi 😀"
    )


def test_comments_for_outlook_and_declarations_are_no_text():
    markup = (
        '<?xml:namespace prefix = o ns = "urn:x" /><!--[if mso]><p>For Outlook</p><![endif]-->'
        "<!--[if !mso]><!--><p>For all others</p><!--<![endif]--><!-- a > b --><script>if (1 < 2) x()</script>"
        "<title>Title</title><style>p { color: red }</style>"
    )
    assert html_to_text(markup) == "For all others"


def test_an_address_that_nobody_escaped_is_text():
    assert html_to_text("Mia Berg <mia@harbour.example> and <https://harbour.example/a>") == (
        "Mia Berg <mia@harbour.example> and <https://harbour.example/a>"
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 50_000 + "found",
        "<table><tr><td>" * 5_000 + "found",
        "<blockquote>" * 300 + "found",
        "<ul><li>" * 300 + "found",
        '<p title="' + "x" * 3_000_000 + '">found',
        "<p " + 'a="b" ' * 200_000 + ">found",
        "<b><i>" * 20_000 + "found" + "</b></i>" * 20_000,
        "<!--" * 50_000 + "> found",
        "<title>found",
        "found<script>" * 2,
        "<table>found<tr>" + "<td>x" * 5_000,
        "</table></td></tr>" * 5_000 + "found",
    ],
    ids=range(12),
)
@pytest.mark.timeout(30)
def test_deep_huge_and_broken_markup_keeps_its_text(markup):
    assert "found" in html_to_text(markup)


_PIECES = (
    "<p>|</p>|<div>|</div>|<table>|<tr>|<td>|</td>|</tr>|</table>|<ul>|<ol>|<li>|</ul>|<blockquote>|</blockquote>|<pre>"
    "|</pre>|<a href='https://x.example'>|</a>|<b>|</b>|<br>|<hr>|<tbody>|<caption>|<th>|<style>p{margin:0}</style>"
    "|<dl><dt>|<dd>|<q>|<h1>|</h1>|&nbsp;|<!-- -->|</span>|<span>|<form>|<img alt='pic'>|\n| "
).split("|")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, "word1", "word2", "word3"]), max_size=40))
def test_no_nesting_costs_a_word(pieces):
    text = html_to_text("".join(pieces))
    for word in ("word1", "word2", "word3"):
        assert text.count(word) >= pieces.count(word)
