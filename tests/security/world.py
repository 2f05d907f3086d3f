"""The world in which the attempts are made: a firm that answers by mail, two clients with a ticket each, and Eve.

Eve has a domain of her own that passes every check, knows all names and addresses, and has seen one mail of ours.
"""

from __future__ import annotations

from email.message import EmailMessage

from psa.extensions import db
from psa.mail.models import InboundEmail, OutboundEmail
from psa.tickets import notifications, operations
from psa.tickets.models import Comment, Ticket
from psa.tickets.operations import Actor, Said
from tests.factories import Cast
from tests.mailroom import Mailroom, letter

OURS = "mx.northwind.example"
EVE = "Eve <eve@evil.example>"
DANA = "Dana Whitfield <dana@harbor-dental.example>"
RUBEN = "Ruben Castellanos <ruben@vega-logistics.example>"
TOM = "Tom Okafor <tom@northwind.example>"
DANAS, RUBENS, INTERNAL = 1, 2, 3
FIRST = "<first@harbor-dental.example>"
MARKS = {
    "proven": "as proven",
    "unproven": "as not proven",
    "doubtful": "“Look twice”",
    "failed": "“Forged?”",
    "unknown": "as not checked",
}


def passes(domain: str) -> str:
    """What our server writes about mail that is really from the domain."""
    return f"{OURS}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}"


def fails(domain: str) -> str:
    """What it writes about mail that names the domain and is Eve's."""
    return f"{OURS}; dkim=none; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from={domain}"


class World:
    def __init__(self, mailroom: Mailroom, cast: Cast) -> None:
        self.mailroom, self.cast = mailroom, cast
        cast.inbound.authserv, cast.inbound.agents_may_answer = OURS, True
        db.session.commit()
        mailroom.receive(letter(message_id=FIRST, Authentication_Results=passes("harbor-dental.example")))
        mailroom.receive(
            letter(
                "The van is late.", sender=RUBEN, subject="Van", Authentication_Results=passes("vega-logistics.example")
            )
        )
        operations.open_ticket(
            subject="Who takes the night shift?",
            queue_id=cast.support.id,
            said=Said("Not me."),
            by=Actor(user_id=cast.mara.id),
        )
        comment_id = operations.add_reply(DANAS, Said("Does it light?"), Actor(user_id=cast.mara.id), then="waiting")
        notifications.reply_added(comment_id)
        db.session.commit()
        self.answer = self.outbox[-1]
        self.before = self.said()
        self.mails_before = len(self.outbox)

    @property
    def outbox(self) -> list[OutboundEmail]:
        return self.mailroom.outbox

    @property
    def answer_id(self) -> str:
        """The Message-ID of our answer to Dana, in angle brackets."""
        return f"<{self.answer.message_id}>"

    def receive(self, mail: EmailMessage | bytes) -> InboundEmail:
        return self.mailroom.receive(mail)

    def forge(self, sender: str, text: str = "Pay to another account.", **headers: str) -> InboundEmail:
        """A mail of Eve's in the name of ``sender``, as our server sees through it."""
        domain = sender.rpartition("@")[2].strip("<>")
        headers.setdefault("Authentication_Results", fails(domain))
        return self.receive(letter(text, sender=sender, **headers))

    def said(self) -> dict[int, int]:
        """How many comments each ticket has."""
        rows = db.session.execute(db.select(Comment.ticket_id, db.func.count()).group_by(Comment.ticket_id))
        return dict(rows.all())

    def untouched(self, *numbers: int) -> None:
        """Nothing was said or done on these tickets, and nothing has left to anybody but about what is new."""
        now = self.said()
        for number in numbers or (DANAS, RUBENS, INTERNAL):
            assert now[number] == self.before[number], f"something was said on #{number}"
        assert self.ticket(DANAS).status == "waiting"
        assert [mail for mail in self.outbox[self.mails_before :] if mail.purpose == "reply"] == []

    def ticket(self, number: int) -> Ticket:
        return self.mailroom.ticket(number)

    def mailed(self) -> list[OutboundEmail]:
        """What has left since."""
        return self.outbox[self.mails_before :]

    def got(self, email: InboundEmail) -> str:
        """What became of a mail, in a sentence."""
        if email.status != "filed":
            return f"{email.status.capitalize()}: {email.reason.rstrip('.')}."
        assert email.ticket_id is not None
        ticket = self.ticket(email.ticket_id)
        whose = ticket.requester.email if ticket.requester is not None else "nobody"
        place = f"A ticket of its own, of {whose}" if ticket.id > INTERNAL else f"On ticket #{ticket.id}"
        doubt = next((step["detail"] for step in email.trace if step["verdict"] == "In doubt"), "")
        asked = f" A person is asked: {doubt}." if doubt else ""
        return f"{place}, marked {MARKS[email.trust]}: {email.trust_words.rstrip('.')}.{asked}"


def wire(message: EmailMessage) -> bytes:
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def raw(sender: str, text: str = "Pay to another account.", *, before: str = "", subject: str = "Invoice") -> bytes:
    """A mail whose From line is just as given, below the lines ``before`` it."""
    head = f"{before}From: {sender}\r\nTo: support@northwind.example\r\nSubject: {subject}\r\n"
    rest = "Message-ID: <forged@evil.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n"
    return (head + rest + "\r\n" + text + "\r\n").encode()


def results(said: str) -> str:
    return f"Authentication-Results: {said}\r\n"
