"""Two keys sign beside each other, and one that is replaced stays until its record is gone."""

from __future__ import annotations

import base64

import dkim
import pytest

from psa.extensions import db
from psa.mail.deliverability import ed25519
from psa.mail.deliverability.finding import Sender
from psa.mail.deliverability.report import examine
from psa.mail.deliverability.returned import looked_up
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.models import DkimKey

DOMAIN = "northwind.example"


@pytest.fixture
def keys(app):
    """An RSA key and an Ed25519 key, both switched on."""
    made = dkim_keys.make_key(DOMAIN), dkim_keys.make_key(DOMAIN, "ed25519")
    for key in made:
        dkim_keys.switch_on(key)
    db.session.commit()
    return made


def publish(key: DkimKey, nameserver) -> None:
    record = dkim_keys.public_half(key).record
    nameserver.txt(record.name, record.value)


def mail() -> bytes:
    return compose(
        Content("x", "x"),
        sender=("Northwind Support", f"support@{DOMAIN}"),
        to=[("", "dana@harbor-dental.example")],
    ).raw


def test_both_sign_and_both_signatures_are_good(keys, nameserver):
    first, second = keys
    publish(first, nameserver), publish(second, nameserver)
    raw, dns = mail(), nameserver.dns()
    assert raw.count(b"DKIM-Signature:") == 2
    # Who knows only RSA looks at the one on top.
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=0: looked_up(name, dns))
    assert ed25519.is_good(raw, second.selector, base64.b64decode(second.public_key))
    assert dkim_keys.is_proven(first, dns)
    assert dkim_keys.is_proven(second, dns)


def test_its_record_says_which_kind_it_is_and_is_short(keys):
    record = dkim_keys.public_half(keys[1]).record
    assert record.value.startswith("v=DKIM1; k=ed25519; p=")
    assert len(record.value) < 80


def test_each_is_a_finding_of_its_own(keys, nameserver):
    publish(keys[0], nameserver)
    halves = [dkim_keys.public_half(key) for key in keys]
    sender = Sender(f"support@{DOMAIN}", "smtp.mailhost.example")
    findings = {one.code: one for one in examine(sender, halves[0], nameserver.dns(), halves[1]).findings}
    assert (findings["dkim"].tone, findings["dkim_ed25519"].tone) == ("ok", "bad")


def test_a_successor_retires_the_key_of_its_kind_and_no_other(keys):
    successor = dkim_keys.make_key(DOMAIN)
    dkim_keys.switch_on(successor)
    db.session.commit()
    assert [(key.active, key.retired_at is not None) for key in (*keys, successor)] == [
        (False, True),
        (True, False),
        (True, False),
    ]
    assert dkim_keys.first_of(dkim_keys.keys_of(DOMAIN), "rsa") is successor


def test_a_retired_key_goes_with_its_record(keys, nameserver):
    old = keys[0]
    publish(old, nameserver), publish(keys[1], nameserver)
    dkim_keys.switch_on(dkim_keys.make_key(DOMAIN))
    db.session.commit()
    assert dkim_keys.forget_gone(nameserver.dns()) == []
    nameserver.records.clear()
    assert [key.id for key in dkim_keys.forget_gone(nameserver.dns())] == [old.id]
    assert len(dkim_keys.keys_of(DOMAIN)) == 2


def test_one_that_is_switched_on_again_is_not_retired(keys):
    dkim_keys.switch_on(dkim_keys.make_key(DOMAIN))
    dkim_keys.switch_on(keys[0])
    assert keys[0].retired_at is None
