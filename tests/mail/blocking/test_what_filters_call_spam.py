"""The filter in front of a mailbox has its say: each mailbox chooses what becomes of what it calls spam."""

from __future__ import annotations

import html

import pytest

from psa.extensions import db
from psa.mail.blocking.models import BlockedSender
from psa.mail.inbound import process
from psa.mail.message import parse
from psa.mail.message.head.spam import SpamVerdict, read_spam
from psa.mail.models import InboundEmail
from psa.rules.models import Rule
from tests.mailroom import letter

STRANGER = "Offers <offers@shop.example>"


@pytest.fixture
def mailbox(cast):
    """``mailbox("hold")``: what becomes of spam in it."""

    def choose(spam: str) -> None:
        cast.inbound.spam = spam
        db.session.commit()

    return choose


def said(**headers: str) -> SpamVerdict | None:
    return read_spam(parse(letter(**headers).as_bytes()).tree.headers)


def test_mail_from_the_address_of_one_of_us_is_held_and_not_ignored(mailroom, mailbox):
    """Else an agent would believe that the client has got his answer."""
    mailbox("ignore")
    email = mailroom.receive(letter(sender="Tom Okafor <tom@northwind.example>", X_Spam_Flag="YES"))

    assert (email.status, email.kind) == ("held", "junk")
    assert email.reason.endswith("but it is from the address of one of us")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Spam-Flag", "YES"),
        ("X-Spam-Status", "Yes, score=7.3 required=5.0 tests=BAYES_99"),
        ("X-Spam-Score", "7.3"),
        ("X-Spam-Level", "*******"),
        ("X-Spamd-Bar", "++++++++"),
        ("X-Rspamd-Score", "9.1"),
        ("X-Rspamd-Action", "add header"),
        ("X-MS-Exchange-Organization-SCL", "6"),
        ("X-Forefront-Antispam-Report", "CIP:192.0.2.1;CTRY:;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;H:mail"),
        ("X-Barracuda-Spam-Status", "Yes, SCORE=4.00"),
        ("X-Proofpoint-Spam-Details", "rule=inbound_spam policy=inbound score=99"),
    ],
)
def test_each_filter_is_understood_when_it_says_spam(header, value):
    verdict = said(**{header: value})
    assert verdict is not None
    assert verdict.is_spam
    assert verdict.words.lower().startswith(header.lower())


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Spam-Flag", "NO"),
        ("X-Spam-Status", "No, score=-1.9 required=5.0"),
        ("X-Spam-Score", "-1.9"),
        ("X-Spam-Level", "*"),
        ("X-Spamd-Bar", "--"),
        ("X-Rspamd-Score", "2.5"),
        ("X-MS-Exchange-Organization-SCL", "-1"),
        ("X-Forefront-Antispam-Report", "CIP:192.0.2.1;SCL:1;SFV:NSPM"),
        ("X-Proofpoint-Spam-Details", "rule=inbound_notspam policy=inbound score=0"),
    ],
)
def test_and_when_it_says_that_it_is_none(header, value):
    verdict = said(**{header: value})
    assert verdict is not None
    assert not verdict.is_spam


def test_a_filter_that_decides_in_words_is_believed_before_anybodys_points():
    assert not said(X_Spam_Status="No, score=1.9", X_Spam_Score="19", X_Spam_Bar="+").is_spam
    assert said(X_Spam_Flag="NO", X_MS_Exchange_Organization_SCL="9").is_spam


def test_without_a_filter_nothing_is_said():
    assert said() is None
    assert said(X_Spam_Score="none of your business") is None


def test_by_default_it_is_filed_like_all_mail_and_the_trace_says_what_the_filter_said(mailroom):
    email = mailroom.receive(letter(sender=STRANGER, X_Spam_Flag="YES"))
    assert email.status == "filed"
    assert {"step": "Spam filter", "verdict": "Spam", "detail": "X-Spam-Flag: YES"} in email.trace


def test_what_is_filed_all_the_same_is_marked_wherever_it_is_read(mailroom, sign_in):
    marked = mailroom.receive(letter(sender=STRANGER, subject="Cheap lamps", X_Spam_Flag="YES"))
    clean = mailroom.receive(letter(subject="The scanner", X_Spam_Flag="NO"))
    agent = sign_in("agent")

    for email, pills in ((marked, 1), (clean, 0)):
        for path in (f"/tickets/{email.ticket_id}", f"/mail/inbound/{email.id}"):
            page = agent.get(path).text
            assert page.count("Filter says spam") == pills, path
            assert page.count('title="X-Spam-Flag: YES"') == pills, path
    log = agent.get("/mail").text
    assert "Cheap lamps" in log and "The scanner" in log
    assert log.count("Filter says spam") == 1


def test_held_as_junk_it_waits_in_a_list_of_its_own(mailroom, mailbox, sign_in):
    mailbox("hold")
    email = mailroom.receive(letter(sender=STRANGER, subject="Cheap lamps", X_Spam_Flag="YES"))

    assert (email.status, email.kind) == ("held", "junk")
    assert email.reason == "The filter in front of the mailbox calls it spam (X-Spam-Flag: YES)"
    agent = sign_in("agent")
    assert "Cheap lamps" in agent.get("/mail/junk").text
    assert "Cheap lamps" not in agent.get("/tickets/held").text


