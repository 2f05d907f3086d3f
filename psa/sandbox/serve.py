"""The sandbox in a process of its own, until a signal ends it."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from psa.sandbox.server import MailSandbox

ENDING = {signal.SIGTERM, signal.SIGINT}


def serve(
    directory: Path,
    users: Mapping[str, str],
    *,
    host: str = "127.0.0.1",
    smtp_port: int = 0,
    imap_port: int = 0,
) -> None:
    """Runs in the foreground, on the main thread, until SIGTERM or SIGINT.

    While it listens, `<directory>/ports.json` says {"smtp": port, "imap": port, "pid": pid}. Raises SandboxInUse when
    another sandbox works in the directory, and OSError when the host or the directory is no good.
    """
    # Blocked here and in the server's thread, which inherits this, the signals wait for sigwait(): none can come in
    # the middle of starting or stopping.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        with MailSandbox(directory, users, host=host, smtp_port=smtp_port, imap_port=imap_port) as sandbox:
            ports = directory / "ports.json"
            _write_at_once(ports, {"smtp": sandbox.smtp_port, "imap": sandbox.imap_port, "pid": os.getpid()})
            try:
                signal.sigwait(ENDING)
            finally:
                ports.unlink(missing_ok=True)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write_at_once(path: Path, content: Mapping[str, int]) -> None:
    """Whoever looks sees the whole file or none."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content) + "\n")
    draft.replace(path)
