"""Delivery reports about our own mail (RFC 3464 and the many that ignore it), and complaints (RFC 5965)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psa import clock
from psa.billing.invoices.models import InvoiceEvent
from psa.extensions import db, insert_row, update_row
from psa.mail.diagnosis.causes import diagnose
from psa.mail.message import Report, ReportRecipient
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.mail.outbound.outbox import results_of
from psa.mail.outbound.signed_addresses import first_mail_of
from psa.tickets.lost_answers import open_again
from psa.tickets.operations import Actor, note_event

# Feedback about how our mail is signed, or that it is no spam (RFC 6591, RFC 5965).
NO_COMPLAINTS = frozenset({"auth-failure", "dmarc", "not-spam"})

# A bounce that names nobody and says nothing: it came back to the return path of a mail of ours all the same.
UNNAMED = ReportRecipient(email="", action="failed", status=None, code=None, hard=False, reason="", diagnostic="")


def note_report(report: Report, inbound_id: int, came_to: Iterable[str] = ()) -> tuple[int | None, str]:
    """Write the report to the message it is about; returns its ticket (or None) and the result in words.

    ``came_to`` are the addresses that it was delivered to: a signed return path names the message for sure. Only what
    we sent and whom we sent it to can be touched by a report, for anybody can write one.
    """
    named = ", ".join(recipient.email for recipient in report.recipients) or "an unnamed recipient"
    email = message_reported(report, came_to)
    if email is None:
        return None, f"A {report.kind} report about {named}; no message of ours is named in it"
    if report.kind == "feedback" and report.feedback_type not in NO_COMPLAINTS:
        return email.ticket_id, note_complaint(report, email, inbound_id)
    if report.kind != "bounce":
        return email.ticket_id, f"A {report.kind} report about our message to {named}"
    return email.ticket_id, note_bounce(report, email, inbound_id)


def message_reported(report: Report, came_to: Iterable[str]) -> OutboundEmail | None:
    """The message as it is now, locked until the end of the transaction: the one that comes back to the address that
    the report came to, else the one whose Message-ID stands in what was returned.

    Its results are read, added to and written back, and two reports about two recipients may come at the same moment.
    SQLite has one writer: who comes here holds its lock since the mail was looked for among those that are filed.
    """
    outbound_id = first_mail_of(came_to)
    if outbound_id is not None:
        query = db.select(OutboundEmail).where(OutboundEmail.id == outbound_id)
    elif report.original_message_id:
        query = db.select(OutboundEmail).where(OutboundEmail.message_id == report.original_message_id)
    else:
        return None
    locked = query.with_for_update().execution_options(populate_existing=True)
    email: OutboundEmail | None = db.session.scalar(locked)
    return email


def note_bounce(report: Report, email: OutboundEmail, inbound_id: int) -> str:
    """Each recipient gets an outcome of its own; the message has bounced when nobody has got it."""
    results = dict(results_of(email))
    said = []
    for address, recipient in ours(report, email):
        words = recipient.diagnostic or recipient.reason or "no reason given"
        results[address] = {"state": "bounced", "words": words[:2000]}
        said.append(f"{recipient.email or address}: {words}")
        if recipient.hard:
            addresses.suppress(address, "hard_bounce", words, outbound_id=email.id, inbound_id=inbound_id)
        else:
            addresses.count_soft_bounce(address, words, outbound_id=email.id, inbound_id=inbound_id)
    if not said:
        return "A bounce that names nobody whom we wrote to"
    lost = all(result["state"] in ("bounced", "failed", "suppressed") for result in results.values())
    status = {"status": "bounced"} if lost else {}
    update_row(OutboundEmail, email.id, results=results, reason="; ".join(said)[:2000], **status)
    if email.ticket_id is not None:
        named, _, words = said[0].partition(": ")
        note_event(email.ticket_id, "bounced", Actor(), clock.now(), detail={"to": named, "reason": words[:500]})
        open_again(email.id, cause_of(words))
    if email.invoice_id is not None:
        insert_row(InvoiceEvent, invoice_id=email.invoice_id, words=came_back(said[0]), at=clock.now())
    return f"Our message bounced for {'; '.join(said)}"[:2000]


def cause_of(words: str) -> str:
    """What the words of a report mean, or they themselves where nobody knows."""
    diagnosis = diagnose(protocol="smtp", stage="dsn", text=words)
    return diagnosis.cause.title if diagnosis.known else words[:500]


def came_back(said: str) -> str:
    """A line for the history of an invoice."""
    named, _, words = said.partition(": ")
    return f"Mail to {named} came back: {words}"[:500]


def note_complaint(report: Report, email: OutboundEmail, inbound_id: int) -> str:
    """Somebody pressed “this is spam”: nothing more is sent there, whoever was wrong."""
    words = "The provider passed on a complaint about our mail"
    complained = [address for address, _ in ours(report, email)] or only_one(email.recipients)
    if not complained:
        return "Somebody reported our message as spam; the report does not say who"
    for address in complained:
        addresses.suppress(address, "complaint", words, outbound_id=email.id, inbound_id=inbound_id)
    if email.invoice_id is not None:
        said = f"{', '.join(complained)} reported the mail as spam"
        insert_row(InvoiceEvent, invoice_id=email.invoice_id, words=said[:500], at=clock.now())
    return f"{', '.join(complained)} reported our message as spam; nothing more is sent there until a person says so"


def only_one(recipients: list[str]) -> list[str]:
    """Providers often leave out who complained; of one recipient it is clear, of several nobody is to be blamed."""
    return recipients if len(recipients) == 1 else []


def ours(report: Report, email: OutboundEmail) -> Iterator[tuple[str, ReportRecipient]]:
    """Those whom we wrote to, each with what the report says of them.

    A server that passed the mail on names the address behind it, and seldom ours beside it: with one recipient only it
    is clear who is meant.
    """
    by_address = {address.lower(): address for address in email.recipients}
    named = report.recipients or (UNNAMED,) * (report.kind == "bounce")
    for recipient in named:
        address = by_address.get(recipient.email.lower()) or by_address.get(recipient.original.lower())
        if address is None and len(email.recipients) == 1:
            address = email.recipients[0]
        if address is not None:
            yield address, recipient
