"""Mail that one of two recipients has got: its ticket, the Mail log and its own page say the same, and who is who."""

from __future__ import annotations

import html
import re

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.log import queries
from psa.mail.log.queries import Wanted
from psa.mail.models import DeliveryAttempt, OutboundEmail
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

DANA, SAM = "dana@harbor-dental.example", "sam@harbor-dental.example"
GONE = "550 5.1.1 No such user here"
SENT = {"state": "sent", "words": ""}


@pytest.fixture
def reply(mailroom, cast) -> OutboundEmail:
    inbound = mailroom.receive(letter(Cc=SAM))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    outbound_id = notifications.reply_added(comment_id)
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id)


def end(email: OutboundEmail, state: str, words: str, status: str = "sent") -> None:
    """Dana has got it, and of Sam's copy became ``state``."""
    email.status, email.reason, email.sent_at, email.attempts = status, words, clock.now(), 1
    email.results = {DANA: SENT, SAM: {"state": state, "words": words}}
    refused = {SAM: words} if state in ("failed", "waiting") else {}
    attempt = DeliveryAttempt(outbound_id=email.id, outcome=status, stage="data", words=words, refused=refused)
    db.session.add(attempt)
    db.session.commit()


def plain(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


@pytest.mark.parametrize(
    ("state", "said"), [("failed", "refused for"), ("suppressed", "not written to"), ("bounced", "came back from")]
)
def test_the_ticket_says_who_got_the_reply_and_who_did_not(reply, sign_in, state, said):
    end(reply, state, "" if state == "suppressed" else GONE)
    for path in (f"/comments/{reply.comment_id}/delivery", f"/tickets/{reply.ticket_id}"):
        page = sign_in("agent").get(path).text
        footer = page[page.index('<footer id="delivery-') :].split("</footer>")[0]
        assert f"Accepted for {DANA}, {said} {SAM} at" in plain(footer)
        assert 'class="warn"' in footer
        assert 'class="ok"' not in footer
        assert f'href="/mail/outbound/{reply.id}">What happened</a>' in footer
        assert "hx-get" not in footer


def test_log_heading_and_step_agree(reply, sign_in):
    end(reply, "failed", GONE)
    browser = sign_in("agent")
    row = browser.get("/mail?direction=out").text
    assert '<span class="pill warn">Sent to 1 of 2</span>' in row
    assert GONE in row
    page = plain(browser.get(f"/mail/outbound/{reply.id}").text)
    assert "Sent to 1 of 2 at" in page
    assert f"Accepted for {DANA}, refused for {SAM}." in page
    assert f"Try 1: sent to 1 of 2 {SAM}: {GONE}" in page
    assert "The server took this message" not in page


def test_in_the_log_a_copy_that_was_held_back_is_told_of(reply, sign_in):
    end(reply, "suppressed", "")
    browser = sign_in("agent")
    row = plain(browser.get("/mail?direction=out").text)
    assert f"Accepted for {DANA}, not written to {SAM} Sent to 1 of 2" in row
    assert "Try 1: sent to 1 of 2" in plain(browser.get(f"/mail/outbound/{reply.id}").text)


def test_what_some_have_got_before_it_failed_was_not_sent_to_nobody(reply, sign_in):
    end(reply, "failed", "The server did not answer", status="failed")
    browser = sign_in("agent")
    page = browser.get(f"/mail/outbound/{reply.id}").text
    assert "Sent to 1 of 2" in page
    assert "This message was not sent" not in page
    # Those who are left can still be sent it.
    assert "Send it now" in page
    assert "Sent to 1 of 2" in browser.get("/mail?direction=out").text


def test_who_is_tried_again_is_named_and_the_message_goes_on_waiting(reply, sign_in):
    end(reply, "waiting", "451 4.7.1 Greylisted", status="queued")
    browser = sign_in("agent")
    footer = plain(browser.get(f"/comments/{reply.comment_id}/delivery").text)
    assert f"Accepted for {DANA}, not yet for {SAM}, next try at" in footer
    assert "Sent to 1 of 2" not in browser.get("/mail?direction=out").text
    assert "This message waits for its next try" in browser.get(f"/mail/outbound/{reply.id}").text


def test_what_all_have_got_is_sent(reply, sign_in):
    end(reply, "sent", "")
    browser = sign_in("agent")
    assert "Accepted by" in browser.get(f"/comments/{reply.comment_id}/delivery").text
    assert '<span class="pill quiet">Sent</span>' in browser.get("/mail?direction=out").text
    assert "The server took this message" in browser.get(f"/mail/outbound/{reply.id}").text


@pytest.mark.parametrize("state", ["failed", "suppressed", "bounced"])
def test_the_days_sum_counts_it_as_partly_sent_and_leads_to_it(reply, sign_in, state):
    end(reply, state, GONE)
    browser = sign_in("agent")
    sums = plain(browser.get("/mail/sums").text)
    assert "sent 0 partly sent 1" in sums
    row = "Sent to 1 of 2"
    assert row in plain(browser.get("/mail?direction=out&became=partly&when=today").text)
    assert row not in plain(browser.get("/mail?direction=out&became=sent&when=today").text)


def test_what_all_have_got_or_some_may_still_get_is_not_partly_sent(reply, sign_in):
    end(reply, "waiting", GONE, status="queued")
    browser = sign_in("agent")
    assert "sent 0 queued 1" in plain(browser.get("/mail/sums").text)
    end(reply, "sent", "")
    assert "written 1 sent 1" in plain(browser.get("/mail/sums").text)


def test_however_much_was_sent_the_list_of_these_is_read_from_their_own_index(cast):
    query, wanted = queries.outbound(), Wanted(became="partly")
    conditions = queries.conditions("out", wanted)
    assert conditions is not None
    at = queries.side_of("out", wanted).at
    latest = query.where(*conditions).order_by(at.desc(), OutboundEmail.id.desc()).limit(50)
    dialect = db.engine.dialect
    sql = str(latest.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    if dialect.name == "postgresql":
        db.session.execute(db.text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN" if dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plan = db.session.connection().exec_driver_sql(
        f"{explain} {sql}".replace("%", "%%" if explain == "EXPLAIN" else "%")
    )
    assert "ix_outbound_emails_partly" in str(plan.all())
