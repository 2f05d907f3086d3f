"""Whom a client's mail names in To and Cc follows its ticket, as far as the ticket's queue lets them in."""

from __future__ import annotations

import pytest

from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.mail.blocking.operations import block
from psa.mail.inbound.explain import explain
from psa.tickets.watchers import watchers_of, watching_users
from tests.mailroom import SUPPORT, letter

SAM, SUE = "Sam Lee <sam@harbor-dental.example>", "sue@vega-logistics.example"


def following(number: int = 1) -> list[str]:
    db.session.expire_all()
    return [one.user.email if one.user else one.contact.email for one in watchers_of(number)]


def let_in(cast, whom: str) -> None:
    cast.support.cc_people = whom
    db.session.commit()


def test_a_colleague_in_cc_follows_the_ticket_and_a_stranger_does_not(mailroom, cast):
    message = mailroom.receive(letter(Cc=f"{SAM}, {SUE}"))
    assert following() == ["sam@harbor-dental.example"]
    assert {"step": "Watchers", "verdict": "Sam Lee", "detail": "they follow the ticket from now on"} in message.trace
    assert watchers_of(1)[0].because == "in To or Cc of a message from dana@harbor-dental.example"


def test_a_queue_can_let_everybody_in(mailroom, cast):
    let_in(cast, "all")
    mailroom.receive(letter(Cc=f"{SAM}, {SUE}", to=f"{SUPPORT}, kim@partner.example"))
    assert sorted(following()) == ["kim@partner.example", "sam@harbor-dental.example", SUE]


def test_a_queue_can_let_nobody_in(mailroom, cast):
    let_in(cast, "none")
    mailroom.receive(letter(Cc=SAM))
    assert following() == []


def test_a_user_in_cc_follows_as_a_user(mailroom, cast):
    mailroom.receive(letter(Cc="Tom Okafor <Tom@northwind.example>"))
    assert watching_users(1) == [cast.tom.id]
    assert db.session.scalar(db.select(ContactAddress).where(ContactAddress.email == cast.tom.email)) is None


def test_who_got_a_blind_copy_is_not_given_away(mailroom, cast):
    """We stand in neither To nor Cc: our answer to Sam would tell him that Dana had sent it to us."""
    message = mailroom.receive(letter(to=SAM))
    assert following() == []
    assert any("we stand in neither To nor Cc" in step["detail"] for step in message.trace)


def test_an_own_address_that_is_forwarded_to_the_mailbox_is_no_blind_copy(mailroom, cast):
    mailroom.receive(letter(to="info@northwind.example", Cc=SAM))
    assert following() == ["sam@harbor-dental.example"]


def test_an_alias_elsewhere_that_leads_here_is_neither_a_watcher_nor_a_blind_copy(mailroom, cast):
    let_in(cast, "all")
    mailroom.receive(letter(to="help@alias.example", Cc=SAM, X_Original_To="help@alias.example"))
    assert following() == ["sam@harbor-dental.example"]


@pytest.mark.parametrize(
    "address",
    [
        "SUPPORT@northwind.example",
        "support+t7.abc@northwind.example",
        "sales@northwind.example",
        "no-reply@harbor-dental.example",
        "news-donotreply@harbor-dental.example",
        "MAILER-DAEMON@harbor-dental.example",
    ],
)
def test_our_own_mailboxes_and_machines_never_follow(mailroom, cast, address):
    let_in(cast, "all")
    mailroom.receive(letter(Cc=address))
    assert following() == []


def test_automatic_mail_and_lists_bring_nobody(mailroom, cast):
    mailroom.receive(letter(Cc=SAM, Auto_Submitted="auto-replied"))
    mailroom.receive(
        letter(Cc=SAM, List_Id="<all.harbor-dental.example>", List_Post="<mailto:all@harbor-dental.example>")
    )
    assert following(1) == following(2) == []


