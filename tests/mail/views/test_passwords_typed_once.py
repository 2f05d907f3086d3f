"""A form that is shown again for another reason keeps the password that was typed, and never shows it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from psa import clock
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.mail.settings import of_account


@pytest.fixture
def form(cast):
    """The settings of the cast's mailbox with a new password, and something wrong beside it."""
    mailbox = cast.inbound
    return {
        "address": mailbox.address,
        "protocol": "imap",
        "host": "mail.northwind.example",
        "port": "0",
        "security": "ssl",
        "username": mailbox.username,
        "password": "a brand new spring",
        "folders": "INBOX",
        "parsing": "y",
        "default_queue_id": str(cast.support.id),
        "after_filing": "leave",
        "interval": "60",
        "start": "now",
    }


def carried(page: str) -> str:
    found = re.search(r'name="carried" value="([^"]+)"', page)
    return found[1] if found else ""


def password_of(address: str) -> str:
    db.session.expire_all()
    account = db.session.scalars(db.select(MailAccount).filter_by(address=address, direction="inbound")).one()
    return of_account(account).password


def begun(browser, form) -> tuple[str, dict[str, str]]:
    """Where a new mailbox is entered, and what is sent once more after its port was refused."""
    where = "/admin/email/inbound/new"
    typed = form | {"address": "helpdesk@northwind.example"}
    answer = browser.post(where, data=typed)
    assert answer.status_code == 422
    assert "a brand new spring" not in answer.text
    return where, typed | {"port": "993", "password": "", "carried": carried(answer.text)}


def test_what_was_typed_is_saved_once_the_rest_is_right(sign_in, form):
    browser = sign_in("admin")
    where, again = begun(browser, form)

    assert browser.post(where, data=again).status_code == 303
    assert password_of("helpdesk@northwind.example") == "a brand new spring"


def test_what_is_typed_anew_counts(sign_in, form):
    browser = sign_in("admin")
    where, again = begun(browser, form)

    browser.post(where, data=again | {"password": "another one"})
    assert password_of("helpdesk@northwind.example") == "another one"


def test_it_goes_to_the_server_that_is_put_right(sign_in, form):
    browser = sign_in("admin")
    where, again = begun(browser, form)

    assert browser.post(where, data=again | {"host": "imap.northwind.example"}).status_code == 303
    assert password_of("helpdesk@northwind.example") == "a brand new spring"


def test_it_is_nobody_elses(sign_in, cast, form):
    browser = sign_in("admin")
    where, again = begun(browser, form)
    cast.tom.role = "admin"
    db.session.commit()
    browser.post("/sign-out")

    assert "Enter it again" in sign_in("agent").post(where, data=again).text


def test_it_lasts_for_an_hour(sign_in, form):
    browser = sign_in("admin")
    where, again = begun(browser, form)

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        assert "Enter it again" in browser.post(where, data=again).text


def test_a_new_password_for_a_mailbox_is_not_forgotten_for_the_stored_one(sign_in, cast, form):
    browser, where = sign_in("admin"), f"/admin/email/accounts/{cast.inbound.id}"
    answer = browser.post(where, data=form)

    assert "What you typed is kept" in answer.text
    browser.post(where, data=form | {"port": "993", "password": "", "carried": carried(answer.text)})
    assert password_of(cast.inbound.address) == "a brand new spring"
