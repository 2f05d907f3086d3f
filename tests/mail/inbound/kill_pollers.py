"""Start a poller, kill it at a random moment, start the next one, until one lives to the end.

Run in a process of its own: python -m tests.mail.inbound.kill_pollers KILLS SEED. Prints how many were killed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from psa import create_app
from psa.extensions import db
from psa.mail.inbound.poll import poll
from psa.mail.models import MailAccount


def main(kills: int, seed: int) -> None:
    chance = random.Random(seed)
    app = create_app()
    killed = 0
    for _ in range(kills):
        child = fork_poller(app)
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    os.waitpid(fork_poller(app), 0)
    sys.stdout.write(f"{killed}\n")


def fork_poller(app) -> int:
    child = os.fork()
    if child == 0:
        with app.app_context():
            account_id = db.session.scalars(db.select(MailAccount.id).where(MailAccount.direction == "inbound")).one()
            looked = poll(account_id)
        os._exit(1 if looked.fault else 0)
    return child


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