def test_ignored_it_is_kept_with_the_reason_and_a_client_is_never_dropped_for_a_filters_error(mailroom, mailbox):
    mailbox("ignore")
    assert mailroom.receive(letter(sender=STRANGER, X_Spam_Flag="YES")).status == "ignored"
    from_a_client = mailroom.receive(letter(subject="Invoice", X_Spam_Flag="YES"))
    assert (from_a_client.status, from_a_client.kind) == ("held", "junk")
    assert "but a client wrote it" in from_a_client.reason


@pytest.fixture
def three(mailroom, mailbox) -> list[InboundEmail]:
    mailbox("hold")
    senders = ("a@shop.example", "b@shop.example", "dana@harbor-dental.example")
    return [mailroom.receive(letter(sender=one, subject=f"From {one}", X_Spam_Flag="YES")) for one in senders]


def decide(browser, what: str, messages: list[InboundEmail]) -> str:
    form = {"do": what, "message": [email.id for email in messages]}
    page = browser.post("/mail/junk/decisions", data=form, follow_redirects=True).text
    db.session.expire_all()
    return page


def test_not_spam_deals_with_it_as_if_no_filter_had_looked(three, sign_in):
    page = decide(sign_in("agent"), "not_spam", three[2:])
    assert "Processed again: 1 filed." in page
    assert (three[2].status, three[2].ticket.client.name) == ("filed", "Harbor Dental")
    assert three[0].status == "held"


def test_not_spam_is_still_asked_of_the_rules_and_of_the_mailbox(three, cast, sign_in):
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    decide(sign_in("agent"), "not_spam", three[:1])
    assert three[0].reason.startswith("The sender is unknown")


def test_forged_senders_that_one_would_miss_are_left_out_and_named(three, mailroom, cast, sign_in):
    odd = mailroom.receive(letter(sender='"a b"@shop.example', subject="Odd", X_Spam_Flag="YES"))
    ours = mailroom.receive(letter(sender=cast.mara.email, subject="Ours", X_Spam_Flag="YES"))
    page = html.unescape(decide(sign_in("agent"), "block", [*three, odd, ours]))
    assert "2 senders blocked" in page
    assert "Not blocked: dana@harbor-dental.example belongs to your client Harbor Dental" in page
    assert "Not blocked: Mara Lindqvist is one of us" in page
    assert page.count("Not blocked:") == 3
    values = db.session.scalars(db.select(BlockedSender.value).order_by(BlockedSender.value)).all()
    assert values == ["a@shop.example", "b@shop.example"]
    assert [email.status for email in (*three, odd, ours)] == ["ignored", "ignored", "held", "held", "held"]


def test_many_are_ignored_converted_or_have_their_senders_blocked_at_once(three, sign_in):
    agent = sign_in("agent")
    decide(agent, "convert", three[:1])
    decide(agent, "block", three[1:2])
    decide(agent, "ignore", three[2:])

    assert [email.status for email in three] == ["filed", "ignored", "ignored"]
    assert db.session.scalars(db.select(BlockedSender.value)).all() == ["b@shop.example"]
    assert "b@shop.example was blocked by Tom Okafor" in three[1].reason
    assert three[2].reason == "Tom Okafor: spam"
    assert "No junk" in agent.get("/mail/junk").text


def test_nothing_ticked_is_told(sign_in):
    assert "No message was chosen." in decide(sign_in("agent"), "convert", [])


def test_spam_is_never_answered_by_machine(mailroom, cast):
    cast.inbound.acknowledge = True
    db.session.commit()
    email = mailroom.receive(letter(X_Spam_Flag="YES"))
    assert email.status == "filed"
    assert mailroom.outbox == []


def test_a_message_that_is_converted_is_asked_no_filter(mailroom, mailbox):
    mailbox("hold")
    email = mailroom.receive(letter(sender=STRANGER, X_Spam_Flag="YES"))
    assert process.convert(email.id).status == "filed"


def test_a_rule_can_ask_what_the_filter_says(mailroom, cast):
    hold = {"set": "hold", "value": "looks like spam"}
    db.session.add(Rule(name="Spam", position=2, conditions=[{"field": "spam", "value": ""}], actions=[hold]))
    db.session.commit()
    assert mailroom.receive(letter(X_Spam_Status="Yes, score=9.1")).reason == "Rule “Spam” holds it: looks like spam"
    assert mailroom.receive(letter(X_Spam_Status="No, score=0.1", subject="Chair")).status == "filed"


def test_the_mailbox_says_on_its_page_what_becomes_of_spam(sign_in, cast):
    browser = sign_in("admin")
    address = f"/admin/email/accounts/{cast.inbound.id}"
    assert "What the filter in front calls spam" in browser.get(address).text
    typed = {
        "address": cast.inbound.address,
        "protocol": "imap",
        "host": cast.inbound.host,
        "port": str(cast.inbound.port),
        "security": "none",
        "username": cast.inbound.username,
        "folders": "INBOX",
        "after_filing": "leave",
        "unknown_senders": "contact",
        "default_queue_id": str(cast.support.id),
        "interval": "60",
        "size_limit_mb": "50",
        "parsing": "y",
        "create_tickets": "y",
    }
    assert browser.post(address, data=typed | {"spam": "burn"}).status_code == 422
    assert browser.post(address, data=typed | {"spam": "hold"}).status_code == 303

    db.session.refresh(cast.inbound)
    assert cast.inbound.spam == "hold"
