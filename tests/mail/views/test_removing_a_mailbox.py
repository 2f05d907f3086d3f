"""A mailbox can be removed; what it brought stays, and is not taken in once more when it comes back."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import SQLAlchemyError

from psa import signing
from psa.extensions import db
from psa.mail import drafts, removal
from psa.mail.inbound.poll import poll
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, MailAccount, SettingsVersion
from psa.mail.settings import of_account
from psa.mail.watch.models import ExpectedMail
from psa.tickets.models import Ticket
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT


def removal_of(account: MailAccount) -> str:
    return f"/admin/email/accounts/{account.id}/removal"


def test_one_that_brought_nothing_goes_as_a_whole(sign_in, cast):
    browser = sign_in("admin")
    assert "Nothing came through it, so it goes as a whole." in browser.get(removal_of(cast.inbound)).text

    answer = browser.post(removal_of(cast.inbound))

    db.session.expire_all()
    assert answer.location == "/admin/email/inbound"
    assert db.session.scalar(db.select(MailAccount).where(MailAccount.direction == "inbound")) is None


def test_one_that_brought_mail_is_switched_off_and_forgets_its_credentials(sign_in, mailroom, cast):
    mailroom.receive(letter())
    drafts.keep_former(cast.inbound)
    db.session.add(ExpectedMail(name="Report", subject="report", due_by="08:00", account_id=cast.inbound.id))
    db.session.commit()
    browser = sign_in("admin")
    page = browser.get(removal_of(cast.inbound)).text
    assert "1 message" in page
    assert "on 1 ticket" in page

    answer = browser.post(removal_of(cast.inbound))

    db.session.expire_all()
    account = db.session.get_one(MailAccount, cast.inbound.id)
    assert (account.parsing, of_account(account).password, account.password_set_at) == (False, "", None)
    assert db.session.scalar(db.select(SettingsVersion)) is None
    assert db.session.scalars(db.select(ExpectedMail)).one().active is False
    assert db.session.scalar(db.select(db.func.count()).select_from(InboundEmail)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 1
    page = browser.get(answer.location).text
    assert "Removed" in page
    assert "its password is forgotten" in page


def test_whoever_adds_it_anew_is_told_how_it_is_read_again(sign_in, mailroom, cast):
    mailroom.receive(letter())
    browser = sign_in("admin")
    browser.post(removal_of(cast.inbound))
    form = {
        "address": "Support@northwind.example",
        "protocol": "imap",
        "host": "localhost",
        "port": "993",
        "security": "ssl",
        "username": "support",
        "password": "secret",
        "folders": ["INBOX"],
        "default_queue_id": str(cast.support.id),
        "interval": "60",
        "start": "now",
    }
    page = browser.post("/admin/email/inbound/new", data=form).text
    assert "support@northwind.example was removed, and what it brought was kept." in page
    assert "is entered already" not in page


def test_agents_remove_nothing(sign_in, cast):
    browser = sign_in("agent")

    assert browser.get(removal_of(cast.inbound)).status_code == 403
    assert browser.post(removal_of(cast.inbound)).status_code == 403


@pytest.mark.dovecot
def test_when_it_comes_back_it_goes_on_where_it_stopped(sign_in, cast, dovecot, ca_pem, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    account = cast.inbound
    account.host, account.port, account.security, account.since = "localhost", dovecot.imaps, "ssl", None
    account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    db.session.commit()
    dovecot.deliver(SUPPORT[0], letter(subject="Before").as_bytes())
    assert poll(account.id).kept == 1
    browser = sign_in("admin")
    browser.post(removal_of(account))
    dovecot.deliver(SUPPORT[0], letter(subject="Meanwhile").as_bytes())
    assert poll(account.id).kept == 0

    form = {
        "address": account.address,
        "protocol": "imap",
        "host": "localhost",
        "port": str(dovecot.imaps),
        "security": "ssl",
        "username": SUPPORT[0],
        "password": SUPPORT[1],
        "folders": ["INBOX"],
        "parsing": "y",
        "create_tickets": "y",
        "default_queue_id": str(cast.support.id),
        "interval": "60",
    }
    assert browser.post(f"/admin/email/accounts/{account.id}", data=form).status_code == 303
    db.session.expire_all()

    assert poll(account.id).kept == 1
    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["Before", "Meanwhile"]


def test_mail_that_is_piped_in_while_its_mailbox_goes_is_refused_to_whoever_pipes_it(app, cast, monkeypatch):
    account, count, became = cast.inbound, removal.what_depends_on, []

    def pipe():
        with app.app_context():
            try:
                became.append(receive_piped(db.session.get_one(MailAccount, account.id), letter().as_bytes()))
            except SQLAlchemyError as error:
                became.append(error)

    piping = threading.Thread(target=pipe)

    def count_and_let_it_come(found):
        counted = count(found)
        piping.start()
        piping.join(0.5)
        return counted

    monkeypatch.setattr(removal, "what_depends_on", count_and_let_it_come)

    assert removal.remove(account)

    piping.join(60)
    assert isinstance(became[0], SQLAlchemyError), "taken in, and then gone with the mailbox"
