"""``GET /health``: for a load balancer and a monitor, without an address for strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from psa import clock, health
from psa.alerts import operations
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.jobs import hosts
from psa.jobs.models import Host
from psa.mail import accounts
from psa.mail.diagnosis.causes import diagnose


@pytest.fixture
def started_long_ago(app):
    app.extensions["psa.started"] = clock.now() - timedelta(hours=1)


def led(seconds_ago: int) -> None:
    seen = clock.now() - timedelta(seconds=seconds_ago)
    db.session.add(Host(id=hosts.host_id(), name="here", started_at=seen, seen_at=seen))
    db.session.commit()


def test_how_the_mailboxes_are_in_numbers_and_states(browser, cast):
    words = "[AUTHENTICATIONFAILED] Authentication failed."
    accounts.note_failure(cast.inbound.id, "auth", diagnose(protocol="imap", stage="auth", text=words), words)
    db.session.commit()
    db.session.refresh(cast.inbound)

    answer = browser.get("/health")

    assert answer.status_code == 200
    [mailbox] = answer.json["mailboxes"]
    assert mailbox == {
        "id": cast.inbound.id,
        "state": "failing",
        "last_success_seconds_ago": None,
        "last_mail_seconds_ago": None,
        "today": 0,
        "new": 0,
        "waiting_for_a_person": 0,
        "differences": None,
    }
    [sender] = answer.json["senders"]
    assert (sender["id"], sender["state"]) == (cast.outbound.id, "ok")


def test_strangers_and_agents_learn_no_address_and_no_words(browser, sign_in, cast):
    operations.open_alert(Trouble("mailbox:1", "support@northwind.example cannot be read", "The server is away."))
    db.session.commit()

    for answer in (browser.get("/health"), sign_in("agent").get("/health")):
        assert answer.json["alerts"] == 1
        assert "northwind" not in answer.text
        assert "127.0.0.1" not in answer.text


def test_administrators_see_which_they_are(sign_in, cast):
    operations.open_alert(Trouble("mailbox:1", "support@northwind.example cannot be read", "The server is away."))
    db.session.commit()

    told = sign_in("admin").get("/health").json

    assert told["mailboxes"][0]["address"] == "support@northwind.example"
    assert told["alert_titles"] == ["support@northwind.example cannot be read"]


def test_a_worker_that_has_just_started_is_given_time_to_find_a_leader(browser, cast):
    assert browser.get("/health").status_code == 200


def test_when_nobody_leads_for_half_a_minute_it_is_unavailable(browser, cast, started_long_ago):
    assert browser.get("/health").status_code == 503

    led(40)
    answer = browser.get("/health")
    assert answer.status_code == 503
    assert 39 <= answer.json["led_seconds_ago"] <= 60


def test_a_host_whose_clock_is_wrong_is_judged_by_the_databases(browser, cast, started_long_ago, monkeypatch):
    ahead = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(hosts, "database_now", lambda: ahead)
    hosts.beat()

    answer = browser.get("/health")

    assert (answer.status_code, answer.json["led_seconds_ago"]) == (200, 0)


def test_a_change_of_leader_is_none_of_it(browser, cast, started_long_ago):
    led(3)

    assert browser.get("/health").status_code == 200


def test_a_mailbox_in_trouble_takes_no_host_out_of_service(browser, cast):
    cast.inbound.refused_since = clock.now()
    db.session.commit()

    answer = browser.get("/health")

    assert (answer.status_code, answer.json["mailboxes"][0]["state"]) == (200, "refused")


def test_a_database_that_is_away(browser, cast, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("no such host db.northwind.example"))

    monkeypatch.setattr(health, "figures", away)

    answer = browser.get("/health")

    assert (answer.status_code, answer.json) == (503, {"database": False})
