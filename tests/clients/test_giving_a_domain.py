"""What a domain would move is shown before it is given to a client, with the choice to move it."""

from __future__ import annotations

import html
import re

import pytest

from psa.clients.models import Contact, ContactAddress, Domain
from psa.clients.operations import find_client
from psa.extensions import db
from tests.mailroom import letter

NADIA = "Nadia Brandt <nadia@lumen.example>"


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def give(browser, client, domain: str, **fields: str):
    return browser.post(f"/clients/{client.id}/domains", data={"domain": domain} | fields, follow_redirects=True)


def domains(client) -> list[str]:
    db.session.expire_all()
    return [domain.name for domain in client.domains]


def client_of(email: str) -> str | None:
    db.session.expire_all()
    contact = db.session.scalar(db.select(Contact).join(ContactAddress).where(ContactAddress.email == email))
    return contact.client.name if contact is not None and contact.client is not None else None


@pytest.fixture
def waiting(mailroom):
    """Nadia has written twice and Kim once from a firm that nobody has entered: the ticket numbers."""
    senders = {"Projector": NADIA, "Lamp": NADIA, "Printer": "kim@mail.lumen.example", "Other": "lou@elsewhere.example"}
    return [mailroom.receive(letter(sender=who, subject=subject)).ticket_id for subject, who in senders.items()]


def test_who_and_what_would_move_is_shown_and_nothing_is_done_yet(waiting, sign_in, cast, mailroom):
    shown = plain(give(sign_in("agent"), cast.vega, "@Lumen.example"))
    assert "Give lumen.example to Vega Logistics?" in shown
    assert "3 open tickets would move" in shown
    assert "2 past senders would become contacts of theirs" in shown
    assert "Nadia Brandt nadia@lumen.example" in shown and "kim@mail.lumen.example" in shown
    assert "lou@elsewhere.example" not in shown
    assert domains(cast.vega) == ["vega-logistics.example"]
    assert (mailroom.ticket(waiting[0]).client, client_of("nadia@lumen.example")) == (None, None)


def test_chosen_they_move_with_it(waiting, sign_in, cast, mailroom):
    shown = plain(give(sign_in("agent"), cast.vega, "lumen.example", move="yes"))
    assert "2 contacts and 3 open tickets that had no client were placed here." in shown
    assert [mailroom.ticket(number).client is not None for number in waiting] == [True, True, True, False]


def test_chosen_not_to_only_their_next_mail_comes_under_the_client(waiting, sign_in, cast, mailroom):
    give(sign_in("agent"), cast.vega, "lumen.example", move="no")
    assert "lumen.example" in domains(cast.vega)
    assert (mailroom.ticket(waiting[0]).client, client_of("nadia@lumen.example")) == (None, None)
    assert mailroom.receive(letter(sender=NADIA, subject="Next")).ticket.client.name == "Vega Logistics"


def test_where_nobody_would_move_nothing_is_asked(waiting, sign_in, cast):
    shown = plain(give(sign_in("agent"), cast.vega, "vega.example"))
    assert "Mail from that domain now belongs to Vega Logistics." in shown
    assert domains(cast.vega) == ["vega-logistics.example", "vega.example"]


def test_a_refused_domain_asks_nothing(waiting, sign_in, cast):
    answer = sign_in("agent").post(f"/clients/{cast.vega.id}/domains", data={"domain": "harbor-dental.example"})
    assert (answer.status_code, "belongs to Harbor Dental already." in plain(answer)) == (422, True)


@pytest.mark.parametrize("shared", ["co.uk", "com.au", "onmicrosoft.com", "github.io", "wordpress.com", "kobe.jp"])
def test_what_many_firms_share_is_refused_with_the_reason(shared, sign_in, cast):
    answer = sign_in("agent").post(f"/clients/{cast.vega.id}/domains", data={"domain": shared})
    assert answer.status_code == 422
    assert f"Many firms have a domain below {shared}. Write the one that is theirs alone." in plain(answer)


def test_the_longest_domain_decides(cast):
    db.session.add(Domain(client=cast.vega, name="lab.harbor-dental.example"))
    db.session.commit()
    for domain, name in [
        ("harbor-dental.example", "Harbor Dental"),
        ("mail.harbor-dental.example", "Harbor Dental"),
        ("lab.harbor-dental.example", "Vega Logistics"),
        ("x.lab.harbor-dental.example", "Vega Logistics"),
    ]:
        found = find_client(domain)
        assert found is not None and found[1] == name
    assert find_client("myharbor-dental.example") is None
