"""The one clock: aware UTC."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day that it is in the server's zone."""
    return now().astimezone().date()


def midnight(day: date) -> datetime:
    """The moment in which ``day`` begins in the server's zone, in which all dates are typed and shown; in UTC."""
    return datetime(day.year, day.month, day.day).astimezone(UTC)


def in_words(day: date) -> str:
    """3 Nov 2026."""
    return f"{day.day} {day:%b %Y}"
