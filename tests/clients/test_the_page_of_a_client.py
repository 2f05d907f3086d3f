"""A client's page: every tab shows what is theirs, notes and details are saved by one at a time, and nobody is lost."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest

from psa import clock
from psa.billing.entries import Work, book_on_ticket
from psa.billing.rates import set_rate
from psa.clients import correspondence
from psa.clients.models import Client, Contact
from psa.clients.operations import add_client, add_contact, make_contact
from psa.extensions import db
from psa.tickets.models import Ticket
from tests.mailroom import letter

TABS = ["", "/tickets", "/contacts", "/projects", "/time", "/invoices", "/mail", "/edit", "/merging"]


def plain(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def agent(sign_in):
    return sign_in("agent")


@pytest.fixture
def here(cast) -> str:
    return f"/clients/{cast.harbor.id}"


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_something_to_say_when_there_is_nothing(agent, tab, cast):
    empty = add_client("Lumen")
    db.session.commit()
    assert agent.get(f"/clients/{empty.id}{tab}").status_code == 200


def test_all_mail_in_and_out_is_on_one_tab_and_pages_by_key(agent, here, cast, mailroom, monkeypatch):
    monkeypatch.setattr(correspondence, "PAGE", 2)
    for number in range(3):
        mailroom.receive(letter(subject=f"Letter {number}"))
    other = mailroom.receive(letter(sender="ruben@vega-logistics.example", subject="Not theirs")).ticket
    first = agent.get(f"{here}/mail")
    assert "Letter 2" in first.text and "Letter 0" not in first.text
    older = unescape(re.search(r'rel="next" href="([^"]+)"', first.text)[1])
    rest = agent.get(older, headers={"HX-Request": "true"}).text
    assert "Letter 0" in rest and "<html" not in rest
    assert other.subject not in first.text + rest


def test_statements_and_the_test_of_the_set_up_are_mail_with_the_client_and_with_who_got_it(
    agent, here, cast, mailroom
):
    kim = add_contact(cast.harbor, "Kim", "kim@harbor-dental.example").id
    db.session.commit()
    agent.post(f"{here}/statement/mails", data={"contact": str(cast.dana.id)})
    agent.post(f"{here}/setup/test-messages", data={"to": str(cast.dana.id)})
    subjects = ("Statement of account from Northwind IT", "Test message from Northwind IT")
    for page in (f"{here}/mail", f"/clients/contacts/{cast.dana.id}"):
        shown = plain(agent.get(page))
        assert all(subject in shown for subject in subjects)
    for page in (f"/clients/contacts/{kim}", f"/clients/{cast.vega.id}/mail"):
        shown = plain(agent.get(page))
        assert not any(subject in shown for subject in subjects)


def test_the_overview_counts_mail_by_domain_and_by_day(agent, here, mailroom):
    for _ in range(2):
        mailroom.receive(letter())
    said = plain(agent.get(here))
    assert "harbor-dental.example 2 messages" in said
    assert re.search(r"2 in, \d+ out\.", said)


def test_work_that_is_not_invoiced_yet_is_named(agent, here, cast, mailroom):
    ticket = mailroom.receive(letter()).ticket
    set_rate(Decimal(80))
    book_on_ticket(cast.tom.id, mailroom.ticket(ticket.number), Work(clock.today(), 135, "Cabling"))
    db.session.commit()
    assert "2.25 hours are not invoiced yet, worth 180.00 EUR." in plain(agent.get(here))
    assert "Cabling" in plain(agent.get(f"{here}/time"))


@pytest.mark.parametrize("tab", ["", "/invoices"])
def test_who_has_no_time_is_not_said_to_have_it_invoiced(agent, here, tab):
    said = plain(agent.get(f"{here}{tab}"))
    assert "No time written down yet." in said and "All their time is invoiced." not in said


def test_notes_are_edited_in_place_and_the_second_of_two_is_told(agent, here, cast):
    agent.post(f"{here}/notes", data={"notes": "Closed on Wednesdays.", "revision": "1"})
    answer = agent.post(f"{here}/notes", data={"notes": "Ask for Dana.", "revision": "1"})
    assert answer.status_code == 422
    assert "Closed on Wednesdays." in plain(answer) and "Ask for Dana." in answer.text
    db.session.expire_all()
    assert db.session.get_one(Client, cast.harbor.id).notes == "Closed on Wednesdays."


def test_what_invoices_say_is_saved_and_nonsense_is_refused_at_its_field(agent, here, cast):
    fields = {"name": "Harbor Dental", "currency": "gbp", "payment_days": "30", "tax_id": "GB 1", "revision": "1"}
    for wrong, reason in [
        ({"currency": "pounds"}, "Write the three letters of a currency"),
        ({"currency": "xyz"}, "Write the three letters of a currency"),
        ({"billing_address": "Quay\n" * 13}, "Up to 12 lines."),
        ({"payment_days": "soon"}, "Write a number of days"),
        ({"payment_days": "400"}, "from 0 to 365"),
    ]:
        answer = agent.post(here, data=fields | wrong)
        assert answer.status_code == 422 and reason in plain(answer)
    assert agent.post(here, data=fields).status_code == 303
    db.session.expire_all()
    harbor = db.session.get_one(Client, cast.harbor.id)
    assert (harbor.currency, harbor.payment_days, harbor.tax_id, harbor.revision) == ("GBP", 30, "GB 1", 2)


def test_details_that_somebody_else_has_saved_stand_beside_what_was_typed(agent, here, cast):
    agent.post(here, data={"name": "Harbor Dental", "tax_id": "GB 1", "revision": "1"})
    answer = agent.post(here, data={"name": "Harbor Dental", "tax_id": "GB 2", "revision": "1"})
    assert answer.status_code == 422
    assert "Somebody has saved: GB 1" in plain(answer) and 'value="GB 2"' in answer.text


def test_a_former_client_leaves_the_list_and_keeps_its_mail(agent, here, mailroom):
    agent.post(f"{here}/former", follow_redirects=True)
    assert "Harbor Dental" not in plain(agent.get("/clients"))
    assert "Harbor Dental" in plain(agent.get("/clients?former=1"))
    assert mailroom.receive(letter()).ticket.client.name == "Harbor Dental"
    agent.post(f"{here}/active", follow_redirects=True)
    assert "Harbor Dental" in plain(agent.get("/clients"))


def test_a_client_is_deleted_only_when_nothing_depends_on_it(agent, here, cast):
    answer = agent.post(f"{here}/removal")
    assert answer.status_code == 422
    assert "Harbor Dental cannot be deleted, because it has 1 contact and 1 project." in plain(answer)
    slip = add_client("A slip of the hand", "slip.example")
    cast.billing_rule.conditions = [{"field": "not client", "value": str(slip.id)}]
    db.session.commit()
    named = plain(agent.post(f"/clients/{slip.id}/removal"))
    assert "A slip of the hand cannot be deleted, because it has the rule “Billing”." in named
    cast.billing_rule.conditions = []
    db.session.commit()
    assert agent.post(f"/clients/{slip.id}/removal").status_code == 303
    assert db.session.get(Client, slip.id) is None


def test_the_old_address_of_a_merged_client_leads_on(agent, here, cast):
    vega = f"/clients/{cast.vega.id}"
    assert "1 contact" in plain(agent.get(f"{vega}/merging?into={cast.harbor.id}"))
    answer = agent.post(f"{vega}/merging", data={"into": str(cast.harbor.id)}, follow_redirects=True)
    assert "Vega Logistics is a part of Harbor Dental now." in plain(answer)
    assert agent.get(f"{vega}/mail").headers["Location"] == here
    assert "Vega" not in plain(agent.get("/clients"))
    undo = re.search(r'action="(/clients/merges/\d+/undoing)"', answer.text)[1]
    agent.post(undo, follow_redirects=True)
    assert "Vega Logistics" in plain(agent.get("/clients"))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("harb", "Harbor Dental"),
        ("DENTAL harbor", "Harbor Dental"),
        ("vega-logistics.ex", "Vega Logistics"),
        ("@vega-log", "Vega Logistics"),
        ("castell", "Vega Logistics"),
        ("dana@harbor", "Harbor Dental"),
        ("100%", ""),
        ("_", ""),
    ],
)
def test_the_list_is_searched_by_name_domain_and_contact_while_one_types(agent, typed, found):
    answer = agent.get("/clients", query_string={"q": typed}, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert [name for name in ("Harbor Dental", "Vega Logistics") if name in answer.text] == ([found] if found else [])


def test_an_order_that_is_chosen_after_a_search_keeps_its_words(agent, cast):
    answer = agent.get("/clients?q=harbor", headers={"HX-Request": "true"}).text
    assert re.search(r'id="filters"[^>]*hx-swap-oob="true"', answer)
    assert '<a href="/clients?q=harbor&amp;order=open"' in answer


def test_the_list_is_sorted_three_ways_and_each_pages_by_key(agent, cast):
    names = ["Zebra", "Ärzte am Kai", "arbor", "Éclair", "Mole"]
    clients = [add_client(name) for name in names]
    db.session.flush()
    contact = make_contact("x@x.example", "X", clients[0].id)
    for number, client in enumerate(clients):
        db.session.add_all(
            Ticket(queue_id=cast.support.id, client_id=client.id, requester_id=contact) for _ in range(number)
        )
    db.session.add(Ticket(queue_id=cast.support.id, client_id=clients[0].id, status="closed"))
    db.session.commit()
    expected = {
        "": ["arbor", "Ärzte am Kai", "Éclair", "Harbor Dental", "Mole", "Vega Logistics", "Zebra"],
        "newest": ["Mole", "Éclair", "arbor", "Ärzte am Kai", "Zebra", "Vega Logistics", "Harbor Dental"],
        "open": ["Mole", "Éclair", "arbor", "Ärzte am Kai"],
    }
    for order, wanted in expected.items():
        assert walked(order) == wanted


def walked(order: str) -> list[str]:
    """The names of the list in pages of two."""
    from psa.clients import listing

    kept, listing.PAGE = listing.PAGE, 2
    try:
        names, after = [], ""
        while True:
            rows, after = listing.page_of(listing.Wanted(order=order), after)
            names += [row.client.name for row in rows]
            if not after:
                return names
    finally:
        listing.PAGE = kept


def test_contacts_who_were_merged_are_in_no_list(agent, here, cast):
    twin = db.session.get_one(Contact, make_contact("d2@harbor-dental.example", "D. Twin", cast.harbor.id))
    db.session.commit()
    agent.post(f"/clients/contacts/{twin.id}/merging", data={"into": str(cast.dana.id)}, follow_redirects=True)
    assert "D. Twin" not in agent.get(f"{here}/contacts").text
