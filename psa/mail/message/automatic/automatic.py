"""Is this a person's mail? Headers say it first (RFC 3834, RFC 5230, RFC 2919, what vendors send). Words are weak
evidence: two of them, or one beside a header that is no proof either, count as much as a header.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from psa.mail.message.automatic import headers as told
from psa.mail.message.automatic import words as words_of
from psa.mail.message.head.subjects import base_subject
from psa.mail.message.model import Address, Automatic
from psa.mail.message.reports.bounce_words import CHALLENGES, GREETINGS
from psa.mail.message.reports.reasons.notation import unaccented
from psa.mail.message.structure.part import Part

MAX_SUBJECT = 1_000
MAX_OPENING = 800
MAX_ASIDE = 15  # characters: a name or a date, no statement

# Behind these somebody else is quoted.
_QUOTES = ("\n>", "\n-----", "\n_____", "\nFrom:", "\nVon:", "\nDe:", "\nBegin forwarded")
_DATES = re.compile(r"(?<=\d)\.(?=[ \d])")
_TICKET_TAG = re.compile(r"\A\[(?:[^\]]{0,40}[#\d][^\]]{0,40}|ext(?:ern(?:al)?)?)\]\s*")
_NUMBER_ANSWERED = re.compile(r"[^\[\]]{3,60}:[^\[\]]{0,40}\[[^\[\]\d]{0,40}\d{2,20}[^\[\]]{0,20}\]")
_CONCLUSION = re.compile(r", (?:so|deshalb|daher|darum|also|donc|por eso|quindi|percio|dus|wiec|dlatego|поэтому)\b")
_SENTENCE_END = re.compile(r"[.!?。！？]+(?=\s|\Z)|[。！？]|,\n|\n\s*\n")
_AFTER_MARK = re.compile(r"\s*(?:[:：\-–—\[\](|)»]|(?:re|aw|fwd?|from|to|von|de|zu|sur|fur|an|a|do)\b|\Z)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_QUESTION = re.compile(r"[?？](?=[\s)\"»”]|\Z)")  # not those in the addresses of pages


@dataclass(frozen=True)
class Letter:
    """What is asked of a message here. `text` is what its sender wrote now, `body` what else stands there, too; the
    former and `is_report` are dear and asked only as the last resort. `own_domains` are those of our Message-IDs.
    """

    tree: Part
    subject: str
    sender: Address | None
    reply_to: tuple[Address, ...]
    message_id: str | None
    own_domains: frozenset[str]
    body: Callable[[], str]
    text: Callable[[], str]
    is_report: Callable[[], bool]

    @cached_property
    def plain_subject(self) -> str:
        return _TICKET_TAG.sub("", unaccented(self.subject[:MAX_SUBJECT]).strip()).lstrip("([*-–— ")

    @cached_property
    def opening(self) -> str:
        """The first lines, as far as nobody else is quoted in them."""
        first = self.text()[:MAX_OPENING]
        end = min((at for mark in _QUOTES if (at := first.find(mark)) >= 0), default=len(first))
        return _DATES.sub("/", unaccented(first[:end]))  # a dot ends a sentence

    @property
    def answers(self) -> bool:
        headers = self.tree.headers
        return headers.first("in-reply-to") is not None or headers.first("references") is not None

    @property
    def seems_to_answer(self) -> bool:
        """Does its subject say so, where no header does: "Re: Printer", "Away: [#17] Printer"?"""
        subject = self.subject[:MAX_SUBJECT]
        return base_subject(subject) != subject.strip() or _NUMBER_ANSWERED.match(subject) is not None

    @property
    def is_away(self) -> bool:
        return words_of.AWAY.search(self.opening) is not None

    @cached_property
    def first_says_away(self) -> bool:
        """Does it say so before anything else, but for greeting, thanks and naming itself? People come to it later."""
        for sentence in _SENTENCE_END.split(self.opening, maxsplit=8):
            said = sentence.strip()
            if words_of.AWAY.search(said):
                return True
            if len(said) > MAX_ASIDE and not _is_courtesy(said):
                return False
        return False

    @property
    def acknowledges(self) -> bool:
        return words_of.ACKNOWLEDGEMENTS.search(self.opening, until=400) is not None

    @property
    def converses(self) -> bool:
        """Does it ask something, or draw a conclusion? Answering machines do not."""
        return _QUESTION.search(self.opening) is not None or _CONCLUSION.search(self.opening) is not None


def read_automatic(letter: Letter) -> Automatic | None:
    """The kind and the header or words that tell it; None for a person's mail."""
    headers = letter.tree.headers
    submitted = told.submitted(headers)
    identity = letter.message_id or ""
    if submitted and letter.own_domains and identity.rpartition("@")[2].lower() in letter.own_domains:
        return Automatic("own", f"Auto-Submitted: {submitted} under a Message-ID of ours")
    if submitted.startswith(("auto-repl", "auto-resp", "autorepl")):
        return Automatic("auto-reply", f"Auto-Submitted: {submitted}")
    reply = told.reply_header(headers) or _receipt(letter)
    if reply:
        return Automatic("auto-reply", reply)
    mark = _reply_mark(letter.plain_subject)
    if mark:
        return Automatic("auto-reply", f"the subject begins “{letter.plain_subject[:mark].strip()}”")
    if submitted:
        # Exchange marks its out-of-office notices auto-generated; the words tell them apart.
        if words_of.AWAY_SUBJECTS.match(letter.plain_subject) or letter.answers and letter.is_away:
            return Automatic("auto-reply", f"Auto-Submitted: {submitted}, and it says that somebody is away")
        return Automatic("auto-generated", f"Auto-Submitted: {submitted}")
    if _only_a_mark(letter):
        return Automatic("auto-reply", "the subject says that somebody is away, and there is no text")
    found = _without_sender(letter) or _by_header(letter) or _by_weak_evidence(letter)
    if found is None and letter.is_report():
        return Automatic("auto-generated", "it is a report of delivery")
    return found


