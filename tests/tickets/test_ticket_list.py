"""The list of tickets: what stands in it, in which order, and how it stays true by itself."""

from __future__ import annotations

import re

from psa.extensions import db
from psa.tickets import operations, queries
from psa.tickets.models import Event, Ticket
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}


def numbers(html: str) -> list[int]:
    """The tickets on a page, from top to bottom."""
    return [int(number) for number in re.findall(r'id="ticket-(\d+)"', html)]


def open_many(cast, count: int) -> None:
    for number in range(count):
        operations.open_ticket(
            subject=f"Request {number}",
            queue_id=cast.support.id,
            said=Said(body="Hello"),
            by=Actor(contact_id=cast.dana.id),
            requester_id=cast.dana.id,
            client_id=cast.harbor.id,
        )
    db.session.commit()


def newest_event() -> int:
    return db.session.scalar(db.select(db.func.max(Event.id))) or 0


def test_a_stranger_is_sent_to_the_door(browser, cast):
    response = browser.get("/tickets")
    assert response.status_code == 303
    assert "/sign-in" in response.headers["Location"]


def test_the_front_page_leads_to_the_list(sign_in):
    assert sign_in().get("/").headers["Location"] == "/tickets"


def test_a_row_says_who_wants_what_from_which_client(sign_in, mailroom):
    mailroom.receive(letter("The beamer flickers.", subject="Room 3"))
    page = sign_in().get("/tickets").text
    for words in ("Dana Whitfield", "Harbor Dental", "Room 3", "The beamer flickers.", "Support", "#1"):
        assert words in page


def test_a_stranger_has_no_client_yet(sign_in, mailroom):
    mailroom.receive(letter(sender="p.novak@novaklab.example"))
    page = sign_in().get("/tickets").text
    assert "p.novak@novaklab.example" in page
    assert "No client yet" in page


def test_automatic_mail_is_marked(sign_in, mailroom):
    mailroom.receive(letter(Auto_Submitted="auto-generated"))
    assert "Automatic</span>" in sign_in().get("/tickets").text


def test_markup_in_subjects_and_names_is_only_text(sign_in, mailroom):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    mailroom.receive(letter(evil, subject=evil, sender=f'"{evil[2:]}" <x@evil.example>'))
    page = sign_in().get("/tickets").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_views_divide_the_tickets(sign_in, cast, mailroom):
    open_many(cast, 4)
    tom = Actor(user_id=cast.tom.id)
    operations.assign(1, cast.tom.id, cast.tom.name, tom)
    operations.set_status(2, "waiting", tom)
    operations.set_status(3, "closed", tom)
    db.session.commit()
    browser = sign_in(cast.tom)
    shown = {view: sorted(numbers(browser.get(f"/tickets?view={view}").text)) for view in queries.VIEWS}
    assert shown == {"mine": [1], "unassigned": [2, 4], "open": [1, 2, 4], "waiting": [2], "closed": [3]}


def test_the_sidebar_counts_what_the_views_hold(sign_in, cast):
    open_many(cast, 4)
    tom = Actor(user_id=cast.tom.id)
    operations.assign(1, cast.tom.id, cast.tom.name, tom)
    operations.set_status(2, "waiting", tom)
    operations.set_status(3, "closed", tom)
    operations.move(4, cast.billing, tom)
    db.session.commit()
    counts = queries.counts(cast.tom.id)
    assert (counts.mine, counts.unassigned, counts.open, counts.waiting, counts.held) == (1, 2, 3, 1, 0)
    assert counts.queues == {cast.support.id: 2, cast.billing.id: 1}


def test_filters_narrow_a_view(sign_in, cast):
    open_many(cast, 3)
    tom = Actor(user_id=cast.tom.id)
    operations.move(1, cast.billing, tom)
    operations.assign(2, cast.mara.id, cast.mara.name, tom)
    operations.set_status(3, "waiting", tom)
    db.session.commit()
    browser = sign_in(cast.tom)
    assert numbers(browser.get(f"/tickets?queue={cast.billing.id}").text) == [1]
    assert numbers(browser.get(f"/tickets?assignee={cast.mara.id}").text) == [2]
    assert numbers(browser.get("/tickets?status=waiting").text) == [3]
    assert numbers(browser.get("/tickets?assignee=nobody&status=new").text) == [1]


