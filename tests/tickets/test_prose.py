"""Text from mail as HTML."""

from __future__ import annotations

import pytest

from psa.tickets.prose import folded_words, paragraphs


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello", "<p>Hello</p>"),
        ("One\ntwo\n\n\nthree", "<p>One<br>\ntwo</p>\n<p>three</p>"),
        ("One\r\ntwo", "<p>One<br>\ntwo</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("", ""),
        ("الطابعة لا تعمل.\n\nINV-4711 الرقم", '<p dir="rtl">الطابعة لا تعمل.</p>\n<p>INV-4711 الرقم</p>'),
        ("- 1) שלום", '<p dir="rtl">- 1) שלום</p>'),
        ("\u0664\u0661", "<p>\u0664\u0661</p>"),
    ],
)
def test_text_becomes_paragraphs(text, html):
    assert paragraphs(text) == html


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&amp;z=2"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("HTTPS://A.example", "HTTPS://A.example"),
        ('https://a.example/"onclick="x', "https://a.example/"),
        ("<https://a.example/>", "https://a.example/"),
    ],
)
def test_web_addresses_become_links(text, address):
    assert f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>' in paragraphs(text)


def test_other_schemes_stay_text():
    assert "<a" not in paragraphs("javascript:alert(1) data:text/html,x file:///etc/passwd")


def test_a_very_long_text_comes_to_an_end():
    # Were it a matter of the square of its length, the time limit of each test would end it.
    assert paragraphs("https://" + "(" * 500_000 + "\n" * 500_000 + " " * 500_000 + "http" * 100_000)


@pytest.mark.parametrize(
    ("signature", "quoted", "words"),
    [
        ("", "", ""),
        ("Sent from my iPhone", "", "“Sent from my iPhone”"),
        ("Dana\nHarbor Dental", "> a\n> b", "Signature and 2 quoted lines"),
        ("", "> a", "1 quoted line"),
    ],
)
def test_a_fold_says_what_it_holds(signature, quoted, words):
    assert folded_words(signature, quoted) == words
