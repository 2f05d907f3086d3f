"""Whom a reply goes to is shown before it is sent: the requester, and in Cc those who watch and stay ticked."""

from __future__ import annotations

import html
import re

from psa.extensions import db
from psa.mail.outbound import addresses
from psa.notifications.choices import topics_of
from psa.tickets.models import Event
from psa.tickets.watchers import watchers_of
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}
SAM, KIM = "sam@harbor-dental.example", "kim@harbor-dental.example"


def newest_event() -> int:
    return db.session.scalar(db.select(db.func.max(Event.id))) or 0


def write(browser, **more):
    headers = more.pop("headers", None)
    sent = {"body": "Try the other cable.", "seen_event": newest_event(), "recipients": "1", **more}
    return browser.post("/tickets/1/replies", data=sent, headers=headers)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="cc" value="([^"]+)" checked', page)


def test_who_watches_is_shown_ticked_and_gets_a_copy(sign_in, mailroom):
    mailroom.receive(letter(Cc=f"Sam Lee <{SAM}>"))
    browser = sign_in()
    page = browser.get("/tickets/1").text
    assert ticked(page) == [SAM]
    write(browser, shown=SAM, cc=SAM)
    (email,) = mailroom.outbox
    sent = mailroom.read(email)
    assert sent["To"] == "Dana Whitfield <dana@harbor-dental.example>"
    assert sent["Cc"] == f"Sam Lee <{SAM}>"
    assert email.recipients == ["dana@harbor-dental.example", SAM]


