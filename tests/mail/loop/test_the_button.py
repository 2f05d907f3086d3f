"""The button of the full-loop test on both settings pages, its hops as they happen, and the command."""

from __future__ import annotations

import json
import re
import time

import pytest

from psa import locks
from psa.extensions import db
from psa.mail.diagnosis import probe
from psa.mail.models import ConnectionTest, MailAccount
from psa.tickets.models import Ticket

pytestmark = pytest.mark.dovecot
HTMX = {"HX-Request": "true"}


def watch(browser, answer) -> str:
    """Look on until the fragment falls silent; returns the last one."""
    shown, until = answer.text, time.monotonic() + 90
    while asks_again := re.search(r'id="loop-run" hx-get="([^"]+)" hx-trigger="load delay:500ms"', shown):
        assert time.monotonic() < until, shown
        time.sleep(0.1)
        shown = browser.get(asks_again.group(1), headers=HTMX).text
    return shown


@pytest.mark.parametrize("direction", ["outbound", "inbound"])
def test_one_press_goes_all_the_way_round_and_shows_every_hop(sign_in, pair, direction):
    admin, account = sign_in("admin"), getattr(pair, direction)
    assert f"/admin/email/accounts/{account.id}/loop-tests" in admin.get(f"/admin/email/accounts/{account.id}").text
    answer = admin.post(f"/admin/email/accounts/{account.id}/loop-tests", headers=HTMX)
    assert "Hop 1 of 8" in answer.text or "hx-get" in answer.text
    shown = watch(admin, answer)
    assert "All the way round" in shown
    for words in ("It became a ticket", "The reply arrived", "The answer joined the ticket", "Nothing is left behind"):
        assert words in shown
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 0


def test_without_script_it_is_a_page_that_loads_itself_again(sign_in, pair):
    admin = sign_in("admin")
    answer = admin.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests")
    assert answer.status_code == 303
    page = admin.get(answer.location)
    assert page.headers.get("Refresh") == "1" or "All the way round" in page.text
    watch(admin, admin.get(answer.location, headers=HTMX))


def test_a_failing_hop_shows_its_cause_and_what_to_do(sign_in, pair, smtp_server):
    smtp_server.answers["RCPT"] = "554 5.7.1 Relay access denied"
    admin = sign_in("admin")
    shown = watch(admin, admin.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests", headers=HTMX))
    assert "Failed at sending the mail" in shown
    assert "Relay access denied" in shown
    assert "What to do" in shown and "/evidence" in shown
    assert "hx-trigger" not in shown


def test_without_a_mailbox_that_is_read_there_is_no_loop(sign_in, pair):
    pair.inbound.parsing = False
    db.session.commit()
    admin = sign_in("admin")
    refused = admin.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests", headers=HTMX)
    assert (refused.status_code, "Email parsing of" in refused.text) == (422, True)
    db.session.delete(db.session.get_one(MailAccount, pair.inbound.id))
    db.session.commit()
    refused = admin.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests")
    assert (refused.status_code, "No mailbox is read yet" in refused.text) == (422, True)


@pytest.mark.parametrize("direction", ["outbound", "inbound"])
def test_a_second_press_waits_for_the_end_of_the_first(app, sign_in, pair, direction):
    first = ConnectionTest(direction="loop", account_id=pair.outbound.id)
    db.session.add(first)
    db.session.commit()
    admin, path = sign_in("admin"), f"/admin/email/accounts/{getattr(pair, direction).id}/loop-tests"
    refused = admin.post(path, headers=HTMX)
    assert (refused.status_code, "is under way already" in refused.text) == (422, True)
    told = app.test_cli_runner().invoke(args=["psa", "mail", "loop"])
    assert (told.exit_code, "is under way already" in told.output) == (1, True)
    assert db.session.scalars(db.select(ConnectionTest.id)).all() == [first.id]
    first.changed_at -= probe.SILENCE
    db.session.commit()
    assert "All the way round" in watch(admin, admin.post(path, headers=HTMX))


def test_who_presses_at_the_same_moment_starts_one_round(app, sign_in, pair):
    admin = sign_in("admin")
    with locks.holding("loop-start") as ours:
        assert ours
        refused = admin.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests", headers=HTMX)
    assert (refused.status_code, "is under way already" in refused.text) == (422, True)
    assert db.session.scalars(db.select(ConnectionTest.id)).all() == []


def test_only_admins_may_press_it(sign_in, pair):
    agent = sign_in("agent")
    assert agent.post(f"/admin/email/accounts/{pair.outbound.id}/loop-tests").status_code == 403
    assert db.session.scalar(db.select(db.func.count()).select_from(ConnectionTest)) == 0


def test_the_command_goes_round_too(app, pair, smtp_server):
    run = app.test_cli_runner().invoke
    printed = run(args=["psa", "mail", "loop"])
    assert (printed.exit_code, printed.output.count("✓")) == (0, 8), printed.output
    smtp_server.answers["MAIL"] = "550 5.7.60 Not allowed to send as this sender"
    told = run(args=["psa", "mail", "loop", "support@northwind.example", "--json"])
    assert told.exit_code == 1
    values = json.loads(told.output)
    assert (values["state"], values["cause"], values["steps"][0]["state"]) == ("failed", "sender_not_allowed", "failed")
    assert values["remedies"]
