"""Settings are proposed from the address: by what providers say, by the domain's records, and else by a guess."""

from __future__ import annotations

import pytest

from psa.mail import autoconfig
from psa.mail.diagnosis.providers import providers
from psa.mail.dns import Dns, DnsAway
from psa.mail.settings import port_contradiction
from tests.nameserver import Nameserver

ADDRESS = "support@northwind.example"


@pytest.fixture
def nameserver():
    with Nameserver() as server:
        yield server


@pytest.fixture
def propose(nameserver):
    def propose(address: str = ADDRESS, protocol: str = "smtp") -> autoconfig.Proposal:
        return autoconfig.propose(address, protocol, nameserver.dns())

    return propose


@pytest.mark.parametrize(
    ("address", "protocol", "words"),
    [
        ("ann@gmail.com", "smtp", "smtp.gmail.com, 465 SSL"),
        ("ann@GoogleMail.com", "imap", "imap.gmail.com, 993 SSL"),
        ("ann@outlook.com", "smtp", "smtp-mail.outlook.com, 587 TLS"),
        ("ann@firm.onmicrosoft.com", "imap", "outlook.office365.com, 993 SSL"),
        ("ann@me.com", "smtp", "smtp.mail.me.com, 587 TLS"),
        ("ann@web.de", "imap", "imap.web.de, 993 SSL"),
        ("ann@gmx.at", "pop3", "pop.gmx.net, 995 SSL"),
        ("ann@t-online.de", "smtp", "securesmtp.t-online.de, 465 SSL"),
    ],
)
def test_an_address_at_a_known_provider_asks_nobody(propose, nameserver, address, protocol, words):
    found = propose(address, protocol)

    assert (found.words, found.username, found.is_sure) == (words, address, True)
    assert nameserver.asked == []


@pytest.mark.parametrize(
    ("exchanger", "protocol", "words"),
    [
        ("northwind-example.mail.protection.outlook.com.", "smtp", "smtp.office365.com, 587 TLS"),
        ("northwind-example.x-v1.mx.microsoft.", "imap", "outlook.office365.com, 993 SSL"),
        ("aspmx.l.google.com.", "imap", "imap.gmail.com, 993 SSL"),
        ("in1-smtp.messagingengine.com.", "smtp", "smtp.fastmail.com, 465 SSL"),
        ("mx00.kundenserver.de.", "smtp", "smtp.ionos.de, 465 SSL"),
        ("mx.zoho.eu.", "imap", "imappro.zoho.eu, 993 SSL"),
    ],
)
def test_a_domain_whose_mail_goes_to_a_provider_has_its_servers(propose, nameserver, exchanger, protocol, words):
    nameserver.records["northwind.example", "MX"] = [f"10 {exchanger}"]

    found = propose(protocol=protocol)

    assert found.words == words
    assert "MX record" in found.source


def test_the_domains_own_record_comes_before_its_provider(propose, nameserver):
    nameserver.records["northwind.example", "MX"] = ["10 aspmx.l.google.com."]
    nameserver.records["_submission._tcp.northwind.example", "SRV"] = ["0 1 2587 out.northwind.example."]

    found = propose()

    assert (found.host, found.port, found.security) == ("out.northwind.example", 2587, "starttls")
    assert found.source == "Found through the SRV record of northwind.example."


def test_encrypted_from_the_first_byte_is_preferred(propose, nameserver):
    nameserver.records["_submission._tcp.northwind.example", "SRV"] = ["0 1 587 out.northwind.example."]
    nameserver.records["_submissions._tcp.northwind.example", "SRV"] = ["0 1 465 out.northwind.example."]

    assert propose().words == "out.northwind.example, 465 SSL"


def test_the_lowest_priority_is_taken_and_what_is_not_offered_is_passed_over(propose, nameserver):
    nameserver.records["_imaps._tcp.northwind.example", "SRV"] = ["0 0 0 ."]
    nameserver.records["_imap._tcp.northwind.example", "SRV"] = [
        "20 9 143 second.northwind.example.",
        "10 1 143 first.northwind.example.",
    ]

    assert propose(protocol="imap").words == "first.northwind.example, 143 TLS"


def test_a_server_outside_of_the_domain_is_pointed_out(propose, nameserver):
    nameserver.records["_imaps._tcp.northwind.example", "SRV"] = ["0 1 993 imap.mailhost.example."]

    assert "make sure that it is your provider’s" in propose(protocol="imap").source


def test_without_records_the_first_usual_name_that_exists_is_guessed(propose, nameserver):
    nameserver.records["mail.northwind.example", "A"] = ["192.0.2.25"]

    found = propose()

    assert (found.words, found.is_sure) == ("mail.northwind.example, 587 TLS", False)
    assert "but mail.northwind.example exists" in found.source


def test_or_the_server_that_takes_the_domains_mail(propose, nameserver):
    nameserver.records["northwind.example", "MX"] = ["10 post.northwind.example."]
    nameserver.records["post.northwind.example", "AAAA"] = ["2001:db8::25"]

    assert propose(protocol="imap").words == "post.northwind.example, 993 SSL"


def test_a_domain_that_says_nothing_at_all_gets_a_guess_that_says_so(propose):
    found = propose(protocol="pop3")

    assert (found.words, found.is_sure) == ("pop.northwind.example, 995 SSL", False)
    assert "none of the usual names exists" in found.source


@pytest.mark.parametrize("trouble", ["silent", "broken"])
def test_when_the_dns_is_out_of_reach_the_guess_says_so_and_asks_no_further(propose, nameserver, trouble):
    setattr(nameserver, trouble, True)

    found = propose()

    assert found.words == "smtp.northwind.example, 587 TLS"
    assert "no name server answers this machine" in found.source
    assert {name for name, _ in nameserver.asked} <= {"_submissions._tcp.northwind.example"}


def test_what_no_name_can_be_is_not_there(nameserver):
    asks = nameserver.dns()

    assert asks.txt(f"{'x' * 64}.example") == []
    assert asks.txt("a..example") == []
    assert asks.names_of("no address") == []


def test_a_name_server_that_is_silent_twice_is_not_waited_for_again(nameserver):
    nameserver.silent = True
    asks = nameserver.dns()
    for name in ("a.example", "b.example", "c.example", "d.example"):
        with pytest.raises(DnsAway):
            asks.txt(name)
    assert asks.silences == 2


def test_a_port_where_nobody_listens_is_out_of_reach():
    with pytest.raises(DnsAway):
        Dns(["127.0.0.1"], 1, patience=0.2).txt("northwind.example")


def test_a_name_of_other_letters_is_asked_as_it_travels(nameserver):
    nameserver.txt("xn--bro-hoa.example", "here")

    assert nameserver.dns().txt("büro.example") == ["here"]


def test_every_server_in_the_table_fits_to_its_port():
    tables = [table for one in providers().values() for table in (one.servers, *one.regions.values())]
    listed = [(protocol, server) for table in tables for protocol, server in table.items()]

    assert len(listed) > 50
    for protocol, server in listed:
        assert protocol in ("smtp", "imap", "pop3")
        assert server.security in ("ssl", "starttls")
        assert port_contradiction(protocol, server.port, server.security) is None
