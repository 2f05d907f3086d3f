"""SPF: whether the record allows the server that we hand mail to, read as receivers read it (RFC 7208)."""

from __future__ import annotations

import ipaddress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psa.mail.deliverability import spf
from psa.mail.deliverability.checks import check_spf
from psa.mail.deliverability.finding import Sender
from psa.mail.deliverability.spf import Evaluation, PermanentError

DOMAIN = "northwind.example"


@pytest.fixture
def check(nameserver):
    """What a receiver finds that gets mail from ``ip``."""

    def check(record: str, ip: str = "11.22.33.44") -> str:
        nameserver.txt(DOMAIN, record)
        return Evaluation(nameserver.dns(), f"ann@{DOMAIN}", ipaddress.ip_address(ip)).check(DOMAIN)

    return check


@pytest.mark.parametrize(
    ("record", "ip", "result"),
    [
        ("v=spf1 -all", "11.22.33.44", "fail"),
        ("v=spf1 ~all", "11.22.33.44", "softfail"),
        ("v=spf1 ?all", "11.22.33.44", "neutral"),
        ("v=spf1", "11.22.33.44", "neutral"),
        ("v=spf1 +all", "11.22.33.44", "pass"),
        ("v=spf1 ip4:11.22.33.44 -all", "11.22.33.44", "pass"),
        ("v=spf1 ip4:11.22.33.0/24 -all", "11.22.33.44", "pass"),
        ("v=spf1 ip4:11.22.34.0/24 -all", "11.22.33.44", "fail"),
        ("v=spf1 ip6:2a00:1450::/32 -all", "2a00:1450:4864:20::1", "pass"),
        ("v=spf1 ip6:2a00:1450::/32 -all", "11.22.33.44", "fail"),
        ("v=spf1 a:smtp.mailhost.example -all", "11.22.33.44", "pass"),
        ("v=spf1 a:smtp.mailhost.example/24 -all", "11.22.33.1", "pass"),
        ("v=spf1 a:smtp.mailhost.example/24//64 -all", "11.22.33.1", "pass"),
        ("v=spf1 -a:smtp.mailhost.example +all", "11.22.33.44", "fail"),
        ("V=SPF1 A:smtp.mailhost.example -ALL", "11.22.33.44", "pass"),
        ("v=spf1 exists:%{ir}.allowed.example -all", "11.22.33.44", "pass"),
        ("v=spf1 exists:%{l}.%{d2}.allowed.example -all", "11.22.33.44", "fail"),
        ("v=spf1 unknown=modifier exp=why.example -all", "11.22.33.44", "fail"),
    ],
)
def test_a_record_is_read_as_receivers_read_it(check, nameserver, record, ip, result):
    nameserver.records["44.33.22.11.allowed.example", "A"] = ["127.0.0.2"]

    assert check(record, ip) == result


def test_an_included_domain_decides_by_its_pass_alone(check, nameserver):
    nameserver.txt("spf.mailhost.example", "v=spf1 ip4:11.22.33.44 -all")

    assert check("v=spf1 include:spf.mailhost.example ?all") == "pass"
    assert check("v=spf1 include:spf.mailhost.example ?all", "11.22.33.45") == "neutral"


def test_a_redirect_decides_for_good(check, nameserver):
    nameserver.txt("spf.mailhost.example", "v=spf1 ip4:11.22.33.44 -all")

    assert check("v=spf1 redirect=spf.mailhost.example") == "pass"
    assert check("v=spf1 redirect=spf.mailhost.example", "11.22.33.45") == "fail"


def test_mail_exchangers_are_allowed_by_their_addresses(check, nameserver):
    nameserver.records[DOMAIN, "MX"] = ["10 smtp.mailhost.example."]

    assert check("v=spf1 mx -all") == "pass"


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ("v=spf1 include:nothing.example -all", "which has no SPF record"),
        ("v=spf1 redirect=nothing.example", "which has no SPF record"),
        ("v=spf1 include:northwind.example -all", "more than 10 questions"),
        ("v=spf1 " + "a:smtp.mailhost.example " * 11 + "-all", "more than 10 questions"),
        ("v=spf1 a:x.example a:y.example a:z.example -all", "do not exist"),
        ("v=spf1 ip4:11.22.33.444 -all", "names no network"),
        ("v=spf1 include: -all", "Something is missing"),
        ("v=spf1 alow:smtp.mailhost.example -all", "is no word of an SPF record"),
    ],
)
def test_what_no_receiver_can_use_is_an_error_with_a_sentence(check, record, sentence):
    with pytest.raises(PermanentError, match=sentence):
        check(record, "11.22.33.9")


WORDS = ["a", "mx", "ptr", "all", "include:", "exists:", "ip4:", "ip6:", "redirect=", "exp="]
ENDS = [
    "",
    "/24",
    "//64",
    "/99",
    ":x.example",
    "%{i}",
    "%{z}.example",
    "%{",
    "10.0.0.1/33",
    "::1",
    "\\300",
    "x..y",
    "ü",
    "-",
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["", "-", "~", "?", "+"]), st.sampled_from(WORDS), st.sampled_from(ENDS))))
def test_whatever_a_record_says_it_is_read_to_an_end_or_called_unusable(nameserver, words):
    record = " ".join(["v=spf1", *("".join(word) for word in words)])
    asks = nameserver.dns()
    asks.known[DOMAIN, "TXT"] = [SimpleNamespace(strings=[record.encode()])]

    try:
        result = Evaluation(asks, f"ann@{DOMAIN}", ipaddress.ip_address("11.22.33.44")).check(DOMAIN)
    except PermanentError as error:
        assert str(error)
    else:
        assert result in ("pass", "fail", "softfail", "neutral")


