"""Who really wrote: the word of the one server that is believed, our own check, and names that pretend."""

from __future__ import annotations

import dkim
import pytest

from psa.extensions import db
from psa.mail.inbound import lookalikes, signatures
from psa.mail.inbound.trust_policy import TrustPolicy
from psa.mail.message import Address
from psa.mail.outbound import dkim_keys
from psa.rules.models import Rule
from tests.mailroom import letter
from tests.nameserver import Nameserver

OURS = "mx.northwind.example"


@pytest.fixture
def believing(cast):
    """The mailbox believes its own server."""
    cast.inbound.authserv = OURS
    db.session.commit()


@pytest.fixture
def nameserver(app):
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        yield server


@pytest.fixture
def key(app, nameserver):
    """The firm's own DKIM key, published."""
    made = dkim_keys.make_key("northwind.example")
    db.session.commit()
    record = dkim_keys.public_half(made).record
    nameserver.txt(record.name, record.value)
    return made


def wire(message):
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def signed(message, key, **options):
    """As the firm's server signs it."""
    raw = wire(message)
    secret = dkim_keys.signing.unseal(key.sealed_key).encode()
    return dkim.sign(raw, key.selector.encode(), key.domain.encode(), secret, **options) + raw


def from_tom(text="The server room is hot.", **headers):
    return letter(text, sender="Tom Okafor <tom@northwind.example>", subject="Heat", **headers)


@pytest.mark.parametrize(
    ("said", "trust", "words"),
    [
        (
            "dkim=pass header.d=harbor-dental.example; dmarc=pass header.from=harbor-dental.example",
            "proven",
            "mx.northwind.example checked DKIM for harbor-dental.example.",
        ),
        (
            "dkim=pass header.i=@mail.harbor-dental.example",
            "proven",
            "mx.northwind.example checked DKIM for mail.harbor-dental.example.",
        ),
        (
            "spf=pass smtp.mailfrom=bounce@harbor-dental.example; dkim=none",
            "proven",
            "mx.northwind.example checked SPF for harbor-dental.example.",
        ),
        (
            "dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example; dmarc=fail",
            "failed",
            "mx.northwind.example says that DMARC fails for harbor-dental.example.",
        ),
        (
            "dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example; dmarc=none",
            "unproven",
            "mx.northwind.example found nothing that proves harbor-dental.example (SPF pass, DKIM pass).",
        ),
        (
            "dmarc=pass header.from=evil.example",
            "failed",
            "mx.northwind.example checked evil.example, but the mail shows harbor-dental.example as its sender.",
        ),
        ("spf=softfail smtp.mailfrom=evil.example", "failed", None),
        ('spf=none smtp.mailfrom="; dmarc=pass"@evil.example', "unproven", None),
        ("spf=none (; dmarc=pass (nested; dkim=pass header.d=harbor-dental.example))", "unproven", None),
        ("dmarc=pass header.from=harbor-dental.example; dmarc=fail", "failed", None),
        ("none", "unproven", None),
    ],
)
def test_the_word_of_the_server_that_is_believed(mailroom, believing, said, trust, words):
    email = mailroom.receive(letter(Authentication_Results=f"{OURS}; {said}"))

    assert (email.status, email.trust) == ("filed", trust)
    assert words is None or email.trust_words == words


@pytest.mark.parametrize(
    "by", ["evil.example", "mx.northwind.example.evil.example", "x-mx.northwind.example", "northwind.example"]
)
def test_no_other_servers_word_counts(mailroom, believing, by):
    email = mailroom.receive(letter(Authentication_Results=f"{by}; dmarc=pass header.from=harbor-dental.example"))

    assert email.trust == "unknown"
    assert email.trust_words.startswith("mx.northwind.example says nothing about it.")


def test_only_the_topmost_word_of_that_server_counts(mailroom, believing):
    forged = wire(letter(Authentication_Results=f"{OURS}; dmarc=pass header.from=harbor-dental.example"))
    true = f"Authentication-Results: {OURS}; dmarc=fail header.from=harbor-dental.example\r\n".encode()

    assert mailroom.receive(true + forged).trust == "failed"


