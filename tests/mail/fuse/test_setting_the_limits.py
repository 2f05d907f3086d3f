"""An admin sets how much machines may answer; it is bounded, it counts at once, and it stays known who did it."""

from __future__ import annotations

import pytest

from psa.mail.fuse.incidents import open_incidents
from psa.mail.fuse.limits import LIMITS, in_force
from psa.mail.fuse.operations import may_answer

DANA = "dana@harbor-dental.example"
PAGE = "/admin/email/limits"


def form(**changes: str) -> dict[str, str]:
    """The form as it stands at first, with some fields typed anew: ``address_most`` is that of “address”."""
    values = {f"{one.key}-most": str(one.most) for one in LIMITS}
    values |= {f"{one.key}-minutes": str(one.minutes) for one in LIMITS}
    return values | {"-".join(name.rsplit("_", 1)): value for name, value in changes.items()}


def test_the_page_says_what_each_limit_means_and_what_it_is_at_first(cast, sign_in):
    shown = sign_in("admin").get(PAGE).get_data(as_text=True)
    for limit in LIMITS:
        assert limit.title in shown
        assert limit.words in shown
    assert "2 to 100; 10 within an hour at first." in shown


@pytest.mark.parametrize("page", ["/admin/email/outbound", "/mail/incidents", "/admin/alerts"])
def test_it_is_found_from_where_people_look_for_it(cast, sign_in, page):
    assert f'href="{PAGE}"' in sign_in("admin").get(page).text


def test_a_lower_limit_counts_from_the_next_answer_on(cast, sign_in):
    assert [may_answer(DANA, "opened") for _ in range(3)] == [""] * 3
    assert sign_in("admin").post(PAGE, data=form(address_most="3")).status_code == 303

    assert "had 3 automatic answers within an hour" in may_answer(DANA, "opened")
    assert [incident.scope for incident in open_incidents()] == ["address"]


def test_a_window_can_be_chosen_and_each_kind_of_answer_has_its_own(cast, sign_in):
    sign_in("admin").post(PAGE, data=form(notices_most="2", notices_minutes="15"))

    assert [may_answer("tom@northwind.example", "notice") for _ in range(2)] == [""] * 2
    assert "had 2 automatic answers within 15 minutes" in may_answer("tom@northwind.example", "notice")
    assert [may_answer(f"a{number}@x.example", "forward") for number in range(3)] == [""] * 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"words_most": "0"}, "From 2 to 50: below that no person would be answered."),
        ({"words_most": "51"}, "From 2 to 50: more than that is a loop already."),
        ({"words_most": "many"}, "Write a number from 2 to 50."),
        ({"words_most": "-5"}, "Write a number from 2 to 50."),
        ({"words_most": "٣"}, "Write a number from 2 to 50."),
        ({"words_most": "9" * 30}, "Write a number from 2 to 50."),
        ({"words_minutes": "7"}, "Choose how long a time it is for."),
        ({"words_minutes": ""}, "Choose how long a time it is for."),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_was_typed(cast, sign_in, typed, words):
    before = in_force()
    answer = sign_in("admin").post(PAGE, data=form(address_most="7", **typed))

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert 'value="7"' in answer.get_data(as_text=True)
    assert in_force() == before


def test_who_changed_what_stands_below(cast, sign_in):
    browser = sign_in("admin")
    browser.post(PAGE, data=form(address_most="7"))
    browser.post(PAGE, data=form(address_most="7", domain_minutes="1440"))
    browser.post(PAGE, data=form(address_most="7", domain_minutes="1440"))

    shown = browser.get(PAGE).get_data(as_text=True)
    assert shown.count("To one contact: 7 within an hour, was 10 within an hour") == 1
    assert shown.count("To one domain: 50 within a day, was 50 within an hour") == 1
    assert "7 within an hour" in " ".join(browser.get("/mail/incidents").get_data(as_text=True).split())


def test_an_agent_sees_the_limits_and_changes_none(cast, sign_in):
    browser = sign_in("agent")
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, data=form(address_most="7")).status_code == 403
    shown = browser.get("/mail/incidents").get_data(as_text=True)
    assert "more than 10 within an hour" in shown
    assert "Change the limits" not in shown
