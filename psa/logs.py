"""One JSON object a line on standard error, with neither secrets nor the bodies of messages in it."""

from __future__ import annotations

import logging
import sys

import structlog
from flask import Flask


def init_app(app: Flask) -> None:
    """Structured logging, once for the process. Tracebacks show code, never the values of variables."""
    level = logging.CRITICAL if app.config.get("TESTING") else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # A tick every second is not news.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
