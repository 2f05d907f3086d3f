"""How values are shown on pages: moments, durations, sizes, names, icons."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask, url_for
from markupsafe import Markup

from psa import clock


def init_app(app: Flask) -> None:
    """Give the templates the filters (``when``, ``calendar_day``, ``duration`` and so on) and the function ``icon``."""
    for show in (when, calendar_day, duration, filesize, initials):
        app.add_template_filter(show)
    app.add_template_global(icon)


def when(moment: datetime | None) -> Markup:
    """A ``<time>``: short in the text (10:12, Thu, 12 Nov, 12 Nov 2025), exact on hover. Nothing for None."""
    if moment is None:
        return Markup("")
    local = moment.astimezone()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), exact(local), short(local, clock.now().astimezone())
    )


def calendar_day(day: date | None) -> str:
    """3 Nov 2026; nothing for None."""
    return clock.in_words(day) if day is not None else ""


def exact(local: datetime) -> str:
    """Thu 19 Nov 2026, 17:20:05 CET."""
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def short(local: datetime, now: datetime) -> str:
    """As much of the moment as a reader needs who knows what day it is ``now``."""
    days_ago = (now.date() - local.date()).days
    if days_ago == 0:
        return f"{local:%H:%M}"
    if 0 < days_ago < 7:
        return f"{local:%a}"
    if local.year == now.year:
        return f"{local.day} {local:%b}"
    return clock.in_words(local)


def duration(length: timedelta | float) -> str:
    """A length of time, from a timedelta or seconds: 12 ms, 0.6 s, 42 s, 5 min, 3 h 12, 2 days."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02}" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def filesize(size: int) -> str:
    """A number of bytes: 1 byte, 812 bytes, 4.2 KB, 310 KB, 3.1 MB."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    amount = float(size)
    for unit in ("KB", "MB", "GB"):
        amount /= 1000
        # 999.5 and more would be written as 1000: that is one of the next unit.
        if amount < 999.5 or unit == "GB":
            break
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:,.0f} {unit}"


def initials(name: str) -> str:
    """ML for Mara Lindqvist, D for dana@harbor.example, ? for nothing."""
    words = [word for word in name.split("@")[0].split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def icon(name: str, *, small: bool = False) -> Markup:
    """An icon of the sprite, for beside words: it is hidden from screen readers."""
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        "icon s" if small else "icon", url_for("static", filename="icons.svg"), name
    )
