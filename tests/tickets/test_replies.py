"""What an agent writes: replies that leave as mail, notes that stay, and what is said when they cannot be sent."""

from __future__ import annotations

import io
import re
import time
from concurrent.futures import ThreadPoolExecutor

from psa.extensions import db
from psa.tickets import operations
from psa.tickets.models import Comment, Event
from tests.mailroom import letter

HTMX = {"HX-Request": "true"}


def newest_event() -> int:
    return db.session.scalar(db.select(db.func.max(Event.id))) or 0


def comments() -> list[Comment]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Comment).order_by(Comment.id)))


def write(browser, body: str, seen: int, **more):
    headers = more.pop("headers", None)
    return browser.post("/tickets/1/replies", data={"body": body, "seen_event": seen, **more}, headers=headers)


def test_a_reply_is_filed_and_its_mail_queued(sign_in, cast, mailroom):
    first = mailroom.receive(letter(subject="Projector"))
    response = write(sign_in(cast.tom), "Try the other cable.", newest_event(), then="waiting")
    assert response.status_code == 303
    (email,) = mailroom.outbox
    sent = mailroom.read(email)
    assert sent["To"] == "Dana Whitfield <dana@harbor-dental.example>"
    assert sent["Subject"] == "Re: Projector [#1]"
    assert sent["In-Reply-To"] == f"<{first.message_id}>"
    assert "Try the other cable." in mailroom.text(email)
    assert mailroom.ticket(1).status == "waiting"


def test_an_answer_in_arabic_is_read_from_the_right_in_the_mail_too(sign_in, cast, mailroom):
    mailroom.receive(letter())
    write(sign_in(cast.tom), "مرحبا، الطابعة تعمل الآن.\n\nTicket 4711", newest_event())
    (email,) = mailroom.outbox
    html = mailroom.read(email).get_body(("html",)).get_content()
    assert re.search('<p dir="rtl"[^>]*>مرحبا', html)
    assert re.search("<p(?! dir)[^>]*>Ticket 4711", html)


def test_after_a_reply_htmx_gets_an_empty_composer(sign_in, cast, mailroom):
    mailroom.receive(letter())
    answer = write(sign_in(cast.tom), "Try the other cable.", newest_event(), headers=HTMX)
    assert answer.status_code == 200
    assert re.search(r"<textarea[^>]*>\s*</textarea>", answer.text)
    # The watch then brings the comment, the same way as it brings those of others.
    assert answer.headers["HX-Trigger"] == "told"
    assert f'name="seen_event" value="{newest_event()}"' in answer.text


