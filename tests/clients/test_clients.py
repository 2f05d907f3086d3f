"""Clients: entering them, and what comes under them by it."""

from __future__ import annotations

import html
import re

import pytest

from psa.clients.models import Client, Contact
from psa.clients.operations import find_person
from psa.extensions import db
from psa.projects.models import Project
from psa.projects.operations import project_of
from psa.tickets.models import Event, Ticket
from tests.mailroom import letter

NADIA = "Nadia Brandt <nadia@lumen.example>"


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def page(browser, path: str) -> str:
    db.session.expire_all()
    return plain(browser.get(path))


def client_named(name: str) -> Client:
    db.session.expire_all()
    return db.session.scalars(db.select(Client).where(Client.name == name)).one()


def enter(browser, **fields: str):
    """The client as the form sends it, and the page that follows."""
    return browser.post("/clients", data=fields, follow_redirects=True)


def test_a_stranger_is_asked_to_sign_in_first(browser):
    for path in ("/clients", "/clients/new", "/clients/1"):
        assert browser.get(path).status_code == 303
    assert browser.post("/clients", data={"name": "Lumen"}).status_code == 303
    assert db.session.scalar(db.select(Client)) is None


def test_a_firm_without_clients_is_told_what_to_do_next(sign_in):
    browser = sign_in("agent")
    db.session.execute(db.delete(Client))
    db.session.commit()
    answer = browser.get("/clients")
    assert "No client yet" in answer.text
    assert 'href="/clients/setup"' in answer.text


def test_the_list_shows_domains_contacts_and_open_tickets(sign_in, mailroom):
    mailroom.receive(letter())
    shown = page(sign_in("agent"), "/clients")
    assert "Harbor Dental harbor-dental.example 1 1" in shown
    assert "Vega Logistics vega-logistics.example 1 0" in shown


def test_a_long_list_comes_page_by_page(sign_in):
    browser = sign_in("agent")
    db.session.add_all(Client(name=f"Client {number:02}") for number in range(60))
    db.session.commit()
    first = browser.get("/clients")
    following = re.search(r'href="(/clients\?after=[^"]+)"', first.text)
    assert following is not None
    second = page(browser, following[1])
    assert "Client 49" in plain(first) and "Client 50" not in plain(first)
    assert "Client 50" in second and "Vega Logistics" in second and "Client 49" not in second


def test_the_first_mail_after_a_client_was_entered_is_theirs(sign_in, mailroom):
    domains = "Lumen.example\n@lumen-labs.example, lumen.test"
    shown = enter(sign_in("agent"), name="Lumen", domains=domains, project="Care")
    assert [domain.name for domain in client_named("Lumen").domains] == [
        "lumen.example",
        "lumen-labs.example",
        "lumen.test",
    ]
    assert "Lumen" in plain(shown)
    ticket = mailroom.receive(letter(sender="kim@mail.lumen-labs.example")).ticket
    assert (ticket.client.name, ticket.project.name) == ("Lumen", "Care")


def test_only_the_name_is_needed(sign_in):
    assert enter(sign_in("agent"), name="  Lumen   GmbH ").status_code == 200
    assert client_named("Lumen GmbH").domains == []


def test_the_first_contact_is_known_by_their_address(sign_in):
    enter(sign_in("agent"), name="Lumen", contact="Nadia Brandt", email="Nadia@Gmail.com")
    assert find_person("nadia@gmail.com").client_name == "Lumen"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": " "}, "A client needs a name."),
        ({"name": "harbor dental"}, "There is a client called harbor dental already."),
        ({"domains": "gmail.com"}, "gmail.com is used by the whole world."),
        (
            {"domains": "fine.example, vega-logistics.example"},
            "vega-logistics.example belongs to Vega Logistics already.",
        ),
        ({"domains": "no domain!"}, "is not a mail domain."),
        ({"email": "dana@harbor-dental.example"}, "belongs to Dana Whitfield of Harbor Dental already."),
        ({"email": "nadia"}, "“nadia” is not an email address."),
        ({"contact": "Nadia Brandt"}, "A contact is known by their address."),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_nothing_is_kept(sign_in, fields, reason):
    answer = enter(sign_in("agent"), **({"name": "Lumen"} | fields))
    assert answer.status_code == 422
    assert reason in plain(answer)
    assert db.session.scalar(db.select(Client).where(Client.name == "Lumen")) is None


