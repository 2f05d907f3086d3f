"""What stands on the terminal when the PSA serves: where everything is, and how to get in."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from http.client import HTTPConnection, HTTPException

from psa.config import Config


def announce_beside(config: Config, host: str, port: int) -> None:
    """Wait for the server in a fork, and print it then. For a process without threads, which becomes the server."""
    server = os.getpid()
    if os.fork() == 0:
        try:
            if wait_until_it_answers(host, port, server):
                sys.stdout.write(announcement(config, host, port))
                sys.stdout.flush()
        except Exception:  # noqa: BLE001 - the fork ends here, so it is written where the person looks
            traceback.print_exc()
        finally:
            os._exit(0)


def wait_until_it_answers(host: str, port: int, server: int) -> bool:
    """However long that takes a busy machine; False when the server, our parent, has ended."""
    while os.getppid() == server:
        connection = HTTPConnection(reachable(host), port, timeout=2)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
            return True
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    return False


def reachable(host: str) -> str:
    """From this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def announcement(config: Config, host: str, port: int) -> str:
    name = reachable(host)
    url = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    return "\n".join(["", f"PSA      {url}", *ways_in(config), "", "Ctrl-C ends it.", ""])


def ways_in(config: Config) -> list[str]:
    if not config.demo:
        return ["Sign in  the first page makes the admin"]
    made = json.loads((config.data_directory / "demo.json").read_text())
    ports = json.loads((config.data_directory / "sandbox" / "ports.json").read_text())
    return [
        f"Sign in  {made['email']} / {made['password']}",
        f"Mailbox  {made['mailbox']}",
        f"SMTP     127.0.0.1:{ports['smtp']}",
        f"IMAP     127.0.0.1:{ports['imap']}",
    ]
