"""The words of an answer in one plain form, so that spelling, capitals, accents and punctuation make no difference."""

from __future__ import annotations

import re
import unicodedata

# What stands in for names and numbers that tell nothing of the cause, and would otherwise be taken for words.
ADDRESS, HOST, NUMBER = "@", "#host", "#ip"
URL = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
EMAIL = re.compile(r"<?[^\s<>()\[\]:;,'\"=`]+@[^\s<>()\[\]:;,'\"`]*>?")
IP = re.compile(
    r"\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?(?::\d+)?|\[?(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}(?![\w:])\]?"
)
DOTTED = re.compile(r"(?<![\w.])(?:[a-z0-9_-]+\.)+[a-z]{2,}(?!\.?\w)")
STATUS = re.compile(r"#?(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
# SenderNotAuthenticatedForGroup, RecipSizeLimit: names of exceptions and reasons are sentences too.
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
NEGATIONS = ((re.compile(r"\bcan['’]?t\b|\bcannot\b"), "can not"), (re.compile(r"\bwon['’]t\b"), "will not"))
CONTRACTION = re.compile(r"n['’]t\b")
# Addresses before hosts, which they contain; links before both.
STAND_INS = ((URL, " "), (EMAIL, f" {ADDRESS} "), (IP, f" {NUMBER} "), (STATUS, " "), (DOTTED, f" {HOST} "))
# Chinese and Japanese write no blanks: each sign counts as a word.
SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
WORD = re.compile(r"#host|#ip|@|[^\W_]+|[.!?](?=\s|$)|;")
STOP = "."


def plain(text: str) -> list[str]:
    """The words of ``text``; a full stop between sentences is a word of its own."""
    for pattern, stand_in in STAND_INS:
        text = pattern.sub(stand_in, text)
    return [STOP if word in ".!?;" else word for word in WORD.findall(spelled(CAMEL.sub(" ", text)))]


def spelled(text: str) -> str:
    """Lower case, without accents, and with “n't” written out as “not”."""
    text = text.casefold()
    for pattern, written_out in NEGATIONS:
        text = pattern.sub(written_out, text)
    text = CONTRACTION.sub(" not", text)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    # Polish ł and Turkish ı are letters of their own. Japanese loses its sound marks, in our lists of words as well.
    return SIGN.sub(r" \g<0> ", bare.replace("ł", "l").replace("ı", "i"))