def test_a_domain_brings_the_people_and_the_open_tickets_who_waited_for_it(sign_in, mailroom):
    browser = sign_in("agent")
    enter(browser, name="Lumen", project="Care")
    first, second, closed = (mailroom.receive(letter(sender=NADIA, subject=subject)).ticket for subject in "ABC")
    other = mailroom.receive(letter(sender="kim@elsewhere.example")).ticket
    assert first.client is None
    browser.post(f"/tickets/{closed.number}/closure")
    lumen = client_named("Lumen")

    fields = {"domain": "lumen.example", "move": "yes"}
    answer = browser.post(f"/clients/{lumen.id}/domains", data=fields, follow_redirects=True)

    assert "1 contact and 2 open tickets that had no client were placed here." in plain(answer)
    assert "Nadia Brandt nadia@lumen.example" in plain(answer)
    for ticket in (first, second):
        placed = mailroom.ticket(ticket.number)
        assert (placed.client.name, placed.project.name) == ("Lumen", "Care")
        event = placed.events[-1]
        assert (event.kind, event.detail["to"], event.user.name) == ("client", "Lumen", "Tom Okafor")
        assert "Tom Okafor changed the client to Lumen" in page(browser, f"/tickets/{ticket.number}")
    assert mailroom.ticket(closed.number).client is None
    assert mailroom.ticket(other.number).client is None


def test_a_new_client_with_a_domain_brings_them_too(sign_in, mailroom):
    ticket = mailroom.receive(letter(sender=NADIA)).ticket
    answer = enter(sign_in("agent"), name="Lumen", domains="@lumen.example")
    assert "1 contact and 1 open ticket that had no client were placed here." in plain(answer)
    assert mailroom.ticket(ticket.number).client.name == "Lumen"


def test_a_refused_domain_moves_nobody(sign_in, mailroom, cast):
    ticket = mailroom.receive(letter(sender=NADIA)).ticket
    answer = enter(sign_in("agent"), name="Lumen", domains="lumen.example, gmail.com")
    assert answer.status_code == 422
    ticket = mailroom.ticket(ticket.number)
    assert ticket.client is None and ticket.requester.client is None
    assert [event.kind for event in ticket.events] == ["opened"]


def test_a_longer_domain_of_another_client_keeps_its_people(sign_in, cast, mailroom):
    browser = sign_in("agent")
    depot = mailroom.receive(letter(sender="kim@depot.lumen.example")).ticket
    requester_id = depot.requester_id
    browser.post(f"/clients/{cast.vega.id}/domains", data={"domain": "depot.lumen.example", "move": "yes"})
    db.session.get_one(Contact, requester_id).client = None
    db.session.commit()
    enter(browser, name="Lumen", domains="lumen.example")
    db.session.expire_all()
    assert db.session.get_one(Contact, requester_id).client is None


def test_a_person_with_free_mail_who_has_written_is_placed_by_hand(sign_in, cast, mailroom):
    ticket = mailroom.receive(letter(sender="Nadia Brandt <nadia.brandt@gmail.com>")).ticket
    answer = sign_in("agent").post(
        f"/clients/{cast.vega.id}/contacts", data={"email": "Nadia.Brandt@gmail.com"}, follow_redirects=True
    )
    assert "Nadia Brandt is a contact now. 1 open ticket that had no client was placed here." in plain(answer)
    assert mailroom.ticket(ticket.number).client.name == "Vega Logistics"
    assert db.session.scalar(db.select(db.func.count(Contact.id))) == 3


def test_the_page_of_a_client_shows_what_belongs_to_it(sign_in, cast, mailroom):
    ticket = mailroom.receive(letter(subject="Projector")).ticket
    answer = sign_in("agent").get(f"/clients/{cast.harbor.id}")
    assert f'href="/tickets/{ticket.number}"' in answer.text
    shown = plain(answer)
    assert "Dana Whitfield dana@harbor-dental.example" in shown
    assert "Managed service 2026 All their mail lands here by itself" in shown


def test_the_ticket_leads_to_its_client(sign_in, cast, mailroom):
    ticket = mailroom.receive(letter()).ticket
    assert f'href="/clients/{cast.harbor.id}"' in sign_in("agent").get(f"/tickets/{ticket.number}").text


