"""Another server, user or protocol: what waited while nobody could read is taken, what was read before is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail import drafts, setup
from psa.mail import settings as server
from psa.mail.inbound.poll import poll
from psa.mail.models import MailFolder
from tests.mail.inbound.world import deliver, refreshed, statuses, subjects, the
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot
WITHOUT_MESSAGE_ID = b"From: ups@harbor-dental.example\r\nSubject: Battery low\r\n\r\nSince yesterday.\r\n"


def move(account, **changes) -> None:
    """Somebody saves other settings, and a moment later the poller looks."""
    settings = replace(server.of_account(account), password="", **changes)
    setup.save_inbound(settings, setup.reading_of(account), account=account)
    db.session.commit()
    assert poll(account.id).fault == ""


def test_mail_that_waited_while_the_server_got_another_name_is_taken(imap, dovecot):
    deliver(dovecot, "Before")
    poll(imap.id)
    deliver(dovecot, "During the outage")
    move(refreshed(imap), host="localhost")
    deliver(dovecot, "After")
    poll(imap.id)
    assert subjects() == ["Before", "During the outage", "After"]
    assert "failed" not in statuses()


def test_settings_that_passed_their_trial_begin_there_too(imap, dovecot):
    deliver(dovecot, "Before")
    poll(imap.id)
    deliver(dovecot, "During the outage")
    settings = replace(server.of_account(refreshed(imap)), host="localhost", folders=("INBOX", "Archive"))
    deliver(dovecot, "Filed by hand", folder="Archive")
    draft = drafts.propose(imap, settings, drafts.filing_of(setup.reading_of(imap)))
    drafts.adopt(draft.id)
    poll(imap.id)
    assert subjects() == ["Before", "During the outage", "Filed by hand"]


def test_mail_that_waited_while_the_protocol_changed_is_taken(pop3, dovecot):
    deliver(dovecot, "Before")
    poll(pop3.id)
    deliver(dovecot, "During the outage")
    move(refreshed(pop3), protocol="imap", port=dovecot.imap)
    assert subjects() == ["Before", "During the outage"]


def test_what_lay_there_long_before_the_last_look_stays_out(imap, dovecot, person):
    long_ago, lately = clock.now() - timedelta(days=3), clock.now() - timedelta(days=1)
    person.append("INBOX", WITHOUT_MESSAGE_ID, msg_time=long_ago)
    poll(imap.id)
    person.append("INBOX", letter(subject="During the outage").as_bytes(), msg_time=lately)
    refreshed(imap).last_success_at = clock.now() - timedelta(days=2)
    db.session.commit()
    move(imap, host="localhost")
    assert subjects() == ["Battery low", "During the outage"]
    assert statuses() == ["filed", "filed"]
    folder = the(MailFolder)
    assert (folder.cursor, folder.dated_until) == (2, 2)


def test_a_mailbox_that_never_answered_begins_where_it_was_told_to_at_first(imap, dovecot, person):
    person.append("INBOX", letter(subject="Long ago").as_bytes(), msg_time=clock.now() - timedelta(days=3))
    imap.host, imap.since = "127.0.0.2", clock.now() - timedelta(hours=1)
    db.session.commit()
    deliver(dovecot, "Since the firm entered it")
    move(imap, host="127.0.0.1")
    assert subjects() == ["Since the firm entered it"]
