"""What the PSA promises whatever goes wrong, and the stories that show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence, and the files or tests that would fail if it were not true."""

    sentence: str
    shown_by: tuple[str, ...]


PROMISES = (
    Promise(
        "A poller that dies before any commit or any command to the server loses no mail and files none twice; what is "
        "to be done with the server’s copy is done once, and the sum holds.",
        ("tests/mail/inbound/test_killed_at_every_step.py",),
    ),
    Promise(
        "A poller that is killed at random moments, again and again, files each of 300 mails once, and the sum holds.",
        ("tests/mail/inbound/test_killing_the_poller.py",),
    ),
    Promise(
        "A sender that dies before any commit or any command to the server sends no message twice and forgets none; "
        "one that the server may have is unconfirmed, and a person decides.",
        ("tests/mail/outbound/test_killed_at_every_step.py",),
    ),
    Promise(
        "A message leaves again by itself only when no server can have it.",
        ("tests/mail/outbound/test_the_last_dot.py",),
    ),
    Promise(
        "Each recipient has an outcome of its own; who has got a message is not sent it again.",
        ("tests/mail/outbound/test_each_recipient.py",),
    ),
    Promise(
        "Mail is recognised by our own ledger: read by others, renumbered, restored from a backup, in two mailboxes, "
        "it is filed once.",
        ("tests/mail/inbound/test_exactly_once.py", "tests/mail/inbound/test_a_mailbox_that_moves.py"),
    ),
    Promise(
        "POP3 servers that give out the same names again, or answer out of step, hide no mail.",
        ("tests/mail/inbound/test_names_of_a_maildrop.py", "tests/mail/inbound/test_a_pop3_server_out_of_step.py"),
    ),
    Promise(
        "Two pollers of one mailbox, and two who deal with one message, exclude each other.",
        ("tests/mail/inbound/test_two_at_once.py",),
    ),
    Promise(
        "One bad message stops no other.",
        (
            "tests/mail/inbound/test_one_bad_message_stops_no_other.py",
            "tests/mail/inbound/test_longer_than_any_column.py",
            "tests/mail/outbound/test_when_it_goes_wrong.py",
        ),
    ),
    Promise(
        "A full disk or a locked database leaves mail where it is until it can be kept.",
        ("tests/mail/inbound/test_when_the_database_fails.py",),
    ),
    Promise(
        "What the server has is what the ledger has: the sum holds, and a difference is named mail by mail.",
        ("tests/mail/inbound/test_the_sum_holds.py",),
    ),
    Promise(
        "What was gone from a mailbox before the first look is told, and so is what was filed behind the backup from "
        "which a database was restored.",
        ("tests/mail/inbound/test_gone_before_the_first_look.py",),
    ),
    Promise(
        "A copy in the Sent folder that fails sends nothing again.",
        ("tests/mail/inbound/test_copies_in_sent.py",),
    ),
)
