"""The greeting that somebody begins with: a line of its own, known as one only where it can hardly be anything else."""

from __future__ import annotations

import re

# Longer ones are sentences.
LONGEST, MOST_WORDS = 60, 8
# What a greeting begins with, in one word or in two.
GREETINGS = frozenset(
    """
    hello hi hey dear hiya greetings howdy
    hallo liebe lieber liebes hi moin servus
    bonjour bonsoir salut cher chère chers chères
    hola estimado estimada estimados estimadas querido querida queridos queridas
    ciao salve buongiorno buonasera gentile gentili caro cara cari care egregio egregi
    olá oi caro cara prezado prezada prezados prezadas
    beste geachte hoi goedemorgen goedemiddag goedenavond goedendag
    hej hei heisann kära kære kjære hyvä
    cześć witaj witam szanowny szanowna szanowni drogi droga drodzy
    ahoj vážený vážená vážení milý milá milí
    kedves tisztelt szia sziasztok
    dragă bună stimate stimată stimați
    merhaba sayın selam sevgili
    привет здравствуйте уважаемый уважаемая уважаемые вітаю шановний шановна шановні
    γεια καλημέρα καλησπέρα αγαπητέ αγαπητή αγαπητοί
    שלום היי مرحبا مرحباً السلام عزيزي عزيزتي नमस्ते
    """.split()
)
PAIRS = frozenset(
    tuple(pair.split())
    for pair in (
        "good morning|good afternoon|good evening|good day|guten tag|guten morgen|guten abend|grüß gott|"
        "sehr geehrte|sehr geehrter|buenos días|buenas tardes|buenas noches|bom dia|boa tarde|boa noite|buon giorno|"
        "buona sera|god morgen|god dag|god morgon|dzień dobry|dobry wieczór|dobrý den|jó napot|bună ziua|"
        "добрый день|доброе утро|добрый вечер|добрий день|доброго дня|γεια σας|iyi günler|hyvää päivää"
    ).split("|")
)
# Written without blanks: a name of a few letters stands before it or behind it, and a word of another script is one.
UNBROKEN = re.compile(r"(.*?)(?:您好|你好|大家好|こんにちは|안녕하세요)(.*)")
LONGEST_NAME, LATIN = 4, re.compile(r"[^\W\d_\u0250-\U0010ffff]+")
# After a name; and what stands in sentences only: Japanese endings, and Chinese for we, you, this, is, says.
HONOURS = re.compile(r"(さん|さま|くん|ちゃん)$")
OF_SENTENCES = re.compile(r"[ぁ-ゟ，,我你他她它们这那说是了的不在有]")
# What may stand in a greeting in small letters, beside names.
BESIDE = frozenset(
    """
    all everyone everybody both team there again folks together and to you colleagues sir madam or mr mrs ms dr
    alle alles allerseits zusammen und an team herr frau kolleginnen kollegen miteinander
    à a et tous toutes monsieur madame y todos todas señor señora e tutti tutte ai voi signor signora
    en allemaal iedereen collega's heer mevrouw och alla alle og
    van von vom zu zum zur der den de del della di da do dos la le du bin ibn al ten ter
    pan pani państwo państwu bey hanım
    """.split()
)
ENDS = ",!.:;،，！：。"


def greeting_of(text: str) -> tuple[str, str]:
    """The line that greets, and what follows it; "" and the whole text where it begins with none.

    In time that grows with the length of the first line alone.
    """
    first, _, rest = text.lstrip().partition("\n")
    line = first.strip()
    stands_alone = line[-1:] in ENDS or not rest.split("\n", 1)[0].strip()
    if rest.strip() and len(line) <= LONGEST and stands_alone and greets(line):
        return line, rest.lstrip("\r\n")
    return "", text


def greets(line: str) -> bool:
    """Whether one line is a greeting and nothing else."""
    bare = line.rstrip(ENDS + " ")
    if unbroken := UNBROKEN.fullmatch(bare):
        before, behind = unbroken.groups()
        return not (before and behind) and is_short_name((before or behind).strip(" 、"))
    words = [word.strip(ENDS + "()") for word in bare.split()]
    folded = [word.casefold() for word in words]
    if not 1 <= len(words) <= MOST_WORDS:
        return False
    begun = 2 if tuple(folded[:2]) in PAIRS else 1 if folded[0] in GREETINGS else 0
    return begun > 0 and all(map(is_named, words[begun:], folded[begun:]))


def is_short_name(beside: str) -> bool:
    """Whether what stands beside an unbroken greeting is a name, or nothing."""
    name = HONOURS.sub("", beside)
    of_letters = LATIN.sub("x", name).replace(" ", "")
    is_written_as_one = all(not word[:1].islower() for word in LATIN.findall(name))
    return len(of_letters) <= LONGEST_NAME and is_written_as_one and not OF_SENTENCES.search(name)


def is_named(word: str, folded: str) -> bool:
    """Whether a word may stand in a greeting: a name, which has a capital where there are capitals, or what goes by."""
    return not word[:1].islower() or folded in BESIDE or folded in GREETINGS
