"""What rules do with people and words: they tag, let somebody follow, and ask for a language and for a ticket's tag."""

from __future__ import annotations

import re

import pytest

from psa.extensions import db
from psa.mail.message import parse
from psa.rules.facts import Facts
from psa.rules.models import Rule
from psa.rules.operations import make_rule
from psa.rules.sentences import sentence
from psa.rules.wording import Asked, RefusedRule, Wording, check
from psa.tickets import tags
from psa.tickets.operations import Actor
from psa.tickets.watchers import watchers_of, watching_users
from tests.mailroom import letter

GERMAN = "Der Drucker im zweiten Stock ist wieder stehen geblieben. Könnten Sie bitte bis Mittag danach sehen?"


def rule(asked: tuple[str, str], *values: tuple[str, str], scope: str = "new", goes_on: bool = False) -> Rule:
    made = make_rule(Wording("", [Asked(*asked)], values=values, scope=scope, goes_on=goes_on), None)
    db.session.commit()
    return made


def test_a_rule_tags_and_lets_people_follow(mailroom, cast):
    rule(
        ("sender_domain", "harbor-dental.example"),
        ("tag", "vip, Dental"),
        ("watcher", "Mara@northwind.example, boss@harbor-dental.example"),
    )
    message = mailroom.receive(letter())
    assert tags.tags_of(1) == ["Dental", "vip"]
    assert watching_users(1) == [cast.mara.id]
    assert [one.contact.email for one in watchers_of(1) if one.contact] == ["boss@harbor-dental.example"]
    told = {step["step"]: step["verdict"] for step in message.trace}
    assert told["Tags"] == "vip, Dental"
    assert told["Watchers"] == "mara@northwind.example, boss@harbor-dental.example"


def test_each_rule_that_matches_adds_its_own(mailroom, cast):
    rule(("sender_domain", "harbor-dental.example"), ("tag", "vip"), goes_on=True)
    rule(("subject_words", "projector"), ("tag", "VIP, room"))
    mailroom.receive(letter())
    assert tags.tags_of(1) == ["room", "vip"]


def test_a_rule_reads_as_a_sentence(cast):
    made = rule(("language", "german"), ("tag", "de"), ("watcher", "mara@northwind.example"))
    assert str(sentence(made)) == "If Language is German → add the tag de, watched by mara@northwind.example"


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("tag", ",", "A tag is one word or a few"),
        ("tag", "x" * 61, "at most 60 characters"),
        ("watcher", "mara", "is not the address of anybody"),
        ("watcher", "support@northwind.example", "is a mailbox that is read here"),
    ],
)
def test_what_cannot_be_done_is_refused(cast, kind, value, why):
    with pytest.raises(RefusedRule, match=why):
        check(Wording("", [Asked("subject_tag", "x")], values=[(kind, value)]))


def test_replies_on_a_tagged_ticket_are_treated_by_a_rule(mailroom, cast):
    rule(("ticket_tag", "vip"), ("priority", "urgent"), scope="replies")
    first = mailroom.receive(letter())
    second = mailroom.receive(letter("Another thing", subject="Lamp"))
    tags.add_tag(1, "VIP", Actor())
    db.session.commit()
    mailroom.receive(letter("Still dark", answers=f"<{first.message_id}>"))
    mailroom.receive(letter("Still off", answers=f"<{second.message_id}>"))
    assert [mailroom.ticket(number).priority for number in (1, 2)] == ["urgent", "normal"]


def test_a_rule_asks_for_the_language(mailroom, cast):
    rule(("language", "German"), ("tag", "deutsch"))
    mailroom.receive(letter(GERMAN))
    trace = mailroom.receive(letter("The projector in the meeting room stays dark, could you have a look?")).trace
    assert [tags.tags_of(number) for number in (1, 2)] == [["deutsch"], []]
    assert any(step["detail"] == "Language is not German but English" for step in trace)


def test_an_unknown_language_is_refused_with_those_that_are_known(cast):
    with pytest.raises(RefusedRule, match="Klingon.*Danish, Dutch, English"):
        check(Wording("", [Asked("language", "Klingon")], values=[("tag", "x")]))


@pytest.mark.parametrize(
    ("text", "header", "language"),
    [(GERMAN, "en-US", "de"), ("Ok, 12:30", "de-AT", "de"), ("Ok, 12:30", "de, en", None), ("Ok, 12:30", "", None)],
)
def test_the_words_count_before_what_the_mail_program_says_of_itself(text, header, language):
    """Exchange writes the language of its own menus into Content-Language."""
    line = f"Content-Language: {header}\n" if header else ""
    email = parse(line.encode() + letter(text, subject="Info").as_bytes())
    assert Facts(email, 0).language == language


def test_tags_and_watchers_survive_the_editor_and_a_file(sign_in, cast):
    browser = sign_in("admin")
    sent = {"field": "language", "value": "French", "tag": "fr, vip", "watcher": "mara@northwind.example"}
    assert browser.post("/admin/email/rules", data=sent).status_code == 303
    (made,) = [one for one in db.session.scalars(db.select(Rule)) if one.name == "French"]
    page = browser.get(f"/admin/email/rules/{made.id}").text
    for value in ("French", "fr, vip", "mara@northwind.example"):
        assert f'value="{value}"' in page
    file = browser.get("/admin/email/rules/export").text
    answer = browser.post("/admin/email/rules/import", data={"text": file})
    told = " ".join(re.sub(r"<[^>]+>", "", answer.text).split())
    assert "If Language is French" in told
    assert "add the tag fr, vip" in told
    assert "watched by mara@northwind.example" in told


def test_a_dry_run_tells_of_tags_and_watchers(sign_in, mailroom, cast):
    mailroom.receive(letter())
    sent = {"field": "sender_domain", "value": "harbor-dental.example", "tag": "vip", "watcher": cast.mara.email}
    told = sign_in("admin").post("/admin/email/rules/dry-runs", data=sent).text
    assert "It would change 1 of the last 1 message" in told
    assert "Support, tagged vip, watched by mara@northwind.example" in told
