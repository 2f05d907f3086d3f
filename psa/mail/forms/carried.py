"""A password that was typed in a form which is shown again, for a reason that has nothing to do with it.

It never stands in a page. What stands there is sealed, for whoever typed it, for an hour.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask_security import current_user

from psa import clock, signing

LASTS = timedelta(hours=1)


def carry(password: str) -> str:
    """Sealed, to be sent back with the form."""
    return signing.seal(json.dumps({"user": current_user.id, "at": clock.now().isoformat(), "password": password}))


def carried(sealed: str) -> str:
    """The password again; empty for somebody else, after an hour, and for what is not ours."""
    try:
        kept = json.loads(signing.unseal(sealed))
    except (signing.SealBroken, ValueError):
        return ""
    if kept["user"] != current_user.id or clock.now() - datetime.fromisoformat(kept["at"]) > LASTS:
        return ""
    return str(kept["password"])
