"""Mail from a user's address: an answer to a client, a note, commands, or a client's mail that is passed on.

Only what is proven acts. What is not is held with the reason, until a person says that it is really from them; so is
what cannot be understood, and its writer hears of that. Automatic mail never acts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from psa.clients import operations as clients
from psa.extensions import db, rows_of
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.commands import NotUnderstood, Orders, read_orders
from psa.mail.inbound.disposition import Disposition, Trace
from psa.mail.inbound.people import known_contact, who_in_words
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.routing import route
from psa.mail.inbound.ruling import ask_rules, carry_out, ending
from psa.mail.inbound.to_projects import named_project
from psa.mail.inbound.trust import FAILED, Trust
from psa.mail.inbound.trust_policy import Staff
from psa.mail.message import Address, Forwarded, ParsedEmail
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Content, Unwritable, Upload, addr_spec, compose, new_message_id, ticket_of
from psa.mail.outbound.outbox import enqueue
from psa.mail.threads import remember_keys
from psa.notifications.letters import THREAD_OF_NOTICES
from psa.prepared import Prepared
from psa.tickets import notifications, operations
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Actor, Said
from psa.tickets.watchers import watching_contacts

if TYPE_CHECKING:
    from psa.mail.inbound.match import Match
    from psa.mail.inbound.routing import Desk

PURPOSE = "agent"
# Of what a mail refers to, the last ones are what it answers.
MOST_ANSWERED = 20
TICKETS = Ticket.__table__
REQUESTER = Prepared(db.select(TICKETS.c.requester_id).where(TICKETS.c.id == bindparam("ticket_id")))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of a user on its way: what everything here looks at."""

    user: Staff
    kept: Kept
    email: ParsedEmail
    said: Said
    kind: Kind
    desk: Desk
    trace: Trace

    @property
    def by(self) -> Actor:
        return Actor(user_id=self.user.id)

    def ends(self, status: str, reason: str, ticket_id: int | None = None) -> Disposition:
        return Disposition(status, reason, ticket_id, kind=self.kind)


def deal_with_agent(
    kept: Kept, email: ParsedEmail, said: Said, match: Match, trust: Trust, kind: Kind, desk: Desk, trace: Trace
) -> Disposition | None:
    """What becomes of a user's mail; None when it goes the way of all mail, because nobody acts by it."""
    user = desk.trusts.user_at(email.sender.email) if email.sender is not None else None
    if user is None:
        return None
    letter = Letter(user, kept, email, said, kind, desk, trace)
    ticket_id = match.ticket_id or match.suggested_id or match.follows_id
    passed_on = email.forwarded if email.is_forward and ticket_id is None else None
    obstacle = why_not_acting(letter, ticket_id, passed_on)
    if obstacle:
        trace.note("Agent", "Does not act", obstacle)
        return None
    if kind is Kind.AUTOMATIC:
        trace.note("Agent", "Does not act", "automatic mail never does")
        return letter.ends("ignored", f"An automatic answer of {user.name}’s mail program") if ticket_id else None
    return act(letter, ticket_id, passed_on, trust)


def why_not_acting(letter: Letter, ticket_id: int | None, passed_on: Forwarded | None) -> str:
    """Why the mail is like anybody's; "" when it may act."""
    if letter.desk.takes_anything and not letter.desk.trusts.vouched_by:
        return "a person has decided what becomes of it"
    if letter.kept.backlog:
        return "it is from before the PSA was connected"
    if ticket_id is None and passed_on is None:
        return "it answers no ticket and passes nothing on, so it is a wish of their own"
    if ticket_id is not None and is_requester(letter.user, ticket_id):
        return f"#{ticket_id} is their own wish"
    return ""


