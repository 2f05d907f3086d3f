"""Starting the full-loop test in the background; the row of a ConnectionTest tells how far it is."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from flask import Flask, current_app

from psa import locks
from psa.extensions import db
from psa.mail import accounts, dns
from psa.mail import settings as server
from psa.mail.deliverability.returned import seen_in
from psa.mail.diagnosis import probe
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.causes import Diagnosis
from psa.mail.diagnosis.steps import with_waiting
from psa.mail.journal import Journal
from psa.mail.loop.story import STAGES, HopFailed, Loop
from psa.mail.models import ConnectionTest, MailAccount

NO_SENDER = "No account sends mail yet: enter one under Outbound."
NO_MAILBOX = "No mailbox is read yet: enter one under Inbound."
UNDER_WAY = "A round through {address} is under way already. Wait until it has ended, then begin another."
PARSING_OFF = "Email parsing of {address} is off, so nothing would be read there."


class NotPossible(ValueError):
    """Why there is no loop to test, in a sentence."""


def pair_of(account: MailAccount) -> tuple[MailAccount, MailAccount]:
    """(the account that sends, the mailbox that reads) for either of them. Raises NotPossible."""
    sender: MailAccount | None = account
    mailbox: MailAccount | None = account
    if account.direction == "inbound":
        sender = accounts.outbound_for(account.address)
    else:
        mailbox = accounts.find("inbound", account.address) or next(iter(accounts.in_direction("inbound")), None)
    if sender is None:
        raise NotPossible(NO_SENDER)
    if mailbox is None:
        raise NotPossible(NO_MAILBOX)
    if not mailbox.parsing:
        raise NotPossible(PARSING_OFF.format(address=mailbox.address))
    return sender, mailbox


def start_loop(account: MailAccount, user_id: int) -> ConnectionTest:
    """Begin a round through ``account`` and its counterpart, and commit. ``user_id`` is who replies.

    One at a time: two would take each other's contact for one that was there before.
    Raises NotPossible, also while another is under way, and signing.SealBroken.
    """
    sender, mailbox = pair_of(account)
    settings = server.of_account(sender)
    # Two may press at the same moment.
    with locks.holding("loop-start") as ours:
        if not ours or round_between(sender, mailbox) is not None:
            raise NotPossible(UNDER_WAY.format(address=mailbox.address))
        test = ConnectionTest(
            direction=probe.LOOP,
            account_id=sender.id,
            sealed_settings=server.sealed(settings),
            steps=with_waiting([], list(STAGES)),
            findings={"asked": probe.asked(settings, mailbox.address)},
        )
        db.session.add(test)
        db.session.commit()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    test_id, sender_id, mailbox_id = test.id, sender.id, mailbox.id

    def work() -> None:
        go_round(Loop(test_id, sender_id, mailbox_id, user_id, Journal(Listener(test_id))))

    arguments = (app, test_id, work)
    threading.Thread(target=probe.in_background, args=arguments, name=f"loop {test_id}", daemon=True).start()
    return test


def go_round(loop: Loop) -> None:
    """The whole loop, and what came of it in the test's row."""
    try:
        loop.run()
    except HopFailed as failed:
        db.session.rollback()
        cause = CAUSES[failed.cause]
        stage = next((step.stage for step in loop.journal.steps if step.state == "failed"), "")
        found = Diagnosis(cause, known=cause.code != "unknown", retry=cause.retry)
        probe.finish(loop.test_id, diagnosis=found, stage=stage, words=str(failed))
    else:
        probe.finish(loop.test_id, findings={"seen": seen_in(loop.arrived_raw, dns.ours())})


def round_under_way(account: MailAccount) -> ConnectionTest | None:
    """The round through ``account`` that has not ended yet."""
    try:
        return round_between(*pair_of(account))
    except NotPossible:
        return None


def round_between(sender: MailAccount, mailbox: MailAccount) -> ConnectionTest | None:
    """The round that has not ended yet and leaves by ``sender`` or goes to ``mailbox``. Ends those that are dead."""
    loops = ConnectionTest.direction == probe.LOOP
    running = db.select(ConnectionTest).where(loops, ConnectionTest.state == "running")
    found: Sequence[ConnectionTest] = db.session.scalars(running.order_by(ConnectionTest.id.desc())).all()
    for test in found:
        if test.account_id == sender.id or test.findings.get("asked", {}).get("to") == mailbox.address:
            probe.bury_if_dead(test)
            if test.state == "running":
                return test
    return None


class Listener:
    """Writes the hops into the test's row, as far as they have come."""

    def __init__(self, test_id: int) -> None:
        self.test_id = test_id

    def __call__(self, journal: Journal) -> None:
        probe.write(self.test_id, steps=with_waiting(journal.as_list(), list(STAGES)))
