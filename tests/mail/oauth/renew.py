"""Ask for a grant's token as soon as a file is there: python -m tests.mail.oauth.renew GRANT_ID FILE. Prints it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from psa import create_app
from psa.mail.oauth import grants


def main(grant_id: int, signal: Path) -> None:
    app = create_app()
    with app.app_context():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while not signal.exists():
            time.sleep(0.005)
        sys.stdout.write(grants.access_token(grant_id).value + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
