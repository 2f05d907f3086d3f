"""On the server = filed + ignored + reported + held + failed + new + from before the start, named mail by mail."""

from __future__ import annotations

import pytest
from imapclient import IMAPClient

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.inbound import reckon as reckoning
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import reckon, reckon_all
from psa.mail.inbound.start import mark_start
from psa.mail.journal import Journal
from psa.mail.models import InboundEmail, MailFolder
from psa.mail.watch.models import MailboxCheck
from tests.mail.inbound.conftest import point, read_folders
from tests.mail.inbound.world import ADDRESS, PASSWORD, count, deliver, on_server, subjects, the
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot


@pytest.fixture(params=["imap", "pop3"])
def account(request, cast, dovecot):
    return point(cast.inbound, request.param, getattr(dovecot, request.param))


def start_from_now(account) -> None:
    account.since = clock.now()
    if account.protocol == "imap":
        account.folders = [MailFolder(name="INBOX", since=account.since)]
    db.session.commit()
    mailbox = open_mailbox(server.of_account(account), Journal())
    mark_start(account, mailbox)
    mailbox.close()


def test_every_mail_on_the_server_is_in_the_sum(account, dovecot):
    deliver(dovecot, "Old 1", "Old 2")
    start_from_now(account)
    deliver(dovecot, "Filed")
    account.create_tickets = True
    db.session.commit()
    poll(account.id)
    account.create_tickets = False
    db.session.commit()
    deliver(dovecot, "Held")
    dovecot.deliver(ADDRESS, letter(X_Loop="x", subject="Held too").as_bytes())
    poll(account.id)
    deliver(dovecot, "New")
    check = reckon(account.id)
    assert check.words == ""
    assert check.counted == {"before_start": 2, "filed": 1, "held": 2, "new": 1}
    assert (check.on_server, check.differences) == (6, [])
    assert check.finished_at is not None
    assert count(MailboxCheck) == 1


def test_a_mail_that_is_on_the_server_and_not_in_the_ledger_is_named_and_then_read(imap, dovecot):
    deliver(dovecot, "One", "Two", "Three")
    poll(imap.id)
    lost = db.session.scalars(db.select(InboundEmail).where(InboundEmail.uid == 2)).one()
    for comment in lost.ticket.comments:
        comment.inbound_id = None
    lost.ticket.subject = "Two, as it was"
    db.session.delete(lost)
    db.session.commit()
    check = reckon(imap.id)
    assert [(d["folder"], d["key"], d["words"]) for d in check.differences] == [("INBOX", "2", reckoning.NOT_IN_LEDGER)]
    assert poll(imap.id).kept == 1
    assert subjects() == ["One", "Two, as it was", "Three", "Two"]
    assert reckon(imap.id).differences == []


def test_a_number_that_means_another_mail_now_is_named_and_that_mail_read(imap, dovecot, monkeypatch):
    deliver(dovecot, "One")
    backup = dovecot.back_up(ADDRESS)
    deliver(dovecot, *(f"Number {number}" for number in range(5)))
    poll(imap.id)
    dovecot.restore(ADDRESS, backup)
    # As many have come again as there were, so that the position alone shows nothing.
    deliver(dovecot, *(f"Again {number}" for number in range(5)))
    monkeypatch.setattr("psa.mail.inbound.positions.SAMPLE", 0)
    check = reckon(imap.id)
    assert {difference["words"] for difference in check.differences} == {reckoning.IS_ANOTHER}
    poll(imap.id)
    assert sorted(subjects()) == sorted(["One", *(f"{what} {n}" for what in ("Number", "Again") for n in range(5))])
    assert reckon(imap.id).differences == []


def test_what_waits_to_be_moved_and_is_gone_is_named(imap, dovecot, person, monkeypatch):
    imap.after_filing, imap.move_to = "move", "Done"
    db.session.commit()
    deliver(dovecot, "One")
    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.poll.settle", lambda *_, **__: None)
        poll(imap.id)
    person.noop()
    person.delete_messages([1])
    person.expunge()
    check = reckon(imap.id)
    assert [difference["words"] for difference in check.differences] == [reckoning.WAITS_IN_VAIN]
    poll(imap.id)
    assert reckon(imap.id).differences == []


