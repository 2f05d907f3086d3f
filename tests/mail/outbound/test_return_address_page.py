"""Outbound: an account is switched to signed addresses, which a mail to ourselves has to prove first."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.outbound import plus_addressing
from psa.mail.outbound.deliver import deliver_due
from psa.mail.outbound.models import ReturnAddress


@pytest.fixture
def url(account):
    return f"/admin/email/accounts/{account.id}"


@pytest.fixture
def admin(sign_in, account):
    return sign_in("admin")


def switch(admin, url, to):
    answer = admin.post(f"{url}/return-address", data={to: "1"})
    assert answer.status_code == 303
    return admin.get(answer.location).text


def test_it_is_plain_until_somebody_asks_for_more(admin, url, account):
    page = admin.get(url).text
    assert "Use signed addresses" in page
    assert db.session.get(ReturnAddress, account.id) is None


def test_it_is_found_out_first_and_signed_from_the_arrival_on(admin, url, account, cast, smtp_server):
    assert "Finding out" in switch(admin, url, "sign")
    deliver_due()
    assert "is waited for" in admin.get(f"{url}/return-address", headers={"HX-Request": "true"}).text
    process(receive_piped(cast.inbound, smtp_server.received[0].content))
    shown = admin.get(f"{url}/return-address", headers={"HX-Request": "true"}).text
    assert "Proven" in shown
    assert "hx-get" not in shown


def test_a_refused_sender_is_told_with_the_servers_words(admin, url, account, cast, smtp_server):
    switch(admin, url, "sign")
    smtp_server.answers["MAIL"] = ["550 5.7.60 Not your address"]
    deliver_due()
    process(receive_piped(cast.inbound, smtp_server.received[0].content))
    page = admin.get(url).text
    assert "550 5.7.60 Not your address" in page
    assert "answers signed" in page


def test_a_mail_that_did_not_leave_says_why(admin, url, smtp_server):
    switch(admin, url, "sign")
    smtp_server.answers["RCPT"] = "550 5.1.1 No such user"
    deliver_due()
    page = admin.get(url).text
    assert "Did not arrive, so plain" in page
    assert "No such user" in page


def test_back_to_plain(admin, url, account):
    switch(admin, url, "sign")
    assert "Use signed addresses" in switch(admin, url, "plain")
    assert plus_addressing.state_of(account.id) is None


def test_without_a_mailbox_that_reads_it_nothing_is_offered(admin, url, account, cast):
    cast.inbound.address = "other@northwind.example"
    db.session.commit()
    page = admin.get(url).text
    assert "No mailbox under Inbound reads" in page
    assert "Use signed addresses" not in page


def test_agents_change_nothing(sign_in, url, account):
    assert sign_in("tom").post(f"{url}/return-address", data={"sign": "1"}).status_code in (302, 403, 404)
    assert db.session.get(ReturnAddress, account.id) is None
