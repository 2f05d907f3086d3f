"""What gunicorn serves and ``flask`` finds. Mail is looked after by gunicorn's workers: see gunicorn.conf.py."""

import sys

from psa import create_app
from psa.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.stderr.write(f"{error}\n")
    # EX_TEMPFAIL of sysexits.h: an MTA that pipes its mail into us keeps it until the house stands again.
    sys.exit(75 if "receive" in sys.argv else 1)
