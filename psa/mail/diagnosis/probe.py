"""Send Test Email and Test Connection: real conversations in the background, step by step in a row for the page.

A test mail is an ordinary outbox row that goes through the queue and the transport of production; a mailbox is opened
by the very code of the poller. A test that passes means that production works.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Update, update

from psa import clock
from psa.admin.operations import firm
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.diagnosis import other_ports
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.causes import Diagnosis, diagnose
from psa.mail.diagnosis.opening import MailboxRefuses, opened
from psa.mail.diagnosis.steps import expected, with_waiting
from psa.mail.diagnosis.survey import Survey
from psa.mail.journal import Journal, words_of
from psa.mail.models import ConnectionTest, OutboundEmail, SettingsVersion
from psa.mail.outbound import outcomes
from psa.mail.outbound.compose import Composed, Content, compose
from psa.mail.outbound.deliver import deliver
from psa.mail.outbound.outbox import enqueue
from psa.mail.settings import ServerSettings

log = structlog.get_logger()

# The direction of the full-loop test (psa/mail/loop), which goes both ways.
LOOP = "loop"

# Tests that talk at the same time; further ones wait for their turn and show it.
AT_ONCE = threading.BoundedSemaphore(4)
# Every step has a time limit of its own, so a test that is silent for this long has lost its thread.
SILENCE = timedelta(minutes=3)
# A test message that nobody has begun to send by then has lost its thread too.
HEAD_START = timedelta(minutes=10)


def start_test(
    settings: ServerSettings,
    account_id: int | None,
    *,
    to: str = "",
    composed: Composed | None = None,
    since: date | None = None,
    move_to: str = "",
    draft: SettingsVersion | None = None,
    then: Callable[[int], bool] | None = None,
) -> ConnectionTest:
    """Begin a test in the background and commit; the row tells how far it is.

    Outbound (smtp): a message to ``to`` leaves, ``composed`` or else one that says it is a test. Inbound: each folder
    that is read is opened, and the one that filed mail moves to; what would be imported is counted, with ``since`` from
    that day on too. ``draft`` is noted to be tested by it. ``then`` is called with the test's id when all went well,
    before it counts as passed; it tells whether the draft has gone live by that, which stands in the findings.
    Raises ValueError when ``to`` cannot stand in a header.
    """
    outbound = settings.protocol == "smtp"
    test = ConnectionTest(
        direction="outbound" if outbound else "inbound",
        account_id=account_id,
        sealed_settings=server.sealed(settings),
        steps=with_waiting([], expected(settings)),
        findings={"asked": asked(settings, to)},
    )
    db.session.add(test)
    if draft is not None:
        draft.test = test
    if outbound:
        test.outbound_id = enqueue_test(composed or test_email(settings, to), settings, account_id, to)
    db.session.commit()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    test_id = test.id

    def work() -> None:
        if outbound:
            run_outbound(test_id, settings, then)
        else:
            run_inbound(test_id, settings, Survey(since, move_to), then)

    arguments = (app, test_id, work)
    threading.Thread(target=in_background, args=arguments, name=f"test {test_id}", daemon=True).start()
    return test


def asked(settings: ServerSettings, to: str) -> dict[str, Any]:
    """What the sentences about a test may name; never the password."""
    return {
        "protocol": settings.protocol.upper(),
        "host": settings.host,
        "port": settings.port,
        "address": settings.address,
        "username": settings.username,
        "folder": settings.folder,
        "folders": list(settings.folders),
        "to": to,
    }


def test_email(settings: ServerSettings, to: str) -> Composed:
    name = firm().name
    return compose(
        Content(
            f"Test email from {name}",
            (
                f"This is the test email that {name} sent from {settings.address} through {settings.host}, "
                f"port {settings.port}.\n\nYou can read it, so sending works.\n"
            ),
        ),
        sender=(settings.display_name, settings.address),
        to=[("", to)],
        automatic="auto-generated",
    )


def enqueue_test(composed: Composed, settings: ServerSettings, account_id: int | None, to: str) -> int:
    outbound_id = enqueue(
        composed, account_id=account_id, envelope_sender=settings.address, recipients=[to], purpose="test"
    )
    later = clock.now() + HEAD_START
    db.session.execute(update(OutboundEmail).where(OutboundEmail.id == outbound_id).values(next_attempt_at=later))
    return outbound_id


def in_background(app: Flask, test_id: int, work: Callable[[], None]) -> None:
    """Do ``work`` in a context of its own. Whatever happens, the test comes to an end that the page can show."""
    with AT_ONCE, app.app_context():
        try:
            work()
        except Exception as error:
            log.exception("a connection test failed in our own code", test=test_id)
            db.session.rollback()
            finish(test_id, diagnosis=Diagnosis(CAUSES["unknown"], False, False), stage="", words=words_of(error))


def run_outbound(test_id: int, settings: ServerSettings, then: Callable[[int], bool] | None = None) -> None:
    outbound_id = db.session.get_one(ConnectionTest, test_id).outbound_id
    assert outbound_id is not None
    db.session.commit()
    journal = Journal(Listener(test_id, settings).hear)
    attempt = deliver(outbound_id, journal=journal)
    if attempt is None:
        # Only when the row was taken from the queue because this test seemed to be dead.
        return
    if attempt.outcome == "sent":
        finish(test_id, findings=went_live(test_id, then))
        return
    found = diagnose(protocol="smtp", stage=attempt.stage, text=attempt.words, host=settings.host, port=settings.port)
    written_down = db.session.get_one(OutboundEmail, outbound_id).cause
    if written_down:
        # The delivery has heard all that was said, also the password, and what a provider's sign-in makes certain.
        cause = CAUSES[written_down]
        found = Diagnosis(cause, known=cause.code != "unknown", retry=cause.retry)
    finish(test_id, diagnosis=found, stage=attempt.stage, words=attempt.words, findings=ways_out(found, settings))


def run_inbound(test_id: int, settings: ServerSettings, survey: Survey, then: Callable[[int], bool] | None) -> None:
    try:
        with opened(settings, Journal(Listener(test_id, settings).hear)) as mailbox:
            findings = survey.of(mailbox, settings)
    except MailboxRefuses as refused:
        told = {"asked": asked(settings, "") | {"folder": survey.folder or settings.folder}}
        finish(
            test_id,
            diagnosis=refused.found,
            stage=refused.stage,
            words=refused.words,
            findings=told | ways_out(refused.found, settings),
        )
    else:
        finish(test_id, findings=findings | went_live(test_id, then))


def went_live(test_id: int, then: Callable[[int], bool] | None) -> dict[str, Any]:
    """As findings: whether what was tested is in use now. Somebody may have discarded or replaced it meanwhile."""
    return {} if then is None else {"live": then(test_id)}


def ways_out(found: Diagnosis, settings: ServerSettings) -> dict[str, Any]:
    """As findings: the other usual ports of a server that answer, where one of them may be the way out."""
    if found.cause.code not in other_ports.WORTH_ASKING:
        return {}
    return {"answering": other_ports.that_answer(settings)}


class Listener:
    """Writes the journal into the test's row, each change in a short transaction of its own.

    It does so on its own connection: the session belongs to whoever keeps the journal.
    """

    def __init__(self, test_id: int, settings: ServerSettings) -> None:
        self.test_id = test_id
        self.settings = settings
        self.stages = expected(settings)

    def hear(self, journal: Journal) -> None:
        steps = with_waiting(outcomes.without_secret(journal.as_list(), self.settings.password), self.stages)
        write(self.test_id, steps=steps)


def finish(
    test_id: int,
    *,
    diagnosis: Diagnosis | None = None,
    stage: str = "",
    words: str = "",
    findings: dict[str, Any] | None = None,
) -> None:
    """End a test: passed without a ``diagnosis``, failed with one. The sealed settings have done their service."""
    test = db.session.get_one(ConnectionTest, test_id, populate_existing=True)
    told = test.findings | (findings or {})
    db.session.commit()
    write(
        test_id,
        state="failed" if diagnosis else "passed",
        cause=diagnosis.cause.code if diagnosis else "",
        stage=stage,
        words=words,
        findings=told,
        finished_at=clock.now(),
        sealed_settings="",
    )


def write(test_id: int, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(still_running(test_id).values(changed_at=clock.now(), **values))


def still_running(test_id: int) -> Update:
    return update(ConnectionTest).where(ConnectionTest.id == test_id, ConnectionTest.state == "running")


def bury_if_dead(test: ConnectionTest) -> None:
    """End a test whose thread is gone, because the PSA was restarted; its message does not leave any more. Commits."""
    if test.state != "running" or clock.now() - test.changed_at < SILENCE:
        return
    live = next((step["stage"] for step in test.steps if step["state"] == "live"), "")
    words = CAUSES["restarted"].title
    db.session.execute(
        still_running(test.id).values(
            state="failed", cause="restarted", stage=live, finished_at=clock.now(), sealed_settings=""
        )
    )
    if test.outbound_id is not None:
        db.session.execute(
            update(OutboundEmail)
            .where(
                OutboundEmail.id == test.outbound_id,
                OutboundEmail.status.in_(("queued", "sending")),
                OutboundEmail.handed_over_at.is_(None),
            )
            .values(status="failed", reason=words, cause="restarted", claimed_until=None)
        )
    db.session.commit()
    db.session.refresh(test)


def last_test(account_id: int) -> ConnectionTest | None:
    """The newest test of an account's settings, saved or not."""
    of_settings = (ConnectionTest.account_id == account_id) & (ConnectionTest.direction != LOOP)
    newest = db.select(ConnectionTest).where(of_settings).order_by(ConnectionTest.id.desc())
    return db.session.scalars(newest.limit(1)).first()


def moment(text: str | None) -> datetime | None:
    """A moment of the findings again."""
    return datetime.fromisoformat(text) if text and text != "None" else None