def _reply_mark(subject: str) -> int:
    """Where the mark of an answering machine in front of a subject ends; 0 without one. "Automatic reply does not
    work" is a person's.
    """
    mark = words_of.REPLY_MARKS.match(subject)
    return mark.end() if mark and (not mark[0].isascii() or _AFTER_MARK.match(subject, mark.end())) else 0


def _only_a_mark(letter: Letter) -> bool:
    """ "Out of office: Printer", and nothing below it: with words below, they have to speak for it too."""
    return words_of.REPLY_MARKS.match(letter.plain_subject) is not None and not letter.opening.strip()


def _is_courtesy(sentence: str) -> bool:
    """A greeting, thanks, or that a machine wrote this: with nothing more in the same sentence."""
    if words_of.SELF_DECLARED.search(sentence):
        return True
    greeting = GREETINGS.match(sentence)
    rest = sentence.partition(",")[2] if greeting else sentence
    thanks = words_of.ACKNOWLEDGEMENTS.search(rest)
    if thanks:
        rest = rest[thanks.end() :].partition(",")[2]
    return (greeting or thanks) is not None and len(rest) <= MAX_ASIDE


def _without_sender(letter: Letter) -> Automatic | None:
    if not told.null_sender(letter.tree.headers):
        return None
    away = words_of.AWAY_SUBJECTS.match(letter.plain_subject) or letter.is_away
    if away or CHALLENGES.search(letter.opening):
        return Automatic("auto-reply", "an empty Return-Path, and the words of an answering machine")
    return Automatic("auto-generated", "an empty Return-Path")


