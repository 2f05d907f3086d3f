"""Numbers that a server gave out while nothing lay there at any look: somebody was quicker, or a backup is older."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.inbound import unseen
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import reckon
from psa.mail.models import InboundEmail
from psa.tickets.models import Ticket
from tests.mail.inbound.test_after_filing import after_filing
from tests.mail.inbound.world import deliver, on_server, subjects

pytestmark = pytest.mark.dovecot


def runs(check) -> list[tuple[str, int, int]]:
    return [(run["folder"], run["first"], run["last"]) for run in check.unseen]


def test_mail_that_somebody_else_removed_before_we_looked_is_counted_and_is_no_difference(imap, dovecot, person):
    deliver(dovecot, "One", "Two")
    poll(imap.id)
    deliver(dovecot, "Spam", "More spam")
    person.noop()
    person.delete_messages([3, 4])
    person.expunge()
    check = reckon(imap.id)
    assert (runs(check), check.differences) == ([("INBOX", 3, 4)], [])
    assert check.unseen[0]["after"] is not None
    assert check.unseen[0]["before"] is None
    deliver(dovecot, "Three")
    poll(imap.id)
    again = reckon(imap.id)
    assert runs(again) == [("INBOX", 3, 4)]
    assert again.unseen[0]["before"] is not None


def test_what_was_gone_before_we_came_or_after_we_looked_is_not_counted(imap, dovecot, person):
    deliver(dovecot, "One", "Two", "Three")
    person.noop()
    person.delete_messages([2])
    person.expunge()
    poll(imap.id)
    person.delete_messages([3])
    person.expunge()
    assert reckon(imap.id).unseen == []


def test_of_many_the_latest_are_told_and_that_there_may_be_more(imap, dovecot, person, sign_in, monkeypatch):
    monkeypatch.setattr(unseen, "MOST_RUNS", 1)
    deliver(dovecot, "One")
    poll(imap.id)
    for subject in ("Two", "Three"):
        deliver(dovecot, "Spam", subject)
        person.noop()
        person.delete_messages(person.search(["SUBJECT", "Spam"]))
        person.expunge()
        poll(imap.id)
    assert runs(reckon(imap.id)) == [("INBOX", 4, 4)]
    page = sign_in("admin").get(f"/admin/email/accounts/{imap.id}").get_data(as_text=True)
    assert "At least 1 message was gone before the first look" in page
    assert "Earlier ones are not listed." in page


def test_behind_an_older_backup_what_was_moved_is_told_and_comes_back_without_doubles(imap, dovecot, person, sign_in):
    after_filing(imap, "move", "Done")
    deliver(dovecot, "Before the backup")
    poll(imap.id)
    deliver(dovecot, "Behind it", "Behind it too")
    poll(imap.id)
    restore_what_was_there_at(imap, uid=1)
    assert (subjects(), on_server(dovecot)) == (["Before the backup"], [])

    poll(imap.id)
    check = reckon(imap.id)
    assert runs(check) == [("INBOX", 2, 3)]
    page = sign_in("admin").get(f"/admin/email/accounts/{imap.id}").get_data(as_text=True)
    assert "At least" not in page
    assert "2 messages were gone before the first look" in page
    assert "or the server left them out, as some do" in page
    assert "lies in “Done”" in page

    person.select_folder("Done")
    person.move([1, 2, 3], "INBOX")
    poll(imap.id)
    assert subjects() == ["Before the backup", "Behind it", "Behind it too"]
    assert (on_server(dovecot), on_server(dovecot, "Done")) == ([], subjects())


def restore_what_was_there_at(account, uid: int) -> None:
    """Bring the database back to where this was the last message that was taken."""
    later = InboundEmail.uid > uid
    db.session.execute(db.delete(Ticket).where(Ticket.id.in_(db.select(InboundEmail.ticket_id).where(later))))
    db.session.execute(db.delete(InboundEmail).where(later))
    account.folders[0].cursor = uid
    db.session.commit()