def test_a_circular_brings_nobody(mailroom, cast):
    everybody = ", ".join(f"person{number}@harbor-dental.example" for number in range(20))
    message = mailroom.receive(letter(Cc=everybody))
    assert following() == []
    assert any("a circular" in step["detail"] for step in message.trace)


def test_a_colleague_who_answers_follows_from_then_on(mailroom, cast):
    first = mailroom.receive(letter(Cc=SAM))
    mailroom.receive(letter(sender=SAM, answers=f"<{first.message_id}>", to="dana@harbor-dental.example", Cc=SUPPORT))
    assert following() == ["sam@harbor-dental.example"]
    mailroom.receive(letter(sender="Kim <kim@harbor-dental.example>", answers=f"<{first.message_id}>"))
    assert following() == ["sam@harbor-dental.example", "kim@harbor-dental.example"]


FAILS = "mx.northwind.example; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=harbor-dental.example"
PASSES = "mx.northwind.example; dkim=pass header.d=harbor-dental.example; dmarc=pass header.from=harbor-dental.example"


@pytest.mark.parametrize("sender", ["Dana Whitfield <dana@harbor-dental.example>", SAM])
def test_a_forged_mail_brings_nobody(mailroom, cast, sender):
    cast.inbound.authserv = "mx.northwind.example"
    let_in(cast, "all")
    first = mailroom.receive(letter(Authentication_Results=PASSES))
    email = mailroom.receive(
        letter("Me too.", sender=sender, answers=f"<{first.message_id}>", Cc=SUE, Authentication_Results=FAILS)
    )
    assert (email.ticket_id, email.trust) == (1, "failed")
    assert following() == []
    assert "Nobody" in [step["verdict"] for step in email.trace if step["step"] == "Watchers"]


def test_who_looks_like_another_brings_nobody(mailroom, cast):
    let_in(cast, "all")
    email = mailroom.receive(letter(sender="Dana <dana@harb0r-dental.example>", Cc=SUE))
    assert email.trust == "doubtful"
    assert following() == []


def test_by_the_number_alone_only_somebody_proven_brings_others(mailroom, cast):
    cast.inbound.authserv = "mx.northwind.example"
    let_in(cast, "all")
    mailroom.receive(letter(Authentication_Results=PASSES))
    email = mailroom.receive(letter("Any news?", subject="Re: Projector [#1]", Cc=SUE))
    assert (email.ticket_id, email.trust) == (1, "unknown")
    assert following() == []
    mailroom.receive(letter("Well?", subject="Re: Projector [#1]", Cc=SUE, Authentication_Results=PASSES))
    assert following() == [SUE]


def test_the_requester_who_answers_is_no_watcher(mailroom, cast):
    first = mailroom.receive(letter())
    mailroom.receive(letter(answers=f"<{first.message_id}>"))
    assert following() == []


def test_explaining_lets_nobody_follow(mailroom, cast):
    told = explain(letter(Cc=SAM).as_bytes(), cast.inbound)
    assert told.ticket == "new"
    assert [step["verdict"] for step in told.steps if step["step"] == "Watchers"] == ["Sam Lee"]
    assert db.session.scalar(db.select(ContactAddress).where(ContactAddress.email.startswith("sam@"))) is None


def test_the_queue_page_says_who_is_let_in(sign_in, cast, mailroom):
    browser = sign_in("admin")
    assert "Watchers from Cc" in browser.get("/admin/queues").text
    assert browser.post(f"/admin/queues/{cast.support.id}", data={"cc_people": "none"}).status_code == 303
    assert browser.post(f"/admin/queues/{cast.support.id}", data={"cc_people": "x"}).status_code == 422
    mailroom.receive(letter(Cc=SAM))
    assert following() == []


def test_who_is_blocked_does_not_follow(mailroom, cast):
    block("sam@harbor-dental.example", cast.mara.id)
    db.session.commit()
    mailroom.receive(letter(Cc=f"{SAM}, kim@harbor-dental.example"))
    assert following() == ["kim@harbor-dental.example"]