def test_a_domain_without_a_record_gets_one_that_allows_the_server(nameserver, sender):
    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == ("bad", "is missing")
    assert found.publish is not None
    assert (found.publish.name, found.publish.value) == (DOMAIN, "v=spf1 a:smtp.mailhost.example ~all")


def test_a_record_that_names_another_server_keeps_it_and_gets_ours(nameserver, sender):
    nameserver.txt(DOMAIN, "v=spf1 a mx -all", "google-site-verification=1")

    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == ("bad", "does not allow smtp.mailhost.example to send for you")
    assert found.found == ("v=spf1 a mx -all",)
    assert found.replaces
    assert found.publish is not None
    assert found.publish.value == "v=spf1 a mx a:smtp.mailhost.example -all"


def test_what_the_server_s_owner_publishes_is_included_instead(nameserver, sender):
    nameserver.txt("_spf.mailhost.example", "v=spf1 ip4:11.22.0.0/16 -all")
    nameserver.txt(DOMAIN, "v=spf1 mx -all")
    found = check_spf(sender, nameserver.dns())
    assert found.publish is not None
    assert found.publish.value == "v=spf1 mx include:_spf.mailhost.example -all"

    nameserver.txt(DOMAIN, found.publish.value)

    assert check_spf(sender, nameserver.dns()).tone == "ok"


def test_the_proposed_record_turns_it_green(nameserver, sender):
    nameserver.txt(DOMAIN, check_spf(sender, nameserver.dns()).publish.value)

    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == ("ok", "allows smtp.mailhost.example to send for you")
    assert "1 of at most 10" in found.why


def test_at_a_provider_its_own_record_must_be_included_for_it_sends_from_many_servers(nameserver):
    google = Sender(f"support@{DOMAIN}", "smtp.gmail.com")
    nameserver.txt(DOMAIN, "v=spf1 a:smtp.gmail.com -all")
    nameserver.txt("_spf.google.com", "v=spf1 ip4:35.190.247.0/24 ~all")
    found = check_spf(google, nameserver.dns())
    assert found.say == "does not allow Google to send for you"
    assert found.publish is not None
    assert found.publish.value == "v=spf1 a:smtp.gmail.com include:_spf.google.com -all"

    nameserver.txt(DOMAIN, found.publish.value)

    assert check_spf(google, nameserver.dns()).tone == "ok"


def test_two_records_are_one_too_many_and_are_joined(nameserver, sender):
    nameserver.txt(DOMAIN, "v=spf1 mx -all", "v=spf1 a:smtp.mailhost.example ~all")

    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == ("bad", "is there more than once")
    assert found.publish is not None
    # A name server may answer with either of them first.
    assert sorted(found.publish.value.split()) == ["a:smtp.mailhost.example", "mx", "v=spf1", "~all"]


@pytest.mark.parametrize(
    ("record", "tone", "say"),
    [
        ("v=spf1 +all", "bad", "allows everybody"),
        ("v=spf1 a:smtp.mailhost.example", "warn", "allows smtp.mailhost.example, and forbids nobody"),
        ("v=spf1 a:smtp.mailhost.example ?all", "warn", "allows smtp.mailhost.example, and forbids nobody"),
        ("v=spf1 include:northwind.example -all", "bad", "cannot be used by anybody"),
    ],
)
def test_records_that_help_nobody_are_called_that(nameserver, sender, record, tone, say):
    nameserver.txt(DOMAIN, record)

    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == (tone, say)


def test_a_server_inside_of_the_network_is_not_judged(nameserver):
    nameserver.txt(DOMAIN, "v=spf1 mx -all")

    found = check_spf(Sender(f"support@{DOMAIN}", "127.0.0.1"), nameserver.dns())

    assert found.tone == "warn"
    assert "is inside of your network" in found.why


def test_out_of_reach_the_dns_is_said_and_the_record_is_there_to_copy(nameserver, sender):
    nameserver.silent = True

    found = check_spf(sender, nameserver.dns())

    assert (found.tone, found.say) == ("", "could not be asked for")
    assert found.publish is not None
    assert found.publish.value == "v=spf1 a:smtp.mailhost.example ~all"


@pytest.mark.parametrize(
    ("record", "allowing"),
    [
        (None, "v=spf1 a:x.example ~all"),
        ("v=spf1 mx -all", "v=spf1 mx a:x.example -all"),
        ("v=spf1 mx", "v=spf1 mx a:x.example ~all"),
        ("v=spf1 mx redirect=y.example", "v=spf1 mx a:x.example redirect=y.example"),
    ],
)
def test_one_more_mechanism_goes_before_what_is_said_of_everybody_else(record, allowing):
    assert spf.allowing(record, "a:x.example") == allowing
