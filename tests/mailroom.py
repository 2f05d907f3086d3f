"""Where mail comes in and goes out in the tests: the real operations, without a network."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import make_msgid
from pathlib import Path

from psa.extensions import db
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.raw import raw_bytes
from psa.tickets.models import Ticket
from tests.factories import Cast

EMAILS = Path(__file__).parent / "emails"
SUPPORT = "support@northwind.example"


class Mailroom:
    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def receive(self, raw: bytes | str | EmailMessage) -> InboundEmail:
        """Take a message in: bytes, a message, or the name of a file in tests/emails."""
        if isinstance(raw, str):
            raw = (EMAILS / raw).read_bytes()
        if isinstance(raw, EmailMessage):
            raw = raw.as_bytes()
        inbound_id = receive_piped(self.cast.inbound, raw)
        process(inbound_id)
        db.session.expire_all()
        return db.session.get_one(InboundEmail, inbound_id)

    def ticket(self, number: int) -> Ticket:
        db.session.expire_all()
        return db.session.get_one(Ticket, number)

    @property
    def outbox(self) -> list[OutboundEmail]:
        """Everything that has been queued, oldest first."""
        return list(db.session.scalars(db.select(OutboundEmail).order_by(OutboundEmail.id)))

    def read(self, email: OutboundEmail) -> EmailMessage:
        """A message of the outbox as the recipient's mail program reads it."""
        message = BytesParser(policy=default).parsebytes(raw_bytes(email.raw_id))
        assert isinstance(message, EmailMessage)
        return message

    def text(self, email: OutboundEmail) -> str:
        """The words of a message of the outbox, as a mail program without HTML shows them."""
        return words_of(self.read(email))


def words_of(message: EmailMessage) -> str:
    """The text of a message that may have HTML and files beside it."""
    body = message.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert isinstance(words, str)
    return words.replace("\r\n", "\n")


def letter(
    text: str = "The projector stays dark.",
    *,
    sender: str = "Dana Whitfield <dana@harbor-dental.example>",
    subject: str = "Projector",
    to: str = SUPPORT,
    message_id: str = "",
    answers: str = "",
    **headers: str,
) -> EmailMessage:
    """A message as a mail program writes it; ``answers`` is a Message-ID in angle brackets, ``X_Loop`` means X-Loop."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = message_id or make_msgid(domain="client.example")
    message["Date"] = "Mon, 23 Nov 2026 09:00:00 +0100"
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message
