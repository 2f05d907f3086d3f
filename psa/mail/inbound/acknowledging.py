"""Telling a sender that their ticket is open: only a person who wrote now, and only where it can do no harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from psa import clock
from psa.mail.fuse.operations import was_answered
from psa.mail.inbound.classify import Kind, is_by_another_psa
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.match import Match
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.trust import FAILED
from psa.mail.message import Address, ParsedEmail
from psa.mail.message.head.spam import read_spam
from psa.tickets import notifications

if TYPE_CHECKING:
    from psa.mail.inbound.process import Letter
    from psa.mail.inbound.routing import Desk
    from psa.rules.engine import Outcome

# Each new ticket is acknowledged; the auto-reply says the same each time, so a sender hears it once in this while.
AUTO_REPLY_ONCE_IN = timedelta(days=1)


def acknowledge(ticket_id: int, letter: Letter, match: Match) -> None:
    """Tell the sender that the ticket is open, where that is wanted and can do no harm."""
    email, sender, desk = letter.email, letter.sender, letter.desk
    if not desk.acknowledges:
        return
    forged = "its sender seems to be forged" if letter.trust.verdict == FAILED else ""
    never = forged or why_never(sender, email, letter.kind, letter.kept, desk)
    obstacle = never or why_no_receipt(match, desk) or why_not_again(sender, desk)
    if obstacle:
        letter.trace.note("Answer", "None", obstacle)
        return
    answered, words = notifications.ticket_opened(
        ticket_id, email.message_id, desk.answers_with, said=email.reply_text, inbound_id=letter.kept.id
    )
    letter.trace.note("Answer", "Queued" if answered else "None", words)


def answering(outcome: Outcome, queue_id: int, desk: Desk, trace: Trace) -> Desk:
    """The desk with its auto-reply as the rules want it, else as the queue of the ticket does, else the mailbox."""
    queue = desk.auto_replies.get(queue_id, "mailbox")
    wanted = outcome.answer if outcome.answer is not None else {"on": True, "off": False}.get(queue)
    if wanted is None:
        return desk
    by = f"rule {outcome.by['answer']}" if outcome.answer is not None else f"the queue {desk.queues[queue_id]}"
    if wanted:
        trace.note("Auto-reply", "On", f"{by} wants it")
        return replace(desk, acknowledges=True, answers_with="auto_reply")
    if desk.acknowledges:
        trace.note("Answer", "None", f"{by} wants no auto-reply")
    return replace(desk, acknowledges=False)


def why_never(sender: Address, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk) -> str:
    """Why no machine of ours may answer this message, in words; empty when nothing speaks against it."""
    if kind is not Kind.PERSON or email.automatic is not None:
        return "neither automatic mail nor a mailing list is ever answered by machine"
    if email.answer_unwanted:
        return f"its sender wants no answer by machine ({email.answer_unwanted})"
    if is_by_another_psa(email):
        return "it was written in a PSA like this one, and two machines would answer each other"
    if kept.backlog:
        return "it is from before the PSA was connected"
    if not sender.email:
        return "there is nobody to answer to"
    if sender.email.lower() in desk.own_addresses:
        return "it names one of our own addresses as its sender"
    spam = read_spam(email.tree.headers)
    return f"the filter in front of the mailbox calls it spam ({spam.words})" if spam and spam.is_spam else ""


def why_no_receipt(match: Match, desk: Desk) -> str:
    """Who answers an invoice knows that we have written; an auto-reply says what it was set up to say all the same."""
    if match.about is None or desk.answers_with == "auto_reply":
        return ""
    return f"it answers {match.about.name}, and whoever answers us needs no receipt for it"


def why_not_again(sender: Address, desk: Desk) -> str:
    """Whether the sender has had the auto-reply already."""
    template = desk.answers_with
    if template == "auto_reply" and was_answered(sender.email, template, clock.now() - AUTO_REPLY_ONCE_IN):
        return f"{sender.email} had the auto-reply within the last day"
    return ""
