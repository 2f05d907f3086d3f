"""``python -m psa``: what bin/run starts. It says what is wrong with the settings, gets ready, and becomes gunicorn.

All of it is one process, from which gunicorn forks its workers: the application is loaded once.
"""

from __future__ import annotations

import socket
import sys

from psa.config import ConfigError, from_environment, host, port


def main() -> None:
    try:
        config = from_environment()
        probe(host(), port())
    except ConfigError as error:
        sys.exit(f"\n{error}")
    # What follows takes seconds to load, and most settings are wrong at once.
    from gunicorn.app.wsgiapp import run

    from psa.announcing import announce_beside
    from psa.preparing import PreparationFailed, prepare_beside
    from wsgi import app

    try:
        prepare_beside(app)
    except PreparationFailed as failed:
        sys.exit(f"\n{failed}")
    announce_beside(config, host(), port())
    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    run()


def probe(place: str, number: int) -> None:
    """Raises ConfigError when we cannot listen there."""
    with socket.socket(socket.AF_INET6 if ":" in place else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((place, number))
        except OSError as error:
            raise ConfigError(
                f"Port {number} of {place} cannot be had: {error.strerror}. Start with another one: PORT=8001 bin/run"
            ) from error


if __name__ == "__main__":
    main()
