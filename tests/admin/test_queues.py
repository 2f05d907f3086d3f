"""Admin > Queues."""

from __future__ import annotations

import html
import re

from psa.extensions import db
from psa.mail.models import MailAccount
from psa.tickets.models import Queue
from tests.mailroom import letter

QUEUES = "/admin/queues"


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def names() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Queue.name).order_by(Queue.position, Queue.id)))


def test_queues_are_for_administrators(sign_in):
    assert sign_in("agent").get(QUEUES).status_code == 403
    assert sign_in("agent").post(QUEUES, data={"name": "Mine"}).status_code == 403
    assert names() == ["Support", "Billing"]


def test_a_new_queue_stands_last_and_in_the_sidebar(sign_in):
    browser = sign_in("admin")
    assert browser.post(QUEUES, data={"name": " On  site "}).status_code == 303
    assert names() == ["Support", "Billing", "On site"]
    assert "On site" in plain(browser.get("/tickets"))
    assert 'href="/admin/queues" aria-current="page"' in browser.get(QUEUES).text


def test_two_queues_cannot_share_a_name_and_one_needs_a_name(sign_in, cast):
    browser = sign_in("admin")
    for path, name, reason in [
        (QUEUES, "billing", "There is a queue called billing already."),
        (QUEUES, "  ", "A queue needs a name."),
        (QUEUES, "x" * 81, "up to 80 characters"),
        (f"{QUEUES}/{cast.support.id}", "Billing", "There is a queue called Billing already."),
    ]:
        answer = browser.post(path, data={"name": name})
        assert (answer.status_code, reason in plain(answer)) == (422, True), reason
    assert names() == ["Support", "Billing"]


def test_a_queue_gets_another_name_and_another_place(sign_in, cast):
    browser = sign_in("admin")
    browser.post(f"{QUEUES}/{cast.billing.id}", data={"name": "Accounts"})
    browser.post(f"{QUEUES}/{cast.billing.id}/place", data={"to": "up"})
    assert names() == ["Accounts", "Support"]
    browser.post(f"{QUEUES}/{cast.billing.id}/place", data={"to": "up"})
    assert names() == ["Accounts", "Support"]
    assert browser.post(f"{QUEUES}/{cast.billing.id}/place", data={"to": "sideways"}).status_code == 400


def test_a_queue_that_is_needed_stays_and_says_by_what(sign_in, cast, mailroom):
    mailroom.receive(letter())
    cast.managed_service.queue_id = cast.billing.id
    db.session.commit()
    browser = sign_in("admin")
    for queue, words in [
        (cast.support, "Support is still needed by 1 ticket and the mailbox support@northwind.example."),
        (cast.billing, "Billing is still needed by the project Managed service 2026 and the rule Billing."),
    ]:
        answer = browser.post(f"{QUEUES}/{queue.id}/removal")
        assert (answer.status_code, words in plain(answer)) == (422, True), words
    assert "Needed by 1 ticket, the mailbox support@northwind.example" in plain(browser.get(QUEUES))
    assert names() == ["Support", "Billing"]


def test_an_empty_queue_can_go_but_never_the_last_one(sign_in, cast):
    browser = sign_in("admin")
    db.session.delete(cast.billing_rule)
    db.session.execute(db.update(MailAccount).values(default_queue_id=None))
    db.session.commit()
    assert browser.post(f"{QUEUES}/{cast.billing.id}/removal").status_code == 303
    answer = browser.post(f"{QUEUES}/{cast.support.id}/removal")
    assert "Support is the only queue" in plain(answer)
    assert names() == ["Support"]


def test_one_save_keeps_all_that_was_changed_about_a_queue(sign_in, cast):
    browser = sign_in("admin")
    sender = cast.outbound.address
    settings = {
        "name": "Accounts",
        "address": sender,
        "reopening": "within",
        "reopen_days": "30",
        "auto_reply": "off",
        "cc_people": "none",
    }
    assert browser.post(f"{QUEUES}/{cast.billing.id}", data=settings).status_code == 303
    db.session.expire_all()
    queue = db.session.get_one(Queue, cast.billing.id)
    assert {name: str(getattr(queue, name)) for name in settings} == settings
    line = f"Writes from {sender}; a reply reopens a closed ticket for 30 days; auto-reply off; in Cc, nobody may watch"
    assert f"Accounts {line}" in plain(browser.get(QUEUES))


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(sign_in, cast):
    typed = {"name": "Support", "reopening": "within", "reopen_days": "soon", "auto_reply": "off", "cc_people": "?"}
    answer = sign_in("admin").post(f"{QUEUES}/{cast.billing.id}", data=typed)

    assert answer.status_code == 422
    for field, reason in [
        ("name", "There is a queue called Support already."),
        ("reopen_days", "A closed ticket is reopened for 1 to 3,650 days."),
        ("cc_people", "Choose who in To and Cc watches a ticket."),
    ]:
        hint = re.search(rf'id="{field}-{cast.billing.id}-h">(.*?)</p>', answer.text, re.DOTALL)
        assert hint is not None and reason in hint[1], field
    assert re.search(rf'id="reopen_days-{cast.billing.id}"[^>]*value="soon"', answer.text)
    form = answer.text.partition(f'action="{QUEUES}/{cast.billing.id}"')[2].partition("</form>")[0]
    assert '<option selected value="off">' in form
    db.session.expire_all()
    assert (cast.billing.name, cast.billing.auto_reply, cast.billing.reopen_days) == ("Billing", "mailbox", 14)


def test_days_that_count_for_nothing_stop_no_save(sign_in, cast):
    browser = sign_in("admin")
    typed = {"name": "Billing", "reopening": "never", "reopen_days": ""}
    assert browser.post(f"{QUEUES}/{cast.billing.id}", data=typed).status_code == 303
    db.session.expire_all()
    assert (cast.billing.reopening, cast.billing.reopen_days) == ("never", 14)