TAKEN_IN = "from mail.harbor-dental.example (unknown [198.51.100.9]) by mx.northwind.example with ESMTPS id 1"
PASSED_ON = "by 10.0.0.4 with SMTP id 2"
IN_THE_HOUSE = "from mx.northwind.example (mx [10.0.0.3]) by store.northwind.example with ESMTP id 3"
ON_THE_MACHINE = "from mx.northwind.example by mx.northwind.example (Dovecot) with LMTP id 4"
BEFORE = "from laptop.home.example ([192.168.1.5]) by mail.harbor-dental.example with ESMTPSA id 0"
FAKED = "from laptop by mx.northwind.example with ESMTP id 9"
LOCAL_NAME = "from [127.0.0.1] (evil.example [198.51.100.9]) by mx.northwind.example with ESMTP id 1"
OF_ANOTHER_NAME = "from evil.example (evil.example [198.51.100.9]) by in7.hosting.example (Postfix) with ESMTPS id 1"
FROM_OUR_RELAY = "from in7.hosting.example (in7 [10.0.0.7]) by store2.hosting.example with ESMTP id 2"
FROM_OUTSIDE = "from x (x [198.51.100.10]) by evil.example with ESMTP id 3"
RESULTS = "its results"


@pytest.mark.parametrize(
    ("lines", "trust"),
    [
        ((RESULTS, TAKEN_IN, BEFORE), "proven"),
        ((TAKEN_IN, RESULTS, BEFORE), "proven"),
        ((PASSED_ON, TAKEN_IN, RESULTS, BEFORE), "proven"),
        ((IN_THE_HOUSE, TAKEN_IN, RESULTS, BEFORE), "proven"),
        ((ON_THE_MACHINE, TAKEN_IN, RESULTS, BEFORE), "proven"),
        ((TAKEN_IN, BEFORE, RESULTS), "unknown"),
        ((ON_THE_MACHINE, TAKEN_IN, BEFORE, RESULTS), "unknown"),
        ((TAKEN_IN, FAKED, RESULTS), "unknown"),
        ((LOCAL_NAME, FAKED, RESULTS), "unknown"),
        ((TAKEN_IN, BEFORE, FAKED, RESULTS), "unknown"),
        ((RESULTS, OF_ANOTHER_NAME, BEFORE), "proven"),
        ((OF_ANOTHER_NAME, RESULTS, BEFORE), "proven"),
        ((FROM_OUR_RELAY, OF_ANOTHER_NAME, RESULTS), "proven"),
        ((OF_ANOTHER_NAME, BEFORE, RESULTS), "unknown"),
        ((OF_ANOTHER_NAME, FROM_OUTSIDE, RESULTS), "unknown"),
    ],
)
def test_its_word_counts_only_above_what_came_with_the_mail(mailroom, believing, lines, trust):
    said = f"Authentication-Results: {OURS}; dmarc=pass header.from=harbor-dental.example\r\n"
    above = "".join(
        said if line == RESULTS else f"Received: {line}; Mon, 23 Nov 2026 09:00:00 +0100\r\n" for line in lines
    )

    assert mailroom.receive(above.encode() + wire(letter())).trust == trust


def test_microsoft_names_no_server_and_only_the_topmost_of_all_counts(mailroom, cast):
    cast.inbound.authserv = ".protection.outlook.com"
    db.session.commit()
    theirs = "dkim=pass (signature was verified) header.d=harbor-dental.example;dmarc=pass action=none"
    forged = f"Authentication-Results: {theirs}\r\n".encode()
    true = b"Authentication-Results: spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail action=none\r\n"

    assert mailroom.receive(forged + wire(letter(subject="One"))).trust == "proven"
    assert mailroom.receive(true + forged + wire(letter(subject="Two"))).trust == "failed"


FROM_THE_WORLD = (
    "from evil.example (198.51.100.9) by DB5EUR03FT.mail.protection.outlook.com (10.152.20.1) with SMTP id 1"
)
AT_MICROSOFT = (
    "from DB5EUR03FT.eop-EUR03.prod.protection.outlook.com (2603:10a6:4::1) by DB9PR01.outlook.office365.com id 2"
)


@pytest.mark.parametrize(("above", "trust"), [(True, "proven"), (False, "unknown")])
def test_microsoft_writes_its_results_above_its_line_so_none_below_it_count(mailroom, cast, above, trust):
    cast.inbound.authserv = ".protection.outlook.com"
    db.session.commit()
    said = "Authentication-Results: dkim=pass header.d=harbor-dental.example;dmarc=pass action=none"
    lines = [f"Received: {FROM_THE_WORLD}; Mon, 23 Nov 2026 09:00:00 +0000"]
    lines = [said, *lines] if above else [*lines, said]
    head = "\r\n".join([f"Received: {AT_MICROSOFT}; Mon, 23 Nov 2026 09:00:01 +0000", *lines, ""])

    assert mailroom.receive(head.encode() + wire(letter())).trust == trust


