"""The greeting with which an update begins, told from all that only looks like one."""

from __future__ import annotations

import pytest

from psa.projects.greetings import greeting_of


@pytest.mark.parametrize(
    "line",
    [
        "Hi Dana,",
        "Hello,",
        "Hello",
        "Dear Dana, dear Petra,",
        "Dear Mr. and Mrs. van der Berg,",
        "Hi all,",
        "Hello again!",
        "Good morning everyone,",
        "Sehr geehrte Frau Dr. Holm,",
        "Liebe Kolleginnen und Kollegen,",
        "Guten Tag zusammen,",
        "Bonjour à tous,",
        "Buenos días a todos:",
        "Gentile Signora Rossi,",
        "Olá Joana,",
        "Beste allemaal,",
        "Dzień dobry,",
        "Добрый день, Дана!",
        "שלום דנה,",
        "مرحبا دانا،",
        "张先生您好：",
        "李明你好，",
        "大家好！",
        "Dana Holm您好：",
        "Dana様、こんにちは。",
        "こんにちは、田中さん。",
        "김민수님 안녕하세요,",
    ],
)
def test_a_greeting_in_a_line_of_its_own_is_known(line):
    assert greeting_of(f"\n{line}\n\nThe cables are laid.") == (line, "The cables are laid.")


@pytest.mark.parametrize(
    "text",
    [
        "Hello from Berlin!\nThe cables are laid.",
        "Hey, it works!\nThe cables are laid.",
        "Hi Dana, the cables are laid.",
        "Hi Dana,",
        "Dear customers have left us a review today, and it is a good one.\nRead it.",
        "Good news!\nThe cables are laid.",
        "Hello Dana\nthe cables are laid.",
        "The cables are laid.\n\nHi Dana,",
        "Hello Kitty Lamps Are In Stock Again In Every Shop,\nfrom today on.",
        "你好，我们更新了系统。\nThe cables are laid.",
        "我们说你好。\nThe cables are laid.",
        "你好世界电缆已经铺好\n\nThe cables are laid.",
        "こんにちは、更新です。\nThe cables are laid.",
        "we say 你好。\nThe cables are laid.",
        "",
    ],
)
def test_what_only_looks_like_one_stays_in_its_place(text):
    assert greeting_of(text) == ("", text)


def test_a_line_without_end_is_looked_at_once():
    text = "Hello " + "Dana " * 200_000
    assert greeting_of(text + "\nNews.") == ("", text + "\nNews.")
