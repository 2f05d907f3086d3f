"""What a server or a library said, taken apart: codes on one side, plain words on the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.diagnosis.words import plain

REPLY_CODE = re.compile(r"(?:^|(?<=[\s(:]))([2-5]\d\d)(?=[\s,-]|$)")
ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
# Python shows bytes, tuples and dictionaries around what the server said: (535, b'5.7.8 …'), {'a@b': (450, b'…')};
# imaplib puts the command before it.
PYTHON_AROUND = re.compile(
    r"^(?:command: \w+ => |\w+ command error: )|^[({\[]*(?:'[^']*': \()?"
    r"""|(?<=[\s,(\[])b(?=['"])|^b(?=['"])|['")}\]]+$"""
)
# What IMAP and POP3 begin a refusal with: not a word of it.
REFUSAL = re.compile(r"^(?:NO|BAD|-ERR)\s+")
# No server needs more to say what is wrong; what comes behind is a web page or a loop.
LONGEST = 2000
# SMTP repeats its codes on every line of a long answer, in the middle of sentences.
REPEATED_CODES = re.compile(r"[\r\n]+\s*[2-5]\d\d[- ](?:\d\.\d+\.\d+[ \t]+)?")
RESPONSE_CODE = re.compile(r"\[([A-Z][A-Z/-]+)(?: [^\]]*)?\]")


@dataclass(frozen=True, slots=True)
class Answer:
    """``code`` is the SMTP reply code (RFC 5321, 4.2), ``enhanced`` the status of RFC 3463, ``response`` the response
    code of IMAP or POP3 (RFC 5530, RFC 2449). ``text`` is the whole on one line in lower case, ``words`` its words.
    """

    code: str
    enhanced: str
    response: str
    text: str
    words: tuple[str, ...]

    @property
    def is_passing(self) -> bool:
        """Whether the code says that it will pass: 4xx."""
        return (self.enhanced or self.code).startswith("4")

    @property
    def is_final(self) -> bool:
        """Whether the code says that it will not: 5xx."""
        return (self.enhanced or self.code).startswith("5")


def read(text: str, code: str | int | None = None, enhanced: str = "") -> Answer:
    """Take ``text`` apart. Codes that the caller knows come before those in the text."""
    joined = REPEATED_CODES.sub(" ", text[:LONGEST].replace("\\r\\n", "\n").replace("\\n", "\n"))
    line = " ".join(joined.split())
    said = " ".join(PYTHON_AROUND.sub("", line).split())
    known = str(code or "")
    found = REPLY_CODE.search(said[:120])
    status = ENHANCED.search(said)
    response = RESPONSE_CODE.search(said)
    return Answer(
        code=known if known.isdecimal() else found.group(1) if found else "",
        enhanced=enhanced or (status.group(1) if status else ""),
        response=response.group(1) if response else "",
        text=line.lower(),
        words=tuple(plain(REFUSAL.sub("", said))),
    )