def act(letter: Letter, ticket_id: int | None, passed_on: Forwarded | None, trust: Trust) -> Disposition:
    user, desk, trace = letter.user, letter.desk, letter.trace
    if not desk.trusts.agents_may_answer and not desk.trusts.vouched_by:
        trace.note("Agent", "Held", "agents may not answer by mail here")
        return letter.ends("held", f"It is from the address of {user.name}, and agents may not answer by mail here")
    if not trust.is_proven:
        trace.note("Agent", "Held", trust.words)
        return letter.ends("held", f"It claims to be {user.name}, and nothing proves it: {trust.words}")
    if not is_addressed_to_us(letter):
        trace.note("Agent", "Held", "none of our addresses stands in To or Cc")
        return letter.ends("held", f"It is from {user.name}, but it is addressed to somebody else")
    try:
        own = words_above(letter.email) if passed_on is not None else letter.said.body
        orders = read_orders(letter.email, own, user, desk.trusts.users, desk.queues)
        if passed_on is not None:
            return pass_on(letter, passed_on, trust, orders)
        assert ticket_id is not None
        return answer(letter, ticket_id, orders)
    except NotUnderstood as reason:
        trace.note("Agent", "Held", str(reason))
        tell(letter, str(reason))
        return letter.ends("held", f"{user.name} wrote by mail, and it was not carried out. {reason}")


def is_addressed_to_us(letter: Letter) -> bool:
    """Whether the mail was written to us: one that went to others can be sent on to us by whoever has it."""
    policy = letter.desk.trusts
    return any(policy.is_ours(one.email, one.domain) for one in (*letter.email.to, *letter.email.cc))


def answer(letter: Letter, ticket_id: int, orders: Orders) -> Disposition:
    """A public reply to the client, or an internal note. Raises NotUnderstood where nothing can be sent."""
    ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    said, number = replace(letter.said, body=orders.words, has_html=False), f"#{ticket_id}"
    says_something = bool(orders.words.strip() or said.files)
    answers_it = orders.internal is None and answers_a_note(letter.email)
    if not says_something:
        done = f"Commands for {number}"
    elif answers_it:
        operations.add_note(ticket_id, said, letter.by)
        done = f"An internal note on {number}, as what it answers"
    elif orders.internal or ticket.requester is None or not ticket.requester.email:
        operations.add_note(ticket_id, said, letter.by)
        done = f"An internal note on {number}" + ("" if orders.internal else ", which has no client to write to")
    elif went_to(ticket.requester.email, letter.email):
        comment_id = operations.add_reply(ticket_id, said, letter.by, then=orders.status or "waiting")
        send_to_watchers(letter, ticket, comment_id)
        done = f"A reply on {number}, which {ticket.requester.email} has from {letter.user.name} already"
    else:
        send(letter, ticket, said, orders)
        done = f"A reply on {number}, mailed to {ticket.requester.email}"
    remember_keys(letter.email, ticket_id)
    carry_out_orders(letter, ticket_id, orders)
    letter.trace.note("Agent", letter.user.name, "; ".join([done, *orders.done]))
    return letter.ends("filed", f"{done}, by {letter.user.name}", ticket_id)


def answers_a_note(email: ParsedEmail) -> bool:
    """Whether the mail answers what we told a user of an internal note: the answer is one, too.

    A notice that is known by another id, as a relay may have given it one, could have been about a note.
    """
    answered = [*email.in_reply_to, *reversed(email.references)][:MOST_ANSWERED]
    rows = db.session.execute(
        db.select(OutboundEmail.message_id, OutboundEmail.template).where(OutboundEmail.message_id.in_(answered))
    )
    known: dict[str, str] = {row.message_id: row.template for row in rows}
    template = next((known[one] for one in answered if one in known), None)
    if template is not None:
        return template == "user_new_note"
    return any(f".{THREAD_OF_NOTICES}." in one and ticket_of(one) is not None for one in answered)


