"""POP3 servers that name their messages badly: no mail is taken for another one."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail import settings as server
from psa.mail.inbound.ledger import GONE
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.pop3 import Pop3Mailbox
from psa.mail.inbound.reckon import reckon
from psa.mail.inbound.start import mark_start
from psa.mail.journal import Journal
from psa.mail.models import PIPED, InboundEmail
from tests.mail.inbound.world import count, deliver, on_server, statuses, subjects

pytestmark = pytest.mark.dovecot


@pytest.fixture
def numbered(pop3, monkeypatch):
    """A maildrop whose UIDLs are the numbers of the messages: they move up when one is deleted."""
    monkeypatch.setattr(Pop3Mailbox, "uidls", lambda self: {number: str(number) for number in self.sizes})
    return pop3


def delete(person, subject: str) -> None:
    """Somebody deletes a message with a mail program."""
    person.noop()
    person.delete_messages(person.search(["SUBJECT", subject]))
    person.expunge()


def deliver_alike(dovecot, *numbers: int) -> None:
    """Letters of one size, to the octet: made by themselves their Message-IDs would differ in length."""
    for number in numbers:
        deliver(dovecot, f"Number {number}", message_id=f"<number.{number}@harbor-dental.example>")


def test_a_new_mail_that_has_the_number_and_the_size_of_another_is_read(numbered, dovecot, person):
    deliver_alike(dovecot, 1, 2, 3)
    poll(numbered.id)
    delete(person, "Number 1")
    deliver_alike(dovecot, 4)
    for _ in range(2):
        assert poll(numbered.id).fault == ""
    assert len(set(db.session.scalars(db.select(InboundEmail.size)))) == 1
    assert (subjects(), statuses()) == ([f"Number {n}" for n in (1, 2, 3, 4)], ["filed"] * 4)
    assert on_server(dovecot) == ["Number 2", "Number 3", "Number 4"]


def test_the_check_finds_numbers_that_have_moved(numbered, dovecot, person):
    deliver(dovecot, "Number 1", "Number 2")
    poll(numbered.id)
    delete(person, "Number 1")
    deliver(dovecot, "Number 3")
    assert reckon(numbered.id).counted == {"new": 2}
    poll(numbered.id)
    assert reckon(numbered.id).counted == {"filed": 2}
    assert subjects() == ["Number 1", "Number 2", "Number 3"]


def test_what_lay_there_under_a_number_before_the_start_hides_no_new_mail(numbered, dovecot, person):
    deliver(dovecot, "Old and long", "Old", Received="from a by b; Mon, 23 Nov 2020 09:00:00 +0000")
    mailbox = open_mailbox(server.of_account(numbered), Journal())
    mark_start(numbered, mailbox)
    mailbox.close()
    numbered.since = numbered.created_at
    db.session.commit()
    delete(person, "Old and long")
    deliver(dovecot, "New")
    for _ in range(2):
        assert poll(numbered.id).fault == ""
    assert subjects() == ["New"]


def test_a_name_that_begins_like_one_of_ours_is_counted_like_any_other(pop3, dovecot, pop3_meddler):
    deliver(dovecot, "One", "Two")
    mailbox = open_mailbox(server.of_account(pop3), Journal())
    one, two = (line.split()[1] for line in mailbox.client.uidl()[1])
    mailbox.close()
    pop3_meddler.replaced = {one: f"{GONE}5:x".encode(), two: f"{PIPED}6:y".encode()}
    for _ in range(2):
        assert poll(pop3.id).fault == ""
    assert (subjects(), count(InboundEmail)) == (["One", "Two"], 2)
    assert reckon(pop3.id).counted == {"filed": 2}
