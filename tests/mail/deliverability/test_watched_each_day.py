"""What receivers find is looked at each day, and a verdict that gets worse is an alert until it is as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from psa import clock
from psa.alerts.models import Alert
from psa.alerts.operations import open_alerts
from psa.extensions import db
from psa.mail.outbound.models import SenderVerdict
from psa.mail.outbound.sender_watch import look_at_senders

DOMAIN = "northwind.example"


@pytest.fixture(autouse=True)
def sending(app, cast, nameserver, monkeypatch):
    """The account leaves through a server whose name leads back to it; SPF and MX are as they should be."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    app.extensions["psa.dns"] = nameserver.dns
    cast.outbound.host = "smtp.mailhost.example"
    nameserver.txt(DOMAIN, "v=spf1 a:smtp.mailhost.example -all")
    nameserver.records[DOMAIN, "MX"] = ["10 mx.northwind.example."]
    nameserver.records["mx.northwind.example", "A"] = ["11.22.33.45"]
    db.session.commit()
    look_at_senders()


def next_day() -> None:
    db.session.execute(db.update(SenderVerdict).values(checked_at=clock.now() - timedelta(days=1, minutes=1)))
    db.session.commit()
    look_at_senders()


def titles() -> list[str]:
    return [alert.title for alert in open_alerts()]


def test_what_was_never_good_is_no_news():
    next_day()
    assert titles() == []
    tones = {row.code: row.tone for row in db.session.scalars(db.select(SenderVerdict))}
    assert (tones["spf"], tones["dkim"], tones["mx"]) == ("ok", "warn", "ok")


def test_a_verdict_that_gets_worse_is_told_until_it_is_as_it_was(nameserver, cast):
    nameserver.txt(DOMAIN, "v=spf1 -all")
    next_day()
    [alert] = open_alerts()
    assert alert.title.startswith(f"SPF of {DOMAIN} ")
    assert alert.words.startswith("It was good and is bad now.")
    assert alert.link == f"/admin/email/deliverability/{cast.outbound.id}"

    next_day()
    assert len(open_alerts()) == 1

    nameserver.txt(DOMAIN, "v=spf1 a:smtp.mailhost.example -all")
    next_day()
    assert titles() == []
    assert db.session.scalars(db.select(Alert.closing_words)).one() == "SPF is good again"


def test_each_sender_is_asked_for_once_a_day(nameserver):
    asked = len(nameserver.asked)
    look_at_senders()
    assert len(nameserver.asked) == asked


def test_a_night_without_name_servers_says_nothing(nameserver):
    nameserver.silent = True
    next_day()
    assert titles() == []


def authority(days: int) -> str:
    """A certificate that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Northwind Root")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=days))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(("days", "says"), [(9, "ends on"), (-1, "has ended")])
def test_an_authority_of_our_own_that_ends_soon_is_told_of_in_time(cast, days, says):
    cast.outbound.ca_pem = authority(days)
    db.session.commit()
    look_at_senders()
    [title] = titles()
    assert f"“Northwind Root” trusted for {cast.outbound.address} {says}" in title

    cast.outbound.ca_pem = authority(400)
    db.session.commit()
    look_at_senders()
    assert titles() == []


def test_so_is_the_one_for_all_servers_and_a_bundle_of_the_system_is_not(tmp_path, monkeypatch):
    path = tmp_path / "authorities.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    path.write_text(authority(9) * 11)
    look_at_senders()
    assert titles() == []
    path.write_text(authority(9))
    look_at_senders()
    assert "SSL_CERT_FILE" in titles()[0]
    path.unlink()
    look_at_senders()
    assert titles() == []
