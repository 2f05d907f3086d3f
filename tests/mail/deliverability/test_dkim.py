"""DKIM: keys made here sign the bytes that leave, and anybody who looks their record up finds the signature good."""

from __future__ import annotations

import dkim
import pytest

from psa import signing
from psa.extensions import db
from psa.mail.deliverability.dkim_record import check_dkim
from psa.mail.deliverability.finding import Sender
from psa.mail.deliverability.returned import looked_up, seen_in
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.compose import Content, Upload, compose
from psa.mail.outbound.models import DkimKey

DOMAIN = "northwind.example"


@pytest.fixture
def key(app):
    made = dkim_keys.make_key(DOMAIN)
    db.session.commit()
    return made


@pytest.fixture
def publish(nameserver):
    """Publish a key's record as it is to be copied."""

    def publish(key: DkimKey) -> None:
        record = dkim_keys.public_half(key).record
        nameserver.txt(record.name, record.value)

    return publish


def a_reply() -> bytes:
    return compose(
        Content(
            "Der Projektor bleibt dunkel: größer als 78 Zeichen, damit die Zeile gefaltet werden muss [#7]",
            "Grüße\n.\n.. and a line of dots\n" + "x" * 2000 + "\n",
        ),
        sender=("Northwind IT – Support", f"support@{DOMAIN}"),
        to=[("Dana", "dana@harbor-dental.example")],
        files=[Upload("photo.png", "image/png", bytes(range(256)) * 9)],
    ).raw


def verified(raw: bytes, nameserver) -> bool:
    dns = nameserver.dns()
    return dkim.verify(raw, dnsfunc=lambda name, timeout=0: looked_up(name, dns))


def test_mail_of_a_domain_whose_key_is_switched_on_is_signed_and_proves_itself(key, publish, nameserver):
    publish(key)
    dkim_keys.switch_on(key)

    raw = a_reply()

    assert raw.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=northwind.example;")
    assert verified(raw, nameserver)
    assert not verified(raw.replace(b"Subject: ", b"Subject: Pay now "), nameserver)


def test_a_header_that_is_put_before_it_later_breaks_nothing_and_a_second_sender_does(key, publish, nameserver):
    publish(key)
    dkim_keys.switch_on(key)
    raw = a_reply()

    assert verified(b"Received: from somewhere\r\n" + raw, nameserver)
    assert not verified(raw.replace(b"\r\nTo: ", b"\r\nFrom: Boss <boss@northwind.example>\r\nTo: ", 1), nameserver)


def test_a_key_that_is_not_switched_on_signs_nothing_and_neither_does_that_of_another_domain(key):
    dkim_keys.switch_on(dkim_keys.make_key("elsewhere.example"))

    assert b"DKIM-Signature" not in a_reply()


def test_the_secret_is_sealed(key):
    assert "PRIVATE KEY" not in key.sealed_key
    assert "BEGIN PRIVATE KEY" in signing.unseal(key.sealed_key)


def test_a_successor_gets_a_selector_of_its_own_and_only_one_signs(key):
    successor = dkim_keys.make_key(DOMAIN)
    dkim_keys.switch_on(key)

    dkim_keys.switch_on(successor)
    db.session.commit()

    assert successor.selector == f"{key.selector}b"
    db.session.expire_all()
    assert [one.active for one in dkim_keys.keys_of(DOMAIN)] == [True, False]
    assert f"s={successor.selector};".encode() in a_reply()


def test_a_key_that_no_seal_opens_any_more_stops_no_mail(key):
    dkim_keys.switch_on(key)
    key.sealed_key = "sealed with a lost key"
    db.session.commit()

    assert b"DKIM-Signature" not in a_reply()
    assert not dkim_keys.can_be_opened(key)


def test_a_key_is_proven_by_a_signed_message_and_the_published_record(key, publish, nameserver):
    assert not dkim_keys.is_proven(key, nameserver.dns())
    assert key.verified_at is None

    publish(key)

    assert dkim_keys.is_proven(key, nameserver.dns())
    assert key.verified_at is not None


def test_another_key_under_the_selector_proves_nothing(key, publish, nameserver):
    other = dkim_keys.public_half(dkim_keys.make_key("elsewhere.example")).record
    nameserver.txt(dkim_keys.public_half(key).record.name, other.value)

    assert not dkim_keys.is_proven(key, nameserver.dns())
    found = check_dkim(Sender(f"support@{DOMAIN}", "127.0.0.1"), dkim_keys.public_half(key), nameserver.dns())
    assert "another one stands there" in found.why


def test_each_state_of_a_key_has_its_colour(key, publish, nameserver, sender):
    def tone() -> tuple[str, str]:
        found = check_dkim(sender, dkim_keys.public_half(key), nameserver.dns())
        return found.tone, found.say

    assert tone() == ("warn", "waits for its record")
    dkim_keys.switch_on(key)
    assert tone()[0] == "bad"
    publish(key)
    assert tone() == ("ok", f"signed by us with selector {key.selector}, and the record agrees")
    key.active = False
    assert tone()[0] == "warn"


def test_without_a_key_of_ours_the_providers_record_counts(nameserver):
    google = Sender(f"support@{DOMAIN}", "smtp.gmail.com")
    assert check_dkim(google, None, nameserver.dns()).tone == "warn"

    nameserver.txt(f"google._domainkey.{DOMAIN}", "v=DKIM1; k=rsa; p=MIIB")

    assert check_dkim(google, None, nameserver.dns()).say == "signed by Google with selector google"


def test_out_of_reach_the_dns_leaves_the_record_to_copy(key, nameserver, sender):
    nameserver.silent = True

    found = check_dkim(sender, dkim_keys.public_half(key), nameserver.dns())

    assert found.say == "could not be asked for"
    assert found.publish == dkim_keys.public_half(key).record


def test_a_mail_that_came_back_shows_the_verdict_of_the_mailboxs_own_server(key, publish, nameserver):
    publish(key)
    dkim_keys.switch_on(key)
    verdicts = (
        b"Authentication-Results: mx.northwind.example;\r\n dkim=pass\r\nAuthentication-Results: forged; dkim=fail\r\n"
    )

    seen = seen_in(verdicts + a_reply(), nameserver.dns())

    assert seen == {"verdict": "mx.northwind.example; dkim=pass", "signature": "good"}
    assert seen_in(b"Subject: x\r\n\r\n", nameserver.dns()) == {"verdict": "", "signature": "none"}
    assert seen_in(a_reply().replace(b"Projektor", b"Beamer"), nameserver.dns())["signature"] == "bad"
    nameserver.silent = True
    assert seen_in(a_reply(), nameserver.dns())["signature"] == "unknown"