def test_nonsense_in_the_address_is_left_out(sign_in, cast):
    open_many(cast, 1)
    browser = sign_in()
    for nonsense in ("view=zzz", "queue=x", "queue=99999999999999999999", "assignee=x", "before=abc", "status=1"):
        assert numbers(browser.get(f"/tickets?{nonsense}").text) == [1], nonsense


def test_pages_follow_each_other_without_gap_or_repetition(sign_in, cast):
    open_many(cast, 120)
    browser, found, address, pages = sign_in(), [], "/tickets", 0
    while address:
        page = browser.get(address).text
        found += numbers(page)
        pages += 1
        more = re.search(r'<li class="more" hx-get="([^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert found == list(range(120, 0, -1))
    assert pages == 3


def test_for_htmx_the_next_page_is_rows_alone(sign_in, cast):
    open_many(cast, 60)
    browser = sign_in()
    more = re.search(r'<li class="more" hx-get="([^"]+)"', browser.get("/tickets").text)
    assert more
    page = browser.get(more[1].replace("&amp;", "&"), headers=HTMX).text
    assert page.lstrip().startswith("<li")
    assert len(numbers(page)) == 10


def test_search_finds_numbers_subjects_and_people(sign_in, cast, mailroom):
    mailroom.receive(letter("100% dark", subject="Projector"))
    mailroom.receive(letter("It jams", subject="Printer", sender="Ruben <ruben@vega-logistics.example>"))
    browser = sign_in()
    for words, expected in {
        "projector": [1],
        "%232": [2],
        "2": [2],
        "vega": [2],
        "ruben@vega": [2],
        "dana dark": [1],
        "100%25": [1],
        "%25": [1],
        "_": [],
        "harbor jams": [],
    }.items():
        assert numbers(browser.get(f"/tickets?q={words}").text) == expected, words


def test_search_finds_closed_tickets_too(sign_in, cast, mailroom):
    mailroom.receive(letter(subject="Projector"))
    operations.set_status(1, "closed", Actor(user_id=cast.tom.id))
    db.session.commit()
    assert numbers(sign_in().get("/tickets?q=projector").text) == [1]


def test_a_search_by_htmx_brings_rows_and_the_watch_that_belongs_to_them(sign_in, cast):
    open_many(cast, 1)
    answer = sign_in().get("/tickets?view=open&q=nothing+like+it", headers=HTMX).text
    assert '<form id="rows"' in answer
    assert "<html" not in answer
    assert re.search(r'id="fresh"[^>]*hx-swap-oob="true"', answer)
    assert "q=nothing" in answer


def test_a_filter_that_is_chosen_after_a_search_keeps_its_words(sign_in, cast):
    answer = sign_in().get("/tickets?q=projector", headers=HTMX).text
    assert re.search(r'id="filters"[^>]*hx-swap-oob="true"', answer)
    assert f'<a href="/tickets?view=open&amp;queue={cast.billing.id}&amp;q=projector"' in answer


def test_the_watch_says_nothing_while_nothing_happens(sign_in, cast):
    open_many(cast, 1)
    response = sign_in().get(f"/tickets/fresh?after={newest_event()}", headers=HTMX)
    assert (response.status_code, response.data) == (204, b"")


def test_the_watch_on_an_empty_desk_says_nothing(sign_in):
    assert sign_in().get("/tickets/fresh?after=0", headers=HTMX).status_code == 204


def test_a_reader_at_the_top_gets_the_new_rows(sign_in, cast, mailroom):
    browser, before = sign_in(), newest_event()
    mailroom.receive(letter(subject="Just in"))
    answer = browser.get(f"/tickets/fresh?after={before}&at_top=1", headers=HTMX)
    assert answer.status_code == 200
    assert "Just in" in answer.text
    assert re.search(r'id="rows"[^>]*hx-swap-oob="true"', answer.text)
    assert re.search(r'id="views"[^>]*hx-swap-oob="true"', answer.text)
    assert f"after={newest_event()}" in answer.text


def test_a_reader_further_down_is_told_and_nothing_moves(sign_in, cast, mailroom):
    browser, before = sign_in(), newest_event()
    mailroom.receive(letter(subject="One"))
    mailroom.receive(letter(subject="Two"))
    answer = browser.get(f"/tickets/fresh?after={before}", headers=HTMX).text
    assert "2 tickets changed. Show them" in " ".join(answer.split())
    assert 'id="rows"' not in answer
    assert f"after={before}&" in answer.replace("&amp;", "&")


def test_who_has_been_told_is_not_told_again_but_gets_the_rows_at_the_top(sign_in, cast, mailroom):
    browser, before = sign_in(), newest_event()
    mailroom.receive(letter(subject="One"))
    known = queries.newest()
    watch = f"/tickets/fresh?after={before}&known={known}"
    assert browser.get(watch, headers=HTMX).status_code == 204
    assert "One" in browser.get(f"{watch}&at_top=1", headers=HTMX).text


def test_the_watch_sees_mail_that_is_held(sign_in, cast, mailroom):
    browser, known = sign_in(), queries.newest()
    cast.inbound.create_tickets = False
    db.session.commit()
    mailroom.receive(letter())
    answer = browser.get(f"/tickets/fresh?after=0&known={known}", headers=HTMX)
    assert re.search(r'Held mail\s*<span class="n new">1</span>', answer.text)


def test_what_one_agent_has_read_another_has_not(sign_in, second_browser, cast, mailroom):
    mailroom.receive(letter(subject="For both"))
    tom, mara = sign_in(cast.tom), second_browser(cast.mara)
    tom.get("/tickets/1")
    assert "unread-dot" not in tom.get("/tickets").text
    assert "unread-dot" in mara.get("/tickets").text


def test_news_from_the_client_makes_a_ticket_unread_again(sign_in, cast, mailroom):
    first = mailroom.receive(letter())
    browser = sign_in(cast.tom)
    browser.get("/tickets/1")
    mailroom.receive(letter("Still dark", answers=f"<{first.message_id}>"))
    assert "unread-dot" in browser.get("/tickets").text


def test_what_we_say_ourselves_is_no_news(sign_in, second_browser, cast, mailroom):
    mailroom.receive(letter())
    mara = second_browser(cast.mara)
    mara.get("/tickets/1")
    sign_in(cast.tom).post("/tickets/1/notes", data={"body": "Looking at it"})
    assert "unread-dot" not in mara.get("/tickets").text


def test_several_tickets_are_changed_at_once(sign_in, cast):
    open_many(cast, 3)
    browser = sign_in(cast.tom)
    for verb in ("assign", f"queue:{cast.billing.id}", "status:waiting", "close"):
        response = browser.post(
            "/tickets/changes?view=open&queue=7", data={"ticket": ["1", "3", "99", "x"], "do": verb}
        )
        assert response.status_code == 303
        assert response.headers["Location"] == "/tickets?view=open&queue=7"
    db.session.expire_all()
    changed = [db.session.get_one(Ticket, number) for number in (1, 2, 3)]
    assert [(t.status, t.assignee_id, t.queue_id) for t in changed] == [
        ("closed", cast.tom.id, cast.billing.id),
        ("new", None, cast.support.id),
        ("closed", cast.tom.id, cast.billing.id),
    ]


def test_a_change_that_does_not_exist_is_refused(sign_in, cast):
    open_many(cast, 1)
    browser = sign_in()
    assert browser.post("/tickets/changes", data={"ticket": "1", "do": "explode"}).status_code == 400
    assert browser.post("/tickets/changes", data={"ticket": "1", "do": "queue:999"}).status_code == 404


def test_an_empty_view_says_what_is_true(sign_in, cast):
    page = sign_in().get("/tickets?view=unassigned").text
    assert "Everything has somebody" in page


def test_without_a_mailbox_the_list_says_what_to_do_next(sign_in, cast):
    db.session.delete(cast.inbound)
    db.session.commit()
    assert "No mailbox is connected yet" in sign_in("admin").get("/tickets").text
