"""A ticket that an agent opens."""

from __future__ import annotations

from psa.extensions import db
from psa.notifications.choices import topics_of
from psa.tickets.models import Ticket

CALL = {"email": "Dana@Harbor-Dental.example", "name": "", "subject": "Projector", "body": "She called: it is dark."}


def test_the_address_tells_client_project_and_contact(sign_in, cast, mailroom):
    response = sign_in().post("/tickets/new", data={**CALL, "queue": cast.billing.id})
    assert response.headers["Location"] == "/tickets/1"
    ticket = mailroom.ticket(1)
    assert (ticket.requester_id, ticket.client_id, ticket.project_id, ticket.queue_id) == (
        cast.dana.id,
        cast.harbor.id,
        cast.managed_service.id,
        cast.billing.id,
    )
    assert mailroom.outbox == []


def test_the_first_message_is_mailed_when_that_is_ticked(sign_in, cast, mailroom):
    sign_in().post("/tickets/new", data={**CALL, "queue": cast.support.id, "mail": "y"})
    (email,) = mailroom.outbox
    assert email.recipients == ["dana@harbor-dental.example"]
    assert mailroom.ticket(1).status == "waiting"


def test_somebody_new_becomes_a_contact(sign_in, cast, mailroom):
    data = {**CALL, "email": "kim@vega-logistics.example", "name": "Kim Park", "queue": cast.support.id}
    sign_in().post("/tickets/new", data=data)
    ticket = mailroom.ticket(1)
    assert ticket.requester.name == "Kim Park"
    assert ticket.client_id == cast.vega.id
    assert topics_of(ticket.requester.id) == {"tickets"}


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(sign_in, cast):
    data = {"email": "not an address", "subject": "", "body": "Kept words", "queue": cast.support.id}
    response = sign_in().post("/tickets/new", data=data)
    assert response.status_code == 422
    assert "is not an email address" in response.text
    assert "A ticket needs a subject." in response.text
    assert "Kept words" in response.text
    assert db.session.scalar(db.select(Ticket.id)) is None


def test_without_an_account_that_sends_neither_ticket_nor_contact_is_made(sign_in, cast):
    db.session.delete(cast.outbound)
    db.session.commit()
    response = sign_in().post("/tickets/new", data={**CALL, "queue": cast.support.id, "mail": "y"})
    assert response.status_code == 422
    assert "Untick this to open the ticket without a message." in response.text
    assert db.session.scalar(db.select(Ticket.id)) is None


def test_from_a_clients_page_it_is_theirs_with_their_people_to_choose_from(sign_in, cast, mailroom):
    browser = sign_in()
    assert f"/tickets/new?client={cast.harbor.id}" in browser.get(f"/clients/{cast.harbor.id}").text
    page = browser.get(f"/tickets/new?client={cast.harbor.id}").text
    assert "For Harbor Dental" in page
    assert f'value="{cast.dana.email}"' in page
    somebody_new = {**CALL, "email": "kim@post.example", "client": cast.harbor.id, "queue": cast.support.id}
    browser.post("/tickets/new", data=somebody_new)
    ticket = mailroom.ticket(1)
    assert (ticket.client_id, ticket.requester.client_id) == (cast.harbor.id, cast.harbor.id)


def test_the_address_of_another_client_counts_more(sign_in, cast, mailroom):
    sign_in().post("/tickets/new", data={**CALL, "client": cast.vega.id, "queue": cast.support.id})
    assert mailroom.ticket(1).client_id == cast.harbor.id


def test_a_client_that_does_not_exist_is_none(sign_in):
    for nonsense in ("999999999", "99999999999999999999", "x"):
        assert sign_in().get(f"/tickets/new?client={nonsense}").status_code == 200
