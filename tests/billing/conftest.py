"""Browsers of several users, as on the agent's desk."""

from tests.tickets.conftest import browser, second_browser

__all__ = ["browser", "second_browser"]
