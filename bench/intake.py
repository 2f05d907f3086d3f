"""Mails per second from a Dovecot mailbox to stored tickets, on both databases, beside the bare pipeline.

    python -m bench.intake [--mails 2000] [--database sqlite|postgresql] [--large MB …]

Each is measured in a process of its own: time, CPU, memory; the time of each step and the statements to the database in
a further one, since clocks take their time too. Ratios within one run are what counts: absolute figures move from
machine to machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from bench.letters import large_letter, letters
from bench.looking import PASSWORD, STEPS, USER, Run, bare, intake, set_up
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.settings import ServerSettings
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres

Result = TypeVar("Result")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=2000)
    options.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options.add_argument("--large", type=int, nargs="*", default=[], metavar="MB", help="and one mail of each size")
    asked = options.parse_args()
    with Dovecot({USER: PASSWORD}) as dovecot, tempfile.TemporaryDirectory() as directory:
        replies = 0
        for raw, is_reply in letters(asked.mails):
            dovecot.deliver(USER, raw)
            replies += is_reply
        for megabytes in asked.large:
            dovecot.deliver(USER, large_letter(megabytes))
        settings = ServerSettings("imap", "127.0.0.1", dovecot.imap, "none", USER, PASSWORD, USER)
        ImapMailbox(settings).close()  # Dovecot indexes the folder once, and for nobody's account
        mails = asked.mails + len(asked.large)
        print(f"{mails:,} mails, {replies:,} of them replies")
        for kind in asked.database or ["sqlite", "postgresql"]:
            beside = in_a_process(bare, settings, Path(directory) / f"bare-{kind}.sqlite3")
            runs = []
            for watched in (False, True):
                with database(kind, Path(directory), f"watched-{watched}") as url:
                    account_id = in_a_process(set_up, settings, url, Path(directory))
                    runs.append(in_a_process(intake, account_id, url, Path(directory), watched))
            report(kind, mails, *runs, beside)


def in_a_process(work: Callable[..., Result], *arguments: object) -> Result:
    """Do it in a new process, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


@contextmanager
def database(kind: str, directory: Path, name: str = "bench") -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{directory / name}.sqlite3"
        return
    with Postgres() as server:
        yield server.create_database("bench")


def report(kind: str, mails: int, ours: Run, watched: Run, beside: Run) -> None:
    print(f"\n{kind}: {'; '.join(ours.said)}")
    print(f"{'':32} {'mails/s':>8} {'CPU ms/mail':>12} {'peak MiB':>9} {'at first':>9}")
    for name, run in (("intake", ours), ("bare: fetch by 50, a commit each", beside)):
        print(
            f"{name:32} {mails / run.seconds:8,.0f} {run.cpu / mails * 1000:12.2f} {run.peak:9.0f} {run.at_first:9.0f}"
        )
    by_time, by_cpu = beside.seconds / ours.seconds, beside.cpu / ours.cpu
    print(f"share of the bare pipeline: {by_time:.0%} by time, {by_cpu:.0%} by CPU")
    print(f"\n{'step':32} {'ms/mail':>8} {'share':>7}")
    for name, _, _ in STEPS:
        spent = watched.spent.get(name, 0.0)
        print(f"{name:32} {spent / mails * 1000:8.3f} {spent / watched.seconds:7.1%}")
    print(f"\n{'statements':32} {'per mail':>8}  (all: {watched.statements.total() / mails:.1f})")
    for name, number in watched.statements.most_common(24):
        print(f"{name:32} {number / mails:8.2f}")


if __name__ == "__main__":
    os.environ.setdefault("PSA_DATA", tempfile.mkdtemp())
    main()
