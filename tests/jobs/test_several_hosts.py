"""Several hosts share one database: each looks after its share of the mailboxes, and those of one that died."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.jobs import hosts
from psa.jobs.models import Host
from psa.mail.models import MailAccount
from tests.factories import make_account


@pytest.fixture
def mailboxes(cast):
    """Five mailboxes that are read."""
    for number in range(4):
        db.session.add(make_account("inbound", protocol="imap", port=143, address=f"box{number}@northwind.example"))
    db.session.commit()
    return [account.id for account in db.session.scalars(db.select(MailAccount).order_by(MailAccount.id))]


def here(monkeypatch, name: str) -> None:
    """Be the host of that name from now on."""
    monkeypatch.setattr(hosts, "host_id", lambda: name)
    hosts.beat()


def test_one_host_looks_after_all_mailboxes(mailboxes, cast):
    hosts.beat()
    assert hosts.claim_mailboxes() == frozenset(mailboxes) - {cast.outbound.id}


def test_a_mailbox_that_is_switched_off_is_nobodys(mailboxes, cast):
    cast.inbound.parsing = False
    db.session.commit()
    hosts.beat()
    assert cast.inbound.id not in hosts.claim_mailboxes()


def test_a_second_host_gets_its_share_once_the_first_has_given_it_up(mailboxes, monkeypatch):
    here(monkeypatch, "alder")
    assert len(hosts.claim_mailboxes()) == 5
    here(monkeypatch, "birch")
    assert hosts.claim_mailboxes() == frozenset()
    here(monkeypatch, "alder")
    first = hosts.claim_mailboxes()
    here(monkeypatch, "birch")
    second = hosts.claim_mailboxes()
    assert (len(first), len(second), first & second) == (3, 2, frozenset())


def test_the_mailboxes_of_a_dead_host_are_taken_over(mailboxes, monkeypatch):
    here(monkeypatch, "alder")
    hosts.claim_mailboxes()
    here(monkeypatch, "birch")
    db.session.execute(db.update(Host).where(Host.id == "alder").values(seen_at=clock.now() - 2 * hosts.ALIVE))
    db.session.commit()
    assert len(hosts.claim_mailboxes()) == 5


def test_a_host_that_died_before_the_clock_was_set_back_keeps_its_mailboxes_from_nobody(mailboxes, monkeypatch):
    here(monkeypatch, "alder")
    hosts.claim_mailboxes()
    here(monkeypatch, "birch")
    db.session.execute(db.update(Host).where(Host.id == "alder").values(seen_at=clock.now() + timedelta(hours=1)))
    db.session.commit()
    assert len(hosts.claim_mailboxes()) == 5


def test_a_host_that_goes_by_itself_leaves_its_mailboxes_at_once(mailboxes, monkeypatch):
    here(monkeypatch, "alder")
    hosts.claim_mailboxes()
    here(monkeypatch, "birch")
    monkeypatch.setattr(hosts, "host_id", lambda: "alder")
    hosts.leave()
    monkeypatch.setattr(hosts, "host_id", lambda: "birch")
    assert len(hosts.claim_mailboxes()) == 5


def test_what_only_one_host_has_to_do_is_done_by_the_first_that_is_alive(mailboxes, monkeypatch):
    here(monkeypatch, "birch")
    assert hosts.is_first()
    here(monkeypatch, "alder")
    assert hosts.is_first()
    monkeypatch.setattr(hosts, "host_id", lambda: "birch")
    assert not hosts.is_first()
