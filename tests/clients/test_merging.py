"""Two clients, or two contacts, that turned out to be one: all that is theirs moves, and for a day it moves back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from psa import clock
from psa.billing.entries import Work, book_on_ticket
from psa.billing.invoices.drafts import draft_from_time
from psa.billing.invoices.operations import issue
from psa.billing.places import find_client as find_named_client
from psa.billing.places import offered_clients
from psa.billing.rates import key_of, rate_for, set_rate
from psa.clients import merging
from psa.clients import operations as clients
from psa.clients.merging import RefusedMerge, follow_up, merge, undo, would_become
from psa.clients.models import Client, ClientMerge, Contact, Domain
from psa.clients.operations import find_client, find_person
from psa.clients.references import WORDS, references_to
from psa.extensions import db
from psa.notifications import choices
from psa.projects.operations import add_project, project_of, take_mail
from psa.rules.models import Rule, RuleChange
from psa.tickets.models import Comment, Ticket, Watcher
from tests.mailroom import letter


@pytest.fixture
def twin(cast) -> Client:
    """Harbor Dental, entered a second time by somebody who did not know."""
    found = clients.add_client("Harbour Dental Ltd", "harbourdental.example")
    clients.add_contact(found, "Samir Haddad", "s.haddad@harbourdental.example")
    found.notes, found.tax_id = "Closed on Wednesdays.", "GB 123"
    db.session.commit()
    return found


def join(gone, kept, by=None):
    found, outcome = merge(gone, kept, by)
    db.session.commit()
    return found.id, outcome


@pytest.mark.parametrize("model", [Client, Contact])
def test_whatever_refers_to_a_client_or_a_contact_has_a_name_on_the_pages(app, model):
    unnamed = {str(one) for one in references_to(model)} - set(WORDS)
    assert not unnamed, f"say in psa/clients/references.py what a page calls {unnamed}"


def test_a_reference_that_somebody_adds_tomorrow_moves_too(cast, twin):
    """The schema is walked: of each table with rows of the twin's, none refers to it any more."""
    join(twin, cast.harbor)
    for one in references_to(Client):
        left = db.session.scalar(db.select(db.func.count()).where(one.column == twin.id))
        assert left == 0, str(one)


def test_the_mail_of_both_belongs_to_the_one_that_stayed(cast, twin, mailroom):
    old = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket
    join(twin, cast.harbor)
    assert mailroom.ticket(old.number).client.name == "Harbor Dental"
    assert find_client("harbourdental.example")[1] == "Harbor Dental"
    assert find_person("s.haddad@harbourdental.example").client_id == cast.harbor.id
    assert mailroom.receive(letter(sender="new@harbourdental.example")).ticket.client.name == "Harbor Dental"


def test_a_preview_says_what_would_move_and_moves_nothing(cast, twin, mailroom):
    number = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket.number
    said = would_become(twin, cast.harbor)
    assert {"1 ticket", "1 contact", "1 domain"} <= set(said.moved)
    assert "the tax id is taken over" in said.changed
    assert mailroom.ticket(number).client.name == "Harbour Dental Ltd"
    assert db.session.get_one(Client, twin.id).merged_into_id is None
    assert db.session.scalar(db.select(db.func.count(ClientMerge.id))) == 0


