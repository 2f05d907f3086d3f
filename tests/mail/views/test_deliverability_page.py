"""Deliverability: what is published for the domain of an account, what should be, and the key that signs its mail."""

from __future__ import annotations

import re

import pytest

from psa.extensions import db
from psa.mail.diagnosis import probe
from psa.mail.models import ConnectionTest
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.compose import Content, compose
from tests.nameserver import Nameserver

PAGE = "/admin/email/deliverability"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def nameserver(app):
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        server.records["smtp.mailhost.example", "A"] = ["11.22.33.44"]
        yield server


@pytest.fixture
def admin(sign_in, cast):
    cast.outbound.host = "smtp.mailhost.example"
    db.session.commit()
    return sign_in("admin")


@pytest.fixture
def url(cast):
    return f"{PAGE}/{cast.outbound.id}"


@pytest.fixture
def key(app):
    made = dkim_keys.make_key("northwind.example")
    db.session.commit()
    return made


def is_signed() -> bool:
    raw = compose(
        Content("x", "x"),
        sender=("", "support@northwind.example"),
        to=[("", "dana@harbor-dental.example")],
    ).raw
    return b"DKIM-Signature" in raw


def test_the_page_comes_at_once_and_fetches_what_is_published_by_itself(admin, url, nameserver):
    page = admin.get(PAGE).text
    assert f'hx-get="{url}/dns"' in page
    assert nameserver.asked == []

    shown = admin.get(f"{url}/dns", headers=HTMX).text

    assert "Some receivers will treat your mail as spam" in shown
    assert "v=spf1 a:smtp.mailhost.example ~all" in shown
    assert "_dmarc.northwind.example" in shown


def test_without_script_a_link_leads_to_the_whole_page(admin, url):
    page = admin.get(f"{url}/dns").text

    assert page.startswith("<!doctype html>")
    assert "v=spf1 a:smtp.mailhost.example ~all" in page


def test_the_worst_stands_first(admin, url, nameserver):
    nameserver.txt("northwind.example", "v=spf1 a:smtp.mailhost.example -all")

    shown = admin.get(f"{url}/dns", headers=HTMX).text

    tones = re.findall(r'class="check-row (\w*)"', shown)
    assert tones == sorted(tones, key=["bad", "warn", "", "ok"].index)
    assert tones[-1] == "ok"


def test_out_of_reach_the_page_says_so_and_has_the_records_to_copy(admin, url, nameserver, key):
    nameserver.silent = True

    shown = admin.get(f"{url}/dns", headers=HTMX).text

    assert "Nobody could be asked: no name server answers this machine" in shown
    assert "v=spf1 a:smtp.mailhost.example ~all" in shown
    assert key.public_key in shown


def test_a_key_is_made_here_published_and_switched_on(admin, url, nameserver):
    admin.post(f"{url}/keys")
    [key] = dkim_keys.keys_of("northwind.example")
    assert not is_signed()
    assert key.public_key in admin.get(f"{url}/dns", headers=HTMX).text

    admin.post(f"{url}/keys/{key.id}/signing")
    assert "is not to be seen yet" in admin.get(url).text
    assert not is_signed()

    record = dkim_keys.public_half(key).record
    nameserver.txt(record.name, record.value)
    admin.post(f"{url}/keys/{key.id}/signing")
    assert is_signed()
    shown = admin.get(f"{url}/dns", headers=HTMX).text
    assert f"signed by us with selector {key.selector}, and the record agrees" in shown


def test_on_the_admins_word_it_signs_without_having_seen_the_record(admin, url, key):
    admin.post(f"{url}/keys/{key.id}/signing", data={"anyway": "1"})

    assert is_signed()


def test_signing_is_switched_off_and_only_then_a_key_can_go(admin, url, key):
    admin.post(f"{url}/keys/{key.id}/signing", data={"anyway": "1"})
    assert admin.post(f"{url}/keys/{key.id}/removal").status_code == 409

    admin.post(f"{url}/keys/{key.id}/pause")
    assert not is_signed()
    admin.post(f"{url}/keys/{key.id}/removal")

    assert dkim_keys.keys_of("northwind.example") == []


def test_a_key_that_cannot_be_opened_is_not_switched_on(admin, url, key):
    key.sealed_key = "sealed with a lost key"
    db.session.commit()

    admin.post(f"{url}/keys/{key.id}/signing", data={"anyway": "1"})

    assert "This key cannot be opened any more" in admin.get(url).text
    assert "Cannot be opened" in admin.get(f"{url}/dns", headers=HTMX).text
    assert not is_signed()


def test_an_address_of_a_providers_own_domain_has_nothing_to_publish(admin, url, cast):
    cast.outbound.address, cast.outbound.host = "northwind@gmail.com", "smtp.gmail.com"
    db.session.commit()

    shown = admin.get(f"{url}/dns", headers=HTMX).text

    assert "gmail.com is not yours, so there is nothing for you to publish" in shown
    assert "Publish this" not in shown


def test_without_an_account_the_page_says_where_to_begin(admin, cast):
    db.session.delete(cast.outbound)
    db.session.commit()

    assert "Nothing is sent yet" in admin.get(PAGE).text


def test_another_account_is_chosen_by_its_number(admin, cast):
    assert admin.get(f"{PAGE}?account={cast.outbound.id}").location == f"{PAGE}/{cast.outbound.id}"
    assert admin.get(f"{PAGE}/{cast.inbound.id}").status_code == 404


def test_it_is_for_admins(sign_in, cast):
    agent, url = sign_in("agent"), f"{PAGE}/{cast.outbound.id}"

    assert agent.get(PAGE).status_code == 403
    assert agent.get(f"{url}/dns").status_code == 403
    assert agent.post(f"{url}/keys").status_code == 403


def test_a_key_of_another_domain_is_not_reached_through_this_account(admin, url):
    foreign = dkim_keys.make_key("elsewhere.example")
    db.session.commit()

    assert admin.post(f"{url}/keys/{foreign.id}/signing", data={"anyway": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("signature", "said"), [("good", "Signature good"), ("bad", "Signature broken"), ("none", "Not signed")]
)
def test_what_a_receiver_saw_is_told_by_the_last_mail_that_went_all_the_way_round(admin, cast, url, signature, said):
    assert "full-loop test" in admin.get(url).text
    seen = {"verdict": "mx.northwind.example; spf=fail smtp.mailfrom=northwind.example", "signature": signature}
    db.session.add(
        ConnectionTest(direction=probe.LOOP, account_id=cast.outbound.id, state="passed", findings={"seen": seen})
    )
    db.session.commit()

    page = admin.get(url).text

    assert "spf=fail smtp.mailfrom=northwind.example" in page
    assert said in page
