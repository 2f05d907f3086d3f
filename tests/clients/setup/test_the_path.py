"""A new client is entered step by step; whoever stops goes on later where they were."""

from __future__ import annotations

import re

import pytest

from psa.clients.models import Client, Contact
from psa.clients.onboarding import journey
from psa.clients.onboarding.models import ClientSetup
from psa.clients.onboarding.steps import NAMED, STEPS
from psa.clients.operations import add_domain
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.notifications import choices
from psa.notifications.kinds import TOPICS
from psa.projects.operations import project_of
from psa.tickets.models import Ticket
from tests.clients.setup.conftest import PATH, at
from tests.mailroom import letter
from tests.statements import counted

NOVAK = "Petra Novak <petra@novaklab.example>"
PETRA = {"name": "Petra", "email": "petra@novaklab.example", "new-topic-0": [*TOPICS]}


def setup_of(client: Client) -> ClientSetup:
    return db.session.get_one(ClientSetup, client.id, populate_existing=True)


def test_a_client_goes_all_the_way(agent, begun, mailroom, cast):
    client = begun(address="8 Mill Lane\nMillbrook")
    assert agent.get(at(client)).location == at(client, "domains")
    answer = agent.post(at(client, "domains"), data={"domain": ["novaklab.example", ""]})
    assert answer.location == at(client, "contacts")
    person = {"name": "Petra Novak", "email": "petra@novaklab.example", "new-topic-0": ["tickets", "invoices"]}
    assert agent.post(at(client, "contacts"), data=person).location == at(client, "project")
    assert agent.post(at(client, "project"), data={"project": "Managed service"}).location == at(client, "queue")
    queue = {"revision": 1, "queue": cast.billing.id, "agents_of": cast.billing.id, "agent": cast.tom.id}
    assert agent.post(at(client, "queue"), data=queue).location == at(client, "welcome")
    petra = db.session.scalars(db.select(Contact).where(Contact.name == "Petra Novak")).one()
    assert agent.post(at(client, "welcome"), data={"contact": petra.id}).location == at(client, "test")
    assert agent.post(at(client, "test-messages"), data={"to": petra.id}).location == at(client, "test")
    assert agent.post(at(client, "finish")).location == f"/clients/{client.id}"

    db.session.expire_all()
    assert [domain.name for domain in client.domains] == ["novaklab.example"]
    assert client.billing_address.splitlines() == ["8 Mill Lane", "Millbrook"]
    assert choices.topics_of(petra.id) == {"tickets", "invoices"}
    assert project_of(client.id)[1] == "Managed service"
    assert client.default_queue_id == cast.billing.id
    assert choices.choice_of(cast.tom.id).queues == {cast.billing.id}
    welcome, test = mailroom.outbox
    assert [welcome.template, test.template] == ["welcome", ""]
    assert welcome.recipients == test.recipients == ["petra@novaklab.example"]
    assert mailroom.read(test)["Auto-Submitted"] == "auto-generated"
    assert setup_of(client).finished_at is not None
    page = agent.get(at(client, "test")).text
    assert "8 Mill Lane, Millbrook" in page
    assert "sent to 1" in page
    assert "To the client" in page


def test_every_step_can_be_left_out_and_done_later(agent, begun):
    client = begun()
    for step, following in (
        ("domains", "contacts"),
        ("contacts", "project"),
        ("project", "queue"),
        ("queue", "welcome"),
        ("welcome", "test"),
    ):
        assert agent.post(at(client, f"{step}/skip")).location == at(client, following)
    assert agent.post(at(client, "company/skip")).status_code == 404
    assert agent.get(at(client)).location == at(client, "test")
    agent.post(at(client, "domains"), data={"domain": "novaklab.example"})
    agent.post(at(client, "domains/skip"))
    assert setup_of(client).steps["domains"] == "done"
    assert client.domains[0].name == "novaklab.example"


