"""On the page, server and port follow from the address until somebody enters others; a button does it too."""

from __future__ import annotations

import re

import pytest

from tests.nameserver import Nameserver

HTMX = {"HX-Request": "true"}
OUTBOUND, INBOUND = "/admin/email/outbound/proposals", "/admin/email/inbound/proposals"


@pytest.fixture(autouse=True)
def nameserver(app):
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        server.records["_submission._tcp.northwind.example", "SRV"] = ["0 1 587 smtp.northwind.example."]
        server.records["_imaps._tcp.northwind.example", "SRV"] = ["0 1 993 imap.northwind.example."]
        yield server


@pytest.fixture
def propose(sign_in, cast):
    browser = sign_in("admin")

    def propose(url: str = OUTBOUND, **form: str) -> str:
        answer = browser.post(url, data={"protocol": "imap", "security": "ssl"} | form, headers=HTMX)
        assert answer.status_code == 200
        return answer.text

    return propose


def test_an_address_fills_in_the_rest_and_says_where_it_comes_from(propose):
    shown = propose(address="hello@northwind.example", host="", port="587")

    assert 'value="smtp.northwind.example"' in shown
    assert "smtp.northwind.example, 587 TLS is filled in." in shown
    assert "Found through the SRV record of northwind.example." in shown
    assert 'value="hello@northwind.example"' in shown  # the user name


def test_what_somebody_entered_is_kept_and_the_proposal_offered(propose):
    shown = propose(address="hello@northwind.example", host="relay.northwind.example", port="25", security="none")

    assert 'value="relay.northwind.example"' in shown
    assert "For this address it would be smtp.northwind.example, 587 TLS." in shown
    assert "is filled in" not in shown


def test_what_was_proposed_before_follows_another_address(propose):
    shown = propose(
        address="ann@gmail.com",
        host="smtp.northwind.example",
        port="587",
        security="starttls",
        proposed="smtp.northwind.example 587 starttls",
        username="hello@northwind.example",
    )

    assert "smtp.gmail.com, 465 SSL is filled in." in shown
    assert 'value="ann@gmail.com"' in shown


def test_a_mailbox_is_proposed_by_the_protocol_that_is_chosen(propose):
    shown = propose(INBOUND, address="hello@northwind.example", host="", protocol="imap")
    assert "imap.northwind.example, 993 SSL is filled in." in shown

    shown = propose(INBOUND, address="hello@northwind.example", host="", protocol="pop3")
    assert "pop.northwind.example, 995 SSL is filled in." in shown


def test_at_microsoft_signing_in_by_its_page_is_chosen_for_it_takes_no_password(propose, nameserver):
    nameserver.records["vega.example", "MX"] = ["0 vega-example.mail.protection.outlook.com."]

    shown = propose(INBOUND, address="help@vega.example", host="")

    assert "outlook.office365.com, 993 SSL is filled in." in shown
    assert re.search('checked[^>]*value="microsoft"', shown)


def test_a_password_that_is_being_typed_is_left_alone(propose):
    assert 'id="ways"' in propose(address="hello@northwind.example", host="")
    assert 'id="ways"' not in propose(address="hello@northwind.example", host="", password="winter")


def test_what_is_no_address_is_said_and_nothing_is_filled_in(propose, nameserver):
    shown = propose(address="hello", host="")

    assert "hello is not an email address" in shown
    assert nameserver.asked == []


def test_out_of_reach_the_dns_leaves_a_guess_that_says_so(propose, nameserver):
    nameserver.silent = True

    shown = propose(address="hello@northwind.example", host="")

    assert "smtp.northwind.example, 587 TLS is filled in. A guess: no name server answers this machine" in shown


def test_without_script_the_button_brings_the_whole_page_with_what_was_typed(sign_in, cast):
    browser = sign_in("admin")

    page = browser.post(
        OUTBOUND, data={"address": "hello@northwind.example", "display_name": "Hello", "propose": "1"}
    ).text

    assert page.startswith("<!doctype html>")
    assert 'value="smtp.northwind.example"' in page
    assert 'value="Hello"' in page


def test_the_button_replaces_what_a_saved_account_has_in_the_form_only(sign_in, cast):
    browser = sign_in("admin")
    url = f"/admin/email/outbound/{cast.outbound.id}/proposals"
    form = {"address": "support@northwind.example", "host": "127.0.0.1", "port": "2525", "security": "none"}

    shown = browser.post(url, data=form | {"propose": "1"}, headers=HTMX).text

    assert 'value="smtp.northwind.example"' in shown
    assert cast.outbound.host == "127.0.0.1"


def test_only_admins_may_ask(sign_in, cast):
    assert sign_in("agent").post(OUTBOUND, data={"address": "a@northwind.example"}).status_code == 403


def test_there_are_two_directions_only(sign_in, cast):
    assert sign_in("admin").post("/admin/email/sideways/proposals").status_code == 404
