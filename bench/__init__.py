"""Benchmarks, run by hand: they print figures and assert nothing."""

import sys

# What customers run is measured: structlog loads this where it is there, and only our tools for development bring it.
sys.modules["rich"] = None  # type: ignore[assignment]
