"""Two tickets become one, and two again; answers go where the messages are."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import current_app

from psa import create_app
from psa.extensions import db
from psa.mail.inbound import process
from psa.mail.inbound.match import match_ticket
from psa.mail.outbound.signed_addresses import reply_address
from psa.mail.threads import Known, known_tickets, remember_seen
from psa.tickets import merging, notifications, operations
from psa.tickets.links import linked_tickets
from psa.tickets.merging import RefusedMerge
from psa.tickets.models import Comment, Ticket
from psa.tickets.operations import Actor, MergedAway, Said
from psa.tickets.relations import Merge
from psa.tickets.splitting import split_off
from psa.tickets.tags import add_tag, tags_of
from psa.tickets.watchers import watch, watching_contacts, watching_users
from tests.configuration import configuration
from tests.factories import make_cast
from tests.mailroom import SUPPORT, Mailroom, letter

OLD, NEW = "<old@client.example>", "<new@client.example>"


@pytest.fixture
def two(mailroom):
    """Dana has written twice about one thing: the numbers of both tickets."""
    old = mailroom.receive(letter("It is dark.", message_id=OLD)).ticket_id
    return old, mailroom.receive(letter("Still dark.", message_id=NEW, subject="Lamp")).ticket_id


@pytest.fixture
def me(cast):
    return Actor(user_id=cast.tom.id)


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def mail_on(number: int) -> list[Comment]:
    return list(db.session.scalars(db.select(Comment).where(Comment.ticket_id == number).order_by(Comment.id)))


def said_on(number: int) -> list[str]:
    bodies = db.select(Comment.body).where(Comment.ticket_id == number).order_by(Comment.id)
    return [body.strip() for body in db.session.scalars(bodies)]


def of(message_id: str) -> str:
    """As it is kept."""
    return message_id.strip("<>")


def kinds(mailroom, number: int) -> list[str]:
    return [event.kind for event in mailroom.ticket(number).events]


def merge(source: int, target: int, by: Actor) -> int:
    merge_id = merging.merge(source, target, by)
    db.session.commit()
    return merge_id


def test_the_messages_go_to_the_ticket_that_stays_and_the_other_one_leads_there(two, sign_in, mailroom):
    old, new = two
    browser = sign_in("agent")
    answer = browser.post(f"/tickets/{new}/merge", data={"other": f"#{old}"})
    assert (answer.status_code, answer.location) == (303, f"/tickets/{old}")
    assert said_on(old) == ["It is dark.", "Still dark."]
    assert (said_on(new), mailroom.ticket(new).status) == ([], "closed")
    shown = plain(browser.get(f"/tickets/{old}"))
    assert f"Tom Okafor merged #{new} into this ticket, with 1 message" in shown
    assert "Still dark." in shown
    shown = plain(browser.get(f"/tickets/{new}"))
    assert f"This ticket is part of #{old} now." in shown
    assert f"Tom Okafor merged this ticket into #{old}" in shown


def test_answers_to_either_go_to_the_one_that_stays(two, me, mailroom):
    old, new = two
    comment_id = operations.add_reply(new, Said("Which lamp?"), me)
    notifications.reply_added(comment_id)
    db.session.commit()
    ours = mailroom.read(mailroom.outbox[-1])["Message-ID"]
    merge(new, old, me)
    for fields in ({"answers": NEW}, {"answers": ours}, {"to": reply_address(SUPPORT, new)}):
        assert mailroom.receive(letter("The left one.", subject="x", **fields)).ticket_id == old
    by_number = mailroom.receive(letter("The left one.", subject=f"[#{new}]"))
    assert by_number.ticket_id == old
    detail = next(step["detail"] for step in by_number.trace if step["step"] == "Ticket")
    assert detail.startswith(f"it names [#{new}] in its subject, which is part of #{old} now")


def test_the_list_shows_what_was_said_last(two, me, mailroom):
    old, new = two
    merge(new, old, me)
    assert mailroom.ticket(old).preview == "Still dark."


def test_undone_both_are_as_they_were_and_what_was_said_since_stays(two, me, mailroom, sign_in, cast):
    old, new = two
    operations.set_status(new, "waiting", me)
    merge_id = merge(new, old, me)
    mailroom.receive(letter("Since then.", subject="x", answers=OLD))
    assert sign_in("agent").post(f"/merges/{merge_id}/undo").status_code == 303
    assert (said_on(old), said_on(new)) == (["It is dark.", "Since then."], ["Still dark."])
    assert mailroom.ticket(new).status == "waiting"
    assert kinds(mailroom, new) == ["opened", "status", "merged", "unmerged"]
    assert mailroom.receive(letter("Here.", subject="x", answers=NEW)).ticket_id == new
    assert mailroom.receive(letter("There.", subject="x", answers=OLD)).ticket_id == old


@pytest.mark.parametrize("from_the_answer", [True, False])
def test_undone_each_has_the_keys_again_that_it_had_before(two, me, mailroom, from_the_answer):
    old, _ = two
    strangers = letter("I have this too.", sender="Sam <sam@stranger.example>", answers=OLD)
    answer = mailroom.receive(strangers).ticket_id
    assert answer != old
    merge_id = merge(*((answer, old) if from_the_answer else (old, answer)), me)
    merging.unmerge(merge_id, me)
    db.session.commit()
    assert known_tickets([of(OLD)]) == [Known(of(OLD), old, is_seen=False), Known(of(OLD), answer, is_seen=True)]
    assert mailroom.receive(letter("Any news?", subject="x", answers=OLD)).ticket_id == old


def test_a_key_that_both_have_is_as_strong_as_the_stronger(two, me, mailroom):
    old, _ = two
    answer = mailroom.receive(letter("I have this too.", sender="Sam <sam@stranger.example>", answers=OLD)).ticket_id
    merge(old, answer, me)
    assert known_tickets([of(OLD)]) == [Known(of(OLD), answer, is_seen=False)]


def test_a_key_that_both_had_and_that_was_split_off_since_stays_where_it_is(two, me):
    old, new = two
    remember_seen(of(NEW), old)
    merge_id = merge(new, old, me)
    split_id = split_off(mail_on(old)[-1].id, me, subject="Lamp", with_what_follows=False)
    merging.unmerge(merge_id, me)
    db.session.commit()
    assert known_tickets([of(NEW)]) == [Known(of(NEW), split_id, is_seen=False)]


def test_it_is_undone_once_and_not_while_the_other_has_gone_on(two, me, mailroom, sign_in):
    old, new = two
    first = merge(new, old, me)
    third = mailroom.receive(letter("Third.", subject="Third")).ticket_id
    second = merge(old, third, me)
    with pytest.raises(RefusedMerge, match=f"#{old} itself is part of #{third} now. Undo that one first."):
        merging.unmerge(first, me)
    db.session.rollback()
    assert mailroom.receive(letter("x", subject="x", answers=NEW)).ticket_id == third
    for merge_id in (second, first):
        merging.unmerge(merge_id, me)
        db.session.commit()
    assert (said_on(old), said_on(new)) == (["It is dark."], ["Still dark."])
    answer = sign_in("agent").post(f"/merges/{first}/undo")
    assert (answer.status_code, "This merge has been undone already." in plain(answer)) == (422, True)


def test_what_cannot_be_is_refused_with_the_reason(two, me, mailroom, sign_in):
    old, new = two
    browser = sign_in("agent")
    third = mailroom.receive(letter("Third.", subject="Third")).ticket_id
    for typed, reason in [
        (str(new), "A ticket cannot be merged into itself."),
        ("999", "There is no ticket #999."),
        ("the other", "Type the number of the other ticket."),
        ("", "Type the number of the other ticket."),
    ]:
        answer = browser.post(f"/tickets/{new}/merge", data={"other": typed})
        assert (answer.status_code, reason in plain(answer)) == (422, True), reason
    merge(new, old, me)
    answer = browser.post(f"/tickets/{third}/merge", data={"other": str(new)})
    assert f"#{new} is part of #{old} already. Merge with that one." in plain(answer)
    assert said_on(third) == ["Third."]


def test_who_asked_or_watched_hears_on_and_tags_come_along_until_it_is_undone(two, me, mailroom, cast):
    old, _ = two
    petra = mailroom.receive(letter("I too.", sender="Petra Holm <petra@harbor-dental.example>", subject="Dark")).ticket
    watch(petra.id, user_id=cast.mara.id, name=cast.mara.name, because="", by=me)
    add_tag(petra.id, "lamp", me)
    merge_id = merge(petra.id, old, me)
    assert [contact.email for contact in watching_contacts(old)] == ["petra@harbor-dental.example"]
    assert (watching_users(old), tags_of(old)) == ([cast.mara.id], ["lamp"])
    merging.unmerge(merge_id, me)
    db.session.commit()
    assert (watching_contacts(old), watching_users(old)) == ([], [])


def test_somebody_of_another_client_hears_nothing_by_it(two, me, mailroom):
    old, _ = two
    ruben = mailroom.receive(letter("Me?", sender="ruben@vega-logistics.example", subject="Dark")).ticket_id
    merge(ruben, old, me)
    assert watching_contacts(old) == []


def test_files_stay_with_their_message(mailroom, me):
    with_file = letter("See the photo.", subject="Photo")
    with_file.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="lamp.pdf")
    source = mailroom.receive(with_file).ticket_id
    target = mailroom.receive(letter("Other.", subject="Other")).ticket_id
    merge(source, target, me)
    assert [file.name for comment in mailroom.ticket(target).comments for file in comment.attachments] == ["lamp.pdf"]


def test_nothing_more_is_said_on_a_ticket_that_is_part_of_another(two, me, mailroom, sign_in):
    old, new = two
    browser = sign_in("agent")
    merge(new, old, me)
    for what in ("replies", "notes"):
        answer = browser.post(f"/tickets/{new}/{what}", data={"body": "Still here?"}, headers={"HX-Request": "true"})
        assert (answer.status_code, f"This ticket is part of #{old} now." in plain(answer)) == (422, True)
        assert "Still here?" in answer.text
    assert (said_on(new), mailroom.outbox) == ([], [])
    page = browser.get(f"/tickets/{new}").text
    assert 'id="composer"' not in page and "Reopen" not in page


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/tickets/{}/opening", {}),
        ("/tickets/{}/facts", {"status": "open", "was_status": "closed"}),
        ("/tickets/{}/facts", {"assignee": "1", "was_assignee": ""}),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_ticket_that_is_part_of_another_stays_closed_as_it_is(two, me, mailroom, sign_in, address, form, headers):
    old, new = two
    browser = sign_in("agent")
    merge(new, old, me)
    answer = browser.post(address.format(new), data=form, headers=headers)
    assert answer.status_code == 422
    assert headers or f"This ticket is part of #{old} now." in plain(answer)
    ticket = mailroom.ticket(new)
    assert (ticket.status, ticket.assignee_id) == ("closed", None)
    assert [event.kind for event in ticket.events] == ["merged"]


def test_among_several_it_stays_as_it_is_and_the_others_change(two, me, mailroom, sign_in):
    old, new = two
    browser = sign_in("agent")
    merge(new, old, me)
    browser.post("/tickets/changes", data={"do": "status:waiting", "ticket": [str(new), str(old)]})
    assert [mailroom.ticket(number).status for number in (new, old)] == ["closed", "waiting"]


def test_whoever_writes_there_without_having_looked_is_told(two, me):
    old, new = two
    merge(new, old, me)
    for write in (operations.add_reply, operations.add_note):
        with pytest.raises(MergedAway, match=f"#{new} is part of another ticket now"):
            write(new, Said("Still here?"), me)
        db.session.rollback()
    assert (said_on(new), said_on(old)) == ([], ["It is dark.", "Still dark."])


@pytest.fixture
def postgres_mailroom(postgres, migrated_postgres, tmp_path):
    """There several write at the same time; on SQLite a mail that is being dealt with lets nobody else write."""
    app = create_app(configuration(tmp_path, postgres.create_database("merging", template=migrated_postgres)))
    with app.app_context():
        yield Mailroom(make_cast())
        db.session.remove()
        db.engine.dispose()


@pytest.mark.postgres
def test_a_mail_whose_ticket_is_merged_at_that_very_moment_goes_to_the_one_that_stays(postgres_mailroom, monkeypatch):
    app, by = current_app._get_current_object(), Actor(user_id=postgres_mailroom.cast.tom.id)
    old, new = (
        postgres_mailroom.receive(letter(text, message_id=message_id)).ticket_id
        for text, message_id in [("It is dark.", OLD), ("Still dark.", NEW)]
    )
    merges = []

    def somebody_merges(*asked):
        match = match_ticket(*asked)
        if not merges:
            with ThreadPoolExecutor() as elsewhere:
                merges.append(elsewhere.submit(merge_elsewhere).result())
        return match

    def merge_elsewhere() -> int:
        with app.app_context():
            return merge(new, old, by)

    monkeypatch.setattr(process, "match_ticket", somebody_merges)
    email = postgres_mailroom.receive(letter("The left one.", subject="x", answers=NEW))
    assert len(merges) == 1
    assert (email.status, email.ticket_id) == ("filed", old)
    assert (said_on(old), said_on(new)) == (["It is dark.", "Still dark.", "The left one."], [])
    assert known_tickets([email.message_id]) == [Known(email.message_id, old, is_seen=False)]
    merged = postgres_mailroom.ticket(new)
    assert (merged.status, merged.preview) == ("closed", "Still dark.")


def test_a_merge_is_for_people_who_are_signed_in(two, browser):
    old, new = two
    assert browser.post(f"/tickets/{new}/merge", data={"other": str(old)}).location.startswith("/sign-in")
    assert db.session.scalar(db.select(Merge)) is None


def test_linked_tickets_show_each_other_until_they_are_unlinked(two, sign_in, mailroom):
    old, new = two
    browser = sign_in("agent")
    assert browser.post(f"/tickets/{new}/links", data={"other": f" #{old} "}).location == f"/tickets/{new}"
    assert [one.ticket.id for one in linked_tickets(old)] == [new]
    assert f'Linked</span> <a href="/tickets/{old}">' in browser.get(f"/tickets/{new}").text
    assert f"Tom Okafor : linked #{new}" in plain(browser.get(f"/tickets/{old}"))
    for number, reason in [(old, "are linked already"), (new, "That is this very ticket."), (77, "There is no ticket")]:
        answer = browser.post(f"/tickets/{new}/links", data={"other": str(number)})
        assert (answer.status_code, reason in plain(answer)) == (422, True), reason
    browser.post(f"/tickets/{old}/links/{new}/removal")
    assert linked_tickets(new) == []
    assert kinds(mailroom, new)[-2:] == ["linked", "unlinked"]


def test_a_page_of_a_ticket_without_kin_offers_to_bring_one_in(two, sign_in):
    _, new = two
    shown = plain(sign_in("agent").get(f"/tickets/{new}"))
    assert "Merge or link" in shown and "Merge into it" in shown
    assert db.session.scalar(db.select(db.func.count(Ticket.id))) == 2


@pytest.mark.parametrize("was", ["new", "open", "waiting", "closed"])
def test_an_open_ticket_opens_the_closed_one_that_it_becomes_a_part_of(two, me, was):
    old, new = two
    operations.set_status(old, "closed", me)
    operations.set_status(new, was, me)
    merge_id = merging.merge(new, old, me)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get_one(Ticket, old).status == was
    merging.unmerge(merge_id, me)
    db.session.commit()
    db.session.expire_all()
    assert [db.session.get_one(Ticket, number).status for number in (old, new)] == ["closed", was]
