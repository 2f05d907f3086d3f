"""Merging offers those first who are most like the one that goes, and says in words why."""

from __future__ import annotations

import pytest

from psa.clients.likeness import likely_clients, likely_contacts
from psa.clients.models import Client, Contact
from psa.clients.operations import add_client, add_contact, make_contact
from psa.extensions import db
from tests.statements import counted


@pytest.fixture
def strangers(cast) -> None:
    """Clients and contacts who come first by name and by age, and have nothing in common with anybody."""
    for number in range(25):
        client = add_client(f"Aardvark {number} Freight", f"aardvark{number}.example")
        add_contact(client, f"Abe Number{number}", f"abe{number}@aardvark{number}.example")
    db.session.commit()


def named(found) -> list[tuple[str, str]]:
    return [(one.one.name, one.why) for one in found if one.score]


def client(name: str, *domains: str) -> Client:
    made = add_client(name, *domains)
    db.session.commit()
    return made


def contact(email: str, name: str = "", client_id: int | None = None) -> Contact:
    made = db.session.get_one(Contact, make_contact(email, name, client_id))
    db.session.commit()
    return made


def test_a_name_that_is_spelled_in_two_ways_is_found_among_strangers(cast, strangers):
    twin = client("Harbour Dental Ltd")
    assert named(likely_clients(twin, "")) == [("Harbor Dental", "almost the same name")]
    assert len(likely_clients(twin, "")) == 20


def test_a_domain_with_another_ending_counts_more_than_a_word_in_the_name(cast, strangers):
    client("Dental Supplies", "supplies.example")
    twin = client("HD Dental Group", "harbor-dental.test")
    (first, why), (second, _) = named(likely_clients(twin, ""))
    assert (first, second) == ("Harbor Dental", "Dental Supplies")
    assert why == "its domain is harbor-dental.example, “dental” in both names"


def test_a_word_that_hundreds_have_hides_nobody(cast, monkeypatch):
    monkeypatch.setattr("psa.clients.likeness.LOOKED_AT", 3)
    for number in range(6):
        add_client(f"Amber Dental {number}")
    twin = client("HD Group Dental", "harbor-dental.test")
    assert named(likely_clients(twin, ""))[0][0] == "Harbor Dental"
    spelled = client("The Dental Amber 5")
    assert named(likely_clients(spelled, ""))[0][0] == "Amber Dental 5"


def test_one_person_with_two_addresses_is_found_before_their_colleagues(cast, strangers):
    contact("ben@harbor-dental.example", "Ben Ashby", cast.harbor.id)
    private = contact("dana.whitfield@mailbox.org", "D. Whitfield")
    assert named(likely_contacts(private, ""))[0] == ("Dana Whitfield", "“Whitfield Dana” in both")
    again = contact("dana@harbor-dental.test", "")
    assert named(likely_contacts(again, ""))[0][0] == "Dana Whitfield"
    assert "dana@ in both addresses" in named(likely_contacts(again, ""))[0][1]
    assert named(likely_contacts(cast.dana, ""))[-1] == ("Ben Ashby", "writes from harbor-dental.example too")


def test_addresses_that_every_firm_has_make_nobody_alike(cast, strangers):
    ours = contact("info@harbor-dental.test", "Front desk")
    contact("info@vega-logistics.example", "Warehouse", cast.vega.id)
    assert named(likely_contacts(ours, "")) == []


def test_what_is_typed_narrows_the_choice_and_the_likeliest_still_comes_first(sign_in, cast, strangers):
    twin = client("Aardvark 7 Fright")
    found = likely_clients(twin, "aardvark")
    assert named(found)[0] == ("Aardvark 7 Freight", "almost the same name")
    assert all("Aardvark" in one.one.name for one in found)
    page = sign_in().get(f"/clients/{twin.id}/merging")
    assert page.text.index("Aardvark 7 Freight") < page.text.index("Aardvark 0 Freight")
    assert "Almost the same name" in page.text


def test_many_who_are_called_so_cost_no_more_questions_than_one(cast, strangers):
    twin = client("Aardvark 7 Fright")

    def questions(typed: str) -> int:
        db.session.expunge_all()
        ours = db.session.get_one(Client, twin.id)
        with counted() as asked:
            likely_clients(ours, typed)
        return len(asked)

    assert questions("aardvark") == questions("aardvark 12 freight")


def test_a_former_client_may_be_the_one(sign_in, cast):
    cast.harbor.active = False
    twin = client("Harbour Dental")
    page = sign_in().get(f"/clients/{twin.id}/merging").text
    assert "Former client" in page and f"into={cast.harbor.id}" in page