def test_undoing_puts_everything_back_where_it_was(cast, twin, mailroom):
    theirs = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket
    ours = mailroom.receive(letter()).ticket
    book_on_ticket(cast.tom.id, mailroom.ticket(theirs.number), Work(clock.today(), 30))
    set_rate(Decimal(90), client_id=twin.id)
    add_project(twin, "Managed service 2026")
    take_mail(cast.managed_service)
    db.session.commit()
    before = snapshot()
    merge_id, _ = join(twin, cast.harbor)
    assert snapshot() != before
    assert undo(merge_id, cast.tom.id) == []
    db.session.commit()
    assert snapshot() == before
    assert mailroom.ticket(ours.number).client.name == "Harbor Dental"
    with pytest.raises(RefusedMerge, match="undone already"):
        undo(merge_id, None)


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for what counts changes and tells of merges."""
    db.session.expire_all()
    rows = {}
    for table in db.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name != "revision"]
        if table.name not in ("client_merges", "rule_changes"):
            found = db.session.execute(db.select(*columns).order_by(*table.primary_key))
            rows[table.name] = [tuple(map(repr, row)) for row in found]
    return rows


def test_a_merge_that_was_written_down_before_drafts_and_rules_were_is_undone_all_the_same(cast, twin, mailroom):
    number = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket.number
    merge_id, _ = join(twin, cast.harbor)
    found = db.session.get_one(ClientMerge, merge_id)
    found.moved = {key: found.moved[key] for key in ("rows", "fields", "name", "was_active")}
    db.session.commit()
    assert follow_up() == 0
    assert undo(merge_id, None) == []
    db.session.commit()
    assert mailroom.ticket(number).client.name == "Harbour Dental Ltd"


def test_what_came_since_stays_and_what_is_gone_is_named(cast, twin, mailroom):
    merge_id, _ = join(twin, cast.harbor)
    newer = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket
    clients.remove_domain(db.session.scalar(db.select(Domain).where(Domain.name == "harbourdental.example")))
    clients.add_client("Harbour Dental Ltd")
    db.session.commit()
    assert undo(merge_id, None) == [
        "1 domain of 1 moved on or removed since",
        "its name Harbour Dental Ltd, which another client has now",
    ]
    db.session.commit()
    assert mailroom.ticket(newer.number).client.name == "Harbor Dental"
    assert db.session.scalar(db.select(Contact.client_id).where(Contact.name == "Samir Haddad")) == twin.id


def test_after_a_day_it_stays_as_it_is(cast, twin):
    merge_id, _ = join(twin, cast.harbor)
    db.session.get_one(ClientMerge, merge_id).made_at -= timedelta(days=1, minutes=1)
    db.session.commit()
    with pytest.raises(RefusedMerge, match="older than a day"):
        undo(merge_id, None)


def test_projects_of_one_name_are_told_apart_and_the_mail_goes_where_it_went(cast, twin):
    add_project(twin, "Managed service 2026")
    _, outcome = join(twin, cast.harbor)
    assert project_of(cast.harbor.id) == (cast.managed_service.id, "Managed service 2026")
    said = "the project Managed service 2026 is called Managed service 2026 (Harbour Dental Ltd) from now on"
    assert said in outcome.changed


def test_a_rate_that_the_other_one_has_too_stays_behind(cast, twin):
    set_rate(Decimal(90), client_id=twin.id)
    set_rate(Decimal(95), client_id=twin.id, user_id=cast.tom.id)
    set_rate(Decimal(80), client_id=cast.harbor.id)
    merge_id, outcome = join(twin, cast.harbor)
    assert rate_for(cast.mara.id, cast.harbor.id, None) == 80
    assert rate_for(cast.tom.id, cast.harbor.id, None) == 95
    assert "1 rate, since Harbor Dental has its own" in outcome.stayed
    undo(merge_id, None)
    db.session.commit()
    assert rate_for(cast.tom.id, twin.id, None) == 95
    assert key_of(client_id=twin.id) in db.session.scalars(db.text("SELECT key FROM rates")).all()


def test_the_rules_that_name_the_client_name_the_other_one(cast, twin):
    rule = Rule(
        name="Samir",
        conditions=[{"field": "not client", "value": str(twin.id)}],
        actions=[{"set": "client", "id": twin.id}, {"set": "queue", "id": cast.support.id}],
    )
    db.session.add(rule)
    db.session.commit()
    merge_id, _ = join(twin, cast.harbor, cast.mara.id)
    assert rule.conditions == [{"field": "not client", "value": str(cast.harbor.id)}]
    assert rule.actions[0] == {"set": "client", "id": cast.harbor.id}
    changed = db.session.scalars(db.select(RuleChange).where(RuleChange.rule_id == rule.id)).one()
    assert changed.user_id == cast.mara.id and "Harbor Dental" in changed.after
    assert undo(merge_id, cast.mara.id) == []
    assert rule.actions[0] == {"set": "client", "id": twin.id}


def test_two_contacts_become_one_with_all_their_addresses(cast, mailroom):
    first = mailroom.receive(letter()).ticket
    other = clients.add_contact(cast.harbor, "D. Whitfield", "dana.private@gmail.com")
    second = mailroom.receive(letter(sender="dana.private@gmail.com")).ticket
    for ticket in (first, second):
        db.session.add(Watcher(ticket_id=ticket.id, contact_id=other.id))
    db.session.add(Watcher(ticket_id=first.id, contact_id=cast.dana.id))
    choices.tell(other.id, {"tickets"})
    other.phone = "+44 20 7946 0000"
    db.session.commit()
    before = snapshot()

    merge_id, outcome = join(other, cast.dana)

    dana = db.session.get_one(Contact, cast.dana.id)
    assert [one.email for one in dana.addresses] == ["dana@harbor-dental.example", "dana.private@gmail.com"]
    assert (dana.name, dana.phone) == ("Dana Whitfield", "+44 20 7946 0000")
    assert choices.topics_of(dana.id) == {"tickets"}
    assert "1 ticket followed" in outcome.stayed
    assert db.session.scalars(db.select(Comment.contact_id)).all() == [dana.id, dana.id]
    assert set(db.session.scalars(db.select(Ticket.requester_id))) == {dana.id}
    assert find_person("dana.private@gmail.com").contact_id == dana.id

    assert undo(merge_id, None) == []
    db.session.commit()
    assert without_positions(snapshot()) == without_positions(before)


def without_positions(rows):
    """The order of moved addresses among themselves is kept, not the numbers that say it."""
    return {name: found for name, found in rows.items() if name != "contact_addresses"}


@pytest.mark.parametrize("again", ["itself", "gone before", "a contact"])
def test_what_cannot_be_merged_is_refused_with_the_reason(cast, twin, again):
    if again == "gone before":
        join(twin, cast.harbor)
    other = {"itself": twin, "gone before": cast.vega, "a contact": cast.dana}[again]
    with pytest.raises(RefusedMerge):
        merge(twin, other, None)


def test_a_merge_into_one_that_was_merged_since_is_undone_last(cast, twin):
    first, _ = join(twin, cast.harbor)
    second, _ = join(db.session.get_one(Client, cast.harbor.id), db.session.get_one(Client, cast.vega.id))
    with pytest.raises(RefusedMerge, match="Undo that first"):
        undo(first, None)
    db.session.rollback()
    assert undo(second, None) == [] and undo(first, None) == []


def test_mail_that_was_being_filed_during_the_merge_follows(cast, twin, mailroom):
    merge_id, _ = join(twin, cast.harbor)
    late = Ticket(queue_id=cast.support.id, client_id=twin.id)
    db.session.add(late)
    db.session.commit()
    assert follow_up() == 1 and follow_up() == 0
    assert mailroom.ticket(late.id).client.name == "Harbor Dental"
    assert undo(merge_id, None) == []
    db.session.commit()
    assert mailroom.ticket(late.id).client_id == twin.id


def test_a_merged_client_needs_no_queue_and_gets_it_back(cast, twin):
    twin.default_queue_id, cast.harbor.default_queue_id = cast.billing.id, cast.support.id
    db.session.commit()
    merge_id, _ = join(twin, cast.harbor)
    assert [one.id for one in db.session.scalars(db.select(Client).where(Client.default_queue_id.is_not(None)))] == [1]
    undo(merge_id, None)
    assert db.session.get_one(Client, twin.id).default_queue_id == cast.billing.id


def test_what_was_billed_since_stays_with_whom_it_was_billed_to(cast, twin, mailroom):
    ticket = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket
    set_rate(Decimal(100))
    on_ticket = [book_on_ticket(cast.tom.id, ticket, Work(clock.today(), minutes)) for minutes in (30, 45, 60)]
    first = draft_from_time(twin, on_ticket[:1], cast.tom.id)
    second = draft_from_time(twin, on_ticket[1:2], cast.tom.id)
    db.session.commit()
    merge_id, _ = join(twin, cast.harbor)
    issue(first, cast.tom.id)
    db.session.commit()
    missing = undo(merge_id, cast.tom.id)
    db.session.commit()
    assert missing == ["1 invoice issued since the merge", "1 time entry on an invoice that stays"]
    assert (first.client_id, second.client_id) == (cast.harbor.id, twin.id)
    assert [entry.client_id for entry in on_ticket] == [cast.harbor.id, twin.id, twin.id]


def test_following_up_leaves_a_merge_alone_that_somebody_undoes_meanwhile(cast, twin, mailroom, monkeypatch):
    merge_id, _ = join(twin, cast.harbor)
    found = merging.just_merged()
    undo(merge_id, cast.tom.id)
    db.session.commit()
    number = mailroom.receive(letter(sender="s.haddad@harbourdental.example")).ticket.number
    monkeypatch.setattr(merging, "just_merged", lambda: found)
    assert (found, follow_up()) == ([merge_id], 0)
    assert mailroom.ticket(number).client.name == "Harbour Dental Ltd"


def test_a_client_that_was_merged_is_offered_nowhere(cast, twin):
    join(twin, cast.harbor)
    assert offered_clients() == ["Harbor Dental", "Vega Logistics"]
    assert find_named_client(twin.name) is None
