"""Where no server speaks for a sender we check the signature ourselves, after the mail is filed."""

from __future__ import annotations

from datetime import timedelta

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from psa import clock
from psa.extensions import db
from psa.mail.inbound import sender_checks, signatures
from psa.mail.inbound.explain import explain
from psa.mail.inbound.process import process_again
from psa.mail.models import InboundEmail
from tests.mailroom import letter
from tests.nameserver import Nameserver

DOMAIN = "harbor-dental.example"


@pytest.fixture
def nameserver(app):
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        yield server


@pytest.fixture(scope="module")
def secret():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture
def published(nameserver, secret):
    """The client's own server has published its key."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = secret.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
    nameserver.txt(f"s1._domainkey.{DOMAIN}", "v=DKIM1; k=rsa; p=" + "".join(pem.splitlines()[1:-1]))
    return nameserver


@pytest.fixture
def signed(secret):
    """A mail as the client's server signs it."""
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    def sign(text="The projector stays dark.", ago=timedelta(0), **changes):
        message = letter(text, **changes)
        message.replace_header("Date", (clock.now() - ago).strftime("%a, %d %b %Y %H:%M:%S +0000"))
        raw = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return dkim.sign(raw, b"s1", DOMAIN.encode(), pem) + raw

    return sign


def now(email):
    """The row as it stands."""
    db.session.expire_all()
    return db.session.get_one(InboundEmail, email.id)


def when_due(monkeypatch, later):
    """The same, after a while."""
    at = clock.now() + later
    monkeypatch.setattr("psa.mail.inbound.sender_checks.clock.now", lambda: at)
    # The name servers are asked anew.
    signatures.keys().silent_until.clear()


def test_a_clients_mail_is_filed_without_asking_and_proven_a_moment_later(mailroom, published, signed):
    email = mailroom.receive(signed())
    assert (email.status, email.trust, published.asked) == ("filed", "unknown", [])
    assert email.trust_due_at is not None

    assert sender_checks.check_senders() == 1
    email = now(email)
    assert (email.trust, email.trust_words, email.trust_due_at) == (
        "proven",
        f"We checked DKIM for {DOMAIN} ourselves.",
        None,
    )
    lines = [step for step in email.trace if step["step"] == "Sender"]
    assert [line["verdict"] for line in lines] == ["Unknown", "Proven"]
    assert sender_checks.check_senders() == 0


def test_a_signature_that_does_not_hold_is_told_and_spf_is_not_guessed(mailroom, published, signed):
    email = mailroom.receive(signed().replace(b"stays dark", b"is stolen"))
    sender_checks.check_senders()
    assert now(email).trust == "unproven"
    assert f"the signature of {DOMAIN} does not hold" in now(email).trust_words
    assert "SPF only the server that received it could tell" in now(email).trust_words


def test_without_a_signature_there_is_nothing_to_check_and_it_says_so(mailroom, nameserver):
    email = mailroom.receive(letter())
    assert (email.trust, email.trust_due_at) == ("unknown", None)
    assert "It bears no DKIM signature" in email.trust_words


def test_an_old_mail_is_not_judged_by_the_keys_of_today(mailroom, published, signed):
    email = mailroom.receive(signed(ago=timedelta(days=15)))
    assert (email.trust, email.trust_due_at) == ("unknown", None)
    assert "It is too old" in email.trust_words


def test_mail_from_before_the_change_of_programs_is_left_as_it_is(mailroom, published, signed):
    """An upgrade sets nothing due, so it makes no wave of questions."""
    email = mailroom.receive(signed())
    email.trust_due_at = None
    db.session.commit()
    assert sender_checks.check_senders() == 0


def test_mail_of_today_comes_before_a_backlog(mailroom, published, signed, monkeypatch):
    old, new = (mailroom.receive(signed(text)) for text in ("First.", "Second."))
    now(old).backlog = True
    db.session.commit()
    monkeypatch.setattr(sender_checks, "AT_ONCE", 1)
    sender_checks.check_senders()
    assert (now(old).trust, now(new).trust) == ("unknown", "proven")
    sender_checks.check_senders()
    assert now(old).trust == "proven"


def test_a_check_belongs_to_one_host_and_is_found_again_when_that_one_dies(mailroom, published, signed, monkeypatch):
    email = mailroom.receive(signed())
    [taken] = sender_checks.claim()
    assert (taken.id, sender_checks.check_senders()) == (email.id, 0)

    when_due(monkeypatch, sender_checks.LEASE + timedelta(seconds=1))
    assert sender_checks.check_senders() == 1
    assert now(email).trust == "proven"
    # The first one was only slow: it changes nothing any more.
    sender_checks.settle(taken, sender_checks.Trust("unproven", "Too late."))
    assert now(email).trust == "proven"


def test_what_a_person_did_meanwhile_stays(mailroom, published, signed):
    email = mailroom.receive(signed())
    [taken] = sender_checks.claim()
    now(email).status = "held"
    db.session.commit()
    process_again(email.id)
    sender_checks.settle(taken, sender_checks.Trust("unproven", "Too late."))
    assert now(email).trust == "unknown"
    assert sender_checks.check_senders() == 1
    assert now(email).trust == "proven"


