"""What an hour costs: the closest rate counts, and the past keeps its price."""

from __future__ import annotations

from decimal import Decimal

from psa.billing.entries import Work, book_on_ticket
from psa.billing.models import Rate, TimeEntry
from psa.billing.rates import rate_for, set_rate
from psa.clock import today
from psa.extensions import db
from psa.projects.models import Project
from psa.tickets.models import Ticket
from tests.mailroom import letter

RATES = "/admin/rates"


def test_the_closest_rate_counts(cast):
    tom, harbor, project = cast.tom.id, cast.harbor.id, cast.managed_service.id
    assert rate_for(tom, harbor, project) is None
    for amount, scope in [
        (100, {}),
        (110, {"user_id": tom}),
        (120, {"client_id": harbor}),
        (130, {"client_id": harbor, "user_id": tom}),
        (140, {"project_id": project}),
        (150, {"project_id": project, "user_id": tom}),
    ]:
        set_rate(Decimal(amount), **scope)
        assert rate_for(tom, harbor, project) == amount
    assert rate_for(cast.mara.id, harbor, project) == 140
    assert rate_for(cast.mara.id, harbor, None) == 120
    assert rate_for(tom, cast.vega.id, None) == 110
    assert rate_for(cast.mara.id, None, None) == 100


def test_one_case_has_one_rate(cast):
    set_rate(Decimal(100), client_id=cast.harbor.id)
    set_rate(Decimal(105), client_id=cast.harbor.id)
    assert [rate.amount for rate in db.session.scalars(db.select(Rate))] == [105]


def test_a_new_rate_changes_no_work_of_the_past(mailroom, cast):
    ticket = db.session.get_one(Ticket, mailroom.receive(letter("It beeps.")).ticket_id)
    set_rate(Decimal(100))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 60))
    set_rate(Decimal(200))
    book_on_ticket(cast.tom.id, ticket, Work(today(), 60))
    assert [entry.rate for entry in db.session.scalars(db.select(TimeEntry).order_by(TimeEntry.id))] == [100, 200]


def test_rates_are_set_on_their_page_by_the_names_people_know(sign_in, cast):
    browser = sign_in("admin")
    for place, user in [("", ""), ("harbor dental", ""), ("Harbor Dental: Managed service 2026", str(cast.tom.id))]:
        assert browser.post(RATES, data={"place": place, "user": user, "amount": "120,50"}).status_code == 303
    kept = db.session.scalars(db.select(Rate).order_by(Rate.id)).all()
    assert [(rate.client_id, rate.project_id, rate.user_id, str(rate.amount)) for rate in kept] == [
        (None, None, None, "120.50"),
        (cast.harbor.id, None, None, "120.50"),
        (None, cast.managed_service.id, cast.tom.id, "120.50"),
    ]
    page = browser.get(RATES).text
    assert "Harbor Dental: Managed service 2026" in page
    browser.post(f"{RATES}/{kept[0].id}/removal")
    assert db.session.scalar(db.select(db.func.count()).select_from(Rate)) == 2


def test_what_a_rate_cannot_be_is_said_at_its_field(sign_in, cast):
    browser = sign_in("admin")
    for data, words in [
        ({"amount": "much"}, "Write the amount as 120 or 120.50."),
        ({"amount": ""}, "What does an hour cost?"),
        ({"amount": "1.234"}, "could mean two things"),
        ({"amount": "100", "place": "Nobody Ltd"}, "No client is called so"),
        ({"amount": "100", "user": "9999"}, "Not a valid choice"),
    ]:
        answer = browser.post(RATES, data={"user": ""} | data)
        assert (answer.status_code, words in answer.text) == (422, True), words
    assert db.session.scalar(db.select(db.func.count()).select_from(Rate)) == 0


def test_a_project_is_found_without_its_client_only_when_no_other_has_its_name(sign_in, cast):
    browser = sign_in("admin")
    data = {"place": "managed SERVICE 2026", "user": "", "amount": "1"}
    assert browser.post(RATES, data=data).status_code == 303
    db.session.add(Project(client_id=cast.vega.id, name="Managed service 2026"))
    db.session.commit()
    assert browser.post(RATES, data=data).status_code == 422


def test_rates_are_for_administrators(sign_in):
    assert sign_in("agent").get(RATES).status_code == 403
    assert sign_in("agent").post(RATES, data={"amount": "1"}).status_code == 403
