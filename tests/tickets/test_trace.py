"""A trace as people read it."""

from __future__ import annotations

from psa.mail.trace import lines


def step(name: str, verdict: str, detail: str = "") -> dict[str, str]:
    return {"step": name, "verdict": verdict, "detail": detail}


def decided(*steps: dict[str, str]) -> str:
    (title,) = (line.title for line in lines(steps) if line.decided)
    return title


READ = step("Read", "Text")
CLIENT = step("Client", "Harbor Dental", "dana@harbor-dental.example is a contact of theirs")
NEW = step("Ticket", "A new one", "it refers to no message of ours")
QUEUE = step("Queue", "Support", "the default queue")
FILED = step("Disposition", "Filed")


def test_steps_are_sentences():
    found = lines([READ, CLIENT, NEW, step("Rule Billing", "Not matched"), QUEUE, FILED])
    assert [line.title for line in found] == [
        "Read, text only",
        "Client Harbor Dental",
        "Answers no ticket",
        "Rule “Billing” does not match",
        "Queue Support",
        "Filed",
    ]


def test_details_begin_with_a_capital_but_addresses_stay_as_they_are():
    assert [line.detail for line in lines([CLIENT, NEW])] == [
        "dana@harbor-dental.example is a contact of theirs",
        "It refers to no message of ours",
    ]


def test_the_step_that_made_the_difference_is_marked():
    assert decided(READ, CLIENT, NEW, step("Rule Billing", "Matched"), FILED) == "Rule “Billing” matches"
    assert decided(READ, CLIENT, NEW, QUEUE, FILED) == "Client Harbor Dental"
    assert decided(READ, CLIENT, step("Ticket", "#12"), FILED) == "Belongs to ticket #12"
    assert decided(READ, CLIENT, NEW, step("Disposition", "Held", "it is off")) == "Held for a person"
    assert decided(READ, step("Kind", "Our own"), step("Disposition", "Ignored")) == "Our own mail"
    assert decided(READ, step("Client", "Unknown"), NEW, QUEUE, FILED) == "Queue Support"


def test_what_went_wrong_looks_like_it():
    found = lines([step("Read", "Text", "The date is missing"), step("Disposition", "Failed", "disk full")])
    assert [line.state for line in found] == ["warns", "fail"]


def test_what_a_rule_forwarded_or_did_not_is_a_sentence():
    sent, kept = lines([step("Forward", "Forwarded", "to a@b.example"), step("Forward", "Not forwarded", "too large")])
    assert (sent.title, sent.detail, sent.state) == ("Forwarded to a@b.example", "", "done")
    assert (kept.title, kept.detail, kept.state) == ("Not forwarded", "Too large", "warns")


def test_steps_that_nobody_has_thought_of_are_shown_all_the_same():
    assert [line.title for line in lines([step("Moon", "Full"), {}])] == ["Moon: Full", ""]
