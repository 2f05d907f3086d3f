"""One leader among the gunicorn workers of a host. When it dies another one takes over."""

from __future__ import annotations

import os
import threading

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from psa import locks
from psa.jobs import hosts
from psa.jobs.timetable import Timetable

log = structlog.get_logger()

# How often a worker asks for the lead, and how often the leader makes sure that it still has it. In seconds.
PAUSE = 1.0


class Leadership:
    """Asks for the lead in a thread of its own; keeps the timetable running as long as it has it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name="leadership", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Give up the lead; returns when the timetable stands still (at most a few seconds)."""
        self.stopped.set()
        self.thread.join(timeout=10)

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                self.try_for_the_lead()
            except (SQLAlchemyError, OSError) as error:
                log.warning("no lead", reason=str(error))
            except Exception:
                # The edge of one try. Without a leader all mail waits, so whatever it was, we ask again.
                log.exception("no lead")
            self.stopped.wait(PAUSE)

    def try_for_the_lead(self) -> None:
        """Ask for the lead; with it, lead until we stop or the lead is lost."""
        with self.app.app_context():
            lock = locks.acquire_here(locks.LEAD)
            if lock is None:
                return
            log.info("leading", worker=os.getpid())
            try:
                self.lead(lock)
            finally:
                lock.release()
                log.info("no longer leading")

    def lead(self, lock: locks.Lock) -> None:
        """Keep the timetable running."""
        timetable = Timetable(self.app)
        timetable.start()
        try:
            while lock.is_held() and not self.stopped.wait(PAUSE):
                pass
        finally:
            timetable.stop()
            hosts.leave()
