"""`python -m psa.mail.message PATH…`: what we read in messages, one JSON line each, without the application around
it.
"""

from __future__ import annotations

import sys

import click

from psa.mail.message.lines import print_parsed

sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
sys.exit(not print_parsed(sys.argv[1:], as_json=True, write=click.echo))
