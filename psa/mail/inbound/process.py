"""What becomes of a message: the page to read first.

parse → seen before? → what kind → wanted? → who really wrote → which ticket → from an agent? → rules → file → answer,
in one transaction. Every step leaves a line in the trace; every message ends with a disposition and a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from psa.clients import operations as clients
from psa.clients.operations import Person
from psa.extensions import db
from psa.mail.inbound import bounces, loop_letters, unknown_senders
from psa.mail.inbound.acknowledging import acknowledge, answering
from psa.mail.inbound.agents import deal_with_agent, let_in
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.beyond_tickets import about_more_than_tickets, answered_by_machine, note_held_answer
from psa.mail.inbound.cc_people import bring_along
from psa.mail.inbound.classify import Kind, Verdict, classify
from psa.mail.inbound.copies import told_of_copy
from psa.mail.inbound.disposition import AlreadyProcessed, Disposition, Trace, mark_failed, store
from psa.mail.inbound.match import Match, match_ticket
from psa.mail.inbound.people import known_contact, who_in_words
from psa.mail.inbound.receive import Kept, kept_message
from psa.mail.inbound.rewritten import learn_from_copy, learn_from_report
from psa.mail.inbound.routing import Desk, route
from psa.mail.inbound.ruling import ask_rules, carry_out, ending
from psa.mail.inbound.speaking import who_speaks
from psa.mail.inbound.ties import before, instead_of_closed, suggest, tie
from psa.mail.inbound.to_projects import named_project
from psa.mail.inbound.trust import Trust, weigh
from psa.mail.inbound.unwanted import kept_out
from psa.mail.message import Address, ParsedEmail
from psa.mail.models import PROCESSABLE
from psa.mail.threads import remember_keys
from psa.rules.engine import Outcome
from psa.tickets import operations
from psa.tickets.operations import Actor, File, MergedAway, Said

log = structlog.get_logger()


def process(
    inbound_id: int, kept: Kept | None = None, desk: Desk | None = None, trust: Trust | None = None
) -> Disposition | None:
    """Deal with one kept message and commit; None when it was dealt with already.

    ``kept`` and ``desk`` spare a look into the database when the caller has them at hand, ``trust`` the check of the
    sender. What goes wrong inside marks this message as failed, with the reason, and raises nothing, so that the next
    one goes on; only a database that is away or locked is raised (OperationalError), and leaves the message as it was.
    """
    for last_try in (False, True):
        try:
            disposition = decide_and_store(inbound_id, kept, desk, trust)
            db.session.commit()
            return disposition
        except AlreadyProcessed:
            db.session.rollback()
            return None
        except (IntegrityError, MergedAway) as error:
            # Two messages of one new contact at the same moment: the second time the contact is there. And a ticket
            # that somebody has just merged: the second time the one that stays is found.
            db.session.rollback()
            if last_try:
                return mark_failed(inbound_id, kept, error)
        except Exception as error:
            db.session.rollback()
            if isinstance(error, OperationalError) and is_away(error):
                raise
            log.exception("message failed", inbound=inbound_id)
            return mark_failed(inbound_id, kept, error)
    return None


def is_away(error: OperationalError) -> bool:
    """Whether the database itself is the trouble, and not what we asked of it.

    PostgreSQL names what is wrong with a statement by class 54 (a limit exceeded) and 22 (bad data); SQLite says "too
    big". Everything else of this kind is a lock, a full disk or a lost connection.
    """
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] not in ("22", "54")
    return "too big" not in str(error.orig)


def process_again(inbound_id: int) -> Disposition | None:
    """Deal by the rules of today with a message that was held, ignored or failed, or still waits. Commits."""
    return once_more(inbound_id, Desk.of_message(inbound_id))


def convert(inbound_id: int, name: str = "") -> Disposition | None:
    """Make a ticket of a message whatever held it back: a person, of this name, has decided. Commits."""
    return once_more(inbound_id, Desk.of_message(inbound_id).converting(name))


def vouch(inbound_id: int, name: str) -> Disposition | None:
    """Deal with a held message as with one that is proven: the person of this name says who wrote it. Commits."""
    return once_more(inbound_id, Desk.of_message(inbound_id).vouching(name))


def process_proven(inbound_id: int, trust: Trust) -> Disposition | None:
    """Deal anew with a message that is held, now that its sender is proven; None when it is held no more. Commits."""
    kept = kept_message(inbound_id, statuses=("held",))
    return process(inbound_id, kept, Desk.of_message(inbound_id), trust) if kept is not None else None


def once_more(inbound_id: int, desk: Desk) -> Disposition | None:
    """In one transaction from the old disposition to the new one: no poller can come in between."""
    kept = kept_message(inbound_id, statuses=PROCESSABLE)
    disposition = process(inbound_id, kept, desk) if kept is not None else None
    db.session.expire_all()
    return disposition


def decide_and_store(inbound_id: int, kept: Kept | None, desk: Desk | None, trust: Trust | None = None) -> Disposition:
    """Decide, file, and write the disposition beside it; the caller commits. Raises AlreadyProcessed."""
    kept = kept or kept_message(inbound_id)
    if kept is None:
        raise AlreadyProcessed
    desk = desk or Desk.of_message(inbound_id)
    email = read_answer(kept.raw, desk.own_domains, kept.email)
    # Read all of it now: from the first statement on SQLite has one writer, and others would wait for our reading.
    said, trust = said_in(kept, email), trust or weigh(kept, email, desk)
    return deal_with(kept, email, said, trust, desk)


def deal_with(kept: Kept, email: ParsedEmail, said: Said, trust: Trust, desk: Desk) -> Disposition:
    """Decide about a message that has been read. Raises AlreadyProcessed."""
    trace = Trace()
    disposition = decide(kept, email, said, trust, desk, trace)
    trace.note("Disposition", disposition.status.capitalize(), disposition.reason)
    store(kept, email, disposition, trust, trace, settled=desk.leaves_mail)
    if disposition.status == "held":
        note_held_answer(kept.id, email)
    return disposition


def decide(kept: Kept, email: ParsedEmail, said: Said, trust: Trust, desk: Desk, trace: Trace) -> Disposition:
    """The way of one message, step by step."""
    trace.note(
        "Read", f"{len(email.attachments)} attachments" if email.attachments else "Text", "; ".join(email.defects)
    )
    if desk.takes_anything:
        by = f"by {desk.converted_by}, " if desk.converted_by else ""
        trace.note("Person", "Had it filed", f"{by}whatever held it back")
    verdict = classify(email, desk.own_addresses)
    ended = (
        of_an_ended_test(email, trace)
        or told_of_copy(email, kept, desk, trace)
        or not_for_a_ticket(email, kept, verdict, trace)
        or kept_out(email, desk, trace)
        or without_anything_to_read(email, desk, trace)
    )
    if ended is not None:
        return ended

    trace.note("Sender", trust.verdict.capitalize(), trust.words)
    sender = who_speaks(email, trust, desk.trusts, trace)
    person = clients.find_person(sender.email, desk.client_of_domain) if sender.email else Person(None, None)
    trace.note("Client", person.client_name or "Unknown", who_in_words(sender, person))
    letter = Letter(kept, email, said, sender, person, verdict.kind, trust, desk, trace)

    match = about_more_than_tickets(match_ticket(email, person, desk.onto), email, person, trust)
    match = instead_of_closed(match, letter.kind, desk)
    trace.note("Ticket", match.verdict, match.words)
    acted = deal_with_agent(kept, email, said, match, trust, letter.kind, desk, trace)
    if acted is not None:
        return acted
    match = let_in(match, trust, sender, trace)
    ended = answered_by_machine(match, email, letter.kind, kept, desk, trace)
    if ended is not None:
        return ended
    suggest(match, kept)
    if match.ticket_id is None and not desk.create_tickets:
        trace.note("Ticket creation", "Off", "for this mailbox: what is no reply is held for a person")
        return letter.ends("held", "Automatic Ticket Creation is off for this mailbox")

    outcome = ask_rules(kept, email, person, letter.kind, trust, desk, trace, match.ticket_id)
    if outcome.end is not None:
        return letter.ends(*ending(outcome))
    if match.ticket_id is not None:
        return add_to_ticket(letter, match.ticket_id, match, outcome)
    return open_new_ticket(letter, match, outcome)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message whose sender is known, on its way to a ticket."""

    kept: Kept
    email: ParsedEmail
    said: Said
    sender: Address
    person: Person
    kind: Kind
    trust: Trust
    desk: Desk
    trace: Trace

    def ends(self, status: str, reason: str, ticket_id: int | None = None) -> Disposition:
        return Disposition(status, reason, ticket_id, kind=self.kind)