def test_whoever_comes_back_goes_on_where_it_was_left(agent, begun):
    client = begun()
    agent.post(at(client, "domains/skip"))
    assert [one.client_id for one in journey.unfinished()[0]] == [client.id]
    assert agent.get(at(client)).location == at(client, "contacts")
    assert at(client) in agent.get("/clients").text
    assert "Go on with the set-up" in agent.get(f"/clients/{client.id}").text
    agent.post(at(client, "finish"))
    assert journey.unfinished() == ([], 0)
    assert at(client) not in agent.get("/clients").text
    assert "Go on with the set-up" not in agent.get(f"/clients/{client.id}").text


def test_the_name_is_needed_and_nobody_elses(agent, cast):
    assert "A client needs a name." in agent.post(PATH, data={"name": " "}).text
    answer = agent.post(PATH, data={"name": "harbor dental"})
    assert answer.status_code == 422
    assert "There is a client called harbor dental already." in answer.text
    assert f'<a href="/clients/{cast.harbor.id}">Go there</a>' in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(ClientSetup)) == 0


def test_strangers_set_nobody_up(browser, cast):
    assert browser.get(PATH).status_code in (302, 303)
    assert browser.post(PATH, data={"name": "Intruders"}).status_code in (302, 303)
    assert browser.post(at(cast.harbor, "finish")).status_code in (302, 303)


def test_a_client_that_was_entered_without_it_can_be_led_along(agent, cast):
    page = agent.get(at(cast.harbor, "domains")).text
    assert 'value="harbor-dental.example"' in page
    agent.post(at(cast.harbor, "project"), data={"project": ""})
    assert setup_of(cast.harbor).steps == {"company": "done", "project": "done"}


def test_free_mail_is_refused_at_its_field_and_the_others_stay_typed(agent, begun):
    client = begun()
    answer = agent.post(at(client, "domains"), data={"domain": ["novaklab.example", "gmail.com"]})
    assert answer.status_code == 422
    assert 'value="novaklab.example"' in answer.text
    assert 'id="domain-1-h"' in answer.text
    assert "gmail.com" in answer.text.split('id="domain-1-h"')[1].split("</p>")[0]
    assert client.domains == []


def test_fields_come_and_go_without_script(agent, begun):
    client = begun()
    more = agent.post(at(client, "domains"), data={"domain": ["novaklab.example"], "more": "1"}).text
    assert 'id="domain-1"' in more
    less = agent.post(at(client, "domains"), data={"domain": ["novaklab.example", "b.example"], "remove": "0"}).text
    assert 'value="b.example"' in less
    assert "novaklab.example" not in less
    assert 'id="email-1"' in agent.post(at(client, "contacts"), data={"email": ["a@b.example"], "more": "1"}).text


def test_what_would_become_theirs_is_shown_before_it_does(agent, begun, mailroom, cast):
    mailroom.receive(letter(sender=NOVAK, subject="Do you also look after dental labs?"))
    client = begun()
    banner = agent.get(at(client, "claims"), query_string={"domain": "novaklab.example"}).text
    assert "1 ticket and 1 message would become theirs." in banner
    assert "Do you also look after dental labs?" in banner
    ticket = db.session.scalars(db.select(Ticket)).one()
    unseen = agent.post(at(client, "domains"), data={"domain": "novaklab.example"})
    assert unseen.status_code == 422
    assert "would become theirs" in unseen.text
    assert ticket.client_id is None
    agent.post(at(client, "domains"), data={"domain": "novaklab.example", "shown": "novaklab.example"})
    db.session.expire_all()
    assert ticket.client_id == client.id
    assert "novaklab.example</dd>" in agent.get(at(client, "contacts")).text
    # The project that comes later takes what has no other.
    agent.post(at(client, "project"), data={"project": "Managed service"})
    db.session.expire_all()
    assert ticket.project_id == project_of(client.id)[0]


def test_a_typed_domain_says_at_once_whether_it_can_be_theirs(agent, begun, cast):
    client = begun()
    hint = agent.get(at(client, "domain-hint"), query_string={"domain": "harbor-dental.example"}).text
    assert "belongs to Harbor Dental already" in hint
    free = agent.get(at(client, "domain-hint"), query_string={"domain": "novaklab.example"}).text
    assert "Nobody else’s." in free
    assert "mail=1" in free
    asked = agent.get(at(client, "domain-hint"), query_string={"domain": "novaklab.example", "mail": "1"}).text
    assert "no name server answers" in asked
    assert client.domains == []


