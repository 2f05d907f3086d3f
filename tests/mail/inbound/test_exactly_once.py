"""Whatever a server does with its numbers, and whoever else is in the mailbox: each mail once, and none is left out."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from psa import locks
from psa.extensions import db, update_row
from psa.mail import settings as server
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.ledger import number_of
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.start import BEFORE_START, mark_start
from psa.mail.journal import Journal
from psa.mail.models import InboundEmail, MailAccount, MailFolder
from psa.tickets.models import Comment, Event, Ticket
from tests.mail.inbound.conftest import point, read_folders
from tests.mail.inbound.world import ADDRESS, PASSWORD, count, deliver, on_server, refreshed, statuses, subjects, the
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot
NO_MESSAGE_ID = b"Received: from a by b; Mon, 23 Nov 2026 09:00:00 +0000\r\nFrom: ups@harbor-dental.example\r\n"


# UIDs that come again


def test_a_server_restored_from_a_backup_gives_its_numbers_again_and_nothing_is_missed(imap, dovecot):
    deliver(dovecot, "One", "Two")
    poll(imap.id)
    backup = dovecot.back_up(ADDRESS)
    deliver(dovecot, "Three", "Four")
    poll(imap.id)
    dovecot.restore(ADDRESS, backup)
    deliver(dovecot, "Five", "Six", "Seven")
    assert poll(imap.id).fault == ""
    assert subjects() == ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]
    folder = the(MailFolder)
    assert (folder.generation, folder.cursor) == (1, 5)
    assert number_of(folder) == folder.uidvalidity + (1 << 32)
    assert poll(imap.id).kept == 0


def test_other_mail_of_the_same_size_and_second_under_a_number_is_told_by_its_message_id(imap, dovecot):
    deliver(dovecot, "One")
    poll(imap.id)
    backup = dovecot.back_up(ADDRESS)
    deliver(dovecot, "Two", message_id="<2@client.example>")
    poll(imap.id)
    known = db.session.scalars(db.select(InboundEmail).filter_by(subject="Two")).one()
    dovecot.restore(ADDRESS, backup)
    deliver(dovecot, "Six", "Ten", message_id="<6@client.example>")
    mailbox = open_mailbox(server.of_account(imap), Journal())
    listed = mailbox.present([known.uid])[known.uid]
    mailbox.close()
    assert listed.size == known.size
    update_row(InboundEmail, known.id, arrived_at=listed.arrived_at)
    db.session.commit()
    poll(imap.id)
    assert subjects() == ["One", "Two", "Six", "Ten"]


def test_nobody_waits_for_the_database_while_a_restored_server_is_asked_what_it_has(imap, dovecot, app, monkeypatch):
    deliver(dovecot, "One", "Two")
    poll(imap.id)
    the(MailFolder).cursor = 99
    db.session.commit()
    message_ids, written = ImapMailbox.message_ids, []

    def somebody_else_writes() -> None:
        with app.app_context():
            if not locks.on_postgresql():
                db.session.execute(db.text("PRAGMA busy_timeout = 0"))
            update_row(MailAccount, imap.id, display_name="Written meanwhile")
            db.session.commit()
            written.append(True)

    def asked(self, keys):
        writer = threading.Thread(target=somebody_else_writes)
        writer.start()
        writer.join()
        return message_ids(self, keys)

    monkeypatch.setattr(ImapMailbox, "message_ids", asked)
    assert poll(imap.id).fault == ""
    assert written == [True]
    assert (subjects(), the(MailFolder).generation) == (["One", "Two"], 1)


def test_the_next_number_below_our_position_is_noticed_before_new_mail_hides_it(imap, dovecot):
    deliver(dovecot, "One")
    backup = dovecot.back_up(ADDRESS)
    deliver(dovecot, "Two")
    poll(imap.id)
    dovecot.restore(ADDRESS, backup)
    poll(imap.id)
    assert the(MailFolder).generation == 1
    deliver(dovecot, "Three")
    poll(imap.id)
    assert (subjects(), count(InboundEmail)) == (["One", "Two", "Three"], 3)


def test_what_is_the_same_under_the_same_number_is_not_fetched_again(imap, dovecot, monkeypatch):
    deliver(dovecot, *(f"Number {number}" for number in range(5)))
    poll(imap.id)
    backup = dovecot.back_up(ADDRESS)
    deliver(dovecot, "After the backup")
    poll(imap.id)
    dovecot.restore(ADDRESS, backup)
    fetch, fetched = ImapMailbox.fetch, []

    def counting(self, listed, limit):
        fetched.extend(listed)
        return fetch(self, listed, limit)

    monkeypatch.setattr(ImapMailbox, "fetch", counting)
    poll(imap.id)
    assert fetched == []


def test_a_size_that_the_server_names_differently_today_is_no_other_message(imap, dovecot, meddler):
    deliver(dovecot, "One")
    poll(imap.id)
    email = the(InboundEmail)
    email.size += 7
    db.session.commit()
    deliver(dovecot, "Two")
    poll(imap.id)
    assert (subjects(), the(MailFolder).generation) == (["One", "Two"], 0)


def test_everything_new_under_a_new_uidvalidity_is_taken_and_everything_old_recognised(imap, dovecot):
    deliver(dovecot, "One", "Two")
    poll(imap.id)
    dovecot.renumber(ADDRESS)
    deliver(dovecot, "Three")
    poll(imap.id)
    assert (subjects(), count(InboundEmail)) == (["One", "Two", "Three"], 3)


# Others in the mailbox


def test_mail_that_another_client_deletes_between_the_listing_and_the_fetch_is_left_out(
    imap, dovecot, person, monkeypatch
):
    deliver(dovecot, "One", "Two", "Three")
    fetch = ImapMailbox.fetch

    def after_somebody_deleted(self, listed, limit):
        person.noop()
        person.delete_messages([2])
        person.expunge()
        return fetch(self, listed, limit)

    monkeypatch.setattr(ImapMailbox, "fetch", after_somebody_deleted)
    assert poll(imap.id).fault == ""
    assert (subjects(), statuses()) == (["One", "Three"], ["filed", "filed"])


def test_a_large_mail_that_vanishes_in_the_middle_is_not_kept_in_part(imap, dovecot, person, monkeypatch):
    monkeypatch.setattr("psa.mail.inbound.imap.PIECE", 200_000)
    deliver(dovecot, "Large", text="x" * 1_500_000)
    piece, calls = ImapMailbox.piece, []

    def vanishes_after_two(self, uid, section, start):
        calls.append(start)
        if len(calls) == 3:
            person.noop()
            person.delete_messages([1])
            person.expunge()
            return None
        return piece(self, uid, section, start)

    monkeypatch.setattr(ImapMailbox, "piece", vanishes_after_two)
    assert poll(imap.id).fault == ""
    assert (len(calls), count(InboundEmail)) == (3, 0)


def test_a_mail_moved_between_two_folders_that_are_read_is_filed_once(imap, dovecot, person):
    read_folders(imap, "INBOX", "Projects")
    deliver(dovecot, "Elsewhere", folder="Projects")
    deliver(dovecot, "One")
    dovecot.deliver(ADDRESS, NO_MESSAGE_ID + b"Subject: Without an identifier\r\n\r\nBattery low\r\n")
    poll(imap.id)
    person.noop()
    person.move(person.search(), "Projects")
    poll(imap.id)
    assert sorted(subjects()) == ["Elsewhere", "One", "Without an identifier"]
    assert sorted(statuses()) == ["filed"] * 3 + ["ignored"] * 2


def test_a_mail_moved_out_and_back_is_filed_once(imap, dovecot, person):
    deliver(dovecot, "Elsewhere", folder="Projects")
    deliver(dovecot, "One")
    poll(imap.id)
    person.noop()
    person.move([1], "Projects")
    poll(imap.id)
    person.select_folder("Projects")
    person.move(person.search(["SUBJECT", "One"]), "INBOX")
    poll(imap.id)
    assert (subjects(), statuses()) == (["One"], ["filed", "ignored"])


def test_two_mails_with_one_message_id_are_both_filed(imap, dovecot):
    for subject in ("The first", "The second"):
        raw = letter(subject=subject, text=f"About {subject}", message_id="<same@client.example>").as_bytes()
        dovecot.deliver(ADDRESS, raw)
    poll(imap.id)
    assert (count(Comment), statuses()) == (2, ["filed", "filed"])


def test_the_same_mail_in_two_of_our_mailboxes_is_one_ticket_that_names_both(imap, cast, dovecot):
    dovecot.add_user("billing@northwind.example", PASSWORD)
    billing = MailAccount(direction="inbound", address="billing@northwind.example")
    db.session.add(copied(billing, imap))
    db.session.flush()
    point(billing, "imap", dovecot.imap)
    billing.username = "billing@northwind.example"
    db.session.commit()
    raw = letter(subject="To both", to="support@northwind.example, billing@northwind.example").as_bytes()
    for user in (ADDRESS, "billing@northwind.example"):
        dovecot.deliver(user, b"Delivered-To: " + user.encode() + b"\r\n" + raw)
    poll(imap.id)
    assert poll(billing.id).fault == ""
    assert (subjects(), statuses()) == (["To both"], ["filed", "ignored"])
    words = [e.detail["words"] for e in db.session.scalars(db.select(Event)) if e.kind == "mail"]
    assert words == ["The same mail came to billing@northwind.example too."]


def copied(account: MailAccount, other: MailAccount) -> MailAccount:
    account.display_name, account.protocol, account.host, account.port = "", "imap", other.host, other.port
    account.security = "none"
    return account


# Maildrops


def test_a_maildrop_that_gives_new_names_to_all_its_messages_keeps_their_rows(pop3, dovecot):
    deliver(dovecot, "One", "Two")
    poll(pop3.id)
    before = list(db.session.scalars(db.select(InboundEmail.uidl).order_by(InboundEmail.id)))
    dovecot.renumber(ADDRESS)
    deliver(dovecot, "Three")
    assert poll(pop3.id).kept == 1
    after = list(db.session.scalars(db.select(InboundEmail.uidl).order_by(InboundEmail.id)))
    assert (subjects(), len(after)) == (["One", "Two", "Three"], 3)
    assert not set(before) & set(after)


def test_what_lay_in_a_maildrop_before_the_start_stays_out_when_all_is_named_anew(pop3, dovecot):
    old = (datetime.now(UTC) - timedelta(days=3)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    new = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    dovecot.deliver(ADDRESS, f"Received: from a by b; {old}\r\n".encode() + letter(subject="Old").as_bytes())
    pop3.since = datetime.now(UTC)
    db.session.commit()
    mailbox = open_mailbox(server.of_account(pop3), Journal())
    mark_start(pop3, mailbox)
    mailbox.close()
    dovecot.renumber(ADDRESS)
    dovecot.deliver(ADDRESS, f"Received: from a by b; {new}\r\n".encode() + letter(subject="New").as_bytes())
    poll(pop3.id)
    assert subjects() == ["New"]
    reasons = list(db.session.scalars(db.select(InboundEmail.reason).where(InboundEmail.status == "ignored")))
    assert set(reasons) == {BEFORE_START}


@pytest.mark.parametrize(
    "uidl",
    [
        b"a b\tc",
        b"\xff\xfe\x00odd",
        b"x" * 400,
        b"\"'<>\\%&",
    ],
)
def test_a_uidl_of_any_letters_is_a_name(pop3, dovecot, pop3_meddler, uidl, monkeypatch):
    deliver(dovecot, "One")
    listed = poll.__globals__["open_mailbox"](server.of_account(pop3), Journal())
    real = listed.client.uidl()[1][0].split()[1]
    listed.close()
    pop3_meddler.replaced = {real: uidl}
    for _ in range(2):
        assert poll(pop3.id).fault == ""
    assert (subjects(), count(InboundEmail)) == (["One"], 1)


@pytest.mark.parametrize("names", ["all the same", "empty", "no UIDL"])
def test_messages_that_share_a_name_or_have_none_are_told_apart_by_their_headers(
    pop3, dovecot, pop3_meddler, names, monkeypatch
):
    same = letter(subject="Twin").as_bytes()
    dovecot.deliver(ADDRESS, same)
    dovecot.deliver(ADDRESS, same)
    deliver(dovecot, "Other")
    if names == "no UIDL":
        pop3_meddler.answers = {"UIDL": "-ERR unknown command"}
    else:
        name = "twin" if names == "all the same" else ""
        monkeypatch.setattr("psa.mail.inbound.pop3.Pop3Mailbox.uidls", lambda self: dict.fromkeys(self.sizes, name))
    for _ in range(2):
        assert poll(pop3.id).fault == ""
    assert (subjects(), count(InboundEmail)) == (["Twin", "Other"], 3)
    deliver(dovecot, "A third")
    poll(pop3.id)
    assert (subjects(), count(InboundEmail)) == (["Twin", "Other", "A third"], 4)


def test_a_server_without_uidl_and_top_is_a_fault_with_a_remedy(pop3, dovecot, pop3_meddler):
    pop3_meddler.answers = {"UIDL": "-ERR unknown command", "TOP": "-ERR unknown command"}
    deliver(dovecot, "One")
    assert "by IMAP" in poll(pop3.id).fault
    assert refreshed(pop3).fault_cause == "no_uidl"


def test_a_locked_maildrop_is_tried_again_soon_and_is_no_refused_password(pop3, dovecot, pop3_meddler):
    deliver(dovecot, "One")
    pop3_meddler.answers = {"PASS": "-ERR [IN-USE] Maildrop is locked by another session"}
    for _ in range(4):
        poll(pop3.id)
    account = refreshed(pop3)
    assert (account.fault_cause, account.refused_since) == ("mailbox_locked", None)
    pop3_meddler.answers = {}
    poll(pop3.id)
    assert subjects() == ["One"]


# Ours


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_two_pollers_at_once_file_each_mail_once(app, request, dovecot, protocol):
    account_id = request.getfixturevalue(protocol).id
    deliver(dovecot, *(f"Number {number}" for number in range(20)))
    barrier = threading.Barrier(3)

    def look():
        with app.app_context():
            barrier.wait()
            poll(account_id)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    poll(account_id)
    assert (len(subjects()), count(InboundEmail)) == (20, 20)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_database_restored_from_a_backup_reads_again_what_it_does_not_know(cast, dovecot, protocol):
    account = point(cast.inbound, protocol, getattr(dovecot, protocol))
    deliver(dovecot, "One", "Two")
    poll(account.id)
    # As the backup has it: the last mail, its ticket and the position are unknown.
    last = db.session.scalars(db.select(InboundEmail).order_by(InboundEmail.id.desc())).first()
    for row in db.session.scalars(db.select(Ticket).where(Ticket.id == last.ticket_id)):
        for comment in row.comments:
            db.session.delete(comment)
        for event in row.events:
            db.session.delete(event)
        db.session.flush()
        db.session.delete(row)
    db.session.delete(last)
    for folder in db.session.scalars(db.select(MailFolder)):
        folder.cursor = 1
    db.session.commit()
    deliver(dovecot, "Three")
    assert poll(account.id).fault == ""
    assert subjects() == ["One", "Two", "Three"]
    assert on_server(dovecot) == ["One", "Two", "Three"]
