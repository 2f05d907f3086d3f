"""A contact's page: who they are, all their addresses, whether mail reaches them, and where they belong."""

from __future__ import annotations

import re
from html import unescape

import pytest

from psa.clients import people
from psa.clients.models import Contact, ContactAddress
from psa.clients.operations import find_person
from psa.extensions import db
from psa.mail.outbound import addresses
from psa.notifications import choices
from tests.mailroom import letter


def plain(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def agent(sign_in):
    return sign_in("agent")


@pytest.fixture
def here(cast) -> str:
    return f"/clients/contacts/{cast.dana.id}"


def test_a_contact_has_several_addresses_and_is_known_by_each(agent, here, cast, mailroom):
    agent.post(f"{here}/addresses", data={"email": "Dana.Whitfield@gmail.com"})
    assert mailroom.receive(letter(sender="dana.whitfield@gmail.com")).ticket.requester_id == cast.dana.id
    second = db.session.scalar(db.select(ContactAddress.id).where(ContactAddress.email.like("dana.w%")))
    answer = agent.post(f"{here}/addresses/{second}/first", follow_redirects=True)
    assert "We write to dana.whitfield@gmail.com from now on." in plain(answer)
    db.session.expire_all()
    assert db.session.get_one(Contact, cast.dana.id).email == "dana.whitfield@gmail.com"
    agent.post(f"{here}/addresses/{second}/removal")
    assert find_person("dana.whitfield@gmail.com").contact_id is None


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("ruben@vega-logistics.example", "belongs to Ruben Castellanos already. If they are the same person, merge"),
        ("dana@harbor-dental.example", "belongs to this contact already."),
        ("nobody", "“nobody” is not an email address."),
        ("", "Write the address."),
    ],
)
def test_an_address_that_cannot_be_theirs_is_refused_with_the_reason(agent, here, email, reason):
    answer = agent.post(f"{here}/addresses", data={"email": email})
    assert answer.status_code == 422 and reason in plain(answer)


def test_the_last_address_stays(agent, here, cast):
    answer = agent.post(f"{here}/addresses/{cast.dana.addresses[0].id}/removal")
    assert answer.status_code == 422 and "Add another one first" in plain(answer)


def test_an_address_of_somebody_else_is_not_found_here(agent, here, cast):
    assert agent.post(f"{here}/addresses/{cast.ruben.addresses[0].id}/first").status_code == 404


def test_mail_that_came_back_is_told_with_the_servers_words_and_cleared_by_one_click(agent, here, cast):
    addresses.suppress("dana@harbor-dental.example", "hard_bounce", "550 5.1.1 No such user <dana>")
    db.session.commit()
    for page in (here, f"/clients/{cast.harbor.id}", f"/clients/{cast.harbor.id}/contacts"):
        said = plain(agent.get(page))
        assert "does not exist since" in said and "550 5.1.1 No such user <dana>" in said
    assert "nothing came back" not in plain(agent.get(here))
    form = re.search(r'<form class="sm bad" action="([^"]+)"', agent.get(here).text)
    agent.post(form[1], data={"address": "dana@harbor-dental.example", "back": here}, follow_redirects=True)
    assert "nothing came back" in plain(agent.get(here))
    assert addresses.state_of("dana@harbor-dental.example") is None


def test_who_they_are_and_what_they_are_told_of(agent, here, cast):
    agent.post(here, data={"name": "Dana W.", "role": "Practice manager", "phone": "+44 20", "revision": "1"})
    everything = "invoices projects tickets"
    agent.post(f"{here}/topics", data={"topic": ["invoices", "nonsense"], "shown": everything})
    said = plain(agent.get(f"/clients/{cast.harbor.id}"))
    assert "Dana W. Practice manager dana@harbor-dental.example Invoices" in said
    assert choices.topics_of(cast.dana.id) == {"invoices"}


def test_the_second_of_two_who_save_is_told_and_overwrites_nothing(agent, here, cast):
    agent.post(here, data={"name": "Dana", "role": "Owner", "phone": "", "revision": "1"})
    answer = agent.post(here, data={"name": "Dana", "role": "Manager", "phone": "", "revision": "1"})
    assert answer.status_code == 422
    assert "Somebody has saved: Owner" in plain(answer) and 'value="Manager"' in answer.text
    db.session.expire_all()
    assert db.session.get_one(Contact, cast.dana.id).role == "Owner"
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)[1]
    assert agent.post(here, data={"name": "Dana", "role": "Manager", "revision": revision}).status_code == 303