def test_the_address_of_their_site_tells_their_domain(agent, begun):
    client = begun()
    agent.post(at(client, "domains"), data={"domain": "https://www.firm.example/contact"})
    db.session.expire_all()
    assert [one.name for one in client.domains] == ["firm.example"]


def test_a_person_needs_an_address_that_nobody_else_has(agent, begun, cast):
    client = begun()
    nameless = agent.post(at(client, "contacts"), data={"name": "Petra", "email": ""})
    assert nameless.status_code == 422
    assert "known by their address" in nameless.text
    taken = agent.post(at(client, "contacts"), data={"name": "Dana", "email": "dana@harbor-dental.example"})
    assert "belongs to Dana Whitfield of Harbor Dental already" in taken.text
    assert db.session.scalar(db.select(Contact.id).where(Contact.client_id == client.id)) is None


def test_an_agent_says_for_others_neither_yes_nor_no(agent, begun, cast):
    client = begun()
    choices.hear_queue(cast.mara.id, cast.support.id, True)
    db.session.commit()
    sent = {"revision": 1, "queue": cast.support.id, "agents_of": cast.support.id, "agent": cast.tom.id}
    agent.post(at(client, "queue"), data=sent)
    assert journey.hearers_of(cast.support.id) == {cast.mara.id, cast.tom.id}


def test_ticks_that_were_shown_for_another_queue_change_nothing(agent, begun, cast):
    client = begun()
    choices.hear_queue(cast.tom.id, cast.billing.id, True)
    db.session.commit()
    agent.post(at(client, "queue"), data={"revision": 1, "queue": cast.billing.id, "agents_of": cast.support.id})
    assert journey.hearers_of(cast.billing.id) == {cast.tom.id}
    assert client.default_queue_id == cast.billing.id


def test_nobody_is_welcomed_where_one_of_them_cannot_be(agent, begun, mailroom):
    client = begun()
    agent.post(at(client, "contacts"), data={"name": ["A", "B"], "email": ["a@novak.example", "b@novak.example"]})
    addresses.suppress("b@novak.example", "hard_bounce", "550 no such user")
    db.session.commit()
    people = [person.id for person in journey.people_of(client, 9)]
    answer = agent.post(at(client, "welcome"), data={"contact": people})
    assert answer.status_code == 422
    assert "went to nobody. Nothing is sent to b@novak.example: the address does not exist any more" in answer.text
    assert mailroom.outbox == []
    assert "Tick who gets it" in agent.post(at(client, "welcome")).text


def test_who_was_welcomed_is_asked_for_all_of_them_together(agent, begun):
    client = begun()
    agent.post(at(client, "contacts"), data={"name": ["A", "B"], "email": ["a@novak.example", "b@novak.example"]})
    with counted() as asked:
        assert "b@novak.example" in agent.get(at(client, "welcome")).text
    # For the list of people, and for what is done so far.
    assert len([statement for statement in asked if "FROM notices" in statement]) == 2


@pytest.mark.parametrize("step", ["company", "domains", "contacts", "project", "queue", "welcome", "test"])
def test_each_step_names_itself_and_leads_to_the_others(agent, begun, step):
    client = begun()
    page = agent.get(at(client, step)).text
    assert page.count('aria-current="step"') == 1
    # On a phone the row of steps shows the first ones only.
    place = STEPS.index(NAMED[step])
    assert f"<li>Step {place + 1} of 7 · {STEPS[place].title}</li>" in page
    assert page.count(at(client, "")) >= 6
    assert "Finish later" in page


def hidden(page: str, name: str = "revision") -> str:
    [tag] = [tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag]
    return re.search(r'value="([^"]*)"', tag)[1]