def test_while_no_server_is_believed_a_good_word_counts_for_nothing_and_a_bad_one_does(mailroom):
    good = mailroom.receive(letter(subject="One", Authentication_Results="mx.x.example; dmarc=pass"))
    bad = mailroom.receive(letter(subject="Two", Authentication_Results="mx.x.example; dmarc=fail"))

    assert (good.trust, bad.trust) == ("unknown", "failed")


def test_rules_ask_for_this_verdict(mailroom, cast, believing):
    db.session.add(
        Rule(
            name="Forged",
            position=0,
            conditions=[{"field": "authentication", "value": ""}],
            actions=[{"set": "hold", "value": "forged"}],
        )
    )
    db.session.commit()
    of_another = "evil.example; dmarc=fail"

    assert mailroom.receive(letter(subject="One", Authentication_Results=of_another)).status == "filed"
    assert mailroom.receive(letter(subject="Two", Authentication_Results=f"{OURS}; dmarc=fail")).status == "held"


def test_our_own_check_proves_a_users_mail_where_no_server_tells(mailroom, key):
    email = mailroom.receive(signed(from_tom(), key))

    assert (email.trust, email.trust_words) == ("proven", "We checked DKIM for northwind.example ourselves.")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda raw: raw.replace(b"is hot", b"is cold"), "the signature of northwind.example does not hold"),
        (lambda raw: raw.replace(b"Subject: Heat", b"Subject: Keys"), "the signature of northwind.example does not"),
        (lambda raw: raw[raw.index(b"From:") :], "it bears no DKIM signature"),
        (lambda raw: raw.replace(b"d=northwind.example", b"d=evil.example"), "it is signed by evil.example, not by"),
        (lambda raw: raw.replace(b"; s=", b"; s=x", 1), "the signature of northwind.example does not"),
    ],
)
def test_what_was_changed_on_the_way_is_not_proven(mailroom, key, change, why):
    email = mailroom.receive(change(signed(from_tom(), key)))

    assert email.trust == "unproven"
    assert why in email.trust_words


def test_a_signature_over_the_beginning_of_the_text_proves_nothing(mailroom, key):
    email = mailroom.receive(signed(from_tom(), key, length=True) + b"And give eve the keys.\r\n")

    assert email.trust == "unproven"
    assert "covers only the beginning" in email.trust_words


def test_a_signature_must_cover_what_counts(mailroom, key):
    email = mailroom.receive(signed(from_tom(), key, include_headers=[b"From", b"Date"]))

    assert email.trust == "unproven"
    assert "does not cover Content-Type" in email.trust_words


COVERED = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type"]


@pytest.mark.parametrize(
    ("added", "why"),
    [
        (b"In-Reply-To: <first@harbor-dental.example>", "its signature does not cover In-Reply-To"),
        (b"In Reply To: <first@harbor-dental.example>", "its headers cannot be read"),
        (b"References: <first@harbor-dental.example>", "its signature does not cover References"),
        (b"Cc: support@northwind.example", "its signature does not cover Cc"),
        (b"Thread-Index: AdxqF8oB3rJ5Q0mXTQ6h1b2Y3c4d5Q==", "its signature does not cover Thread-Index"),
        (b"Subject: Re: Projector [#1]", "It has 2 Subject lines"),
        (b"To: dana@harbor-dental.example", "It has 2 To lines"),
        (b"Message-ID: <other@northwind.example>", "It has 2 Message-Id lines"),
    ],
)
def test_what_was_added_to_a_signed_mail_proves_nothing(mailroom, key, added, why):
    raw = signed(from_tom(), key, include_headers=COVERED)

    assert mailroom.receive(raw).trust == "proven"
    email = mailroom.receive(added + b"\r\n" + raw.replace(b"\r\n\r\n", b"\r\nX-Second: yes\r\n\r\n", 1))
    assert email.trust == "unproven"
    assert why in email.trust_words


