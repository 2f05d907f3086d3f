"""DMARC, MX and reverse DNS of a sender, each green, amber or red, with the record to copy."""

from __future__ import annotations

import pytest

from psa.mail.deliverability import dmarc
from psa.mail.deliverability.checks import check_dmarc, check_mx, check_reverse
from psa.mail.deliverability.finding import Sender

DOMAIN = "northwind.example"


def test_a_missing_policy_gets_one_to_begin_with(nameserver, sender):
    found = check_dmarc(sender, nameserver.dns(), holds=True)

    assert (found.tone, found.say) == ("warn", "is missing")
    assert found.publish is not None
    assert found.publish.name == "_dmarc.northwind.example"
    assert found.publish.value == "v=DMARC1; p=none; rua=mailto:support@northwind.example"


def test_a_policy_that_asks_nobody_to_act_gets_a_firmer_one(nameserver, sender):
    nameserver.txt(f"_dmarc.{DOMAIN}", "v=DMARC1; sp=none; p=none; rua=mailto:d@northwind.example")

    found = check_dmarc(sender, nameserver.dns(), holds=True)

    assert found.tone == "warn"
    assert found.publish is not None
    assert found.publish.value == "v=DMARC1; sp=none; p=quarantine; rua=mailto:d@northwind.example"


@pytest.mark.parametrize("holds", [False, None])
def test_but_not_before_spf_or_dkim_is_green(nameserver, sender, holds):
    nameserver.txt(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")

    found = check_dmarc(sender, nameserver.dns(), holds=holds)

    assert found.publish is None
    assert "must not ask for more before" in found.why


@pytest.mark.parametrize(("policy", "deed"), [("quarantine", "put aside"), ("reject", "refuse")])
def test_a_policy_that_acts_is_green_as_long_as_it_does_not_hit_ourselves(nameserver, sender, policy, deed):
    nameserver.txt(f"_dmarc.{DOMAIN}", f"v=DMARC1; p={policy}; rua=mailto:d@northwind.example")

    good = check_dmarc(sender, nameserver.dns(), holds=True)
    hit = check_dmarc(sender, nameserver.dns(), holds=False)

    assert good.tone == "ok"
    assert f"It asks receivers to {deed} forgeries." in good.why
    assert (hit.tone, hit.say) == ("bad", f"is turned against your own mail (p={policy})")


def test_a_domain_without_its_own_policy_has_that_of_the_one_above(nameserver):
    nameserver.txt(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; sp=quarantine")

    policy = dmarc.policy_of(f"mail.support.{DOMAIN}", nameserver.dns())

    assert policy is not None
    assert (policy.domain, policy.asks) == (DOMAIN, "quarantine")


@pytest.mark.parametrize("records", [("v=DMARC1; p=maybe",), ("v=DMARC1",), ("v=DMARC1; p=none", "v=DMARC1; p=reject")])
def test_a_policy_that_nobody_heeds_is_red(nameserver, sender, records):
    nameserver.txt(f"_dmarc.{DOMAIN}", *records)

    found = check_dmarc(sender, nameserver.dns(), holds=True)

    assert (found.tone, found.say) == ("bad", "cannot be used by anybody")
    assert found.replaces


def test_answers_come_to_the_mail_exchanger(nameserver, sender):
    nameserver.records[DOMAIN, "MX"] = ["20 smtp.mailhost.example.", "10 mx.northwind.example."]
    nameserver.records[f"mx.{DOMAIN}", "A"] = ["11.22.33.45"]

    found = check_mx(sender, nameserver.dns())

    assert (found.tone, found.say) == ("ok", "brings answers to mx.northwind.example")
    assert found.found == ("10 mx.northwind.example", "20 smtp.mailhost.example")


@pytest.mark.parametrize(
    ("records", "tone", "say"),
    [
        ({}, "bad", "is missing: this domain takes no mail"),
        ({(DOMAIN, "A"): ["11.22.33.45"]}, "warn", "is missing"),
        ({(DOMAIN, "MX"): ["0 ."]}, "bad", "says that this domain takes no mail"),
        ({(DOMAIN, "MX"): ["10 gone.example."]}, "bad", "names gone.example, which has no address"),
        (
            {(DOMAIN, "MX"): ["10 smtp.mailhost.example.", "20 gone.example."]},
            "warn",
            "names gone.example, which has no address",
        ),
    ],
)
def test_a_domain_that_cannot_be_answered_is_named(nameserver, sender, records, tone, say):
    nameserver.records |= records

    found = check_mx(sender, nameserver.dns())

    assert (found.tone, found.say) == (tone, say)


def test_a_name_that_leads_back_is_green(nameserver, sender):
    found = check_reverse(sender, nameserver.dns())

    assert (found.tone, found.say) == ("ok", "leads from 11.22.33.44 to smtp.mailhost.example, and back")


@pytest.mark.parametrize("name", [None, "elsewhere.example."])
def test_an_address_without_a_name_that_leads_back_is_amber(nameserver, sender, name):
    nameserver.records["44.33.22.11.in-addr.arpa", "PTR"] = [name] if name else []

    found = check_reverse(sender, nameserver.dns())

    assert (found.tone, found.say) == ("warn", "is missing for 11.22.33.44")


def test_at_a_provider_it_is_the_providers_care(nameserver):
    nameserver.records["smtp.gmail.com", "A"] = ["11.22.33.55"]

    found = check_reverse(Sender(f"support@{DOMAIN}", "smtp.gmail.com"), nameserver.dns())

    assert (found.tone, found.say) == ("ok", "is Google’s care")


@pytest.mark.parametrize(("host", "tone"), [("127.0.0.1", ""), ("nowhere.example", "bad")])
def test_a_server_that_nobody_outside_sees_is_not_judged_and_one_that_is_not_there_is(nameserver, host, tone):
    assert check_reverse(Sender(f"support@{DOMAIN}", host), nameserver.dns()).tone == tone


def test_out_of_reach_the_dns_is_said_by_each(nameserver, sender):
    nameserver.silent = True

    found = [
        check_dmarc(sender, nameserver.dns(), holds=None),
        check_mx(sender, nameserver.dns()),
        check_reverse(sender, nameserver.dns()),
    ]

    assert {one.say for one in found} == {"could not be asked for"}
    assert {one.tone for one in found} == {""}


@pytest.mark.parametrize(("address", "is_theirs"), [("ann@gmail.com", True), ("ann@northwind.example", False)])
def test_an_address_that_a_provider_gives_to_everybody_has_nothing_to_publish(address, is_theirs):
    assert Sender(address, "smtp.gmail.com").domain_is_providers is is_theirs