def test_while_no_name_server_answers_it_is_tried_again_and_then_given_up(mailroom, published, signed, monkeypatch):
    published.broken = True
    email = mailroom.receive(signed())
    later = timedelta(0)
    for pause in sender_checks.PAUSES:
        assert sender_checks.check_senders() == 1
        assert sender_checks.check_senders() == 0
        assert now(email).trust_due_at is not None
        assert "no name server answers" in now(email).trust_words
        later += pause + timedelta(seconds=1)
        when_due(monkeypatch, later)
    assert sender_checks.check_senders() == 1
    email = now(email)
    assert (email.trust, email.trust_due_at) == ("unknown", None)
    assert email.trust_words.endswith(sender_checks.GIVEN_UP)


def test_when_name_servers_are_back_it_is_proven(mailroom, published, signed, monkeypatch):
    published.broken = True
    email = mailroom.receive(signed())
    sender_checks.check_senders()
    published.broken = False
    when_due(monkeypatch, timedelta(minutes=2))
    sender_checks.check_senders()
    assert now(email).trust == "proven"


def test_a_domain_without_name_servers_keeps_no_other_from_being_checked(mailroom, published, signed):
    published.broken = True
    dead = letter(
        sender="eve@dead.example", DKIM_Signature="v=1; a=rsa-sha256; d=dead.example; s=x; h=from; bh=YQ==; b=YQ=="
    )
    dead.replace_header("Date", clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000"))
    mailroom.receive(dead)
    sender_checks.check_senders()
    published.broken = False
    email = mailroom.receive(signed())
    sender_checks.check_senders()
    assert now(email).trust == "proven"


def test_what_defeats_the_check_ends_it(mailroom, published, signed, monkeypatch):
    email = mailroom.receive(signed())
    monkeypatch.setattr("psa.mail.inbound.sender_checks.weigh", lambda *_: 1 / 0)
    sender_checks.check_senders()
    assert (now(email).trust, now(email).trust_due_at) == ("unknown", None)
    assert now(email).trust_words.endswith(sender_checks.DEFEATED)


def test_what_defeats_the_check_takes_no_warning_away(mailroom, published, signed, monkeypatch):
    email = now(mailroom.receive(signed()))
    email.trust, email.trust_words = "doubtful", "It looks like somebody else."
    db.session.commit()
    monkeypatch.setattr("psa.mail.inbound.sender_checks.weigh", lambda *_: 1 / 0)
    sender_checks.check_senders()
    email = now(email)
    assert (email.trust, email.trust_due_at) == ("doubtful", None)
    assert email.trust_words == f"It looks like somebody else. {sender_checks.DEFEATED}"


def test_a_mail_that_ends_each_process_that_checks_it_is_given_up(mailroom, published, signed, monkeypatch):
    """Only itself: what was claimed together with it is checked afterwards."""
    email, other = mailroom.receive(signed("Deadly.")), mailroom.receive(signed("Harmless."))
    weigh = sender_checks.weigh

    def deadly(kept, *others):
        if b"Deadly." in kept.raw:
            raise SystemExit
        return weigh(kept, *others)

    monkeypatch.setattr("psa.mail.inbound.sender_checks.weigh", deadly)
    later = timedelta(0)
    for _ in range(len(sender_checks.PAUSES) + 1):
        with pytest.raises(SystemExit):
            sender_checks.check_senders()
        db.session.rollback()
        assert (now(email).trust_due_at is not None, now(other).trust_tries) == (True, 0)
        later += sender_checks.LEASE + timedelta(seconds=1)
        when_due(monkeypatch, later)
    assert sender_checks.check_senders() == 2
    assert (now(email).trust_due_at, now(other).trust) == (None, "proven")
    assert now(email).trust_words.endswith(sender_checks.DEFEATED)


def test_an_explanation_makes_the_check_itself(mailroom, published, signed, cast):
    told = explain(signed(), cast.inbound)
    assert f"We checked DKIM for {DOMAIN} ourselves." in told.said("Sender", "Proven")


def test_pages_say_that_it_is_being_checked_and_then_what_came_of_it(mailroom, published, signed, sign_in):
    email, browser = mailroom.receive(signed()), sign_in("agent")
    pages = (f"/tickets/{email.ticket_id}", f"/mail/inbound/{email.id}", "/mail")
    for page in pages:
        assert "Being checked" in browser.get(page).get_data(as_text=True)
    assert 'hx-trigger="load delay:2s"' in browser.get(f"/mail/inbound/{email.id}/trust").get_data(as_text=True)

    sender_checks.check_senders()
    assert now(email).trust_due_at is None
    for page in pages:
        shown = browser.get(page).get_data(as_text=True)
        assert "Proven" in shown
        assert f"We checked DKIM for {DOMAIN} ourselves." in shown
    assert "hx-" not in browser.get(f"/mail/inbound/{email.id}/trust").get_data(as_text=True)