def test_a_refusal_stands_at_its_field_on_the_page(sign_in, cast):
    browser, here = sign_in("agent"), f"/clients/{cast.vega.id}"
    for path, fields, reason in [
        ("/domains", {"domain": "outlook.com"}, "outlook.com is used by the whole world."),
        ("/domains", {"domain": "harbor-dental.example"}, "harbor-dental.example belongs to Harbor Dental already."),
        ("/domains", {"domain": " "}, "Write what stands behind the @."),
        ("/contacts", {"email": "dana@harbor-dental.example"}, "belongs to Dana Whitfield of Harbor Dental already."),
        (
            "/contacts",
            {"email": "ruben@vega-logistics.example"},
            "of this client already.",
        ),
        ("/projects", {"project": ""}, "A project needs a name."),
        ("", {"name": "Harbor Dental", "revision": "1"}, "There is a client called Harbor Dental already."),
    ]:
        answer = browser.post(here + path, data=fields)
        assert (answer.status_code, reason in plain(answer)) == (422, True), reason
    assert client_named("Vega Logistics").domains[0].name == "vega-logistics.example"


def test_a_removed_domain_tells_nothing_any_more_but_its_contacts_stay(sign_in, cast, mailroom):
    browser, domain = sign_in("agent"), cast.vega.domains[0]
    assert browser.post(f"/clients/{cast.harbor.id}/domains/{domain.id}/removal").status_code == 404
    assert browser.post(f"/clients/{cast.vega.id}/domains/{domain.id}/removal").status_code == 303
    assert mailroom.receive(letter(sender="new@vega-logistics.example")).ticket.client is None
    assert mailroom.receive(letter(sender="ruben@vega-logistics.example")).ticket.client.name == "Vega Logistics"


def test_a_second_project_leaves_the_mail_where_it_goes(sign_in, cast):
    browser, here = sign_in("agent"), f"/clients/{cast.harbor.id}/projects"
    browser.post(here, data={"project": "New X-ray room"})
    assert project_of(cast.harbor.id) == (cast.managed_service.id, "Managed service 2026")
    xray = db.session.scalars(db.select(Project).where(Project.name == "New X-ray room")).one()

    browser.post(f"{here}/{xray.id}/mail")
    assert project_of(cast.harbor.id) == (xray.id, "New X-ray room")
    browser.post(f"{here}/{xray.id}/closure")
    assert project_of(cast.harbor.id) == (cast.managed_service.id, "Managed service 2026")
    assert "New X-ray room Closed" in page(browser, here)
    assert browser.post(here, data={"project": "new x-ray room"}).status_code == 422

    browser.post(f"{here}/{xray.id}/reopening")
    assert project_of(cast.harbor.id) == (cast.managed_service.id, "Managed service 2026")
    assert browser.post(f"/clients/{cast.vega.id}/projects/{xray.id}/mail").status_code == 404


def test_notes_and_name_are_changed_in_one_place(sign_in, cast):
    browser = sign_in("agent")
    fields = {"name": "Harbor Dental Group", "notes": "Closed on Wednesdays.\nCall <Dana> first.", "revision": "1"}
    assert browser.post(f"/clients/{cast.harbor.id}", data=fields).status_code == 303
    shown = page(browser, f"/clients/{cast.harbor.id}")
    assert "Harbor Dental Group" in shown and "Call <Dana> first." in shown


def test_an_address_with_too_many_digits_leads_nowhere(sign_in, cast):
    browser = sign_in("agent")
    assert browser.get("/clients/99999999999999").status_code == 404
    assert browser.get(f"/clients/{cast.harbor.id}?after={'9' * 5000}").status_code == 200


def test_the_rules_page_leads_to_the_first_client(sign_in):
    browser = sign_in("admin")
    assert "add the first one" not in browser.get("/admin/email/rules").text
    db.session.execute(db.delete(Client))
    db.session.commit()
    answer = browser.get("/admin/email/rules")
    assert 'href="/clients/new"' in answer.text and "There is no client yet" in answer.text


def test_each_moved_ticket_has_exactly_one_event_of_it(sign_in, mailroom):
    mailroom.receive(letter(sender=NADIA))
    enter(sign_in("agent"), name="Lumen", domains="lumen.example")
    assert db.session.scalar(db.select(db.func.count(Event.id)).where(Event.kind == "client")) == 1
    assert db.session.scalar(db.select(db.func.count(Ticket.id)).where(Ticket.client_id.is_(None))) == 0
