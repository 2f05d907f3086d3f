"""``python -m psa.sandbox DIRECTORY``: the sandbox's mail server as bin/run starts it, without the rest of the PSA."""

from __future__ import annotations

import sys
from pathlib import Path

from psa.sandbox.people import mailboxes
from psa.sandbox.serve import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]), mailboxes(), smtp_port=2525, imap_port=1143)