def test_what_somebody_has_saved_meanwhile_is_neither_overwritten_nor_taken_away(agent, begun, cast):
    client = begun(address="8 Mill Lane")
    company, queue, domains = (agent.get(at(client, step)).text for step in ("company", "queue", "domains"))
    client.billing_address, client.default_queue_id, client.revision = "9 Mill Lane", cast.billing.id, 2
    add_domain(client, "novaklab.example")
    db.session.commit()

    old = agent.post(at(client, "company"), data={"name": "Millbrook", "address": "", "revision": hidden(company)})
    assert old.status_code == 422 and "Saved is: 9 Mill Lane" in old.text
    stale = agent.post(at(client, "queue"), data={"queue": cast.support.id, "revision": hidden(queue)})
    assert stale.status_code == 422 and "The queue that is saved: Billing." in stale.text
    data = {"domain": "millbrook.example", "had": hidden(domains, "had")}
    assert agent.post(at(client, "domains"), data=data).status_code == 303
    db.session.expire_all()
    assert (client.billing_address, client.default_queue_id) == ("9 Mill Lane", cast.billing.id)
    assert {one.name for one in client.domains} == {"novaklab.example", "millbrook.example"}

    # Whoever has read it may save over it.
    data = {"name": "Millbrook", "address": "", "revision": hidden(old.text)}
    assert agent.post(at(client, "company"), data=data).status_code == 303
    shown = hidden(agent.get(at(client, "domains")).text, "had")
    agent.post(at(client, "domains"), data={"domain": "millbrook.example", "had": shown})
    db.session.expire_all()
    assert (client.name, [one.name for one in client.domains]) == ("Millbrook", ["millbrook.example"])


def test_an_address_without_an_ending_is_asked_back(agent, begun):
    client = begun()
    answer = agent.post(at(client, "contacts"), data={"name": "Ivy", "email": "ivy@oakfield"})
    assert answer.status_code == 422 and "“ivy@oakfield” has no ending" in answer.text
    assert journey.people_of(client, 9) == []


def test_a_welcome_that_did_not_arrive_is_said_and_leads_to_why(agent, begun, mailroom):
    client = begun()
    agent.post(at(client, "contacts"), data={"name": "Petra", "email": "petra@novaklab.example"})
    [petra] = journey.people_of(client, 9)
    agent.post(at(client, "welcome"), data={"contact": petra.id})
    [email] = mailroom.outbox
    db.session.execute(db.update(OutboundEmail).values(status="failed", reason="550 no"))
    db.session.commit()
    page = agent.get(at(client, "test")).text
    assert "sent to 1" not in page
    assert f'/outbound/{email.id}">One did not arrive' in page
    step = agent.get(at(client, "welcome")).text
    assert "Failed: the message to Petra did not arrive." in step and "550 no" in step and "What to do:" in step
    assert f'href="/clients/contacts/{petra.id}">their page</a>' in step and "Did not arrive</span>" in step


def test_what_a_person_has_chosen_meanwhile_is_not_overwritten_by_ticks_that_were_shown_before(agent, begun):
    client = begun()
    agent.post(
        at(client, "contacts"), data={"name": "Petra", "email": "petra@novaklab.example", "new-topic-0": [*TOPICS]}
    )
    [petra] = journey.people_of(client, 9)
    known = f"known-{petra.id}"
    shown = hidden(agent.get(at(client, "contacts")).text, known)
    choices.tell(petra.id, {"tickets"})
    db.session.commit()
    stale = agent.post(at(client, "contacts"), data={known: shown, f"topic-{petra.id}": ["tickets", "invoices"]})
    assert stale.status_code == 422 and "Saved is: Tickets." in stale.text
    assert choices.topics_of(petra.id) == {"tickets"}
    data = {known: hidden(stale.text, known), f"topic-{petra.id}": ["tickets", "invoices"]}
    assert agent.post(at(client, "contacts"), data=data).status_code == 303
    assert choices.topics_of(petra.id) == {"tickets", "invoices"}


def test_ticks_stay_while_a_person_is_added(agent, begun):
    client = begun()
    agent.post(
        at(client, "contacts"), data={"name": "Petra", "email": "petra@novaklab.example", "new-topic-0": [*TOPICS]}
    )
    [petra] = journey.people_of(client, 9)
    data = {f"known-{petra.id}": "invoices projects tickets", f"topic-{petra.id}": ["projects"], "more": "1"}
    page = agent.post(at(client, "contacts"), data=data).text
    ticked = re.findall(rf'name="topic-{petra.id}" value="(\w+)" checked', page)
    assert ticked == ["projects"] and hidden(page, f"known-{petra.id}") == "invoices projects tickets"