def test_their_tickets_and_their_mail_are_on_their_page(agent, here, mailroom):
    number = mailroom.receive(letter(subject="The projector hums")).ticket.number
    shown = agent.get(here).text
    assert shown.count("The projector hums") == 2 and f"/tickets/{number}" in shown


def test_a_contact_moves_to_another_client_and_their_tickets_stay(agent, here, cast, mailroom):
    old = mailroom.receive(letter()).ticket
    assert "Vega Logistics" in plain(agent.get(f"{here}/client?q=vega"))
    agent.post(f"{here}/client", data={"client": str(cast.vega.id), "had": str(cast.harbor.id)})
    assert mailroom.ticket(old.number).client.name == "Harbor Dental"
    assert mailroom.receive(letter()).ticket.client.name == "Vega Logistics"
    nobody = {"client": "", "had": str(cast.vega.id)}
    assert "Belongs to no client yet." in plain(agent.post(f"{here}/client", data=nobody, follow_redirects=True))


def test_who_was_moved_meanwhile_stays_where_they_are(agent, here, cast):
    form = agent.get(f"{here}/client").text
    assert f'name="had" value="{cast.harbor.id}"' in form
    people.move_contact(cast.dana, cast.vega, cast.harbor.id)
    db.session.commit()
    answer = agent.post(f"{here}/client", data={"client": "", "had": str(cast.harbor.id)})
    assert answer.status_code == 422 and "they belong to Vega Logistics" in plain(answer)
    db.session.expire_all()
    assert cast.dana.client_id == cast.vega.id


def test_what_a_contact_has_stopped_by_mail_meanwhile_stays_stopped(agent, here, cast):
    shown = re.search(r'name="shown" value="([^"]*)"', agent.get(here).text)[1]
    choices.tell(cast.dana.id, {"tickets"})
    db.session.commit()
    stale = agent.post(f"{here}/topics", data={"topic": ["tickets", "invoices"], "shown": shown})
    assert stale.status_code == 422 and "Saved is: Tickets." in plain(stale)
    assert choices.topics_of(cast.dana.id) == {"tickets"}
    read = re.search(r'name="shown" value="([^"]*)"', stale.text)[1]
    agent.post(f"{here}/topics", data={"topic": ["tickets", "invoices"], "shown": read})
    assert choices.topics_of(cast.dana.id) == {"tickets", "invoices"}


def test_what_depends_on_a_contact_keeps_them(agent, here, cast, mailroom):
    mailroom.receive(letter())
    answer = agent.post(f"{here}/removal")
    assert answer.status_code == 422
    assert "cannot be deleted, because of 1 ticket asked for and 1 message." in plain(answer)
    ruben = f"/clients/contacts/{cast.ruben.id}"
    assert agent.post(f"{ruben}/removal").status_code == 303
    assert agent.get(ruben).status_code == 404


def test_two_contacts_are_merged_on_their_pages_and_taken_apart_again(agent, here, cast):
    ruben = f"/clients/contacts/{cast.ruben.id}"
    assert "Dana Whitfield" in plain(agent.get(f"{ruben}/merging?q=whitfield"))
    preview = plain(agent.get(f"{ruben}/merging?into={cast.dana.id}"))
    assert "Merge Ruben Castellanos into Dana Whitfield?" in preview and "1 address" in preview
    answer = agent.post(f"{ruben}/merging", data={"into": str(cast.dana.id)}, follow_redirects=True)
    assert answer.request.path == here
    assert "ruben@vega-logistics.example" in answer.text
    assert agent.get(ruben).headers["Location"] == here
    undo = re.search(r'action="(/clients/merges/\d+/undoing)"', answer.text)[1]
    assert "The merge is undone." in plain(agent.post(undo, follow_redirects=True))
    assert find_person("ruben@vega-logistics.example").contact_id == cast.ruben.id


def test_a_revision_that_no_contact_has_is_an_older_one(sign_in, cast):
    answer = sign_in().post(f"/clients/contacts/{cast.dana.id}", data={"name": "Other", "revision": "9" * 40})
    assert answer.status_code == 422 and 'value="Other"' in answer.text
