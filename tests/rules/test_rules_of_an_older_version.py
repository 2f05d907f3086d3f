"""Rules that an older version wrote read the same after the upgrade; what it cannot do is off after a downgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from psa import create_app
from psa.extensions import db
from psa.rules import operations
from psa.rules.sentences import sentence
from tests.conftest import configuration

BEFORE = "0006"


@pytest.fixture
def older(tmp_path) -> Iterator[Flask]:
    """A database as the older version left it, with two of its rules."""
    app = create_app(configuration(tmp_path, f"sqlite:///{tmp_path / 'psa.sqlite3'}"))
    with app.app_context():
        flask_migrate.upgrade(revision=BEFORE)
        insert = sa.text(
            "INSERT INTO rules (position, name, active, goes_on, conditions, actions, created_at)"
            " VALUES (:position, :name, 1, 0, :conditions, :actions, '2026-11-01 09:00:00')"
        )
        both = [{"field": "sender_domain", "value": "vega.example"}, {"field": "subject_tag", "value": "Billing"}]
        db.session.execute(sa.text("INSERT INTO queues (id, name, position, address) VALUES (4, 'Billing', 0, '')"))
        for position, conditions in enumerate((both, both[1:])):
            row = {"position": position, "name": f"Rule {position}", "conditions": json.dumps(conditions)}
            db.session.execute(insert, row | {"actions": json.dumps([{"set": "queue", "id": 4}])})
        db.session.commit()
        yield app
        db.session.remove()


def test_they_read_as_they_did(older):
    flask_migrate.upgrade()
    assert [str(sentence(rule)) for rule in operations.all_rules()] == [
        "If Sender Domain is vega.example, and Subject Tags contain [Billing] → put it in Billing",
        "If Subject Tags contain [Billing] → put it in Billing",
    ]
    assert [(rule.scope, rule.groups) for rule in operations.all_rules()] == [("new", ["all"])] * 2


def test_a_downgrade_switches_off_what_the_older_version_cannot_do(older):
    flask_migrate.upgrade()
    first, second = operations.all_rules()
    first.conditions = [*first.conditions, {"field": "not subject_words", "value": "spam"}]
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision=BEFORE)
    rows = db.session.execute(sa.text("SELECT active, conditions, actions FROM rules ORDER BY position")).all()
    assert [(bool(row.active), json.loads(row.conditions)) for row in rows] == [
        (False, []),
        (True, [{"field": "subject_tag", "value": "Billing"}]),
    ]
    assert all(json.loads(row.actions) == [{"set": "queue", "id": 4}] for row in rows)
