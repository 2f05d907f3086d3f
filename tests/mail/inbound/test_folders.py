"""Several folders of one mailbox: found, named, counted and read by one connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from psa.extensions import db
from psa.mail import settings as server
from psa.mail.inbound.imap_folders import in_words
from psa.mail.inbound.mailbox import Since, open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.journal import Journal
from psa.mail.models import MailFolder
from tests.mail.inbound.conftest import read_folders
from tests.mail.inbound.world import deliver, refreshed, subjects

pytestmark = pytest.mark.dovecot


@pytest.fixture
def survey(imap):
    """Looks over the mailbox; returns what was found by folder name."""

    def look_over() -> dict[str, dict]:
        mailbox = open_mailbox(server.of_account(imap), Journal())
        try:
            return {folder["name"]: folder for folder in mailbox.survey()["folders"]}
        finally:
            mailbox.close()

    return look_over


def since(account, moment: datetime) -> Since:
    mailbox = open_mailbox(server.of_account(account), Journal())
    try:
        return mailbox.count_since(moment)
    finally:
        mailbox.close()


@pytest.mark.parametrize("name", ["Büro", "R&D", "Kunden.Ägir & Söhne", 'The "old" one', "日本語", "2026", "A  b"])
def test_a_folder_of_any_name_can_be_chosen_and_read(imap, dovecot, survey, name):
    deliver(dovecot, "In it", folder=name.replace(".", "/"))
    assert survey()[name]["messages"] == 1
    read_folders(imap, name)
    assert poll(imap.id).fault == ""
    assert subjects() == ["In it"]


def test_the_server_says_what_its_folders_are_for(dovecot, survey):
    for folder in ("Sent", "Junk", "Trash", "Clients/Harbor"):
        deliver(dovecot, "Anything", folder=folder)
    found = survey()
    uses = {name: found[name]["special"] for name in ("INBOX", "Sent", "Junk", "Trash", "Clients.Harbor")}
    assert uses == {"INBOX": "inbox", "Sent": "sent", "Junk": "junk", "Trash": "trash", "Clients.Harbor": ""}
    assert found["Clients.Harbor"]["label"] == "Clients / Harbor"
    assert next(iter(found)) == "INBOX"


def test_folders_that_others_share_are_listed_and_what_holds_only_folders_is_not(dovecot, survey):
    dovecot.share("Aufträge")
    found = survey()
    assert "Team.Aufträge" in found
    assert "Team" not in found


def test_a_name_in_plain_utf8_is_read_and_opened_as_it_came(imap, dovecot, meddler, survey):
    deliver(dovecot, "In it", folder="Büro")
    utf8, utf7 = "Büro".encode(), b"B&APw-ro"
    meddler.replaced, meddler.translated = {utf7: utf8}, {utf8: utf7}
    meddler.answers = {'SELECT "B&APw-ro"': "{tag} NO Mailbox doesn't exist"}
    assert "Büro" in survey()
    read_folders(imap, "Büro")
    assert poll(imap.id).fault == ""
    assert subjects() == ["In it"]


def test_a_name_that_is_no_text_at_all_is_left_out():
    assert in_words("Büro".encode()) == "Büro"
    assert in_words(b"B\xfcro") is None


def test_what_each_start_would_import_is_counted_to_the_second(dovecot, survey, person, imap):
    now = datetime.now(UTC).replace(microsecond=0)
    for days in (40, 2, 1, 0):
        person.append("INBOX", b"Subject: x\r\n\r\nHello\r\n", msg_time=now - timedelta(days=days))
    person.append("INBOX", b"Subject: x\r\n\r\nHello\r\n", msg_time=now - timedelta(days=1, seconds=1))
    found = survey()["INBOX"]
    assert found["messages"] == 5
    assert datetime.fromisoformat(found["oldest"]) == now - timedelta(days=40)
    assert since(imap, now - timedelta(days=1)) == Since(2)
    assert since(imap, now - timedelta(days=400)) == Since(5)


def test_a_maildrop_is_counted_by_its_headers(pop3, dovecot):
    for day in (1, 2, 3):
        received = f"Received: from x by y; {day} Nov 2026 10:00:00 +0000\r\nSubject: x\r\n\r\nHello\r\n"
        dovecot.deliver(server.of_account(pop3).username, received.encode())
    mailbox = open_mailbox(server.of_account(pop3), Journal())
    found = mailbox.survey()["folders"][0]
    mailbox.close()
    assert (found["name"], found["messages"]) == ("INBOX", 3)
    assert found["oldest"].startswith("2026-11-01")
    assert since(pop3, datetime(2026, 11, 2, tzinfo=UTC)) == Since(2)


def test_a_large_maildrop_is_counted_from_its_newest_and_says_at_most(pop3, dovecot, monkeypatch):
    monkeypatch.setattr("psa.mail.inbound.pop3.MOST_TOPS", 2)
    for day in (1, 2, 3):
        received = f"Received: from x by y; {day} Nov 2026 10:00:00 +0000\r\nSubject: x\r\n\r\nHello\r\n"
        dovecot.deliver(server.of_account(pop3).username, received.encode())
    assert since(pop3, datetime(2026, 11, 3, tzinfo=UTC)) == Since(2, exact=False)


def test_mail_without_a_date_of_arrival_is_counted_among_what_is_taken_and_named(pop3, dovecot):
    dovecot.deliver(server.of_account(pop3).username, b"Received: by y; 1 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n")
    dovecot.deliver(server.of_account(pop3).username, b"Subject: Put here by hand\r\n\r\nHello\r\n")
    assert since(pop3, datetime(2026, 11, 3, tzinfo=UTC)) == Since(1, undated=1)


def test_a_server_that_shows_no_headers_beforehand_leaves_the_count_open(pop3, dovecot, pop3_meddler):
    pop3_meddler.answers = {"TOP": "-ERR Unknown command"}
    deliver(dovecot, "One", "Two")
    assert since(pop3, datetime(2026, 11, 3, tzinfo=UTC)) == Since(2, exact=False)


def test_several_folders_are_read_and_the_first_one_is_open_afterwards(imap, dovecot):
    read_folders(imap, "INBOX", "Projects")
    deliver(dovecot, "In the inbox")
    deliver(dovecot, "In projects", folder="Projects")
    mailbox = open_mailbox(server.of_account(imap), Journal())
    poll(imap.id, mailbox)
    assert sorted(subjects()) == ["In projects", "In the inbox"]
    assert mailbox.folder == "INBOX"
    assert refreshed(imap).on_server == 2
    mailbox.close()


def test_what_arrives_in_the_first_folder_while_the_others_are_read_is_taken_at_once(imap, dovecot, monkeypatch):
    read_folders(imap, "INBOX", "Projects")
    deliver(dovecot, "In projects", folder="Projects")
    process, late = poll.__globals__["process"], []

    def and_meanwhile(inbound_id, *rest):
        if not late:
            late.append(True)
            deliver(dovecot, "Meanwhile")
        return process(inbound_id, *rest)

    monkeypatch.setattr("psa.mail.inbound.poll.process", and_meanwhile)
    poll(imap.id)
    assert sorted(subjects()) == ["In projects", "Meanwhile"]


def test_a_second_folder_that_is_gone_is_a_complaint_and_stops_neither_the_others_nor_the_mailbox(imap, dovecot):
    read_folders(imap, "INBOX", "Gone", "Projects")
    deliver(dovecot, "In the inbox")
    deliver(dovecot, "In projects", folder="Projects")
    looked = poll(imap.id)
    assert looked.fault == ""
    assert sorted(subjects()) == ["In projects", "In the inbox"]
    account = refreshed(imap)
    assert (account.failures, account.fault_stage, account.fault_cause) == (0, "select", "folder_not_found")
    assert account.fault_words.startswith("Gone: ")
    deliver(dovecot, "In the new one", folder="Gone")
    poll(imap.id)
    assert refreshed(imap).fault_cause == ""
    assert "In the new one" in subjects()


def test_each_folder_has_a_start_of_its_own(imap, dovecot):
    deliver(dovecot, "Old", folder="Projects")
    read_folders(imap, "INBOX", "Projects")
    imap.folders[1].since = datetime.now(UTC) + timedelta(minutes=1)
    db.session.commit()
    poll(imap.id)
    assert subjects() == []
    # What lies before the start is passed for good, and not listed at every look.
    assert {folder.name: folder.cursor for folder in db.session.scalars(db.select(MailFolder))} == {
        "INBOX": 0,
        "Projects": 1,
    }