def test_what_we_never_got_whole_and_is_gone_is_named(imap, dovecot, person):
    imap.size_limit = 1000
    db.session.commit()
    deliver(dovecot, "Large", text="x" * 3000)
    poll(imap.id)
    assert reckon(imap.id).differences == []
    person.noop()
    person.delete_messages([1])
    person.expunge()
    check = reckon(imap.id)
    assert [(d["words"], d["inbound_id"]) for d in check.differences] == [(reckoning.NEVER_WHOLE, 1)]


def large_one_comes_and_goes(account, dovecot) -> InboundEmail:
    """A message over the limit is taken in, then a person deletes it from the server."""
    account.size_limit = 1000
    db.session.commit()
    deliver(dovecot, "Large", text="x" * 3000)
    poll(account.id)
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False) as person:
        person.login(ADDRESS, PASSWORD)
        person.select_folder("INBOX")
        person.delete_messages([1])
        person.expunge()
    return the(InboundEmail)


def test_what_we_never_got_whole_is_told_of_on_its_ticket_and_then_named_by_no_further_check(account, dovecot, sign_in):
    message = large_one_comes_and_goes(account, dovecot)
    assert [difference["words"] for difference in reckon(account.id).differences] == [reckoning.NEVER_WHOLE]
    assert "It is not on the server any more." in sign_in("agent").get(f"/tickets/{message.ticket_id}").text
    assert reckon(account.id).differences == []


def test_a_check_that_breaks_off_leaves_what_we_never_got_whole_to_the_next_one(imap, dovecot):
    large_one_comes_and_goes(imap, dovecot)
    imap.folders.append(MailFolder(name="Projects", since=None))
    db.session.commit()
    broken_off = reckon(imap.id)
    assert (broken_off.on_server, broken_off.differences) == (None, [])
    deliver(dovecot, "Two", folder="Projects")
    assert [difference["words"] for difference in reckon(imap.id).differences] == [reckoning.NEVER_WHOLE]


def test_what_a_person_has_ignored_for_good_may_be_gone_before_we_got_all_of_it(account, dovecot, sign_in):
    account.create_tickets = False
    message = large_one_comes_and_goes(account, dovecot)
    sign_in("agent").post("/mail/dismissals", data={"message": str(message.id)})
    assert the(InboundEmail).status == "ignored"
    assert reckon(account.id).differences == []


def test_what_was_moved_away_after_filing_is_no_difference(account, dovecot):
    account.after_filing, account.move_to = ("move", "Done") if account.protocol == "imap" else ("delete", "")
    db.session.commit()
    deliver(dovecot, "One", "Two")
    poll(account.id)
    check = reckon(account.id)
    assert (check.on_server, check.counted, check.differences) == (0, {}, [])
    assert on_server(dovecot) == []


def test_all_folders_that_are_read_are_in_the_sum(imap, dovecot):
    read_folders(imap, "INBOX", "Projects")
    deliver(dovecot, "One")
    deliver(dovecot, "Two", "Three", folder="Projects")
    deliver(dovecot, "Not read", folder="Private")
    poll(imap.id)
    check = reckon(imap.id)
    assert (check.on_server, check.counted) == (3, {"filed": 3})


def test_a_server_that_cannot_be_reached_is_said_in_its_words(imap):
    imap.sealed_password = signing.seal("a wrong one")
    db.session.commit()
    check = reckon(imap.id)
    assert "uthentication failed" in check.words
    assert "a wrong one" not in check.words
    assert (check.on_server, check.counted) == (None, {})


def test_a_mailbox_that_is_being_read_is_asked_later(imap, dovecot, monkeypatch):
    monkeypatch.setattr(reckoning, "PATIENCE", 0.1)
    with locks.holding(f"mailbox-{imap.id}"):
        assert reckon(imap.id).words == reckoning.BUSY


def test_the_nightly_check_looks_into_every_mailbox_that_is_read(imap, dovecot):
    reckon_all()
    assert count(MailboxCheck) == 1
    imap.parsing = False
    db.session.commit()
    reckon_all()
    assert count(MailboxCheck) == 1


def test_a_password_that_cannot_be_opened_any_more_is_said_instead_of_compared(imap, monkeypatch):
    imap.sealed_password = "0000000000000000:gAAAAA"
    db.session.commit()
    check = reckon(imap.id)
    assert check.words.startswith("The stored password cannot be opened any more")
    assert (check.on_server, check.differences) == (None, [])
