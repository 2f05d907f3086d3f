"""What becomes of a message: the page to read first.

parse → seen before? → classify → who is it → which ticket → rules → file → notify, in one transaction. Every step
leaves a line in the trace; every message ends with a disposition and a reason.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Row, bindparam
from sqlalchemy.exc import IntegrityError, OperationalError

from psa import clock
from psa.clients import operations as clients
from psa.clients.operations import Person
from psa.extensions import change_rows, db, insert_unless_there, run
from psa.mail.inbound import bounces, loop_letters, unknown_senders
from psa.mail.inbound.answered import read_answer
from psa.mail.inbound.classify import Kind, classify
from psa.mail.inbound.match import match_ticket
from psa.mail.inbound.receive import Kept, kept_message
from psa.mail.inbound.routing import Desk, route
from psa.mail.inbound.ruling import answering, ask_rules, carry_out, ending
from psa.mail.log import search
from psa.mail.message import Address, ParsedEmail
from psa.mail.models import PROCESSABLE, FiledMail, InboundEmail
from psa.mail.threads import remember_key
from psa.prepared import Prepared
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, File, Said

log = structlog.get_logger()

MAILS, FILED = InboundEmail.__table__, FiledMail.__table__
ANSWERS_FOR = FILED.select().where(FILED.c.content_hash == bindparam("content_hash"))
WAITS = db.select(MAILS.c.status).where(MAILS.c.id == bindparam("inbound_id"))
TAKE_OVER = FILED.update().where(FILED.c.content_hash == bindparam("identity")).values(inbound_id=bindparam("kept_id"))
FIRST_COPY = db.select(MAILS.c.ticket_id, MAILS.c.account_id, MAILS.c.status, MAILS.c.reason).where(
    MAILS.c.id == bindparam("inbound_id")
)


class AlreadyProcessed(Exception):
    """Somebody else has dealt with this message in the meantime."""


@dataclass(slots=True)
class Trace:
    """The steps that decided a message's fate, in words: ``{"step", "verdict", "detail"}`` each."""

    steps: list[dict[str, Any]] = field(default_factory=list)

    def note(self, step: str, verdict: str, detail: str = "") -> None:
        self.steps.append({"step": step, "verdict": verdict, "detail": detail})


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a message ended: a status (filed, held, ignored, reported, failed), why, and what was read in it."""

    status: str
    reason: str
    ticket_id: int | None = None
    same_as_id: int | None = None
    kind: str = ""


def process(inbound_id: int, kept: Kept | None = None, desk: Desk | None = None) -> Disposition | None:
    """Deal with one kept message and commit; None when it was dealt with already.

    ``kept`` and ``desk`` spare a look into the database when the caller has them at hand. What goes wrong inside marks
    this message as failed, with the reason, and raises nothing, so that the next one goes on; only a database that is
    away or locked is raised (OperationalError), and leaves the message as it was.
    """
    for last_try in (False, True):
        try:
            disposition = decide_and_store(inbound_id, kept, desk)
            db.session.commit()
            return disposition
        except AlreadyProcessed:
            db.session.rollback()
            return None
        except IntegrityError as error:
            # Two messages of one new contact at the same moment: the second time the contact is there.
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


def convert(inbound_id: int) -> Disposition | None:
    """Make a ticket of a message whatever held it back: a person has decided. Commits."""
    return once_more(inbound_id, Desk.of_message(inbound_id).converting())


def once_more(inbound_id: int, desk: Desk) -> Disposition | None:
    """In one transaction from the old disposition to the new one: no poller can come in between."""
    kept = kept_message(inbound_id, statuses=PROCESSABLE)
    disposition = process(inbound_id, kept, desk) if kept is not None else None
    db.session.expire_all()
    return disposition


def decide_and_store(inbound_id: int, kept: Kept | None, desk: Desk | None) -> Disposition:
    """Decide, file, and write the disposition beside it; the caller commits. Raises AlreadyProcessed."""
    kept = kept or kept_message(inbound_id)
    if kept is None:
        raise AlreadyProcessed
    desk = desk or Desk.of_message(inbound_id)
    email = read_answer(kept.raw, desk.own_domains)
    # Read all of it now: from the first statement on SQLite has one writer, and others would wait for our reading.
    return deal_with(kept, email, said_in(kept, email), desk)


def deal_with(kept: Kept, email: ParsedEmail, said: Said, desk: Desk) -> Disposition:
    """Decide about a message that has been read. Raises AlreadyProcessed."""
    trace = Trace()
    disposition = decide(kept, email, said, desk, trace)
    trace.note("Disposition", disposition.status.capitalize(), disposition.reason)
    store(kept, email, disposition, trace, settled=desk.leaves_mail)
    return disposition


def decide(kept: Kept, email: ParsedEmail, said: Said, desk: Desk, trace: Trace) -> Disposition:
    """The way of one message, step by step."""
    trace.note(
        "Read", f"{len(email.attachments)} attachments" if email.attachments else "Text", "; ".join(email.defects)
    )

    if (test_id := loop_letters.ended_test_of(email.message_id)) is not None:
        return Disposition("ignored", f"It belonged to full-loop test {test_id}")

    same = answers_already(email, kept)
    if same is not None:
        likeness = "has the same Message-ID and content" if email.message_id else "is the same to the byte"
        trace.note("Seen before", "Yes", f"message {same} {likeness}")
        first = run(FIRST_COPY, {"inbound_id": same}).one()
        tell_of_copy(first, desk)
        return Disposition("ignored", f"It is the same mail as one that {fate_of(first)}", same_as_id=same)

    verdict = classify(email)
    trace.note("Kind", verdict.kind.capitalize(), verdict.words)
    if verdict.kind is Kind.OWN_LOOP:
        return Disposition("ignored", "Our own mail came back; filing it would make a loop", kind=verdict.kind)
    if verdict.kind is Kind.DELIVERY_REPORT:
        assert email.report is not None
        ticket_id, words = bounces.note_report(email.report, kept.id)
        trace.note("Report", email.report.kind.capitalize(), words)
        return Disposition("reported", words, ticket_id, kind=verdict.kind)

    if not says_anything(email) and not desk.takes_anything:
        return Disposition("held", "There is nothing in it that could be read: no sender, no subject, no date")

    sender = email.sender or Address("", "")
    person = clients.find_person(sender.email, desk.client_of_domain) if sender.email else Person(None, None)
    trace.note("Client", person.client_name or "Unknown", who_in_words(sender, person))

    match = match_ticket(email, person.contact_id)
    trace.note("Ticket", f"#{match.ticket_id}" if match.ticket_id else "A new one", match.words)
    is_reply = match.ticket_id is not None
    if not is_reply and not desk.create_tickets:
        return Disposition("held", "Automatic Ticket Creation is off for this mailbox", kind=verdict.kind)

    outcome = ask_rules(kept, email, person, verdict.kind, desk, trace, is_reply=is_reply)
    if outcome.end is not None:
        return Disposition(*ending(outcome), kind=verdict.kind)
    if match.ticket_id is not None:
        contact_id = known_contact(sender, person, person.client_id)
        then = "keep" if verdict.kind is Kind.AUTOMATIC else None
        operations.add_reply(match.ticket_id, said, Actor(contact_id=contact_id), then=then)
        remember_keys(email, match.ticket_id)
        carry_out(outcome, match.ticket_id, trace, is_reply=True)
        return Disposition("filed", f"On ticket #{match.ticket_id}: {match.words}", match.ticket_id, kind=verdict.kind)

    place = route(outcome, person, desk, trace)
    if place.client_id is None and desk.unknown_senders != "contact" and not desk.takes_anything:
        if desk.unknown_senders == "answer":
            unknown_senders.answer(sender, email, verdict.kind, kept, desk, trace)
        return Disposition("held", unknown_senders.reason(sender), kind=verdict.kind)
    contact_id = known_contact(sender, person, place.client_id)
    ticket_id, _ = operations.open_ticket(
        subject=email.base_subject or "(no subject)",
        queue_id=place.queue_id,
        said=said,
        by=Actor(contact_id=contact_id),
        requester_id=contact_id,
        client_id=place.client_id,
        project_id=place.project_id,
        automatic=verdict.kind is Kind.AUTOMATIC,
        number=rehearsed_number() if desk.rehearses else None,
    )
    remember_keys(email, ticket_id)
    carry_out(outcome, ticket_id, trace, is_reply=False)
    notify(ticket_id, sender, email, verdict.kind, kept, answering(outcome, desk, trace), trace)
    return Disposition("filed", f"Opened ticket #{ticket_id} in {place.queue_name}", ticket_id, kind=verdict.kind)


def rehearsed_number() -> int:
    """A number that no ticket has: PostgreSQL takes none back that a transaction without success has used."""
    return -secrets.randbelow(2**31 - 1) - 1


def notify(
    ticket_id: int, sender: Address, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk, trace: Trace
) -> None:
    """Tell the sender that the ticket is open, where that is wanted and can do no harm."""
    if not desk.acknowledges:
        return
    if kind is not Kind.PERSON or email.automatic is not None:
        trace.note("Answer", "None", "neither automatic mail nor a mailing list is ever answered by machine")
    elif email.answer_unwanted:
        trace.note("Answer", "None", f"its sender wants no answer by machine ({email.answer_unwanted})")
    elif kept.backlog:
        trace.note("Answer", "None", "it is from before the PSA was connected")
    elif not sender.email:
        trace.note("Answer", "None", "there is nobody to answer to")
    else:
        answered, words = notifications.ticket_opened(ticket_id, email.message_id, desk.answers_with)
        trace.note("Answer", "Queued" if answered else "None", words)


def answers_already(email: ParsedEmail, kept: Kept) -> int | None:
    """The other message that is this very mail (another mailbox of ours got it too), by Message-ID *and* content.

    A mail without Message-ID must be the same to the byte, with its Received lines and their times: so it is when it
    was moved to another folder that is read too. Whoever comes first takes the mail's one row, in the transaction that
    files it; a second one waits here for it.
    """
    identity = email.content_hash if email.message_id else hashlib.sha256(b"raw " + kept.raw).hexdigest()
    if insert_unless_there(FiledMail, content_hash=identity, inbound_id=kept.id):
        return None
    # Taken: by another message, or by this one when it is dealt with once more.
    taken_by: int = run(ANSWERS_FOR, {"content_hash": identity}).one().inbound_id
    if taken_by == kept.id or run(WAITS, {"inbound_id": taken_by}).one().status in ("held", "failed"):
        # A copy that waits for a person has filed nothing: this one goes its own way, and answers for the mail now.
        run(TAKE_OVER, {"identity": identity, "kept_id": kept.id})
        return None
    return taken_by


def fate_of(first: Row[Any]) -> str:
    """What became of the first copy, in words that follow “one that”."""
    if first.status == "ignored":
        return f"is ignored: {first.reason}"
    return "was a report" if first.status == "reported" else "is filed already"


def tell_of_copy(first: Row[Any], desk: Desk) -> None:
    """Note on the ticket of a mail that another mailbox of ours got it too."""
    if first.ticket_id is not None and first.account_id != desk.account_id:
        operations.note_mail(first.ticket_id, f"The same mail came to {desk.address} too.")


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


def known_contact(sender: Address, person: Person, client_id: int | None) -> int | None:
    """The contact who wrote, made now if nobody knew them; None when the mail names no sender at all."""
    if person.contact_id is not None:
        if person.is_unplaced and client_id is not None:
            clients.place_contact(person.contact_id, client_id)
        return person.contact_id
    if not sender.email:
        return None
    return clients.make_contact(sender.email, sender.name, client_id)


def who_in_words(sender: Address, person: Person) -> str:
    if not sender.email:
        return "the mail names no sender"
    if person.domain:
        return f"by Sender Domain {person.domain}"
    if person.client_id is not None:
        return f"{sender.email} is a contact of theirs"
    return f"neither {sender.email} nor its domain belongs to a client"


def remember_keys(email: ParsedEmail, ticket_id: int) -> None:
    if email.message_id:
        remember_key(email.message_id, ticket_id)


def store(kept: Kept, email: ParsedEmail, disposition: Disposition, trace: Trace, *, settled: bool) -> None:
    """Write what was decided. The condition on the status makes two processors of one message impossible."""
    sender = email.sender or Address("", "")
    recipients = addressed(email)
    search.remember_inbound(kept.id, sender.name, sender.email, email.subject or "", email.message_id or "", recipients)
    written = write_if_untouched(
        kept.id,
        kept.status,
        recipients=recipients,
        status=disposition.status,
        reason=disposition.reason,
        trace=trace.steps,
        ticket_id=disposition.ticket_id,
        same_as_id=disposition.same_as_id,
        kind=disposition.kind,
        message_id=email.message_id[:998] if email.message_id else None,
        content_hash=email.content_hash,
        sender_name=sender.name[:200],
        sender_email=sender.email[:320],
        subject=(email.subject or "")[:998],
        processed_at=clock.now(),
        settled=settled,
    )
    if not written:
        raise AlreadyProcessed


def addressed(email: ParsedEmail) -> str:
    """Everybody it went to, also the mailbox that a server on the way delivered it to."""
    people = [person.email for person in (*email.to, *email.cc)]
    return " ".join(dict.fromkeys([*people, *email.delivered_to]))[:2000]


def write_if_untouched(inbound_id: int, found: str, **values: Any) -> bool:
    """Change a row whose status is still the one that was ``found``; returns whether it was."""
    return change_rows(if_untouched(tuple(values)), inbound_id=inbound_id, found=found, **values) == 1


@cache
def if_untouched(columns: tuple[str, ...]) -> Prepared:
    unchanged = (MAILS.c.id == bindparam("inbound_id")) & (MAILS.c.status == bindparam("found"))
    return Prepared(MAILS.update().where(unchanged), *columns)


def mark_failed(inbound_id: int, kept: Kept | None, error: Exception) -> Disposition | None:
    """Write down that this message defeated us, and why. Its bytes are kept and Process again is offered."""
    return give_up(inbound_id, kept.status if kept is not None else "new", failure(error))


def failure(error: Exception) -> str:
    """The reason of a message that defeated us."""
    return f"It could not be filed: {type(error).__name__}: {str(error)[:500]}"


def steps_of_failure(reason: str) -> list[dict[str, Any]]:
    return [{"step": "Disposition", "verdict": "Failed", "detail": reason}]


def give_up(inbound_id: int, status: str, reason: str) -> Disposition | None:
    """Mark a message that has ``status`` as failed and commit; None when somebody else was quicker."""
    trace = steps_of_failure(reason)
    marked = write_if_untouched(
        inbound_id, status, status="failed", reason=reason, processed_at=clock.now(), trace=trace
    )
    db.session.commit()
    return Disposition("failed", reason) if marked else None
