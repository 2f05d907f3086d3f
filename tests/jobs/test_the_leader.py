"""One leader among gunicorn's workers; kill it, and another one takes over within seconds."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from psa import locks
from psa.jobs import leader
from tests.jobs.instances import Instance, wait_for


@pytest.fixture
def served(database_url, app, tmp_path) -> Iterator[Instance]:
    """The application behind gunicorn with two workers."""
    (tmp_path / "secret_key").write_text(app.secret_key)
    instance = Instance(tmp_path, database_url)
    try:
        wait_for(instance.leads)
        yield instance
    finally:
        assert instance.stop() == 0


@pytest.mark.slow
def test_another_worker_leads_within_seconds_after_the_leader_was_killed(served, tmp_path):
    for _ in range(3):
        killed = leading_worker(tmp_path)
        os.kill(killed, signal.SIGKILL)
        # The one that is left leads within a second. It may be killed in its turn before its fellow is up, which takes
        # a busy machine a while.
        wait_for(lambda last=killed: leading_worker(tmp_path) not in (None, last) and served.leads())


def leading_worker(directory: Path) -> int | None:
    """The process that said last that it leads."""
    lines = [json.loads(line) for line in (directory / "gunicorn.log").read_text().splitlines() if line.startswith("{")]
    return next((line["worker"] for line in reversed(lines) if line["event"] == "leading"), None)


def test_a_lock_is_held_by_one_and_free_again_when_released(app):
    first = locks.acquire("a test")
    assert first is not None
    assert first.is_held()
    assert locks.acquire("a test") is None
    with locks.holding("a test") as ours:
        assert not ours
    first.release()
    with locks.holding("a test") as ours:
        assert ours


def test_whether_a_lock_is_held_can_be_asked_without_taking_it(app):
    assert not locks.is_taken_here("a test")
    lock = locks.acquire_here("a test")
    assert locks.is_taken_here("a test")
    assert not locks.is_taken_here("another test")
    lock.release()
    assert not locks.is_taken_here("a test")


def test_the_health_check_takes_the_lead_from_nobody(app, browser, monkeypatch):
    def take(name: str) -> None:
        raise AssertionError(f"{name} was taken")

    with monkeypatch.context() as watched:
        watched.setattr(locks, "acquire_here", take)
        assert browser.get("/health").json["leader"] is False
    lead = locks.acquire_here(locks.LEAD)
    assert browser.get("/health").json["leader"] is True
    lead.release()


class Stumbling:
    """A timetable that cannot be started the first time and cannot be stopped the second; ``started`` counts."""

    started = 0

    def __init__(self, _app) -> None:
        self.number = 0

    def start(self) -> None:
        Stumbling.started += 1
        self.number = Stumbling.started
        if self.number == 1:
            raise RuntimeError("can't start new thread")

    def stop(self) -> None:
        if self.number == 2:
            raise ValueError("not today")


def test_whatever_goes_wrong_while_leading_the_lead_is_free_again_and_asked_for_again(app, monkeypatch):
    monkeypatch.setattr(leader, "PAUSE", 0.01)
    monkeypatch.setattr(leader, "Timetable", Stumbling)
    monkeypatch.setattr(Stumbling, "started", 0)
    monkeypatch.setattr(locks.FileLock, "is_held", lambda _lock: Stumbling.started >= 3)
    worker = leader.Leadership(app)
    worker.start()
    wait_for(lambda: Stumbling.started == 3)
    assert locks.acquire_here(locks.LEAD) is None
    worker.stop()
    assert not locks.is_taken_here(locks.LEAD)
