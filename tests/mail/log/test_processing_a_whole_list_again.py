"""Failed mail is processed again all at once; what fails again keeps nobody from the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.log import views
from psa.mail.models import InboundEmail
from psa.tickets import operations
from tests.mailroom import letter

LIST = "/mail/runs?became=failed"


@pytest.fixture
def broken(monkeypatch):
    """No ticket can be opened."""
    with monkeypatch.context() as patch:
        patch.setattr(operations, "open_ticket", lambda **_: 1 / 0)
        yield patch


def press(browser, **form: object) -> str:
    return browser.post(LIST, data=form or {"all": "1"}, follow_redirects=True).text


def test_each_press_goes_on_behind_what_the_one_before_has_reached(mailroom, cast, broken, sign_in, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    emails = [mailroom.receive(letter(subject=f"Number {number}")) for number in range(5)]
    browser, seen = sign_in("agent"), []
    monkeypatch.setattr(views.process, "process_again", remembering(seen, views.process.process_again))
    said = [press(browser) for _ in range(3)]
    assert seen == [email.id for email in emails]
    assert "2 failed. 2 or more are left: press once more to go on." in said[0]
    assert "2 failed. 1 is left: press once more to go on." in said[1]
    assert "Processed again: 1 failed." in said[2]
    assert "left" not in said[2].split("1 failed.")[1].split("<")[0]
    # And from the beginning, when somebody has mended what was wrong.
    broken.undo()
    assert "2 filed. 2 or more are left" in press(browser)


def test_a_run_that_was_left_half_way_begins_anew_after_a_while(mailroom, cast, broken, sign_in, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 1)
    monkeypatch.setattr(views, "RUN_LASTS", timedelta())
    first, second = (mailroom.receive(letter(subject=subject)) for subject in ("First", "Second"))
    browser, seen = sign_in("agent"), []
    monkeypatch.setattr(views.process, "process_again", remembering(seen, views.process.process_again))
    press(browser)
    # Somebody deals with the rest of it singly, and all of it goes on failing.
    views.process.process_again(second.id)
    press(browser)
    assert seen == [first.id, second.id, first.id]


def test_what_failed_before_the_clock_was_put_back_is_processed_too(mailroom, cast, broken, sign_in):
    email = mailroom.receive(letter(subject="Projector"))
    db.session.get_one(InboundEmail, email.id).processed_at = clock.now() + timedelta(hours=2)
    db.session.commit()
    broken.undo()
    assert "Processed again: 1 filed." in press(sign_in("agent"))


def remembering(seen: list[int], verb):
    def then(inbound_id: int):
        seen.append(inbound_id)
        return verb(inbound_id)

    return then


def test_what_the_server_never_handed_over_is_told_of(mailroom, cast, broken, sign_in):
    emails = [mailroom.receive(letter(subject=f"Number {number}")) for number in range(2)]
    db.session.get_one(InboundEmail, emails[0].id).raw_id = None
    db.session.commit()
    browser = sign_in("agent")
    broken.undo()
    said = press(browser, message=[str(email.id) for email in emails])
    assert "Processed again: 1 filed. 1 could not be: the text was never fetched, or somebody was quicker." in said
    assert "Nothing in this list can be processed." in press(browser)
    assert "No message was chosen." in press(browser, do="")
