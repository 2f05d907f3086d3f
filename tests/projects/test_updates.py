"""Updates: written once, mailed to each contact who wants to hear of projects, answered on a ticket of their own."""

from __future__ import annotations

import html
import re

from psa import clock
from psa.clients.models import Contact
from psa.clients.operations import make_contact
from psa.extensions import db, insert_row, lock_row
from psa.mail.templates.models import EmailTemplate
from psa.notifications.choices import tell
from psa.projects import updates
from psa.projects.models import Project, Update
from psa.tickets.models import Queue
from tests.mailroom import letter


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def petra(cast) -> Contact:
    return db.session.get_one(Contact, make_contact("petra@harbor-dental.example", "Petra Holm", cast.harbor.id))


def write(browser, project: Project, *told: Contact, body: str = "The cables are laid.\n\nNext: sockets."):
    data = {"subject": "Half-way", "body": body, "told": [str(one.id) for one in told]}
    return browser.post(f"/projects/{project.id}/updates", data=data, follow_redirects=True)


def test_who_will_hear_of_it_is_shown_before_it_is_sent(sign_in, cast, move):
    tell(petra(cast).id, ["tickets"])
    db.session.commit()
    form = sign_in().get(f"/projects/{move.id}/updates/new")
    assert re.search(rf'<input[^>]*checked[^>]*value="{cast.dana.id}"', form.text)
    assert "Petra Holm is told nothing of projects" in plain(form) and "Ruben" not in form.text


def test_each_contact_gets_a_mail_of_their_own(sign_in, cast, move, mailroom):
    second = petra(cast)
    db.session.commit()
    page = write(sign_in(cast.tom), move, cast.dana, second)
    assert "on its way to 2 people" in plain(page)
    first, other = mailroom.outbox
    assert (first.recipients, other.recipients) == (["dana@harbor-dental.example"], ["petra@harbor-dental.example"])
    update = db.session.scalars(db.select(Update)).one()
    assert {first.update_id, other.update_id} == {update.id} and first.template == "project_update"
    assert first.subject == "Harbor move: Half-way"
    assert "Hello Dana" in mailroom.text(first) and "The cables are laid." in mailroom.text(first)
    assert "List-Unsubscribe" in mailroom.read(first)
    assert "dana@harbor-dental.example Queued" in plain(page)


def test_a_greeting_of_ones_own_stands_in_place_of_the_templates(sign_in, cast, move, mailroom):
    write(sign_in(cast.tom), move, cast.dana, body="Hi Dana,\n\nThe cables are laid.")
    [mail] = mailroom.outbox
    said = " ".join(mailroom.text(mail).split())
    assert said.startswith("Hi Dana, Here is what is new in the project Harbor move.")
    assert "Hello" not in said and said.count("Hi Dana") == 1 and "The cables are laid." in said


def test_words_of_ones_own_about_an_update_have_all_that_was_written(sign_in, cast, move, mailroom):
    own = EmailTemplate(name="project_update", subject="{{ update.title }}", html="<p>News:</p>{{ update.words }}")
    db.session.add(own)
    db.session.commit()
    write(sign_in(cast.tom), move, cast.dana, body="Hi Dana,\n\nThe cables are laid.")
    assert "Hi Dana," in mailroom.text(mailroom.outbox[0])


def look(browser, project: Project, **changed: object):
    data = {"subject": "Half-way", "body": "The cables are laid."} | changed
    return browser.post(f"/projects/{project.id}/updates/preview", data=data)


def frame_in(page) -> str:
    return re.search(r'<iframe data-fits src="([^"]+)"', page.text)[1]


def test_before_it_is_sent_one_sees_just_what_one_of_them_gets(sign_in, cast, move, mailroom):
    second = petra(cast)
    db.session.commit()
    browser = sign_in(cast.tom)
    page = look(browser, move, told=[str(second.id)])
    assert page.status_code == 200 and "The mail as Petra Holm gets it" in plain(page)
    assert "To petra@harbor-dental.example Subject Harbor move: Half-way" in plain(page)
    assert 'value="Half-way"' in page.text and mailroom.outbox == []
    assert db.session.scalar(db.select(db.func.count()).select_from(Update)) == 0
    frame = browser.get(frame_in(page))
    assert "script" not in frame.headers["Content-Security-Policy"]

    write(browser, move, second, body="The cables are laid.")
    [sent] = mailroom.outbox
    html_part = mailroom.read(sent).get_body(("html",)).get_content()
    assert html_part.split() == frame.text.split()


def test_the_look_is_taken_as_whoever_is_asked_for(sign_in, cast, move):
    second = petra(cast)
    db.session.commit()
    browser = sign_in()
    assert "as Petra Holm gets it" in plain(look(browser, move, told=[str(cast.dana.id)], shown=str(second.id)))
    assert "as Dana Whitfield gets it" in plain(look(browser, move, shown="999"))


def test_without_words_there_is_nothing_to_look_at(sign_in, cast, move):
    browser = sign_in()
    answer = look(browser, move, body=" ")
    assert answer.status_code == 422 and "Write what is new." in plain(answer)
    assert browser.get(f"/projects/{move.id}/updates/preview").status_code == 410