def send(letter: Letter, ticket: Ticket, said: Said, orders: Orders) -> None:
    """The reply, as from the browser: filed and queued in one transaction. Raises NotUnderstood."""
    assert ticket.requester is not None
    if accounts.outbound_for(letter.desk.address) is None:
        raise NotUnderstood("No account sends mail yet, so the client cannot be answered.")
    if not can_be_written_to(ticket.requester.email):
        raise NotUnderstood(f"{ticket.requester.email} is not an address that mail can be sent to.")
    inline = {file.part for file in said.files if file.inline}
    uploads = [Upload(one.name, one.type, one.data) for one in letter.email.attachments if one.part not in inline]
    # Those that leave are shown from the mail that carries them.
    kept_here = tuple(file for file in said.files if file.inline)
    comment_id = operations.add_reply(
        ticket.id, replace(said, files=kept_here), letter.by, then=orders.status or "waiting"
    )
    notifications.reply_added(comment_id, uploads, copies=watchers_without_it(ticket.id, letter.email))


def send_to_watchers(letter: Letter, ticket: Ticket, comment_id: int) -> None:
    """The reply to those who follow the ticket, when the requester has it already and they have not."""
    watchers = watchers_without_it(ticket.id, letter.email)
    if not watchers or accounts.outbound_for(letter.desk.address) is None:
        return
    uploads = [Upload(one.name, one.type, one.data) for one in letter.email.attachments]
    notifications.reply_passed_on(comment_id, watchers, letter.email.message_id, uploads)
    letter.trace.note("Answer", "Queued", f"mailed to {', '.join(address for _, address in watchers)}")


def watchers_without_it(ticket_id: int, email: ParsedEmail) -> list[tuple[str, str]]:
    """Names and addresses of those who follow the ticket and stand in neither To nor Cc."""
    return [
        (one.name, one.email)
        for one in watching_contacts(ticket_id)
        if can_be_written_to(one.email) and not went_to(one.email, email)
    ]


def can_be_written_to(address: str) -> bool:
    try:
        return bool(addr_spec(address))
    except Unwritable:
        return False


def went_to(address: str, email: ParsedEmail) -> bool:
    """Whether the mail went to ``address`` as well: the client must not get it twice."""
    return any(one.email.lower() == address.lower() for one in (*email.to, *email.cc))


def carry_out_orders(letter: Letter, ticket_id: int, orders: Orders) -> None:
    if orders.status is not None:
        operations.set_status(ticket_id, orders.status, letter.by)
    if orders.assignee is not None:
        operations.assign(ticket_id, orders.assignee.id, orders.assignee.name, letter.by)
    if orders.priority is not None:
        operations.set_priority(ticket_id, orders.priority, letter.by)
    if orders.queue_id is not None:
        operations.move(ticket_id, db.session.get_one(Queue, orders.queue_id), letter.by)


def pass_on(letter: Letter, passed_on: Forwarded, trust: Trust, orders: Orders) -> Disposition:
    """A ticket of whoever wrote what was passed on; the agent's own words become a note. Raises NotUnderstood."""
    desk, trace, author = letter.desk, letter.trace, passed_on.from_
    if "@" not in author.email:
        raise NotUnderstood("It passes a mail on that names no address of its sender, so nobody could be answered.")
    if desk.trusts.user_at(author.email) is not None or desk.trusts.is_ours(author.email, author.domain):
        raise NotUnderstood(f"It passes on a mail of {author.email}, who is one of us.")
    if not desk.create_tickets and not desk.takes_anything:
        return letter.ends("held", "Automatic Ticket Creation is off for this mailbox")
    person = clients.find_person(author.email, desk.client_of_domain)
    trace.note("Agent", letter.user.name, f"passes on a mail of {author.email}, who is the requester")
    trace.note("Client", person.client_name or "Unknown", who_in_words(author, person))
    outcome = ask_rules(letter.kept, letter.email, person, letter.kind, trust, desk, trace, None, author)
    if outcome.end is not None:
        return letter.ends(*ending(outcome))
    place = route(outcome, person, desk, trace, naming=named_project(letter.email, desk))
    contact_id = known_contact(author, person, place.client_id)
    ticket_id, _ = operations.open_ticket(
        subject=passed_on.subject or letter.email.base_subject or "(no subject)",
        queue_id=place.queue_id,
        said=replace(letter.said, body=passed_on.text, folded="", signature="", has_html=False),
        by=Actor(contact_id=contact_id),
        requester_id=contact_id,
        client_id=place.client_id,
        project_id=place.project_id,
        number=desk.number_to_rehearse(),
    )
    if orders.words.strip():
        operations.add_note(ticket_id, Said(body=orders.words.strip(), inbound_id=letter.kept.id), letter.by)
    remember_keys(letter.email, ticket_id)
    carry_out(outcome, ticket_id, trace, is_reply=False)
    carry_out_orders(letter, ticket_id, orders)
    return letter.ends(
        "filed", f"Opened ticket #{ticket_id} for {author.email}, passed on by {letter.user.name}", ticket_id
    )


