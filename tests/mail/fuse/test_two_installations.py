"""Two installations of ours write to each other, and to machines that say nothing of themselves: it stops by itself."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import make_msgid
from pathlib import Path

import pytest
from flask import Flask

from psa import create_app
from psa.admin.operations import name_firm
from psa.auth.operations import create_user
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.raw import raw_bytes
from psa.tickets import notifications, operations
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Actor, Said
from tests.configuration import configuration
from tests.factories import PASSWORD, make_account
from tests.mailroom import letter, words_of

NOTHING = re.compile("(?!)")
Letter = EmailMessage
# What a mail looks like after its way.
Way = Callable[[Letter], Letter]
# Beyond it nothing has stopped by itself.
PATIENCE = 60


@dataclass
class Firm:
    """An installation with a database and a key of its own, that answers whoever writes."""

    app: Flask
    address: str
    carried: set[int] = field(default_factory=set)

    def set_up(self) -> None:
        with self.app.app_context():
            name_firm(self.address)
            create_user(f"tom@{self.address.partition('@')[2]}", "Tom", PASSWORD, "agent")
            account = {"address": self.address, "username": self.address}
            db.session.add(Queue(name="Support", position=0, auto_reply="mailbox"))
            db.session.add(make_account("inbound", protocol="imap", port=143, acknowledge=True, **account))
            db.session.add(make_account("outbound", protocol="smtp", port=25, is_default=True, **account))
            db.session.commit()

    def receive(self, message: Letter) -> str:
        """Take a mail in; returns what became of it."""
        with self.app.app_context():
            account = db.session.scalars(db.select(MailAccount).where(MailAccount.direction == "inbound")).one()
            inbound_id = receive_piped(account, message.as_bytes())
            process(inbound_id)
            return db.session.get_one(InboundEmail, inbound_id, populate_existing=True).status

    def posted(self) -> list[Letter]:
        """What has been queued since the postman was here last."""
        with self.app.app_context():
            rows = db.session.scalars(db.select(OutboundEmail).order_by(OutboundEmail.id)).all()
            fresh = [row for row in rows if row.id not in self.carried and row.purpose != "alert"]
            self.carried |= {row.id for row in fresh}
            return [read(raw_bytes(row.raw_id)) for row in fresh]

    def answer(self, words: str) -> None:
        """An agent answers on the last ticket."""
        with self.app.app_context():
            ticket = db.session.scalars(db.select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
            notifications.reply_added(operations.add_reply(ticket.id, Said(words), Actor(user_id=1)))
            db.session.commit()

    @property
    def incidents(self) -> list[str]:
        with self.app.app_context():
            return [incident.scope for incident in open_incidents()]


def read(raw: bytes) -> Letter:
    message = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def firms(migrated: Path, tmp_path: Path) -> Iterator[tuple[Firm, Firm]]:
    """Northwind and Southwind: each is a client's address to the other."""
    both = []
    for name in ("northwind", "southwind"):
        directory = tmp_path / name
        directory.mkdir()
        shutil.copy(migrated, directory / "psa.sqlite3")
        settings = configuration(directory, f"sqlite:///{directory / 'psa.sqlite3'}")
        firm = Firm(create_app(settings | {"SECRET_KEY": f"the key of {name}"}), f"support@{name}.example")
        firm.set_up()
        both.append(firm)
    yield both[0], both[1]
    for firm in both:
        with firm.app.app_context():
            db.engine.dispose()


def carry(north: Firm, south: Firm, way: Way) -> int:
    """Take all mail from one to the other until nothing is left; returns how much it was, alerts and users left out."""
    count = 0
    while count < PATIENCE:
        bags = [(south, north.posted()), (north, south.posted())]
        letters = [(to, one) for to, bag in bags for one in bag if to.address in str(one["To"])]
        if not letters:
            return count
        for to, one in letters:
            assert to.receive(way(one)) in ("filed", "ignored")
            count += 1
    return count


def as_it_is(message: Letter) -> Letter:
    return message


def with_another_message_id(message: Letter) -> Letter:
    """A relay that gives each mail a Message-ID of its own."""
    del message["Message-ID"]
    message["Message-ID"] = make_msgid(domain="relay.example")
    return message


def bare(message: Letter) -> Letter:
    """A gateway that takes the text out and writes a mail of its own: who, to whom, about what, and nothing else."""
    words = words_of(message).replace("[#", "(").replace("]", ")")
    subject = str(message["Subject"]).partition("[#")[0].strip()
    return letter(words, sender=str(message["From"]), to=str(message["To"]), subject=subject)


def begin(north: Firm, south: Firm) -> None:
    """Somebody at Southwind has a question, and their PSA asks it in their name."""
    first = letter("The projector stays dark.", sender=f"Northwind <{north.address}>", to=south.address)
    assert south.receive(first) == "filed"
    south.posted()
    south.answer("Which projector is it?")


@pytest.mark.parametrize("way", [as_it_is, with_another_message_id])
def test_what_an_agent_writes_arrives_and_no_machine_answers_it(firms, way):
    north, south = firms
    begin(north, south)
    assert carry(north, south, way) == 1
    assert north.incidents + south.incidents == []


def test_without_any_header_that_tells_it_stops_after_a_handful(firms):
    north, south = firms
    begin(north, south)
    assert 1 <= carry(north, south, bare) <= 12


def test_it_stops_after_a_handful_also_when_the_machines_take_each_other_for_people(firms, monkeypatch):
    monkeypatch.setattr("psa.mail.message.automatic.automatic.words_of.ACKNOWLEDGEMENTS", NOTHING)
    north, south = firms
    begin(north, south)
    assert 5 <= carry(north, south, bare) <= 12
    assert "words" in north.incidents + south.incidents


def away(message: Letter) -> Letter:
    """A vacation responder of the plainest kind: it answers everything, and says nothing of itself."""
    return letter("Nobody is in the office before Monday, so please be patient.", subject="Hello from the harbour")


def always_other_words(message: Letter) -> Letter:
    """One that never says the same twice."""
    always_other_words.said += 1
    words = " ".join(chr(ord("a") + int(digit)) * 4 for digit in f"{always_other_words.said:06}")
    return letter(f"Nobody is here, and the {words} is closed.", subject=f"Hello {words}")


always_other_words.said = 0


@pytest.mark.parametrize(("responder", "most", "why"), [(away, 5, "words"), (always_other_words, 10, "address")])
def test_a_vacation_responder_without_headers_is_answered_a_few_times_and_filed_for_ever(firms, responder, most, why):
    north, _ = firms
    statuses = [north.receive(responder(letter()))]
    while (posted := north.posted()) and len(statuses) < PATIENCE:
        statuses += [north.receive(responder(one)) for one in posted]

    assert len(statuses) == most + 1
    assert set(statuses) == {"filed"}
    assert north.incidents == [why]


def test_mail_of_another_installation_under_our_own_address_is_our_own(firms):
    """A copy of the installation for trials, say, with another key and the same mailbox."""
    north, south = firms
    begin(north, south)
    [letter_of_theirs] = [one for one in south.posted() if north.address in str(one["To"])]
    letter_of_theirs.replace_header("From", f"Northwind <{north.address}>")
    assert north.receive(letter_of_theirs) == "ignored"


def test_our_own_mail_is_known_when_it_comes_back_under_another_message_id(firms):
    north, south = firms
    begin(north, south)
    [own] = [one for one in south.posted() if north.address in str(one["To"])]
    assert south.receive(with_another_message_id(own)) == "ignored"