def _by_header(letter: Letter) -> Automatic | None:
    """A list, a help desk, bulk mail, a robot; an answering machine that only says so in words."""
    headers = letter.tree.headers
    suppressed, bulk = told.suppresses_answers(headers), told.bulk_header(headers)
    if words_of.AWAY_SUBJECTS.match(letter.plain_subject) and (letter.answers or suppressed or bulk):
        return Automatic("auto-reply", "the subject says that somebody is away, and the headers that it answers")
    generated = told.generated_header(headers)
    if generated:
        return Automatic("auto-generated", generated)
    listed = told.list_header(headers, letter.own_domains)
    if listed:
        newsletter = not listed.takes_mail and bulk is not None and not bulk.startswith("List-Unsubscribe:")
        return Automatic("bulk" if newsletter else "list", listed.words)
    desk = told.desk_header(headers)
    if desk:  # its automatic mail says so, and was told above
        return Automatic("list", desk)
    if bulk:
        if letter.answers and letter.is_away:
            return Automatic("auto-reply", f"{bulk}, and the text says that somebody is away")
        return Automatic("bulk", bulk)
    if suppressed and not (letter.answers and told.is_by_person(headers)):
        return Automatic("auto-generated", f"X-Auto-Response-Suppress: {suppressed}")
    robot = told.robot_sender(letter.sender, letter.reply_to)
    if robot:
        return Automatic("auto-generated", f"sent by {robot}")
    if letter.tree.type == "multipart/report":
        return Automatic("auto-generated", "Content-Type: multipart/report")
    if "report domain:" in letter.plain_subject and "submitter:" in letter.plain_subject:
        return Automatic("auto-generated", "a DMARC report")
    return None


def _by_weak_evidence(letter: Letter) -> Automatic | None:
    """Two signs of different kinds, where one alone could be a person's as well."""
    headers, subject = letter.tree.headers, letter.plain_subject
    replies: list[str] = []
    others = [f"the header {name}" for name in (told.service_header(headers), told.relay_header(headers)) if name]
    if words_of.AWAY_SUBJECTS.match(subject) or words_of.REPLY_MARKS.match(subject):
        replies.append("the subject says that somebody is away")
    elif words_of.ACKNOWLEDGEMENTS.match(subject):
        replies.append("the subject acknowledges a message")
    if letter.sender and told.is_likely_robot(letter.sender):
        others.append(f"the sender {letter.sender.email}")
    if told.suppresses_answers(headers):
        others.append("the header X-Auto-Response-Suppress")
    if not replies and not others:
        beginning = unaccented(letter.body()[:MAX_OPENING])
        if not letter.answers and not _is_worth_reading(beginning):
            return None
        if (letter.answers or letter.opening != beginning) and not _is_worth_reading(letter.opening):
            return None
    if letter.first_says_away and not letter.converses:
        replies.append("the text says that somebody is away")
        if words_of.AWAY_DETAILS.search(letter.opening):
            replies.append("the text says whom to ask meanwhile")
    if not told.is_by_person(headers) and not letter.converses and letter.acknowledges:
        replies.append("the text acknowledges a message")
    if words_of.SELF_DECLARED.search(letter.opening):
        others.append("the text says that a machine wrote it")
    if (replies or others) and CHALLENGES.search(letter.opening):  # alone it would not be enough
        replies.append("the text asks to prove that one is human")
    # People write of their holidays too, but seldom in answer to something.
    if len(replies) + len(others) < (2 if others or letter.answers or letter.seems_to_answer else 3):
        return None
    return Automatic("auto-reply" if replies else "auto-generated", " and ".join(replies + others))


def _is_worth_reading(opening: str) -> bool:
    """Does a word occur that machines' answers turn about? Most answers are people's, and reading them costs time."""
    return not words_of.TOPICS.isdisjoint(_WORD.findall(opening)) or any(w in opening for w in words_of.UNSPACED_TOPICS)


def _receipt(letter: Letter) -> str | None:
    """Read receipts (RFC 8098), and answers to invitations (RFC 5546) that say nothing more."""
    tree = letter.tree
    kind = tree.parameters.get("report-type", "").lower()
    for part in tree.walk() if tree.children else (tree,):
        if kind == "disposition-notification" or part.type == "message/disposition-notification":
            return "a receipt of reading (message/disposition-notification)"
        if part.type == "text/calendar" and part.parameters.get("method", "").lower() in ("reply", "counter"):
            words = letter.opening.strip()
            if not words or words.startswith("begin:vcalendar") or words_of.INVITATION_ANSWERS.search(words[:400]):
                return "an answer to an invitation (text/calendar, method REPLY)"
    return None


def answer_unwanted(tree: Part) -> str | None:
    """The header by which even a person's mail asks not to be answered by a machine."""
    suppressed = told.suppresses_answers(tree.headers)
    return f"X-Auto-Response-Suppress: {suppressed}" if suppressed else told.relay_header(tree.headers)