def test_who_is_taken_out_gets_none_and_goes_on_watching(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    write(sign_in(), shown=SAM)
    (email,) = mailroom.outbox
    assert mailroom.read(email)["Cc"] is None
    assert [one.contact.email for one in watchers_of(1)] == [SAM]


def test_only_to_the_requester(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    write(sign_in(), shown=SAM, cc=SAM, reach="one")
    assert mailroom.outbox[0].recipients == ["dana@harbor-dental.example"]


def test_who_is_added_gets_a_copy_and_watches_from_then_on(sign_in, mailroom):
    mailroom.receive(letter())
    assert write(sign_in(), more=f'"Lang, Kim" <{KIM}>, sue@partner.example').status_code == 303
    (email,) = mailroom.outbox
    assert mailroom.read(email)["Cc"] == f'"Lang, Kim" <{KIM}>, sue@partner.example'
    assert [one.contact.email for one in watchers_of(1)] == [KIM, "sue@partner.example"]
    answer = letter(sender=f"Kim Lang <{KIM}>", answers=f"<{email.message_id}>")
    assert mailroom.receive(answer).ticket_id == 1


def test_who_is_added_is_told_of_no_invoices_and_updates(sign_in, mailroom):
    mailroom.receive(letter())
    write(sign_in(), more=KIM)
    (kim,) = [one.contact for one in watchers_of(1)]
    assert kim.client is not None
    assert topics_of(kim.id) == {"tickets"}


def test_an_address_that_is_none_sends_nothing_and_keeps_what_was_typed(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    response = write(sign_in(), shown=SAM, more="kim", headers=HTMX)
    assert response.status_code == 422
    assert "“kim” is not an email address" in response.text
    assert 'value="kim"' in response.text
    assert ticked(response.text) == []
    assert mailroom.outbox == []


def test_our_own_mailbox_gets_no_copy(sign_in, mailroom):
    mailroom.receive(letter())
    response = write(sign_in(), more="support@northwind.example", headers=HTMX)
    assert response.status_code == 422
    assert "is an account of our own" in response.text


def test_who_comes_while_somebody_writes_is_shown_before_the_reply_leaves(sign_in, mailroom):
    first = mailroom.receive(letter())
    browser, seen = sign_in(), newest_event()
    mailroom.receive(letter("And the lamp.", answers=f"<{first.message_id}>", Cc=SAM))
    response = write(browser, seen_event=seen, headers=HTMX)
    assert response.status_code == 422
    assert ticked(response.text) == [SAM]
    assert mailroom.outbox == []


def test_a_reply_from_elsewhere_goes_to_all_who_watch(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    sign_in().post("/tickets/1/replies", data={"body": "Words", "seen_event": newest_event()})
    assert mailroom.outbox[0].recipients == ["dana@harbor-dental.example", SAM]


def test_nobody_is_given_away_by_our_answer_to_a_blind_copy(sign_in, mailroom):
    mailroom.receive(letter(to=f"Sam Lee <{SAM}>"))
    browser = sign_in()
    assert ticked(browser.get("/tickets/1").text) == []
    browser.post("/tickets/1/replies", data={"body": "Words", "seen_event": newest_event()})
    assert mailroom.outbox[0].recipients == ["dana@harbor-dental.example"]


def test_enter_in_the_line_of_addresses_sends_nothing(sign_in, mailroom):
    """A form whose first button is disabled is not submitted by Enter (HTML, implicit submission)."""
    mailroom.receive(letter())
    page = sign_in().get("/tickets/1").text
    form = page[page.index('action="/tickets/1/replies"') :]
    assert re.search(r"<button[^>]*>", form)[0] == '<button type="submit" disabled hidden>'


def test_users_watch_by_a_button_and_stop_by_another(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    assert "Tom Okafor" in browser.post("/tickets/1/watchers", data={"me": "1"}, headers=HTMX).text
    (watcher,) = watchers_of(1)
    assert watcher.user_id == cast.tom.id
    answer = browser.post(f"/tickets/1/watchers/{watcher.id}/removal", headers=HTMX)
    assert 'name="me"' in answer.text
    db.session.expire_all()
    assert watchers_of(1) == []


def test_the_panel_adds_contacts_and_users_by_address_and_says_what_is_wrong(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    answer = browser.post("/tickets/1/watchers", data={"address": f"{KIM}, mara@northwind.example"}, headers=HTMX)
    assert answer.status_code == 200
    # The composer offers the new copy at once.
    assert ticked(answer.text) == [KIM]
    assert [one.user_id for one in watchers_of(1)] == [cast.mara.id, None]
    wrong = browser.post("/tickets/1/watchers", data={"address": "kim"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "“kim” is not an email address" in wrong.text
    assert browser.post("/tickets/2/watchers/1/removal").status_code == 404


def test_what_happened_to_the_watchers_stands_in_the_story(sign_in, cast, mailroom):
    mailroom.receive(letter(Cc=SAM))
    browser = sign_in(cast.tom)
    browser.post(f"/tickets/1/watchers/{watchers_of(1)[0].id}/removal")
    page = browser.get("/tickets/1").text
    assert "in To or Cc of a message from dana@harbor-dental.example" in page
    assert "took out" in page


def goes_to(page: str) -> str:
    line = re.search(r'<div class="preview for-reply" id="goes-to".*?</div>', page, re.DOTALL)
    assert line
    words = re.sub(r"<noscript>.*?</noscript>|<svg.*?</svg>|<[^>]+>", "", line[0], flags=re.DOTALL)
    return html.unescape(" ".join(words.split()))


def test_the_composer_names_everybody_to_whom_a_reply_goes(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    browser = sign_in()
    page = browser.get("/tickets/1").text
    assert goes_to(page) == f"Goes to dana@harbor-dental.example, {SAM} as “Re: Projector [#1]”"
    assert "<noscript>, in Cc as ticked and typed above,</noscript>" in page
    asks = re.search(r'id="recipients"[^>]* hx-get="([^"]+)"', page)
    assert asks

    def now(**boxes: str) -> str:
        return goes_to(browser.get(asks[1], query_string={"recipients": "1", "shown": SAM, **boxes}).text)

    assert now(cc=SAM, more=KIM).startswith(f"Goes to dana@harbor-dental.example, {SAM}, {KIM} as")
    assert now().startswith("Goes to dana@harbor-dental.example as")
    assert now(cc=SAM, more=KIM, reach="one").startswith("Goes to dana@harbor-dental.example as")
    assert "“kim” is not an email address" in now(cc=SAM, more="kim")


def test_the_composer_does_not_name_who_gets_nothing(sign_in, mailroom):
    mailroom.receive(letter(Cc=SAM))
    addresses.suppress(SAM, "person", "He asked us to")
    db.session.commit()
    assert goes_to(sign_in().get("/tickets/1").text).startswith("Goes to dana@harbor-dental.example as")


def test_who_begins_to_watch_is_named_at_once(sign_in, mailroom):
    mailroom.receive(letter())
    answer = sign_in().post("/tickets/1/watchers", data={"address": KIM}, headers=HTMX).text
    assert goes_to(answer).startswith(f"Goes to dana@harbor-dental.example, {KIM} as")
    assert 'id="goes-to" aria-live="polite" hx-swap-oob="true"' in answer


def test_the_tag_of_another_ticket_is_in_no_reply(sign_in, mailroom):
    mailroom.receive(letter())
    stranger = letter(sender="Zed <zed@stranger.example>", subject="Your [#1] VPN [#1]")
    assert mailroom.receive(stranger).ticket_id == 2
    browser = sign_in()
    assert goes_to(browser.get("/tickets/2").text) == "Goes to zed@stranger.example as “Re: Your VPN [#2]”"
    browser.post("/tickets/2/replies", data={"body": "Words", "seen_event": newest_event()})
    assert mailroom.read(mailroom.outbox[-1])["Subject"] == "Re: Your VPN [#2]"
