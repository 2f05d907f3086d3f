"""A password that was typed in a form which is shown again, for a reason that has nothing to do with it.

It never stands in a page. What stands there is sealed, for whoever typed it, for the server that it was typed for, and
for an hour.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask_security import current_user

from psa import clock, signing

LASTS = timedelta(hours=1)


def carry(password: str, host: str, security: str) -> str:
    """Sealed, to be sent back with the form."""
    kept = {"user": current_user.id, "host": host, "security": security, "at": clock.now().isoformat()}
    return signing.seal(json.dumps(kept | {"password": password}))


def carried(sealed: str, host: str, security: str) -> str:
    """The password again; empty for another server, in the clear where it was not, and for what is not ours."""
    try:
        kept = json.loads(signing.unseal(sealed)) if sealed else {}
    except (signing.SealBroken, ValueError):
        return ""
    if not kept or kept["user"] != current_user.id or kept["host"] != host:
        return ""
    if security == "none" and kept["security"] != "none":
        return ""
    return str(kept["password"]) if clock.now() - datetime.fromisoformat(kept["at"]) < LASTS else ""
