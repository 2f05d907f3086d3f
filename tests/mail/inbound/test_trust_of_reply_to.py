"""Web forms and lists write for others. Their Reply-To is the sender where that may be believed, else it is shown."""

from __future__ import annotations

import pytest

from psa.extensions import db
from tests.mailroom import letter

OURS = "mx.northwind.example"


@pytest.fixture(autouse=True)
def believing(cast):
    cast.inbound.authserv = OURS
    db.session.commit()


def form(sender="Website <wordpress@northwind.example>", answers_to="Petra <petra@harbor-dental.example>", verdict=""):
    headers = {"Authentication_Results": f"{OURS}; {verdict}"} if verdict else {}
    return letter("The phone is dead.", sender=sender, subject="Contact form", Reply_To=answers_to, **headers)


def step(email):
    return next(((one["verdict"], one["detail"]) for one in email.trace if one["step"] == "Reply-To"), None)


def test_our_own_form_is_believed_when_it_is_proven(mailroom):
    email = mailroom.receive(form(verdict="dkim=pass header.d=northwind.example"))

    assert email.ticket.requester.email == "petra@harbor-dental.example"
    assert step(email)[0] == "Counts"


def test_one_that_only_says_so_is_not(mailroom):
    email = mailroom.receive(form())

    assert email.ticket.requester.email == "wordpress@northwind.example"
    assert step(email) == (
        "Shown only",
        "it asks for answers to petra@harbor-dental.example, which nothing proves",
    )


def test_a_stranger_who_is_proven_speaks_for_himself_only(mailroom):
    email = mailroom.receive(
        form(sender="Form <noreply@evil.example>", verdict="dkim=pass header.d=evil.example; dmarc=pass")
    )

    assert email.ticket.requester.email == "noreply@evil.example"


@pytest.mark.parametrize("entered", ["forms.example", "wordpress@forms.example"])
def test_a_machine_that_an_admin_has_entered_is_believed(mailroom, cast, entered):
    cast.inbound.reply_to_counts = entered
    db.session.commit()
    email = mailroom.receive(form(sender="Site <wordpress@forms.example>"))

    assert email.ticket.requester.email == "petra@harbor-dental.example"


def test_but_not_when_it_is_forged(mailroom, cast):
    cast.inbound.reply_to_counts = "forms.example"
    db.session.commit()
    email = mailroom.receive(form(sender="Site <wordpress@forms.example>", verdict="dmarc=fail"))

    assert email.ticket.requester.email == "wordpress@forms.example"


def test_a_person_with_a_reply_to_stays_who_they_are(mailroom):
    email = mailroom.receive(letter(Reply_To="eve@evil.example"))

    assert email.ticket.requester.email == "dana@harbor-dental.example"


def test_what_is_entered_is_a_list_of_addresses_and_domains(sign_in, cast):
    browser = sign_in("admin")
    address = f"/admin/email/accounts/{cast.inbound.id}"
    page = browser.get(address).get_data(as_text=True)
    assert "Server that checks senders" in page
    assert "Agents may answer by mail" in page
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
        "authserv": " *.Protection.Outlook.com. ",
        "agents_may_answer": "y",
        "reply_to_counts": "forms.example, @site.example;  form@x.example",
    }
    assert browser.post(address, data=typed | {"reply_to_counts": "not/a domain"}).status_code == 422
    assert browser.post(address, data=typed).status_code == 303

    db.session.refresh(cast.inbound)
    assert cast.inbound.authserv == ".protection.outlook.com"
    assert cast.inbound.agents_may_answer
    assert cast.inbound.reply_to_counts == "forms.example site.example form@x.example"


def test_the_server_is_proposed_from_what_the_mails_bear(mailroom, sign_in, cast):
    cast.inbound.authserv = ""
    db.session.commit()
    for number in range(6):
        sender = f"someone@firm-{number}.example"
        mailroom.receive(letter(sender=sender, subject=f"Mail {number}", Authentication_Results=f"{OURS}; spf=none"))

    page = sign_in("admin").get(f"/admin/email/accounts/{cast.inbound.id}").get_data(as_text=True)
    assert f"Probably <b>{OURS}</b>: 6 of the last 6 mails bear its word at their top." in page


def test_mails_of_one_stranger_propose_nothing(mailroom, sign_in, cast):
    cast.inbound.authserv = ""
    db.session.commit()
    for number in range(6):
        mailroom.receive(
            letter(sender="eve@evil.example", subject=f"{number}", Authentication_Results="mx.evil.example; dmarc=pass")
        )

    page = sign_in("admin").get(f"/admin/email/accounts/{cast.inbound.id}").get_data(as_text=True)
    assert "Probably" not in page
