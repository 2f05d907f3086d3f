"""What becomes of the server's copies once a mail is dealt with, on servers of every ability."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.poll import poll
from psa.mail.inbound.process import convert
from psa.mail.models import InboundEmail
from tests.mail.inbound.conftest import read_folders
from tests.mail.inbound.world import ADDRESS, count, deliver, on_server, refreshed, statuses, subjects, the
from tests.servers.proxy import DROP, DROP_AFTER

pytestmark = pytest.mark.dovecot
ABILITIES = {"MOVE": [], "COPY and UIDPLUS": ["MOVE"], "COPY alone": ["MOVE", "UIDPLUS"]}


def after_filing(account, what: str, folder: str = "") -> None:
    account.after_filing, account.move_to = what, folder
    db.session.commit()


@pytest.fixture(params=["MOVE", "COPY and UIDPLUS"])
def ability(request, monkeypatch):
    """What the server can do, as far as it tells."""
    lacks(monkeypatch, *ABILITIES[request.param])
    return request.param


def lacks(monkeypatch, *capabilities: str) -> None:
    has = Client.has_capability
    monkeypatch.setattr(Client, "has_capability", lambda self, name: name not in capabilities and has(self, name))


def test_nothing_is_touched_unless_somebody_wants_it(imap, dovecot, person):
    deliver(dovecot, "One")
    poll(imap.id)
    person.noop()
    assert person.search("UNSEEN") == [1]
    assert on_server(dovecot) == ["One"]


def test_mail_is_moved_to_a_folder_that_is_made_for_it(imap, dovecot, ability):
    after_filing(imap, "move", "Erledigt für uns")
    deliver(dovecot, "One", "Two")
    assert poll(imap.id).fault == ""
    assert (on_server(dovecot), on_server(dovecot, "Erledigt für uns")) == ([], ["One", "Two"])
    assert refreshed(imap).on_server == 0
    deliver(dovecot, "Three")
    poll(imap.id)
    assert on_server(dovecot, "Erledigt für uns") == ["One", "Two", "Three"]
    assert refreshed(imap).fault_cause == ""


def test_mail_is_deleted_and_what_others_marked_as_deleted_is_not(imap, dovecot, person, ability):
    deliver(dovecot, "Somebody's")
    poll(imap.id)
    person.add_flags([1], [b"\\Deleted"])
    after_filing(imap, "delete")
    deliver(dovecot, "Ours")
    poll(imap.id)
    assert on_server(dovecot) == ["Somebody's"]
    assert refreshed(imap).on_server == 1
    assert subjects() == ["Somebody's", "Ours"]


def test_a_server_that_cannot_delete_single_messages_keeps_them_marked_and_we_say_so(
    imap, dovecot, person, monkeypatch
):
    lacks(monkeypatch, "MOVE", "UIDPLUS")
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One")
    poll(imap.id)
    assert (on_server(dovecot), on_server(dovecot, "Done")) == (["One"], ["One"])
    person.noop()
    assert person.search("DELETED") == [1]
    account = refreshed(imap)
    assert (account.failures, account.fault_cause) == (0, "no_uidplus")
    poll(imap.id)
    assert on_server(dovecot, "Done") == ["One"]


def test_a_folder_for_filed_mail_lies_where_the_server_wants_folders_to_lie(imap, dovecot, meddler):
    meddler.replaced = {b'* NAMESPACE (("" "."))': b'* NAMESPACE (("INBOX." "."))'}
    meddler.answers = {'CREATE "Done"': "{tag} NO Invalid mailbox name: Begin with INBOX."}
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One")
    poll(imap.id)
    assert on_server(dovecot, "INBOX.Done") == ["One"]


def test_what_is_held_or_failed_stays_on_the_server_until_a_person_decides(imap, dovecot, monkeypatch):
    after_filing(imap, "delete")
    imap.create_tickets = False
    db.session.commit()
    deliver(dovecot, "Held")
    poll(imap.id)
    assert (statuses(), on_server(dovecot)) == (["held"], ["Held"])
    convert(the(InboundEmail).id)
    poll(imap.id)
    assert (statuses(), on_server(dovecot)) == (["filed"], [])
    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.process.match_ticket", lambda *_: 1 / 0)
        deliver(dovecot, "Failed")
        poll(imap.id)
    poll(imap.id)
    assert (statuses(), on_server(dovecot)) == (["filed", "failed"], ["Failed"])


def test_mail_of_which_only_the_headers_were_taken_stays_too(imap, dovecot):
    after_filing(imap, "delete")
    imap.size_limit = 1000
    db.session.commit()
    deliver(dovecot, "Large", text="x" * 3000)
    poll(imap.id)
    poll(imap.id)
    assert (statuses(), on_server(dovecot)) == (["filed"], ["Large"])


def test_a_mailbox_that_may_only_be_read_is_read_and_says_what_it_cannot(imap, dovecot):
    deliver(dovecot, "One")
    dovecot.allow_only(ADDRESS, "lr")
    after_filing(imap, "move", "Done")
    assert poll(imap.id).fault == ""
    account = refreshed(imap)
    assert (subjects(), on_server(dovecot)) == (["One"], ["One"])
    assert (account.failures, account.fault_stage, account.fault_cause) == (0, "settle", "permission_missing")
    assert "cannot be moved" in account.fault_words


def test_a_server_that_refuses_to_move_stops_no_mail_from_being_read(imap, dovecot, meddler):
    after_filing(imap, "move", "Done")
    meddler.answers = {"MOVE": "{tag} NO [OVERQUOTA] Quota exceeded"}
    deliver(dovecot, "One")
    poll(imap.id)
    deliver(dovecot, "Two")
    assert poll(imap.id).fault == ""
    assert (subjects(), refreshed(imap).fault_cause) == (["One", "Two"], "mailbox_full")
    meddler.answers = {}
    poll(imap.id)
    assert (on_server(dovecot, "Done"), refreshed(imap).fault_cause) == (["One", "Two"], "")


def test_a_folder_that_is_read_and_moved_to_goes_round_in_no_circles(imap, dovecot):
    read_folders(imap, "INBOX", "Done")
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One")
    for _ in range(3):
        assert poll(imap.id).fault == ""
    assert (subjects(), on_server(dovecot, "Done")) == (["One"], ["One"])
    assert statuses() == ["filed", "ignored"]


def test_what_was_left_under_another_setting_is_left_for_good(imap, dovecot):
    deliver(dovecot, "Left")
    poll(imap.id)
    after_filing(imap, "move", "Done")
    imap.create_tickets = False
    db.session.commit()
    deliver(dovecot, "Held")
    poll(imap.id)
    after_filing(imap, "leave")
    convert(db.session.scalars(db.select(InboundEmail.id).where(InboundEmail.status == "held")).one())
    poll(imap.id)
    after_filing(imap, "delete")
    poll(imap.id)
    assert on_server(dovecot) == ["Left", "Held"]


@pytest.mark.parametrize("dies_at", ["STORE", "COPY", "EXPUNGE"])
@pytest.mark.parametrize("when", [DROP, DROP_AFTER])
def test_a_server_that_hangs_up_half_way_through_a_move_leaves_one_copy(
    imap, dovecot, meddler, monkeypatch, dies_at, when
):
    lacks(monkeypatch, "MOVE")
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One", "Two")
    meddler.answers = {f"UID {dies_at}": [when]}
    assert poll(imap.id).fault
    assert poll(imap.id).fault == ""
    assert (subjects(), on_server(dovecot), on_server(dovecot, "Done")) == (["One", "Two"], [], ["One", "Two"])


def test_numbers_that_come_to_mean_others_half_way_through_a_move_cost_nobody_a_mail(
    imap, dovecot, meddler, monkeypatch
):
    lacks(monkeypatch, "MOVE")
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One")
    meddler.answers = {"UID STORE": [DROP]}
    assert poll(imap.id).fault
    look = ImapMailbox.look

    def look_again(self, folder):
        was_elsewhere = getattr(self, "folder", folder) != folder
        look(self, folder)
        self.uidvalidity += was_elsewhere and folder == "INBOX"

    monkeypatch.setattr(ImapMailbox, "look", look_again)
    assert "new numbers" in poll(imap.id).fault
    assert on_server(dovecot) == ["One"]
    monkeypatch.setattr(ImapMailbox, "look", look)
    assert poll(imap.id).fault == ""
    assert (subjects(), on_server(dovecot), on_server(dovecot, "Done")) == (["One"], [], ["One"])


@pytest.mark.parametrize("when", [DROP, DROP_AFTER])
def test_a_server_that_hangs_up_at_the_move_itself_has_moved_or_not(imap, dovecot, meddler, when):
    after_filing(imap, "move", "Done")
    deliver(dovecot, "One", "Two")
    meddler.answers = {"UID MOVE": [None, when]}
    poll(imap.id)
    assert poll(imap.id).fault == ""
    assert (subjects(), on_server(dovecot), on_server(dovecot, "Done")) == (["One", "Two"], [], ["One", "Two"])


def test_a_maildrop_is_left_or_emptied_as_wanted(pop3, dovecot):
    deliver(dovecot, "One")
    poll(pop3.id)
    assert on_server(dovecot) == ["One"]
    after_filing(pop3, "delete")
    deliver(dovecot, "Two", "Three")
    poll(pop3.id)
    assert (subjects(), on_server(dovecot)) == (["One", "Two", "Three"], ["One"])


@pytest.mark.parametrize("verb", ["DELE", "QUIT"])
@pytest.mark.parametrize("when", [DROP, DROP_AFTER])
def test_a_maildrop_that_hangs_up_before_the_end_is_settled_the_next_time(pop3, dovecot, pop3_meddler, verb, when):
    after_filing(pop3, "delete")
    deliver(dovecot, "One", "Two")
    pop3_meddler.answers = {verb: [when]}
    assert poll(pop3.id).fault
    assert poll(pop3.id).fault == ""
    assert (subjects(), on_server(dovecot), count(InboundEmail)) == (["One", "Two"], [], 2)


def test_a_uidl_that_names_another_message_now_costs_that_message_nothing(pop3, dovecot, pop3_meddler, monkeypatch):
    """There are servers whose UIDLs are the numbers of the messages."""
    monkeypatch.setattr("psa.mail.inbound.pop3.Pop3Mailbox.uidls", lambda self: {n: str(n) for n in self.sizes})
    after_filing(pop3, "delete")
    deliver(dovecot, "Number 1", "Number 2", "Number 3")
    pop3_meddler.answers = {"QUIT": [DROP]}
    poll(pop3.id)
    # Somebody else deletes the first one: all others move up, and all are of the same size.
    with_a_mail_program(dovecot, "Number 1")
    deliver(dovecot, "Number 4")
    for _ in range(3):
        assert poll(pop3.id).fault == ""
    assert (subjects(), on_server(dovecot)) == (["Number 1", "Number 2", "Number 3", "Number 4"], [])


def with_a_mail_program(dovecot, subject: str) -> None:
    """Somebody deletes a mail by hand."""
    from imapclient import IMAPClient

    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False) as client:
        client.login(ADDRESS, dovecot.users[ADDRESS])
        client.select_folder("INBOX")
        client.delete_messages(client.search(["SUBJECT", subject]))
        client.expunge()