def test_after_the_reply_the_ticket_is_as_the_agent_chose(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    for then in ("open", "closed", "waiting"):
        write(browser, "Words", newest_event(), then=then)
        assert mailroom.ticket(1).status == then


def test_an_empty_reply_is_not_sent(sign_in, mailroom):
    mailroom.receive(letter())
    response = write(sign_in(), "  \r\n ", newest_event())
    assert response.status_code == 422
    assert "There is nothing in the reply yet." in response.text
    assert mailroom.outbox == []


def test_a_reply_to_nobody_keeps_its_text_and_says_why(sign_in, mailroom):
    mailroom.receive(b"Subject: who am I\r\n\r\nHello\r\n")
    response = write(sign_in(), "Who are <you>?", newest_event())
    assert response.status_code == 422
    assert "There is nobody to write to" in response.text
    assert "Who are &lt;you&gt;?" in response.text


def test_without_an_account_that_sends_nothing_is_half_saved(sign_in, cast, mailroom):
    mailroom.receive(letter())
    db.session.delete(cast.outbound)
    db.session.commit()
    response = write(sign_in(), "Try the other cable.", newest_event())
    assert response.status_code == 422
    assert "No account sends mail yet" in response.text
    assert "Try the other cable." in response.text
    assert len(comments()) == 1


def test_what_arrived_meanwhile_is_shown_before_the_reply_goes_out(sign_in, cast, mailroom):
    first = mailroom.receive(letter())
    browser, seen = sign_in(cast.tom), newest_event()
    mailroom.receive(letter("Never mind, it works again.", answers=f"<{first.message_id}>"))
    response = write(browser, "Try the other cable.", seen, headers=HTMX)
    assert response.status_code == 422
    assert "Never mind, it works again." in response.text
    assert "Try the other cable." in response.text
    assert mailroom.outbox == []
    seen_now = re.search(r'name="seen_event" value="(\d+)"', response.text)
    assert seen_now
    assert write(browser, "Try the other cable.", int(seen_now[1]), headers=HTMX).status_code == 200
    assert len(mailroom.outbox) == 1


def test_a_colleagues_answer_stops_a_second_one(sign_in, second_browser, cast, mailroom):
    mailroom.receive(letter())
    tom, mara, seen = sign_in(cast.tom), second_browser(cast.mara), newest_event()
    write(mara, "I have reset it.", seen)
    response = write(tom, "I will reset it.", seen)
    assert response.status_code == 422
    assert "This arrived while you wrote" in response.text
    assert len(mailroom.outbox) == 1


def test_a_button_pressed_twice_sends_once(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser, seen = sign_in(cast.tom), newest_event()
    for _ in range(2):
        assert write(browser, "Try the other cable.", seen).status_code == 303
    assert len(mailroom.outbox) == 1
    assert write(browser, "Try the other cable.", newest_event()).status_code == 303
    assert len(mailroom.outbox) == 2


def test_a_button_pressed_twice_at_once_sends_once(app, sign_in, second_browser, cast, mailroom, monkeypatch):
    """As a large file makes it: the second press arrives while the first is still being written."""
    mailroom.receive(letter())
    seen, say = newest_event(), operations.add_reply
    monkeypatch.setattr(operations, "add_reply", lambda *args, **more: time.sleep(0.5) or say(*args, **more))
    browsers = [sign_in(cast.tom), second_browser(cast.tom)]

    def press(browser) -> int:
        with app.app_context():
            return write(browser, "Try the other cable.", seen).status_code

    with ThreadPoolExecutor() as hands:
        assert list(hands.map(press, browsers)) == [303, 303]
    assert len(mailroom.outbox) == 1
    assert len(comments()) == 2


def test_what_the_writer_did_meanwhile_does_not_stop_the_reply(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser, seen = sign_in(cast.tom), newest_event()
    browser.post("/tickets/1/facts", data={"assignee": str(cast.tom.id)})
    browser.post("/tickets/1/notes", data={"body": "Mine"})
    assert write(browser, "Try the other cable.", seen).status_code == 303


def test_a_note_stays_here(sign_in, cast, mailroom):
    mailroom.receive(letter())
    response = sign_in(cast.tom).post("/tickets/1/notes", data={"body": "The cable is ours."})
    assert response.status_code == 303
    assert comments()[-1].kind == "note"
    assert mailroom.outbox == []
    assert mailroom.ticket(1).status == "new"


def test_enter_on_a_tab_of_the_composer_can_send_nothing(sign_in, mailroom):
    """It presses the first button of the form that the tab belongs to: with a note typed, that would mail the note."""
    mailroom.receive(letter())
    page = sign_in().get("/tickets/1").text
    tab = page.index('<input class="visually-hidden" type="radio" name="write"')
    assert page.rindex("<form", 0, tab) < page.rindex("</form>", 0, tab)


def test_an_empty_note_is_not_left(sign_in, mailroom):
    mailroom.receive(letter())
    response = sign_in().post("/tickets/1/notes", data={"body": ""}, headers=HTMX)
    assert response.status_code == 422
    assert "There is nothing in the note yet." in response.text
    assert len(comments()) == 1


def test_files_leave_with_the_reply_and_can_be_fetched_from_it(sign_in, cast, mailroom):
    mailroom.receive(letter())
    browser = sign_in(cast.tom)
    name = 'quote "final" <b>.pdf'
    write(browser, "The quote", newest_event(), files=(io.BytesIO(b"%PDF-1.4 quote"), name, "application/pdf"))
    (file,) = comments()[-1].attachments
    (attached,) = mailroom.read(mailroom.outbox[0]).iter_attachments()
    assert attached.get_content() == b"%PDF-1.4 quote"
    page = browser.get("/tickets/1").text
    address = re.search(r'href="(/attachments/[^"]+)"', page)
    assert address
    assert "<b>.pdf" not in page
    fetched = browser.get(address[1])
    assert fetched.data == b"%PDF-1.4 quote"
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert file.size == len(b"%PDF-1.4 quote")


def test_files_of_a_refused_reply_are_asked_for_again(sign_in, mailroom):
    mailroom.receive(letter())
    response = write(sign_in(), "", newest_event(), files=(io.BytesIO(b"x"), "a.txt"))
    assert response.status_code == 422
    assert "Attach the files once more" in response.text


def test_a_reply_with_line_breaks_in_the_subject_smuggles_no_header(sign_in, cast, mailroom):
    mailroom.receive(letter(subject="=?utf-8?q?Hello=0D=0ABcc=3A_everybody=40x=2Eexample?="))
    write(sign_in(cast.tom), "Hi", newest_event())
    assert mailroom.read(mailroom.outbox[0])["Bcc"] is None