def of_an_ended_test(email: ParsedEmail, trace: Trace) -> Disposition | None:
    """A late letter of a full-loop test is nobody's ticket."""
    test_id = loop_letters.ended_test_of(email.message_id)
    if test_id is None:
        return None
    trace.note("Full-loop test", "Ended", f"it belonged to test {test_id}")
    return Disposition("ignored", f"It belonged to full-loop test {test_id}")


def not_for_a_ticket(email: ParsedEmail, kept: Kept, verdict: Verdict, trace: Trace) -> Disposition | None:
    """Our own mail that came back, and reports about it; None for what somebody wrote to us."""
    trace.note("Kind", verdict.kind.capitalize(), verdict.words)
    if verdict.kind is Kind.OWN_LOOP:
        learn_from_copy(email)
        return Disposition("ignored", "Our own mail came back; filing it would make a loop", kind=verdict.kind)
    if verdict.kind is Kind.DELIVERY_REPORT:
        assert email.report is not None
        ticket_id, words = bounces.note_report(email.report, kept.id, email.recipients)
        trace.note("Report", email.report.kind.capitalize(), words)
        learn_from_report(email.report, ticket_id)
        return Disposition("reported", words, ticket_id, kind=verdict.kind)
    return None


def without_anything_to_read(email: ParsedEmail, desk: Desk, trace: Trace) -> Disposition | None:
    if says_anything(email) or desk.takes_anything:
        return None
    trace.note("Nothing to read", "Held", "it names neither a sender nor a subject nor a date")
    return Disposition("held", "There is nothing in it that could be read: no sender, no subject, no date")