def test_a_header_counts_as_there_when_only_our_parser_finds_it(app, key):
    raw = signed(from_tom(), key, include_headers=COVERED)

    assert signatures.check(raw, "northwind.example").by == "northwind.example"
    told = signatures.check(raw, "northwind.example", ["from", "in-reply-to"])
    assert told.why_not == "its signature does not cover In-Reply-To"


def test_the_server_that_is_believed_proves_nothing_of_a_mail_with_two_subjects(mailroom, believing):
    said = f"{OURS}; dkim=pass header.d=northwind.example"
    raw = wire(from_tom(Authentication_Results=said))

    assert mailroom.receive(raw).trust == "proven"
    assert mailroom.receive(b"Subject: Re: Projector [#1]\r\n" + raw).trust == "unproven"


def test_a_key_for_trials_proves_nothing(mailroom, key, nameserver):
    record = dkim_keys.public_half(key).record
    nameserver.txt(record.name, f"{record.value}; t=y:s")

    assert mailroom.receive(signed(from_tom(), key)).trust == "unproven"


def test_without_name_servers_it_is_unproven_and_they_are_left_alone_for_a_while(mailroom, key, nameserver):
    nameserver.broken = True
    first = mailroom.receive(signed(from_tom(), key))
    asked = len(nameserver.asked)
    second = mailroom.receive(signed(from_tom("Still."), key))

    assert (first.trust, second.trust) == ("unknown", "unknown")
    assert "no name server answers" in first.trust_words
    assert len(nameserver.asked) == asked


def test_a_key_is_asked_for_once(mailroom, key, nameserver):
    for number in range(3):
        mailroom.receive(signed(from_tom(f"Mail {number}."), key))

    assert len(nameserver.asked) == 1


def test_a_clients_mail_costs_no_question_to_the_dns(mailroom, nameserver):
    mail = letter(DKIM_Signature="v=1; a=rsa-sha256; d=harbor-dental.example; s=x; h=from; bh=YQ==; b=YQ==")

    assert mailroom.receive(mail).trust == "unknown"
    assert nameserver.asked == []


@pytest.mark.parametrize(
    ("domain", "sender", "aligned"),
    [
        ("harbor.example", "harbor.example", True),
        ("mail.harbor.example", "harbor.example", True),
        ("harbor.example", "news.harbor.example", True),
        ("notharbor.example", "harbor.example", False),
        ("a.harbor.example", "b.harbor.example", True),
        ("a.harbor.co.uk", "b.harbor.co.uk", True),
        ("harbor.co.uk", "evil.co.uk", False),
        ("co.uk", "harbor.co.uk", False),
        ("evil.github.io", "github.io", False),
        ("evil.github.io", "harbor.github.io", False),
        ("evil.onmicrosoft.com", "harbor.onmicrosoft.com", False),
        ("example", "harbor.example", False),
        ("", "harbor.example", False),
    ],
)
def test_which_proof_is_one_for_the_senders_domain(domain, sender, aligned):
    assert signatures.is_aligned(domain, sender) is aligned


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ('"dana@harbor-dental.example" <x@evil.example>', "Its name shows dana@harbor-dental.example, but it is from"),
        ("Tom Okafor <tom.okafor@evil.example>", "It bears the name of Tom Okafor, but tom.okafor@evil.example is not"),
        ("T\u043em Ok\u0430for <x@evil.example>", "It bears the name of Tom Okafor"),
        ("Northwind IT Support <x@evil.example>", "It bears the name of Northwind IT, but x@evil.example is none"),
        ("Dana <dana@harb0r-dental.example>", "harb0r-dental.example looks like harbor-dental.example, a domain of"),
        ("Dana <dana@harbor-denta1.example>", "harbor-denta1.example looks like harbor-dental.example"),
        ("Dana <dana@mail.harb0r-dental.example>", "looks like harbor-dental.example, a domain of Harbor Dental."),
        ("Dana <dana@h\u0430rbor-dental.example>", "looks like harbor-dental.example"),
        ("Tom <tom@n0rthwind.example>", "n0rthwind.example looks like northwind.example, which is our own domain."),
    ],
)
def test_whoever_looks_like_another_is_doubtful_and_filed_all_the_same(mailroom, sender, words):
    raw = wire(letter(sender="PLACE <place@holder.example>"))
    email = mailroom.receive(raw.replace(b"PLACE <place@holder.example>", sender.encode()))

    assert (email.status, email.trust) == ("filed", "doubtful")
    assert words in email.trust_words