def test_who_writes_in_two_windows_never_sees_the_mail_of_the_other(sign_in, cast, move):
    browser = sign_in(cast.tom)
    first = frame_in(look(browser, move))
    second = frame_in(look(browser, move, body="The switches have come."))
    overtaken, shown = browser.get(first), browser.get(second)
    assert overtaken.status_code == 410 and "You have looked at another mail since" in overtaken.text
    assert "The cables are laid." not in shown.text and "The switches have come." in shown.text
    assert browser.get(frame_in(look(browser, move))).status_code == 200


def test_nobody_is_written_to_who_was_not_offered(sign_in, cast, move, mailroom):
    answer = write(sign_in(), move, cast.ruben)
    assert answer.status_code == 422 and mailroom.outbox == []
    assert db.session.scalar(db.select(db.func.count()).select_from(Update)) == 0


def test_an_update_for_nobody_is_kept(sign_in, cast, move, mailroom):
    page = write(sign_in(), move)
    assert "Nobody was written to." in plain(page) and mailroom.outbox == []
    assert "Half-way" in plain(sign_in().get(f"/projects/{move.id}/updates"))


def test_without_words_it_is_asked_back(sign_in, cast, move, mailroom):
    answer = write(sign_in(), move, cast.dana, body=" ")
    assert answer.status_code == 422 and "Write what is new." in plain(answer) and 'value="Half-way"' in answer.text


def test_without_an_account_that_sends_nothing_is_kept(sign_in, cast, move):
    db.session.delete(cast.outbound)
    db.session.commit()
    answer = write(sign_in(), move, cast.dana)
    assert answer.status_code == 422 and "No account sends mail yet." in plain(answer)
    assert db.session.scalar(db.select(db.func.count()).select_from(Update)) == 0


def test_what_is_answered_is_filed_under_the_update(sign_in, cast, move, mailroom):
    browser = sign_in(cast.tom)
    write(browser, move, cast.dana)
    [sent] = mailroom.outbox
    answer = letter("When do you come?", subject="Re: Harbor move: Half-way", answers=f"<{sent.message_id}>")
    ticket = mailroom.ticket(mailroom.receive(answer).ticket_id)
    assert (ticket.update_id, ticket.project) == (sent.update_id, move)
    page = plain(browser.get(f"/projects/{move.id}/updates/{sent.update_id}"))
    assert f"#{ticket.id}" in page and "Dana Whitfield" in page and "When do you come?" in page
    assert "Half-way" in plain(browser.get(f"/projects/{move.id}/mail"))


def test_an_answer_goes_to_the_projects_queue_else_to_that_of_its_client_else_to_the_mailboxs(
    sign_in, cast, move, mailroom
):
    field = Queue(name="Field work", position=9)
    db.session.add(field)
    db.session.commit()
    browser = sign_in(cast.tom)
    for number, (of_project, of_client, queue, why) in enumerate(
        (
            (field, cast.billing, field, "where answers to our update “Part 0” on Harbor move go"),
            (None, cast.billing, cast.billing, "the client’s default queue"),
            (None, None, cast.support, "the default queue of support@northwind.example"),
        )
    ):
        move.queue, cast.harbor.default_queue_id = of_project, of_client.id if of_client else None
        db.session.commit()
        data = {"subject": f"Part {number}", "body": "News.", "told": [str(cast.dana.id)]}
        browser.post(f"/projects/{move.id}/updates", data=data)
        sent = mailroom.outbox[-1]
        came = mailroom.receive(letter("Good.", subject=f"Re: {sent.subject}", answers=f"<{sent.message_id}>"))
        steps = {step["step"]: step["detail"] for step in came.trace}
        assert (mailroom.ticket(came.ticket_id).queue, steps["Queue"]) == (queue, why)


def test_a_form_that_is_sent_twice_writes_to_everybody_once(sign_in, cast, move, mailroom):
    browser = sign_in(cast.tom)
    write(browser, move, cast.dana)
    answer = write(browser, move, cast.dana)
    assert answer.status_code == 422 and "You have sent this very update a moment ago." in plain(answer)
    assert len(mailroom.outbox) == 1
    write(browser, move, cast.dana, body="Now really.")
    assert len(mailroom.outbox) == 2


def test_of_two_presses_at_once_the_second_finds_what_the_first_has_kept(sign_in, cast, move, mailroom, monkeypatch):
    """What the other one kept is there as soon as its lock is free."""

    def wait_for_the_other(model, row_id):
        words = {"subject": "Half-way", "body": "The cables are laid.\n\nNext: sockets."}
        insert_row(Update, project_id=move.id, user_id=cast.tom.id, created_at=clock.now(), **words)
        lock_row(model, row_id)

    monkeypatch.setattr(updates, "lock_row", wait_for_the_other)
    answer = write(sign_in(cast.tom), move, cast.dana)
    assert answer.status_code == 422 and "a moment ago" in plain(answer) and mailroom.outbox == []