def add_to_ticket(letter: Letter, ticket_id: int, match: Match, outcome: Outcome) -> Disposition:
    """A reply: the next comment on its ticket."""
    email, person, desk, trace = letter.email, letter.person, letter.desk, letter.trace
    contact_id = known_contact(letter.sender, person, person.client_id)
    then = "keep" if letter.kind is Kind.AUTOMATIC else None
    operations.add_reply(ticket_id, letter.said, Actor(contact_id=contact_id), then=then)
    remember_keys(email, ticket_id)
    bring_along(ticket_id, contact_id, email, letter.kind, letter.trust, desk, trace, is_reply=True, weak=match.weak)
    carry_out(outcome, ticket_id, trace, is_reply=True)
    return letter.ends("filed", f"On ticket #{ticket_id}: {match.words}", ticket_id)


def open_new_ticket(letter: Letter, match: Match, outcome: Outcome) -> Disposition:
    """A ticket of its own, unless the mailbox holds what strangers write."""
    kept, email, sender, desk, trace = letter.kept, letter.email, letter.sender, letter.desk, letter.trace
    place = route(outcome, letter.person, desk, trace, before(match), named_project(email, desk))
    if place.client_id is None and desk.unknown_senders != "contact" and not desk.takes_anything:
        if desk.unknown_senders == "answer":
            unknown_senders.answer(sender, email, letter.kind, letter.trust, kept, desk, trace)
        trace.note("Stranger", "Held", "this mailbox opens no ticket for whom nobody knows")
        return letter.ends("held", unknown_senders.reason(sender))
    # The ticket may be the client’s for what it answers; whoever wrote need not be one of their people.
    contact_id = known_contact(sender, letter.person, outcome.client_id or letter.person.client_id)
    ticket_id, _ = operations.open_ticket(
        subject=email.base_subject or "(no subject)",
        queue_id=place.queue_id,
        said=letter.said,
        by=Actor(contact_id=contact_id),
        requester_id=contact_id,
        client_id=place.client_id,
        project_id=place.project_id,
        automatic=letter.kind is Kind.AUTOMATIC,
        number=desk.number_to_rehearse(),
    )
    remember_keys(email, ticket_id)
    tie(match, ticket_id)
    bring_along(ticket_id, contact_id, email, letter.kind, letter.trust, desk, trace, is_reply=False)
    carry_out(outcome, ticket_id, trace, is_reply=False)
    acknowledge(ticket_id, replace(letter, desk=answering(outcome, place.queue_id, desk, trace)), match)
    return letter.ends("filed", f"Opened ticket #{ticket_id} in {place.queue_name}", ticket_id)


def says_anything(email: ParsedEmail) -> bool:
    """Whether it is a message at all: it names at least one of what every mail program writes (RFC 5322, 3.6)."""
    named = email.sender is not None and email.sender.email != ""
    return bool(named or email.subject or email.message_id or email.date)


def said_in(kept: Kept, email: ParsedEmail) -> Said:
    """The comment that a message makes."""
    body = email.reply_text
    if not kept.complete:
        body = f"This message is {kept.size / 1_000_000:.0f} MB, more than we take in. It is still in the mailbox."
    return Said(
        body=body,
        folded=email.folded_text,
        signature=email.signature_text,
        has_html=email.html_source is not None,
        inbound_id=kept.id,
        files=tuple(
            File(kept.raw_id, a.part, a.name, a.type, a.size, a.sha256, a.content_id, a.disposition == "inline")
            for a in email.attachments
        ),
    )