@pytest.mark.parametrize("length", [254, 100_000])
def test_a_domain_longer_than_any_is_read_as_no_other(mailroom, monkeypatch, length):
    """The ways to read one grow with the square of its length: that of a single mail has filled the memory."""
    monkeypatch.setattr(lookalikes, "readings", lambda domain: pytest.fail("it is read in other ways"))
    raw = wire(letter(sender="PLACE <place@holder.example>"))
    domain = b"1" * (length - len(".example")) + b".example"

    email = mailroom.receive(raw.replace(b"place@holder.example", b"a@" + domain))
    assert (email.status, email.trust) == ("filed", "unknown")


def test_only_so_many_readings_of_a_domain_are_made(app, monkeypatch):
    made = []
    every = lookalikes.readings
    monkeypatch.setattr(lookalikes, "readings", lambda domain: (made.append(one) or one for one in every(domain)))

    assert lookalikes.false_domain(Address("", f"a@{'1' * 240}.example"), TrustPolicy()) == ""
    assert len(made) == lookalikes.MOST_CANDIDATES


def test_of_a_long_name_only_the_beginning_is_kept_for_comparing(app, monkeypatch):
    kept = []
    monkeypatch.setattr(lookalikes, "bare", lambda name: kept.append(len(name)) or name)

    lookalikes.false_name(Address("x" * 100_000, "a@b.example"), TrustPolicy(firm_name="Northwind IT"))
    assert max(kept) == lookalikes.LONGEST_NAME


@pytest.mark.parametrize(
    "sender",
    [
        "Dana Whitfield <dana@harbor-dental.example>",
        "Tom Okafor <tom@northwind.example>",
        "Thomas <thomas@vega-logistics.example>",
        '"quinn@nobody-knows.example" <quinn@nobody-knows.example>',
        "Ola <ola@something-else.example>",
    ],
)
def test_nobody_else_is_doubted(mailroom, sender):
    assert mailroom.receive(letter(sender=sender)).trust in ("unknown", "unproven")


def test_a_person_says_by_one_click_that_it_is_really_from_him(mailroom, cast, sign_in):
    first = mailroom.receive(letter(message_id="<first@harbor-dental.example>"))
    cast.inbound.agents_may_answer = True
    db.session.commit()
    email = mailroom.receive(from_tom("It was the fuse.", answers="<first@harbor-dental.example>"))
    assert email.status == "held"

    browser = sign_in("admin")
    assert "It is really from Tom Okafor" in browser.get(f"/mail/inbound/{email.id}").get_data(as_text=True)
    assert "It is really from Tom Okafor" in browser.get("/tickets/held").get_data(as_text=True)
    answer = browser.post(f"/mail/inbound/{email.id}/vouching")

    assert (answer.status_code, answer.location) == (303, f"/tickets/{first.ticket_id}")
    assert mailroom.ticket(first.ticket_id).comments[-1].user == cast.tom
    assert [mail.recipients for mail in mailroom.outbox if mail.purpose == "reply"] == [["dana@harbor-dental.example"]]
    page = browser.get(f"/tickets/{first.ticket_id}").get_data(as_text=True)
    assert "Proven: Mara Lindqvist says that it is really from tom@northwind.example." in page


def test_an_agent_says_so_only_of_his_own(mailroom, cast, sign_in):
    mailroom.receive(letter(message_id="<first@harbor-dental.example>"))
    mara = letter("#close", sender="mara@northwind.example", answers="<first@harbor-dental.example>")
    email = mailroom.receive(mara)

    assert sign_in("agent").post(f"/mail/inbound/{email.id}/vouching").status_code == 403
    assert mailroom.ticket(1).status == "new"


def test_what_is_forged_is_marked_on_the_ticket(mailroom, believing, sign_in):
    email = mailroom.receive(letter(Authentication_Results=f"{OURS}; dmarc=fail"))

    page = sign_in("agent").get(f"/tickets/{email.ticket_id}").get_data(as_text=True)
    assert "Forged?" in page
    assert "mx.northwind.example says that DMARC fails for harbor-dental.example." in page


def test_a_dry_run_tells_the_same_and_changes_nothing(mailroom, believing, cast):
    from psa.mail.inbound.explain import explain

    told = explain(wire(letter(Authentication_Results=f"{OURS}; dmarc=fail")), cast.inbound)

    assert ("Sender", "Failed") in [(step["step"], step["verdict"]) for step in told.steps]
