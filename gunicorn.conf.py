"""Production defaults, in this one place. PORT, HOST and WEB_CONCURRENCY of the environment win."""

from __future__ import annotations

import ctypes
import gc
import os
from typing import Any

from psa.config import host, port

bind = f"[{host()}]:{port()}" if ":" in host() else f"{host()}:{port()}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 10
# Loaded once and forked: quicker, and the workers share its memory. No connection is open by then.
preload_app = True
accesslog = None
loglevel = "warning"
control_socket_disable = True

# glibc would learn from each large mail to keep blocks of its size for itself; with a limit of our own (mallopt(3),
# M_MMAP_THRESHOLD) what is over 1 MB goes back to the system as soon as it is free.
if hasattr(ctypes.CDLL(None), "mallopt"):
    ctypes.CDLL(None).mallopt(-3, 1024 * 1024)


def when_ready(server: Any) -> None:
    """Leave what is loaded by now to all workers: a collector that looked at it would make copies of it."""
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Ask for the lead once the worker can serve."""
    from psa.jobs.leader import Leadership

    worker.psa_leadership = Leadership(worker.wsgi)
    worker.psa_leadership.start()


def worker_exit(server: Any, worker: Any) -> None:
    """Give the lead up, so that another worker need not wait for ours to die."""
    leadership = getattr(worker, "psa_leadership", None)
    if leadership is not None:
        leadership.stop()
