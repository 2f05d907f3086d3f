"""Ends a poller at one exact step: before a commit of the database, or before a command to the mail server.

What was done up to one step is what a death before the next step leaves behind, so dying before each of them in turn
is dying everywhere.
"""

from __future__ import annotations

import imaplib
import itertools
import os
import poplib
import signal
import threading
from collections.abc import Callable
from typing import Any

from psa.extensions import db
from psa.mail.inbound.poll import poll


def steps_of_a_look(account_id: int) -> list[str]:
    """The steps of a look from its beginning to its end: "commit", or the words of a command."""
    reader, writer = os.pipe()

    def look() -> None:
        at_each_step(lambda words: os.write(writer, words.encode() + b"\n"))
        poll(account_id)

    in_a_child(look)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return answer.read().splitlines()


def die_at(step: int, account_id: int) -> bool:
    """Look into the mailbox and die before that step; False when the look had fewer."""

    def look() -> None:
        taken = itertools.count(1)
        turn = threading.Lock()

        def maybe_die(_words: str) -> None:
            with turn:
                if next(taken) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        at_each_step(maybe_die)
        poll(account_id)

    return in_a_child(look)


def in_a_child(work: Callable[[], None]) -> bool:
    """Do it in a process of its own, with connections of its own; returns whether that was killed."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def at_each_step(step: Callable[[str], object]) -> None:
    """Call ``step`` before every commit and every command, from now on, in this process."""
    dialect = db.engine.dialect
    dialect.do_commit = before(step, dialect.do_commit, lambda _: "commit")  # type: ignore[method-assign]
    imaplib.IMAP4.send = before(step, imaplib.IMAP4.send, words_of)  # type: ignore[method-assign]
    poplib.POP3._putline = before(step, poplib.POP3._putline, words_of)  # type: ignore[attr-defined]


def before(step: Callable[[str], object], deed: Callable[..., Any], words: Callable[[Any], str]) -> Callable[..., Any]:
    def step_and_deed(*arguments: Any) -> Any:
        step(words(arguments[-1]))
        return deed(*arguments)

    return step_and_deed


def words_of(data: bytes) -> str:
    return data.decode("latin-1").strip() or "a line end"