def words_above(email: ParsedEmail) -> str:
    """What an agent wrote above the mail that is passed on."""
    introduction = next((line for line in email.folded_text.split("\n") if line.strip()), "")
    above, found, _ = email.text.partition(introduction) if introduction else (email.reply_text, "", "")
    return (above if found else email.reply_text).strip("\n")


def tell(letter: Letter, reason: str) -> None:
    """One mail to the agent that says what was not done. Only somebody proven gets it, so it goes to no victim."""
    account, email = accounts.outbound_for(letter.desk.address), letter.email
    if account is None:
        return
    nonce = hashlib.sha256(f"agent {letter.kept.id} {email.content_hash}".encode()).hexdigest()[:16]
    message_id = new_message_id(0, account.domain, nonce)
    if db.session.scalar(db.select(OutboundEmail.id).where(OutboundEmail.message_id == message_id)) is not None:
        return
    too_many = may_answer(letter.user.email, PURPOSE, said=email.reply_text, inbound_id=letter.kept.id)
    if too_many:
        letter.trace.note("Answer", "None", too_many)
        return
    subject = email.base_subject or "your mail"
    composed = compose(
        Content(
            f"Not carried out: {subject}",
            f"{reason}\n\nNothing was sent to the client. Your mail is held: open Held mail, or write it once more.\n",
        ),
        sender=author_of(account),
        to=[(letter.user.name, letter.user.email)],
        in_reply_to=email.message_id,
        automatic="auto-replied",
        nonce="" if letter.desk.rehearses else nonce,
    )
    # No envelope sender: what cannot be delivered must not come back (RFC 3834, 3.3).
    enqueue(
        composed,
        account_id=account.id,
        envelope_sender="",
        recipients=[addr_spec(letter.user.email)],
        purpose=PURPOSE,
    )
    letter.trace.note("Answer", "Queued", f"told {letter.user.email} that it was not carried out")


def is_requester(user: Staff, ticket_id: int) -> bool:
    """Whether the user asked for the ticket, as anybody does who writes from this address."""
    contact_id = clients.find_person(user.email).contact_id
    return contact_id is not None and rows_of(REQUESTER, ticket_id=ticket_id) == [(contact_id,)]


def let_in(match: Match, trust: Trust, sender: Address, trace: Trace) -> Match:
    """Keep whoever is not proven out of internal tickets, those that no client has asked for; and whoever is forged out
    of tickets that anybody could have named.
    """
    if match.ticket_id is not None and match.weak and trust.verdict == FAILED:
        words = f"it may belong to #{match.ticket_id}: {match.words}, but {sender.email} seems to be forged"
        trace.note("Ticket", "In doubt", words)
        return replace(match, ticket_id=None, suggested_id=match.ticket_id, words=words)
    if match.ticket_id is None or trust.is_proven or rows_of(REQUESTER, ticket_id=match.ticket_id) != [(None,)]:
        return match
    trace.note(
        "Ticket", "Not that one", f"#{match.ticket_id} is internal, and nothing proves that {sender.email} wrote"
    )
    return replace(match, ticket_id=None, words="it answers an internal ticket, which only proven senders may")
