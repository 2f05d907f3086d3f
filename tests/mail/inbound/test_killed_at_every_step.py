"""The poller dies before every single commit and every single command, in all that it can do after filing."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass

import pytest
from sqlalchemy import null

from psa import signing
from psa.extensions import db
from psa.mail.fuse.models import AutomaticAnswer
from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import reckon
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.tickets.models import Comment, Ticket
from tests.mail.inbound.killing import die_at, steps_of_a_look
from tests.mailroom import letter

pytestmark = [pytest.mark.dovecot, pytest.mark.slow]
PASSWORD = "a long winter"
TOUCH = re.compile(r"STORE|COPY|MOVE|DELE")
SUBJECTS = ("One", "Two", "Three")
# Over POP3 nothing else tells when a message arrived.
RECEIVED = "from client.example by mail.northwind.example; Mon, 23 Nov 2026 09:00:00 +0000"


@dataclass(frozen=True)
class Way:
    """A protocol, what is done after filing, and what the server lacks for it."""

    protocol: str
    after_filing: str
    lacks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.protocol, self.after_filing, *(f"without {name}" for name in self.lacks)])


WAYS = [
    Way("imap", "leave"),
    Way("imap", "seen"),
    Way("imap", "move"),
    Way("imap", "move", ("MOVE",)),
    Way("imap", "move", ("MOVE", "UIDPLUS")),
    Way("imap", "delete"),
    Way("pop3", "leave"),
    Way("pop3", "delete"),
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_whatever_the_step_each_mail_is_filed_answered_and_settled_once(cast, dovecot, monkeypatch, way):
    has = Client.has_capability
    monkeypatch.setattr(Client, "has_capability", lambda self, name: name not in way.lacks and has(self, name))
    # Two chunks, so that one is kept and dealt with while the other is on its way.
    monkeypatch.setattr("psa.mail.inbound.mailbox.CHUNK_COUNT", 2)
    monkeypatch.setattr("psa.mail.inbound.mailbox.chunks.__defaults__", (2,))
    steps = steps_of_a_look(mailbox(way, dovecot, 0).id)
    for step in range(first_of_interest(way, steps), len(steps) + 1):
        account = mailbox(way, dovecot, step)
        assert die_at(step, account.id), f"it lived at step {step}: {steps}"
        look_until_done(account.id)
        check(way, dovecot, account, f"after a death at step {step}, before {steps[step - 1]}", step)


def first_of_interest(way: Way, steps: list[str]) -> int:
    """All ways are the same until the server's copies are touched, so they are gone once from the beginning."""
    if way.after_filing == "leave":
        return 1
    touches = [number for number, words in enumerate(steps, 1) if TOUCH.search(words)]
    return touches[0] - 1


def mailbox(way: Way, dovecot, number: int) -> MailAccount:
    """A mailbox of its own for each death, with three letters in it."""
    user = f"k{number}@northwind.example"
    # How often we may answer is the fuse's story.
    db.session.execute(db.delete(AutomaticAnswer))
    dovecot.forget(user)
    dovecot.add_user(user, PASSWORD)
    for subject in SUBJECTS:
        sender = f"{subject}.{number}@harbor-dental.example"  # one each, since nobody is answered too often
        raw = letter(
            f"It is about {subject}.", subject=f"{subject} {number}", to=user, sender=sender, Received=RECEIVED
        ).as_bytes()
        dovecot.deliver(user, raw)
    account = MailAccount(
        direction="inbound", address=user, username=user, sealed_password=signing.seal(PASSWORD), since=null()
    )
    account.protocol, account.host, account.security = way.protocol, "127.0.0.1", "none"
    account.port = getattr(dovecot, way.protocol)
    account.after_filing, account.move_to, account.acknowledge = way.after_filing, "Done", True
    # So old that its letters are news and answered.
    db.session.add(account)
    db.session.flush()
    account.created_at = account.created_at.replace(year=2000)
    db.session.commit()
    return account


def look_until_done(account_id: int) -> None:
    for _ in range(50):
        looked = poll(account_id)
        assert looked.fault == ""
        if not looked.busy:
            break
        time.sleep(0.02)  # PostgreSQL needs a moment to notice that the dead one's connection is gone
    assert poll(account_id).kept == 0


def check(way: Way, dovecot, account: MailAccount, where: str, step: int) -> None:
    db.session.expire_all()
    rows = list(db.session.scalars(db.select(InboundEmail).where(InboundEmail.account_id == account.id)))
    wanted = Counter(f"{subject} {step}" for subject in SUBJECTS)
    assert Counter(row.subject for row in rows) == wanted, where
    assert {(row.status, row.settled) for row in rows} == {("filed", True)}, where
    ours = Ticket.subject.in_(list(wanted))
    assert Counter(db.session.scalars(db.select(Ticket.subject).where(ours))) == wanted, where
    assert Counter(db.session.scalars(db.select(Ticket.subject).join(Comment).where(ours))) == wanted, where
    answered = db.select(Ticket.subject).join(OutboundEmail, OutboundEmail.ticket_id == Ticket.id).where(ours)
    assert Counter(db.session.scalars(answered)) == wanted, where
    inbox, done = (dovecot.files(account.username, folder) for folder in ("INBOX", "Done"))
    if way.protocol == "pop3":
        inbox = [flags.replace("S", "") for flags in inbox]  # Dovecot takes what POP3 fetches for read
    expected = {
        "leave": (["", "", ""], []),
        "seen": (["S", "S", "S"], []),
        "move": (["T", "T", "T"] if "UIDPLUS" in way.lacks else [], ["", "", ""]),
        "delete": ([], []),
    }
    assert (inbox, [flags.replace("T", "") for flags in done]) == expected[way.after_filing], where
    sum_of_it = reckon(account.id)
    assert (sum_of_it.words, sum_of_it.differences, sum_of_it.unseen) == ("", [], []), where
