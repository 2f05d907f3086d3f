"""What the firm is called, and how its mail looks."""

from __future__ import annotations

from flask import g

from psa.admin.logo import Logo
from psa.admin.models import Firm
from psa.extensions import db


def firm() -> Firm:
    """The firm, read once for each request or job; before the first run an unsaved one called “PSA”."""
    if "firm" not in g:
        g.firm = db.session.get(Firm, 1) or Firm(name="PSA")
    return g.firm  # type: ignore[no-any-return]


def name_firm(name: str) -> Firm:
    """Give the firm its name, the first or a new one."""
    kept = db.session.get(Firm, 1)
    if kept is None:
        kept = Firm(id=1, name=name)
        db.session.add(kept)
    kept.name = name
    db.session.flush()
    g.firm = kept
    return kept


def change_look(*, name: str, colour: str, footer: str, logo: Logo | None, keep_logo: bool) -> None:
    """How the firm's mail looks from now on. Without a new ``logo`` the old one stays if ``keep_logo``."""
    kept = name_firm(" ".join(name.split()))
    kept.colour, kept.footer = colour, " ".join(footer.split())
    if logo is not None or not keep_logo:
        kept.logo, kept.logo_type = (logo.data, logo.type) if logo is not None else (None, "")
    db.session.flush()
