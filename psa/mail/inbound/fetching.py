"""Fetching ahead: the next chunk comes over the network while the last one is dealt with."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from psa.mail.inbound.mailbox import CHUNK_BYTES, NETWORK_ERRORS, REFUSALS, Fetched, Listed, Mailbox, is_dead
from psa.mail.journal import words_of


def fetched_ahead(
    mailbox: Mailbox, waiting: Iterator[list[Listed]], limit: int, *, patient: bool
) -> Iterator[list[Fetched]]:
    """Fetch the next chunk in a thread while the last one is dealt with; at most one waits, so memory stays flat.
    A large message is in memory alone.

    ``limit`` is the account's size limit. While we are ``patient``, what goes wrong is taken for the server's trouble;
    later a message on which the server refuses or the connection ends is given as one without bytes, so that it stops
    no other.
    """
    ready: queue.Queue[list[Fetched] | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def hand_over(item: list[Fetched] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.5)
                return
            except queue.Full:
                continue

    def wait_until_all_is_dealt_with() -> None:
        with ready.all_tasks_done:
            while ready.unfinished_tasks and not stopped.is_set():
                ready.all_tasks_done.wait(0.5)

    def fetch_all() -> None:
        large = False
        try:
            for chunk in waiting:
                was_large, large = large, chunk[0].size > CHUNK_BYTES
                if large or was_large:
                    wait_until_all_is_dealt_with()
                if stopped.is_set():
                    return
                try:
                    hand_over(fetch(mailbox, chunk, limit, patient=patient))
                except NETWORK_ERRORS as error:
                    if not patient and len(chunk) == 1 and is_dead(error):
                        hand_over([Fetched.refused(chunk[0], words_of(error))])
                    raise
            hand_over(None)
        except BaseException as error:  # whatever it is, it belongs to the thread that waits for the mail
            hand_over(error)

    thread = threading.Thread(target=fetch_all, name="fetch ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
            ready.task_done()
    finally:
        stopped.set()
        thread.join()


def fetch(mailbox: Mailbox, chunk: list[Listed], limit: int, *, patient: bool) -> list[Fetched]:
    """A chunk; when the server refuses it, one message at a time, so that one refused message stops no other.

    A refused message becomes one without bytes, with the server's words. When the server refuses every single one, it
    is raised while we are ``patient``: then it is rather the server that is in trouble.
    """
    try:
        return mailbox.fetch(chunk, limit)
    except REFUSALS as error:
        if is_dead(error):
            raise
        refusal = error
    fetched: list[Fetched] = []
    refused = 0
    for message in chunk:
        try:
            fetched += mailbox.fetch([message], limit)
        except REFUSALS as error:
            if is_dead(error):
                raise
            refused += 1
            fetched.append(Fetched.refused(message, words_of(error)))
    if refused == len(chunk) and patient:
        raise refusal
    return fetched
