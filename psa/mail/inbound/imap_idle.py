"""Waiting for new mail: IDLE (RFC 2177) where the server has it, and really does it."""

from __future__ import annotations

import os
import select
import ssl
import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from psa.mail.inbound.imap import ImapMailbox

log = structlog.get_logger()

# RFC 2177: a client re-issues IDLE at least every 29 minutes, lest the server takes it for dead.
LONGEST = 25 * 60.0


def wait(mailbox: ImapMailbox, seconds: float) -> bool:
    """Wait until the server speaks, for so many seconds at most, or until the mailbox is woken; True when it spoke.

    The caller looks in any case: there are servers that offer IDLE and then tell nothing. One that refuses it, or ends
    it by itself, is not asked again on this connection.
    """
    seconds = min(seconds, LONGEST)
    if has_news(mailbox):
        return True
    if not (mailbox.idles and mailbox.client.has_capability("IDLE")):
        return something_to_read(mailbox, seconds, listen=False)
    return idle(mailbox, seconds)


def has_news(mailbox: ImapMailbox) -> bool:
    """Whether the server has told of changes since the last look; it will not tell again while we wait.

    Some name the number of messages with every answer, so the number alone is no news.
    """
    _, counts = mailbox.client._imap.response("EXISTS")
    _, gone = mailbox.client._imap.response("EXPUNGE")
    told = [int(count) for count in counts or () if count]
    return any(gone or ()) or (bool(told) and told[-1] != mailbox.exists)


def idle(mailbox: ImapMailbox, seconds: float) -> bool:
    client = mailbox.client
    imap = client._imap
    tag = imap._command("IDLE")
    spoke = False
    # Until the "+ idling" line, which may come behind others.
    while imap._get_response() is not None:
        if imap.tagged_commands[tag]:
            return without_idle(mailbox, tag, seconds)
        spoke = True
    ends_at = time.monotonic() + seconds
    while not spoke and something_to_read(mailbox, ends_at - time.monotonic(), listen=True):
        # "* OK Still here" is said to keep routers awake and is no reason to look.
        spoke = not imap._get_response().startswith(b"* OK")
        if imap.tagged_commands[tag]:
            return without_idle(mailbox, tag, ends_at - time.monotonic())
    imap.send(b"DONE\r\n")
    client._consume_until_tagged_response(tag, "IDLE")
    return spoke


def without_idle(mailbox: ImapMailbox, tag: str, seconds: float) -> bool:
    """The server offers IDLE, and refuses it or ends it by itself: looking at the interval does its work."""
    mailbox.client._imap.tagged_commands.pop(tag)
    log.info("no idle", account=mailbox.settings.address, host=mailbox.settings.host)
    mailbox.idles = False
    return something_to_read(mailbox, seconds, listen=False)


def something_to_read(mailbox: ImapMailbox, seconds: float, *, listen: bool) -> bool:
    """Wait for the server (``listen``), for the alarm, or for the time to be up; True when the server speaks."""
    if listen and is_buffered(mailbox):
        return True
    poll = select.poll()
    poll.register(mailbox.alarm, select.POLLIN)
    # Without IDLE a server speaks unasked only to say goodbye; the next command will find out.
    if listen:
        poll.register(mailbox.client.socket(), select.POLLIN)
    awake = dict(poll.poll(max(0, int(seconds * 1000))))
    if mailbox.alarm in awake:
        os.eventfd_read(mailbox.alarm)
    return any(descriptor != mailbox.alarm for descriptor in awake)


def is_buffered(mailbox: ImapMailbox) -> bool:
    """Whether words of the server wait in the file's buffer, where poll(2) cannot see them."""
    connection = mailbox.client.socket()
    connection.setblocking(False)
    try:
        return bool(mailbox.client._imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        connection.settimeout(mailbox.settings.timeout)
