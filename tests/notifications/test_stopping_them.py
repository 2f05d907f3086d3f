"""The address in a notice stops it: for people by a page, for their mail programs by one click, without a sign-in."""

from __future__ import annotations

import re

import pytest

from psa.extensions import db
from psa.notifications import choices
from psa.notifications.kinds import FOR_USERS
from psa.notifications.unsubscribing import EVERYTHING, Subscription

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def guarded(app):
    """As in production: a form without a token is refused."""
    app.config["WTF_CSRF_ENABLED"] = True


def address(person, what: str) -> str:
    return f"/unsubscribe/{Subscription(person, what).token}"


def test_one_click_stops_it_without_a_sign_in(cast, browser):
    answer = browser.post(address(cast.tom, "user_new_reply"), data=ONE_CLICK)
    assert (answer.status_code, answer.text) == (200, "Unsubscribed\n")
    assert choices.choice_of(cast.tom.id).unheard == {"user_new_reply"}


def test_a_second_click_changes_nothing(cast, browser):
    for _ in range(2):
        assert browser.post(address(cast.tom, "user_new_reply"), data=ONE_CLICK).status_code == 200
    assert choices.choice_of(cast.tom.id).unheard == {"user_new_reply"}


def test_looking_changes_nothing(cast, browser):
    page = browser.get(address(cast.tom, "user_new_reply"))
    assert "Stop this mail?" in page.text
    assert choices.choice_of(cast.tom.id).unheard == set()


def test_a_person_presses_a_button_and_can_take_it_back(cast, browser):
    url = address(cast.tom, "user_new_reply")
    page = browser.post(url, data={}, follow_redirects=True)
    assert "It is stopped" in page.text
    assert "A client answers on my tickets" in page.text
    page = browser.post(url, data={"again": "1"}, follow_redirects=True)
    assert "Stop this mail?" in page.text
    assert choices.choice_of(cast.tom.id).unheard == set()


def test_what_stands_in_a_digest_stops_everything(cast, browser):
    browser.post(address(cast.tom, EVERYTHING), data=ONE_CLICK)
    assert choices.choice_of(cast.tom.id).unheard == {kind.name for kind in FOR_USERS}


def test_a_client_stops_a_topic_and_keeps_the_others(cast, browser):
    page = browser.get(address(cast.dana, "tickets")).text
    assert "Dana Whitfield gets mail from Northwind IT about tickets." in " ".join(re.sub(r"<[^>]+>", "", page).split())
    browser.post(address(cast.dana, "tickets"), data=ONE_CLICK)
    assert choices.topics_of(cast.dana.id) == {"projects", "invoices"}


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token.replace("u2.", "u1."),
        lambda token: token.replace("user_new_reply", "user_assigned"),
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token + "x",
        lambda token: "",
        lambda token: "u99999999999.user_new_reply.aaaaaaaaaaaaaaaa",
    ],
)
def test_nobody_else_can_make_such_an_address(cast, browser, change):
    wrong = change(Subscription(cast.tom, "user_new_reply").token)
    assert browser.get(f"/unsubscribe/{wrong}").status_code == 404
    assert browser.post(f"/unsubscribe/{wrong}", data=ONE_CLICK).status_code == 404
    assert choices.choice_of(cast.mara.id).unheard == choices.choice_of(cast.tom.id).unheard == set()


def test_of_who_is_gone_nothing_can_be_stopped(cast, browser):
    url = address(cast.ruben, "tickets")
    db.session.delete(cast.ruben)
    db.session.commit()
    assert browser.post(url, data=ONE_CLICK).status_code == 404
